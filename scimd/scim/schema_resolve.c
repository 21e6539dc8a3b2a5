#include <string.h>

#include "base/text.h"
#include "scim/schema_index.h"
#include "scim/schema_set.h"

size_t schema_set_type_count(const struct schema_set *set)
{
    return set->type_count;
}

const struct resource_type *schema_set_type(const struct schema_set *set, size_t index)
{
    return index < set->type_count ? &set->types[index] : NULL;
}

const struct resource_type *schema_set_type_by_name(const struct schema_set *set, const char *name)
{
    for (size_t i = 0; i < set->type_count; i++) {
        if (strcmp(set->types[i].name, name) == 0)
            return &set->types[i];
    }
    return NULL;
}

const struct resource_type *schema_set_type_by_number(const struct schema_set *set, int number)
{
    for (size_t i = 0; i < set->type_count; i++) {
        if (set->types[i].number == number)
            return &set->types[i];
    }
    return NULL;
}

const struct resource_type *schema_set_type_by_endpoint(const struct schema_set *set,
                                                        const char *segment)
{
    for (size_t i = 0; i < set->type_count; i++) {
        if (strcmp(set->types[i].endpoint + 1, segment) == 0)
            return &set->types[i];
    }
    return NULL;
}

size_t schema_set_schema_count(const struct schema_set *set)
{
    return set->schema_count;
}

const struct schema *schema_set_schema(const struct schema_set *set, size_t index)
{
    return index < set->schema_count ? &set->schemas[index] : NULL;
}

const struct schema *schema_set_schema_by_id(const struct schema_set *set, const char *urn,
                                             size_t length)
{
    for (size_t i = 0; i < set->schema_count; i++) {
        if (text_equals_ascii(urn, length, set->schemas[i].id))
            return &set->schemas[i];
    }
    return NULL;
}

const struct schema *schema_of_type(const struct resource_type *type, const char *urn,
                                    size_t length)
{
    if (text_equals_ascii(urn, length, type->schema->id))
        return type->schema;
    for (size_t i = 0; i < type->extension_count; i++) {
        if (text_equals_ascii(urn, length, type->extensions[i].schema->id))
            return type->extensions[i].schema;
    }
    return NULL;
}

bool schema_is_extension(const struct resource_type *type, const struct schema *schema)
{
    for (size_t i = 0; i < type->extension_count; i++) {
        if (type->extensions[i].schema == schema)
            return true;
    }
    return false;
}

const struct attribute *schema_attribute(const struct schema *schema, const char *name,
                                         size_t length)
{
    return schema_index_find(schema->attributes_by_key, schema->attribute_count, name, length);
}

const struct attribute *schema_sub_attribute(const struct attribute *attribute, const char *name,
                                             size_t length)
{
    return schema_index_find(attribute->subs_by_key, attribute->sub_count, name, length);
}

/* The schema of `type` whose URN, with a colon or nothing behind it, begins `text`; the longest,
 * because one URN may begin another. */
static const struct schema *find_prefix(const struct resource_type *type, const char *text,
                                        size_t length, size_t *urn_length)
{
    const struct schema *found = NULL;

    *urn_length = 0;
    for (size_t i = 0; i <= type->extension_count; i++) {
        const struct schema *schema = i == 0 ? type->schema : type->extensions[i - 1].schema;
        size_t prefix = strlen(schema->id);

        if (prefix > *urn_length && prefix <= length && (prefix == length || text[prefix] == ':') &&
            text_equals_ascii(text, prefix, schema->id)) {
            found = schema;
            *urn_length = prefix;
        }
    }
    return found;
}

/* An extension's attribute without its URN, where it cannot be mistaken. */
static const struct attribute *find_in_extensions(const struct resource_type *type,
                                                  const char *name, size_t length)
{
    const struct attribute *found = NULL;

    for (size_t i = 0; i < type->extension_count; i++) {
        const struct attribute *attribute =
            schema_attribute(type->extensions[i].schema, name, length);

        if (attribute != NULL && found != NULL)
            return NULL;
        if (attribute != NULL)
            found = attribute;
    }
    return found;
}

static const struct attribute *find_attribute(const struct resource_type *type,
                                              const struct schema *schema, const char *name,
                                              size_t length)
{
    const struct attribute *found =
        schema_attribute(schema != NULL ? schema : type->schema, name, length);

    /* a common attribute behind the core URN is a habit of clients, and clear enough */
    if (found == NULL && (schema == NULL || schema == type->schema))
        found = schema_common_attribute(name, length);
    if (found == NULL && schema == NULL)
        found = find_in_extensions(type, name, length);
    return found;
}

bool schema_resolve(const struct resource_type *type, const char *text, size_t length,
                    const struct schema **schema, const struct attribute **attribute,
                    const struct attribute **sub)
{
    size_t urn_length = 0;
    const struct schema *named = find_prefix(type, text, length, &urn_length);
    const char *name = named != NULL ? text + urn_length + 1 : text;
    size_t name_length = named != NULL ? length - urn_length - 1 : length;
    const struct attribute *found;
    const struct attribute *found_sub = NULL;
    const char *dot;

    if (named != NULL && urn_length == length) {
        *schema = named;
        *attribute = NULL;
        *sub = NULL;
        return true;
    }
    dot = memchr(name, '.', name_length);
    found = find_attribute(type, named, name, dot != NULL ? (size_t)(dot - name) : name_length);
    if (found != NULL && dot != NULL)
        found_sub = schema_sub_attribute(found, dot + 1, name_length - (size_t)(dot - name) - 1);
    if (found == NULL || (dot != NULL && found_sub == NULL))
        return false;
    *schema = found->schema;
    *attribute = found;
    *sub = found_sub;
    return true;
}
