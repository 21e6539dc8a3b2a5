/* schema_parse.h - one Schema document (RFC 7643 section 7) in, one struct schema out; everything a
 * hostile file could say is checked here.  Internal to scim/schema_*. */
#ifndef SCIMD_SCIM_SCHEMA_PARSE_H
#define SCIMD_SCIM_SCHEMA_PARSE_H

#include "base/arena.h"
#include "scim/schema.h"

/* Where documents come from, and where what is made of them lives. */
struct schema_origin {
    const char *name; /* of the source, for errors */
    bool built_in;
    struct arena *arena;
};

/* Lifetime: `schema` points into the origin's arena; schema->document is a new reference.
 * Errors: ERR_CONFIGURATION, detail "NAME: attribute x: what". */
int schema_parse(const struct schema_origin *origin, const json_t *document, struct schema *schema,
                 struct err *err);

#endif
