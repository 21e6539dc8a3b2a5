/* schema_index.h - attributes by name, without regard to ASCII case.  Internal to scim/schema_*.
 *
 * Ordered by length, then by bytes of the key: most probes are decided by one integer. */
#ifndef SCIMD_SCIM_SCHEMA_INDEX_H
#define SCIMD_SCIM_SCHEMA_INDEX_H

#include "base/arena.h"
#include "scim/schema.h"

/* Lifetime: *index lives in `arena` and points to `attributes`.  Returns NULL, or the name that
 * stands there twice. */
const char *schema_index_build(struct arena *arena, const struct attribute *attributes,
                               size_t count, const struct attribute *const **index);

const struct attribute *schema_index_find(const struct attribute *const *index, size_t count,
                                          const char *name, size_t length);

#endif
