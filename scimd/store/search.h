/* search.h - finding resources: filters as set algebra over keys, pages, cursors, sorting, true
 * totals.
 *
 * Called from works only (store.h).  Same answers as scim/match, whatever the engine. */
#ifndef SCIMD_STORE_SEARCH_H
#define SCIMD_STORE_SEARCH_H

#include "scim/cursor.h"
#include "scim/filter.h"
#include "store/resources.h"

/* One resource type to search, with the filter resolved for it (NULL: all). */
struct search_part {
    const struct resource_type *type;
    const struct filter *filter;
    const struct attribute
        *sort; /* NULL: none, or this type doesn't have it; then it sorts as absent */
};

struct search {
    const struct search_part *parts; /* in the order in which unsorted results come */
    size_t part_count;
    bool sorted; /* by parts[].sort; a multi-valued attribute by its primary, else first value */
    bool descending;
    int64_t start_index;              /* from 1 */
    int64_t count;                    /* 0: only the total */
    const struct page_cursor *cursor; /* go on after this instead of start_index; NULL: none */
    bool by_cursor;                   /* fill `next` */
    bool documents;                   /* false: rows come without documents */
};

struct search_result {
    int64_t total;
    int64_t items;
    bool more; /* by_cursor: there is a next page ... */
    struct page_cursor
        next; /* ... from here; key in the arena; query and expiry are the caller's */
};

/* An identifying attribute is asked for: rows and total come from one statement, so that no
 * snapshot is needed to hold them together. */
bool search_is_lookup(const struct search *search);

/* Gets each row in order; the row lives until it returns. */
typedef int (*search_row)(void *context, const struct resource_row *row, struct err *err);

/* Unsorted order is creation order (pk); it is stable.  The total is exact.
 * Memory: rows come in chunks; a page of large documents is never held whole.
 * Errors: row's own; ERR_TOO_MANY never. */
int search_run(struct session *session, struct arena *arena, const struct search *search,
               search_row row, void *context, struct search_result *out, struct err *err);

#endif
