/* schema_set.h - what a set is made of.  Internal to scim/schema_*; others use schema.h. */
#ifndef SCIMD_SCIM_SCHEMA_SET_H
#define SCIMD_SCIM_SCHEMA_SET_H

#include <stdatomic.h>

#include "base/arena.h"
#include "scim/schema.h"

struct schema_set {
    struct arena *arena; /* owned; holds the set itself, too */
    struct schema *schemas;
    size_t schema_count;
    struct resource_type *types;
    size_t type_count;
    atomic_int holders;
};

/* Lets go of a published document, which is const for everybody else. */
void schema_forget_document(const json_t *document);

#endif
