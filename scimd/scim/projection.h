/* projection.h - `attributes` and `excludedAttributes`, and the `returned` characteristic.
 *
 * Pure.  Source: RFC 7644 section 3.9, RFC 7643 section 2.2 (returned). */
#ifndef SCIMD_SCIM_PROJECTION_H
#define SCIMD_SCIM_PROJECTION_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "scim/schema.h"

struct projection; /* opaque; lives in an arena.  NULL is the default projection. */

#define PROJECTION_BYTES_MAX 65536 /* of one list; a longer one is refused */

/* Reads the two comma-separated lists (NULL or "" where not given).  Both given: `attributes` wins
 * for what it names, then `excludedAttributes` is taken from it (RFC 7644 wavers; written in
 * scim(7)). Unknown names are ignored.  *out is NULL for the default projection.
 * Errors: ERR_INVALID_VALUE for a list beyond PROJECTION_BYTES_MAX. */
int projection_parse(const struct resource_type *type, struct arena *arena, const char *attributes,
                     const char *excluded, const struct projection **out, struct err *err);

/* Does the answer contain this top-level attribute?  Decides whether members or groups are read. */
bool projection_wants(const struct projection *projection, const struct attribute *attribute);
/* The same for a sub-attribute of one that is wanted. */
bool projection_wants_sub(const struct projection *projection, const struct attribute *sub);

/* True if projection_apply() would leave every stored document of the type as it is, so that its
 * text can be sent: nothing is left out but members or groups, say. */
bool projection_keeps_document(const struct resource_type *type,
                               const struct projection *projection);

/* Removes from a framed resource what the answer must not contain.  Changes the outermost object
 * only: values below are replaced, never changed, since they are shared (resource_framed). */
void projection_apply(const struct resource_type *type, const struct projection *projection,
                      json_t *resource);

#endif
