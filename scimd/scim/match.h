/* match.h - evaluates a filter in memory; the second half of "one semantics everywhere".  Pure. */
#ifndef SCIMD_SCIM_MATCH_H
#define SCIMD_SCIM_MATCH_H

#include <jansson.h>
#include <stdbool.h>

#include "scim/filter.h"

/* `resource` is framed (resource_framed): id, externalId and meta count, and members or groups
 * where the caller put them in. */
bool match_resource(const struct filter *filter, const json_t *resource);

/* One element of a multi-valued attribute against what stands in the brackets.  An element of a
 * simple attribute is compared as `value`. */
bool match_element(const struct filter *filter, const json_t *element);

#endif
