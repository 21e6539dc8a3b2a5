/* path.h - PATCH paths: attrPath, or attrPath "[" filter "]" ["." subAttr].
 *
 * Pure.  Brackets stand behind a multi-valued attribute only; of a simple one they hold `value`, as
 * in filters, and no sub-attribute follows them.  A core schema's URN alone is no path: it names
 * the whole resource.  Source: RFC 7644 section 3.5.2, figure 7. */
#ifndef SCIMD_SCIM_PATH_H
#define SCIMD_SCIM_PATH_H

#include "scim/filter.h"

struct path {
    const struct schema
        *extension; /* the path is an extension's URN alone; then nothing else is set */
    const struct attribute *attribute; /* top-level */
    const struct filter *filter;       /* names sub-attributes of `attribute`; NULL if none */
    const struct attribute *sub;       /* NULL if none */
};

/* Lifetime: *out points into `arena` and the schema set.
 * Errors:   ERR_INVALID_PATH; detail names the byte offset (from 0) or the unknown attribute. */
int path_parse(const struct filter_reader *reader, struct arena *arena, const char *text,
               size_t length, struct path *out, struct err *err);

#endif
