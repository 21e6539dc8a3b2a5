/* search_leaf.h - one comparison, or one presence, as a SELECT of keys.  Internal to store/search*.
 */
#ifndef SCIMD_STORE_SEARCH_LEAF_H
#define SCIMD_STORE_SEARCH_LEAF_H

#include "scim/filter.h"
#include "store/index_home.h"
#include "store/search_query.h"

/* What the keys of a SELECT are: resources of a type; or, where `element` is set, the elements of
 * that multi-valued attribute, as pairs (pk, elem). */
struct search_scope {
    const struct resource_type *type;
    const struct attribute *element;
};

/* " FROM table x WHERE ..", to be followed by " AND " and conditions on x. */
void leaf_from(struct query *query, const struct resource_type *type,
               const struct attribute *attribute, struct index_home home);
/* "SELECT x.pk[, elem]" and leaf_from(). */
void leaf_source(struct query *query, const struct resource_type *type,
                 const struct attribute *attribute, struct index_home home, bool pairs);

/* The column of x that holds the keys or numbers of the home. */
void leaf_column(struct query *query, struct index_home home);

/* The condition of a COMPARE or PRESENT on x, for leaves that leaf_is_long() says no of. */
void leaf_condition(struct query *query, struct index_home home, const struct filter *leaf);
/* The same on another column; `column` is our own text. */
void leaf_condition_on(struct query *query, const char *column, enum index_form form,
                       const struct filter *leaf);

/* Can keys that were cut not tell the answer? */
bool leaf_is_long(struct index_home home, const struct filter *leaf);
/* The pairs of such a leaf: rows with whole keys, and rows with cut ones by their whole text. */
void leaf_long_pairs(struct query *query, const struct resource_type *type, struct index_home home,
                     const struct filter *leaf);

#endif
