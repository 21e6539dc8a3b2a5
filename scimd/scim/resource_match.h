/* resource_match.h - which complex value of a new document is which of the old one: the one with
 * the same `value`.  Internal to scim/resource_*. */
#ifndef SCIMD_SCIM_RESOURCE_MATCH_H
#define SCIMD_SCIM_RESOURCE_MATCH_H

#include "scim/resource.h"

/* Two single complex values: the same unless their `value` says otherwise. */
bool resource_is_same_value(const json_t *before, const json_t *after);

/* The element of `list` that is `element` still: same `value`, and same `type` where several have
 * the value; NULL where there is none, or `element` has no `value`. */
json_t *resource_find_value(const json_t *list, const json_t *element);

#endif
