/* schema_type.h - one ResourceType document (RFC 7643 section 6) in, one struct resource_type out.
 * Internal to scim/schema_*. */
#ifndef SCIMD_SCIM_SCHEMA_TYPE_H
#define SCIMD_SCIM_SCHEMA_TYPE_H

#include "scim/schema_parse.h"

/* True for a document that adds extensions to a type that is there already. */
bool schema_type_extends(const json_t *document);

/* Both look up schemas and other types in `set`; type->document is a reference that the set owns.
 * Errors: ERR_CONFIGURATION, detail "NAME: resource type x: what". */
int schema_type_parse(const struct schema_set *set, const struct schema_origin *origin,
                      const json_t *document, struct resource_type *type, struct err *err);
int schema_type_extend(const struct schema_set *set, const struct schema_origin *origin,
                       const json_t *document, struct err *err);

#endif
