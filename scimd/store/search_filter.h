/* search_filter.h - a filter tree as set algebra over keys.
 *
 * Every comparison is a SELECT of keys, OR is UNION, AND is INTERSECT, and NOT is carried outwards
 * (a and not b: EXCEPT; a or not b: not (b EXCEPT a)), so that the set of all resources is never
 * built.  Internal to store/search*. */
#ifndef SCIMD_STORE_SEARCH_FILTER_H
#define SCIMD_STORE_SEARCH_FILTER_H

#include "store/search_leaf.h"

enum operand_kind {
    OPERAND_NOTHING, /* no key: negated, every one */
    OPERAND_LEAF,    /* not written yet: so simple that it can stand inside another SELECT */
    OPERAND_TABLE    /* a named sub-query */
};

struct operand {
    enum operand_kind kind;
    bool negated;
    struct search_scope scope; /* of the leaf */
    const struct filter *leaf;
    size_t table;
};

/* Writes the named sub-queries that `filter` (NULL: everything) needs; before the main SELECT.
 * Errors: ERR_INVALID_FILTER for what depends on the address that was asked. */
int search_filter_compile(struct query *query, const struct search_scope *scope,
                          const struct filter *filter, struct operand *out, struct err *err);

bool operand_is_everything(const struct operand *operand);
bool operand_is_nothing(const struct operand *operand);

/* " AND column IN (..)" or " AND column NOT IN (..)"; nothing where it restricts nothing. */
void operand_restrict(struct query *query, const struct operand *operand, const char *column);

/* Does the filter hold for few resources at most, found by an index: an identifying attribute eq?
 */
bool search_filter_is_selective(const struct filter *filter);

#endif
