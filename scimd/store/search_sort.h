/* search_sort.h - where a search part finds the keys it is sorted by.  Internal to store/search*.
 */
#ifndef SCIMD_STORE_SEARCH_SORT_H
#define SCIMD_STORE_SEARCH_SORT_H

#include "store/search.h"
#include "store/search_leaf.h"

struct sort_source {
    bool exists; /* else all resources of the part count as having no value */
    bool is_text;
    bool always; /* each resource has a value */
    const struct attribute *attribute;
    struct index_home home;
};

/* A complex attribute is sorted by its `value`.  Numbers and texts have no common order: a part
 * whose form is not that of the first part that has one counts as having no value. */
struct sort_source sort_source_of(const struct search *search, size_t part);

/* "SELECT x.pk AS pk, key AS skey" and sort_from(). */
void sort_select(struct query *query, const struct resource_type *type,
                 const struct sort_source *source);
/* " FROM .. x WHERE .. key IS NOT NULL": one row a resource, the primary element's or else the
 * first one's. */
void sort_from(struct query *query, const struct resource_type *type,
               const struct sort_source *source);

#endif
