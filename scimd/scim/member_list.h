/* member_list.h - the members that a body or a PATCH names.  Pure.
 *
 * Members are rows and never part of a document, so a list of them is read past the schema tree:
 * value and type count, display and $ref are ours to say and are ignored. */
#ifndef SCIMD_SCIM_MEMBER_LIST_H
#define SCIMD_SCIM_MEMBER_LIST_H

#include "scim/resource.h"

/* Reads a list of {"value", "type"}; tolerates plain ids in it, and one member without a list.
 * null and [] are no members; each value comes once, where it was first named.
 *
 * Lifetime: *out lives in `arena` and borrows the texts of `value`.
 * Errors:   ERR_INVALID_VALUE, also for more than limits->member_count. */
int member_list_read(const struct resource_reader *reader, struct arena *arena, const json_t *value,
                     struct member_list *out, struct err *err);

#endif
