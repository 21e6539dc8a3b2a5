/* schemas.h - our own schemas, for the targets that read what names attributes. */
#ifndef SCIMD_TESTS_FUZZ_SCHEMAS_H
#define SCIMD_TESTS_FUZZ_SCHEMAS_H

#include <stdlib.h>

#include "base/embedded.h"
#include "scim/schema.h"

#define FUZZ_SOURCES_MAX 16

/* Made once; it lives as long as the process. */
static inline const struct schema_set *fuzz_schemas(void)
{
    static struct schema_set *set;
    struct schema_source sources[FUZZ_SOURCES_MAX];
    size_t count = 0;
    struct err err;

    if (set != NULL)
        return set;
    for (const struct embedded_file *file = embedded_schemas; file->name != NULL; file++)
        sources[count++] = (struct schema_source){file->name, file->text, file->length, true};
    if (schema_set_new(sources, count, &set, &err) < 0)
        abort();
    return set;
}

#endif
