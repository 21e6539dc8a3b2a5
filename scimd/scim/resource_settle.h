/* resource_settle.h - canonical form of one value.  Internal to scim/resource_*. */
#ifndef SCIMD_SCIM_RESOURCE_SETTLE_H
#define SCIMD_SCIM_RESOURCE_SETTLE_H

#include "scim/resource.h"

/* What had to be put right. */
struct settle_report {
    size_t extra_primaries;
    size_t duplicates;
};

/* Settles a value of `attribute` in place: sub-attributes in order, empties gone, one primary, no
 * (type, value) twice. */
void settle_value(const struct attribute *attribute, json_t *value, struct settle_report *report);

/* Null, [], {}: absent (RFC 7643 section 2.5). */
bool settle_is_empty(const json_t *value);

#endif
