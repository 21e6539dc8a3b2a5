#include "scim/schema_type.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/text.h"
#include "scim/schema_member.h"
#include "scim/schema_publish.h"
#include "scim/schema_set.h"

#define TYPE_NUMBER_MIN 1000 /* below stand our own */

/* Path segments of the protocol itself (RFC 7644 section 3.2, table 2). */
static const char *const reserved_segments[] = {
    "Bulk", "Me", "Schemas", "ResourceTypes", "ServiceProviderConfig", ".search",
};

bool schema_type_extends(const json_t *document)
{
    return json_is_true(json_object_get(document, "extends"));
}

static int name_place(struct err *err, const struct schema_origin *origin, const json_t *document)
{
    char what[sizeof(err->detail)];
    const char *name = json_string_value(json_object_get(document, "name"));

    memcpy(what, err->detail, sizeof(what));
    return err_set(err, ERR_CONFIGURATION, "%.64s: resource type %.64s: %s", origin->name,
                   name != NULL ? name : "without a name", what);
}

static int read_endpoint(const struct schema_origin *origin, const json_t *document,
                         const char **out, struct err *err)
{
    const char *endpoint = NULL;

    if (schema_member_text(document, "endpoint", SCHEMA_NAME_MAX, &endpoint, err) < 0)
        return -1;
    if (endpoint == NULL || endpoint[0] != '/' || !schema_is_name(endpoint + 1) ||
        strchr(endpoint, '$') != NULL)
        return err_set(err, ERR_CONFIGURATION,
                       "endpoint must be a slash and one segment, as in \"/Users\"");
    for (size_t i = 0; i < ARRAY_LENGTH(reserved_segments); i++) {
        if (text_equals_ascii(endpoint + 1, strlen(endpoint + 1), reserved_segments[i]))
            return err_set(err, ERR_CONFIGURATION, "endpoint %s belongs to the protocol", endpoint);
    }
    *out = arena_strdup(origin->arena, endpoint);
    return 0;
}

static int number_of(const char *name)
{
    int number = (int)(digest_number(name) & INT32_MAX);

    if (strcmp(name, "User") == 0)
        return RESOURCE_TYPE_USER;
    if (strcmp(name, "Group") == 0)
        return RESOURCE_TYPE_GROUP;
    return number < TYPE_NUMBER_MIN ? number + TYPE_NUMBER_MIN : number;
}

/* The resource type must differ from those before it in all that tells types apart. */
static int check_unlike_others(const struct schema_set *set, const struct resource_type *type,
                               struct err *err)
{
    for (size_t i = 0; i < set->type_count; i++) {
        const struct resource_type *other = &set->types[i];

        if (text_compare_ascii(type->name, other->name) == 0)
            return err_set(err, ERR_CONFIGURATION, "there is a resource type %s already",
                           other->name);
        if (text_compare_ascii(type->endpoint, other->endpoint) == 0)
            return err_set(err, ERR_CONFIGURATION, "endpoint %s is that of %s", type->endpoint,
                           other->name);
        if (type->number == other->number)
            return err_set(err, ERR_CONFIGURATION,
                           "the name's number is that of %s; choose another", other->name);
    }
    return 0;
}

/* The attributes of a core schema stand beside the common ones and must not hide them. */
static int check_core_schema(const struct schema *schema, struct err *err)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];

        if (schema_common_attribute(attribute->name, attribute->name_length) != NULL)
            return err_set(err, ERR_CONFIGURATION, "attribute %s of its schema is a common one",
                           attribute->name);
    }
    return 0;
}

static int read_core_schema(const struct schema_set *set, const struct schema_origin *origin,
                            const json_t *document, const struct schema **out, struct err *err)
{
    const char *urn = NULL;
    const struct schema *schema;

    if (schema_member_text(document, "schema", SCHEMA_URN_MAX, &urn, err) < 0)
        return -1;
    if (urn == NULL)
        return err_set(err, ERR_CONFIGURATION, "schema is missing");
    schema = schema_set_schema_by_id(set, urn, strlen(urn));
    if (schema == NULL)
        return err_set(err, ERR_CONFIGURATION, "schema %s is unknown", urn);
    if (!origin->built_in && (text_compare_ascii(urn, SCHEMA_URN_USER) == 0 ||
                              text_compare_ascii(urn, SCHEMA_URN_GROUP) == 0))
        return err_set(err, ERR_CONFIGURATION, "schema %s is for its own resource type", urn);
    if (schema->extension)
        return err_set(err, ERR_CONFIGURATION, "schema %s is an extension elsewhere", urn);
    *out = schema;
    return check_core_schema(schema, err);
}

static int read_extension(const struct schema_set *set, const json_t *item,
                          struct schema_extension *extension, struct err *err)
{
    static const char *const members[] = {"schema", "required"};
    const char *urn = NULL;

    if (!json_is_object(item))
        return err_set(err, ERR_CONFIGURATION, "schemaExtensions must be a list of objects");
    if (schema_members_known(item, members, ARRAY_LENGTH(members), err) < 0 ||
        schema_member_text(item, "schema", SCHEMA_URN_MAX, &urn, err) < 0 ||
        schema_member_flag(item, "required", &extension->required, err) < 0)
        return -1;
    if (urn == NULL)
        return err_set(err, ERR_CONFIGURATION, "an extension names no schema");
    extension->schema = schema_set_schema_by_id(set, urn, strlen(urn));
    if (extension->schema == NULL)
        return err_set(err, ERR_CONFIGURATION, "extension %s is unknown", urn);
    return 0;
}

/* Marks the schema as an extension; one that is a core schema, too, would leave open where its
 * attributes stand. */
static int mark_extension(const struct schema_set *set, const struct schema *schema,
                          struct err *err)
{
    for (size_t i = 0; i < set->type_count; i++) {
        if (set->types[i].schema == schema)
            return err_set(err, ERR_CONFIGURATION, "extension %s is the core schema of %s",
                           schema->id, set->types[i].name);
    }
    set->schemas[schema - set->schemas].extension = true;
    return 0;
}

/* Adds the document's extensions to those that the type has. */
static int add_extensions(const struct schema_set *set, struct arena *arena, const json_t *document,
                          struct resource_type *type, struct err *err)
{
    const json_t *list = json_object_get(document, "schemaExtensions");
    size_t count = json_array_size(list);
    struct schema_extension *extensions;

    if (list != NULL && !json_is_null(list) && !json_is_array(list))
        return err_set(err, ERR_CONFIGURATION, "schemaExtensions must be a list of objects");
    if (count > SCHEMA_EXTENSIONS_MAX || type->extension_count + count > SCHEMA_EXTENSIONS_MAX)
        return err_set(err, ERR_CONFIGURATION, "more than %d extensions", SCHEMA_EXTENSIONS_MAX);
    extensions = arena_array(arena, type->extension_count + count, sizeof(*extensions));
    if (type->extension_count > 0)
        memcpy(extensions, type->extensions, type->extension_count * sizeof(*extensions));
    type->extensions = extensions;
    for (size_t i = 0; i < count; i++) {
        struct schema_extension *added = &extensions[type->extension_count];

        if (read_extension(set, json_array_get(list, i), added, err) < 0)
            return -1;
        if (added->schema == type->schema || schema_is_extension(type, added->schema))
            return err_set(err, ERR_CONFIGURATION, "schema %s is named twice", added->schema->id);
        if (mark_extension(set, added->schema, err) < 0)
            return -1;
        type->extension_count++;
    }
    return 0;
}

static bool hides(const struct attribute *attribute)
{
    return attribute->returned == RETURNED_NEVER || attribute->returned == RETURNED_REQUEST;
}

static bool schema_returns_all(const struct schema *schema)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];

        if (attribute->role != ROLE_STORED)
            continue;
        if (hides(attribute))
            return false;
        for (size_t sub = 0; sub < attribute->sub_count; sub++) {
            if (hides(&attribute->subs[sub]))
                return false;
        }
    }
    return true;
}

static void note_what_is_returned(struct resource_type *type)
{
    type->returns_all = schema_returns_all(type->schema);
    for (size_t i = 0; i < type->extension_count; i++)
        type->returns_all = type->returns_all && schema_returns_all(type->extensions[i].schema);
}

static int read_type(const struct schema_set *set, const struct schema_origin *origin,
                     const json_t *document, struct resource_type *type, struct err *err)
{
    static const char *const members[] = {
        "schemas", "id", "name", "endpoint", "description", "schema", "schemaExtensions", "meta"};
    const char *name = NULL;
    const char *description = NULL;

    if (schema_members_known(document, members, ARRAY_LENGTH(members), err) < 0 ||
        schema_member_text(document, "name", SCHEMA_NAME_MAX, &name, err) < 0 ||
        schema_member_text(document, "description", SCHEMA_TEXT_MAX, &description, err) < 0)
        return -1;
    if (name == NULL || !schema_is_name(name))
        return err_set(err, ERR_CONFIGURATION, "name must be a letter, then letters and digits");
    if (!origin->built_in &&
        (text_compare_ascii(name, "User") == 0 || text_compare_ascii(name, "Group") == 0))
        return err_set(err, ERR_CONFIGURATION,
                       "can be extended (\"extends\": true), not redefined");
    type->name = arena_strdup(origin->arena, name);
    type->number = number_of(name);
    if (read_endpoint(origin, document, &type->endpoint, err) < 0 ||
        read_core_schema(set, origin, document, &type->schema, err) < 0 ||
        check_unlike_others(set, type, err) < 0 ||
        add_extensions(set, origin->arena, document, type, err) < 0)
        return -1;
    note_what_is_returned(type);
    type->document = schema_publish_type(type, description);
    return 0;
}

int schema_type_parse(const struct schema_set *set, const struct schema_origin *origin,
                      const json_t *document, struct resource_type *type, struct err *err)
{
    if (read_type(set, origin, document, type, err) < 0)
        return name_place(err, origin, document);
    return 0;
}

static int extend_type(const struct schema_set *set, const struct schema_origin *origin,
                       const json_t *document, struct err *err)
{
    static const char *const members[] = {"schemas", "id", "name", "extends", "schemaExtensions"};
    const char *name = NULL;
    struct resource_type *type = NULL;
    json_t *published;

    if (schema_members_known(document, members, ARRAY_LENGTH(members), err) < 0 ||
        schema_member_text(document, "name", SCHEMA_NAME_MAX, &name, err) < 0)
        return -1;
    for (size_t i = 0; name != NULL && i < set->type_count; i++) {
        if (strcmp(set->types[i].name, name) == 0)
            type = &set->types[i];
    }
    if (type == NULL)
        return err_set(err, ERR_CONFIGURATION, "there is none to extend");
    if (add_extensions(set, origin->arena, document, type, err) < 0)
        return -1;
    note_what_is_returned(type);
    published = schema_publish_type(
        type, json_string_value(json_object_get(type->document, "description")));
    schema_forget_document(type->document);
    type->document = published;
    return 0;
}

int schema_type_extend(const struct schema_set *set, const struct schema_origin *origin,
                       const json_t *document, struct err *err)
{
    if (extend_type(set, origin, document, err) < 0)
        return name_place(err, origin, document);
    return 0;
}
