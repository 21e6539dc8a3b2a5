/* mapping_rules.h - a compiled mapping.  Internal to mapping_*.c. */
#ifndef SCIMD_SYNC_MAPPING_RULES_H
#define SCIMD_SYNC_MAPPING_RULES_H

#include "sync/mapping.h"
#include "sync/mapping_target.h"
#include "sync/transform.h"

struct mapping_steps {
    const struct transform **items;
    size_t count;
};

/* An attribute of the source and the steps for it alone. */
struct mapping_from {
    const char *attribute;
    struct mapping_steps steps;
};

struct mapping_rule {
    const char *text; /* the target as written */
    struct mapping_target target;
    const struct mapping_from *from;
    size_t from_count;
    struct mapping_steps steps;
    bool reference;
    size_t slot; /* of a multi-valued target: rules with one slot fill the same elements */
    const char *file;
    const char *written; /* JSON text of the rule */
};

struct mapping {
    const struct resource_type *type;
    struct mapping_rule *rules;
    size_t count;
    size_t slots;
    struct values attributes; /* that are read */
};

#endif
