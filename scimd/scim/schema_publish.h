/* schema_publish.h - the documents under /Schemas and /ResourceTypes: what we understood of a file,
 * with every characteristic spelt out and nothing private in it.  Internal to scim/schema_*. */
#ifndef SCIMD_SCIM_SCHEMA_PUBLISH_H
#define SCIMD_SCIM_SCHEMA_PUBLISH_H

#include "scim/schema.h"

/* The words of RFC 7643 section 7, by enum; each list ends with NULL. */
extern const char *const schema_type_words[];
extern const char *const schema_mutability_words[];
extern const char *const schema_returned_words[];
extern const char *const schema_uniqueness_words[];

/* Both yield new references. */
json_t *schema_publish(const struct schema *schema, const json_t *definition);
json_t *schema_publish_type(const struct resource_type *type, const char *description);

#endif
