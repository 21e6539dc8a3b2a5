/* search_walk.h - keys in the order of a search, a stretch at a time, and how many there are.
 *
 * The order is made of segments, one behind the other, each an index walk: one segment for each
 * type where the search is not sorted; else the resources that have the sort attribute, and those
 * that don't (a CASE in ORDER BY would cost the index).  Internal to store/search*. */
#ifndef SCIMD_STORE_SEARCH_WALK_H
#define SCIMD_STORE_SEARCH_WALK_H

#include "store/search.h"
#include "store/search_filter.h"

/* The segments of a sorted search; also cursor.part. */
enum { SEGMENT_VALUES, SEGMENT_MISSING };

struct walk {
    struct session *session;
    struct arena *arena;
    const struct search *search;
};

struct walk_key {
    struct resource_row row; /* document NULL where it was too long to come along */
    int64_t document_bytes;
    int64_t number;   /* sort key, where it is a number */
    const char *text; /* sort key, where it is a text */
};

/* Where a stretch begins: `skip` rows into the segment, or behind a row. */
struct walk_start {
    int64_t skip;
    const struct page_cursor *after; /* NULL: none */
};

/* Appends at most `limit` keys of a segment to `keys`; *count goes up by as many.  Documents come
 * along where each is so short that all of a page are no more than one chunk. */
int walk_fetch(const struct walk *walk, int segment, struct walk_start start, int64_t limit,
               struct walk_key *keys, int64_t *count, struct err *err);

/* Resources of one part, or of all. */
int walk_count_part(const struct walk *walk, size_t part, int64_t *out, struct err *err);
int walk_count_all(const struct walk *walk, int64_t *out, struct err *err);
/* Resources that have a value to sort by. */
int walk_count_values(const struct walk *walk, int64_t *out, struct err *err);

/* Does every resource have one, so that nobody needs to count? */
bool walk_has_all_values(const struct walk *walk);

#endif
