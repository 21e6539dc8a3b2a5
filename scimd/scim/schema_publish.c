#include "scim/schema_publish.h"

const char *const schema_type_words[] = {"string", "boolean",   "decimal", "integer", "dateTime",
                                         "binary", "reference", "complex", NULL};
const char *const schema_mutability_words[] = {"readWrite", "readOnly", "immutable", "writeOnly",
                                               NULL};
const char *const schema_returned_words[] = {"default", "always", "never", "request", NULL};
const char *const schema_uniqueness_words[] = {"none", "server", "global", NULL};

static void put(json_t *object, const char *member, json_t *value)
{
    (void)json_object_set_new_nocheck(object, member, value);
}

/* A list or text of the definition as it stands there; absent where it is absent or empty. */
static void put_copy(json_t *object, const json_t *definition, const char *member)
{
    json_t *value = json_object_get(definition, member);

    if (json_is_string(value) || json_array_size(value) > 0)
        put(object, member, json_deep_copy(value));
}

static json_t *publish_attribute(const struct attribute *attribute, const json_t *definition)
{
    json_t *out = json_object();

    put(out, "name", json_string_nocheck(attribute->name));
    put(out, "type", json_string_nocheck(schema_type_words[attribute->type]));
    put(out, "multiValued", json_boolean(attribute->multi_valued));
    put_copy(out, definition, "description");
    put(out, "required", json_boolean(attribute->required));
    put_copy(out, definition, "canonicalValues");
    put(out, "caseExact", json_boolean(attribute->case_exact));
    put(out, "mutability", json_string_nocheck(schema_mutability_words[attribute->mutability]));
    put(out, "returned", json_string_nocheck(schema_returned_words[attribute->returned]));
    put(out, "uniqueness", json_string_nocheck(schema_uniqueness_words[attribute->uniqueness]));
    put_copy(out, definition, "referenceTypes");
    return out;
}

/* Definitions and attributes are in the same order: schema_parse() made one of the other. */
static json_t *publish_complex(const struct attribute *attribute, const json_t *definition)
{
    json_t *out = publish_attribute(attribute, definition);
    const json_t *definitions = json_object_get(definition, "subAttributes");

    if (attribute->type == ATTRIBUTE_COMPLEX) {
        json_t *subs = json_array();

        for (size_t i = 0; i < attribute->sub_count; i++)
            (void)json_array_append_new(
                subs, publish_attribute(&attribute->subs[i], json_array_get(definitions, i)));
        put(out, "subAttributes", subs);
    }
    return out;
}

json_t *schema_publish(const struct schema *schema, const json_t *definition)
{
    json_t *out = json_object();
    json_t *attributes = json_array();
    const json_t *definitions = json_object_get(definition, "attributes");

    for (size_t i = 0; i < schema->attribute_count; i++)
        (void)json_array_append_new(
            attributes, publish_complex(&schema->attributes[i], json_array_get(definitions, i)));

    put(out, "schemas", json_pack("[s]", SCHEMA_URN_SCHEMA));
    put(out, "id", json_string_nocheck(schema->id));
    put(out, "name", json_string_nocheck(schema->name));
    put_copy(out, definition, "description");
    put(out, "attributes", attributes);
    return out;
}

json_t *schema_publish_type(const struct resource_type *type, const char *description)
{
    json_t *out = json_object();
    json_t *extensions = json_array();

    for (size_t i = 0; i < type->extension_count; i++)
        (void)json_array_append_new(
            extensions, json_pack("{s:s, s:b}", "schema", type->extensions[i].schema->id,
                                  "required", type->extensions[i].required));

    put(out, "schemas", json_pack("[s]", SCHEMA_URN_RESOURCE_TYPE));
    put(out, "id", json_string_nocheck(type->name));
    put(out, "name", json_string_nocheck(type->name));
    put(out, "endpoint", json_string_nocheck(type->endpoint));
    if (description != NULL)
        put(out, "description", json_string_nocheck(description));
    put(out, "schema", json_string_nocheck(type->schema->id));
    put(out, "schemaExtensions", extensions);
    return out;
}
