/* mapping_target.h - where a rule puts its values.  Internal to mapping_*.c. */
#ifndef SCIMD_SYNC_MAPPING_TARGET_H
#define SCIMD_SYNC_MAPPING_TARGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "scim/schema.h"

/* What stands beside the value in its element. */
struct mapping_constant {
    const char *name;
    const char *written; /* JSON text */
};

struct mapping_target {
    const struct attribute *attribute; /* top-level */
    const struct attribute *sub;       /* NULL: the attribute itself */
    const struct mapping_constant *constants;
    size_t constant_count;
    bool takes_one;
};

/* Errors: ERR_INVALID_VALUE; detail does not name the target. */
int mapping_target_parse(struct arena *arena, const struct resource_type *type, const char *text,
                         struct mapping_target *out, struct err *err);

/* For a rule that is null: attributes that have sub-attributes may stand alone. */
int mapping_target_parse_null(struct arena *arena, const struct resource_type *type,
                              const char *text, struct mapping_target *out, struct err *err);

bool mapping_target_same_element(const struct mapping_target *left,
                                 const struct mapping_target *right);

#endif
