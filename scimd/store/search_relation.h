/* search_relation.h - members and groups in filters: pairs of a resource and the other end of a
 * membership.  Internal to store/search*. */
#ifndef SCIMD_STORE_SEARCH_RELATION_H
#define SCIMD_STORE_SEARCH_RELATION_H

#include "store/search_filter.h"

/* Writes a sub-query of the pairs for which `leaf`, a COMPARE or PRESENT of a sub-attribute, holds;
 * all pairs where it is NULL.  Groups are those of members_groups_of(): also through others. */
void relation_compile(struct query *query, const struct search_scope *scope,
                      const struct filter *leaf, struct operand *out);

#endif
