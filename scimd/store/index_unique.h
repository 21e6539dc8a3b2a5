/* index_unique.h - attributes whose values are unique, and their values as rows hold them.  Pure.
 */
#ifndef SCIMD_STORE_INDEX_UNIQUE_H
#define SCIMD_STORE_INDEX_UNIQUE_H

#include <jansson.h>

#include "base/arena.h"
#include "scim/schema.h"

/* All of a type but for id, sub-attributes included: *count of them, in the arena. */
const struct attribute **index_unique_attributes(struct arena *arena,
                                                 const struct resource_type *type, size_t *count);

/* NULL where `value` is none of the attribute's type. */
const char *index_unique_key(struct arena *arena, const struct attribute *attribute,
                             const json_t *value);

#endif
