#include "store/index_unique.h"

#include "store/index_cells.h"

const char *index_unique_key(struct arena *arena, const struct attribute *attribute,
                             const json_t *value)
{
    struct value number = index_cell_of_number(attribute, value);

    if (number.kind == VALUE_INTEGER)
        return arena_printf(arena, "%lld", (long long)number.integer);
    return index_cells_of_text(arena, attribute, value).key.text;
}

/* Appends what of `attribute` or its sub-attributes is unique; returns the new count. */
static size_t collect_unique(const struct attribute *attribute, const struct attribute **out,
                             size_t count)
{
    if (attribute->uniqueness != UNIQUENESS_NONE)
        out[count++] = attribute;
    for (size_t i = 0; i < attribute->sub_count; i++) {
        if (attribute->subs[i].uniqueness != UNIQUENESS_NONE)
            out[count++] = &attribute->subs[i];
    }
    return count;
}

static size_t schema_size(const struct schema *schema)
{
    size_t size = schema->attribute_count;

    for (size_t i = 0; i < schema->attribute_count; i++)
        size += schema->attributes[i].sub_count;
    return size;
}

const struct attribute **index_unique_attributes(struct arena *arena,
                                                 const struct resource_type *type, size_t *count)
{
    const struct attribute **out;
    size_t room = schema_size(type->schema);

    for (size_t i = 0; i < type->extension_count; i++)
        room += schema_size(type->extensions[i].schema);
    out = arena_array(arena, room + 1, sizeof(const struct attribute *));
    *count = 0;
    for (size_t i = 0; i < type->schema->attribute_count; i++)
        *count = collect_unique(&type->schema->attributes[i], out, *count);
    for (size_t e = 0; e < type->extension_count; e++) {
        const struct schema *schema = type->extensions[e].schema;
        for (size_t i = 0; i < schema->attribute_count; i++)
            *count = collect_unique(&schema->attributes[i], out, *count);
    }
    return out;
}
