/* A tenant's schema file beside ours: refused, or a set in which every attribute is found by its
 * own path. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "scim/schema.h"

#define SOURCES_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_attribute(const struct resource_type *type, const struct attribute *wanted)
{
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;

    if (!schema_resolve(type, wanted->path, strlen(wanted->path), &schema, &attribute, &sub))
        abort();
    if ((sub != NULL ? sub : attribute) != wanted)
        abort();
}

static void check_schema(const struct resource_type *type, const struct schema *schema)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        check_attribute(type, &schema->attributes[i]);
        for (size_t sub = 0; sub < schema->attributes[i].sub_count; sub++)
            check_attribute(type, &schema->attributes[i].subs[sub]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct schema_source sources[SOURCES_MAX];
    struct schema_set *set = NULL;
    struct err err = {0};
    size_t count = 0;

    for (const struct embedded_file *file = embedded_schemas; file->name != NULL; file++)
        sources[count++] = (struct schema_source){file->name, file->text, file->length, true};
    sources[count++] = (struct schema_source){"tenant.json", (const char *)data, size, false};
    if (schema_set_new(sources, count, &set, &err) < 0)
        return 0;
    for (size_t i = 0; i < schema_set_type_count(set); i++) {
        const struct resource_type *type = schema_set_type(set, i);

        check_schema(type, type->schema);
        for (size_t extension = 0; extension < type->extension_count; extension++)
            check_schema(type, type->extensions[extension].schema);
    }
    schema_set_release(set);
    return 0;
}
