/* mapping_places.h - which attributes a mapping writes: what its source owns. */
#ifndef SCIMD_SYNC_MAPPING_PLACES_H
#define SCIMD_SYNC_MAPPING_PLACES_H

#include <stddef.h>

#include "base/arena.h"
#include "scim/schema.h"
#include "sync/mapping.h"

/* Top-level attributes, each once; of attribute->path the first part of "urn:...:User:manager". */
const struct attribute *const *mapping_places(const struct mapping *mapping, struct arena *arena,
                                              size_t *count);

/* Rules whose values name other objects of the source. */
struct mapping_reference_place {
    const char *target;                /* as written: struct mapping_reference.target */
    const struct attribute *attribute; /* top-level */
    const struct attribute *sub;       /* NULL: the attribute itself */
};
const struct mapping_reference_place *mapping_reference_places(const struct mapping *mapping,
                                                               struct arena *arena, size_t *count);

#endif
