/* schema_use.h - what a change of a tenant's schemas would take from the resources it has.
 *
 * The type of an attribute never changes.  What is removed, or stored in another way, must not be
 * in use: the documents are read to be sure, as an attribute that can't be filtered has no index.
 */
#ifndef SCIMD_DIRECTORY_SCHEMA_USE_H
#define SCIMD_DIRECTORY_SCHEMA_USE_H

#include "base/arena.h"
#include "scim/schema.h"
#include "store/store.h"

/* An attribute of a resource type that the new schemas don't have so. */
struct lost_attribute {
    const struct resource_type *type;
    const struct attribute *attribute; /* NULL: the whole type */
};
struct lost_list {
    const struct lost_attribute *items; /* by type */
    size_t count;
};

/* Lifetime: *out lives in `arena` and points into `before`.
 * Errors: ERR_CONFLICT names an attribute whose type or multiplicity differs. */
int schema_use_compare(struct arena *arena, const struct schema_set *before,
                       const struct schema_set *after, struct lost_list *out, struct err *err);

/* Errors: ERR_CONFLICT names the first attribute that is in use, and a resource that has it. */
int schema_use_check(struct store_scope scope, const struct lost_list *lost, struct err *err);

#endif
