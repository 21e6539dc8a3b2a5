#include "scim/schema_parse.h"

#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/text.h"
#include "scim/schema_characteristics.h"
#include "scim/schema_index.h"
#include "scim/schema_member.h"
#include "scim/schema_publish.h"

/* What a list of attributes belongs to. */
struct level {
    const struct schema_origin *origin;
    const struct schema *schema;
    const struct attribute *parent; /* NULL at the top */
    size_t *budget;                 /* definitions that the schema may still have */
};

static const char *lower(struct arena *arena, const char *text)
{
    char *key = arena_strdup(arena, text);

    for (char *byte = key; *byte != '\0'; byte++)
        *byte = (char)text_lower_ascii((unsigned char)*byte);
    return key;
}

static void name_attribute(const struct level *level, struct attribute *attribute)
{
    struct arena *arena = level->origin->arena;

    attribute->name = arena_strdup(arena, attribute->name);
    attribute->name_key = lower(arena, attribute->name);
    attribute->name_length = strlen(attribute->name);
    attribute->schema = level->schema;
    attribute->parent = level->parent;
    attribute->path = level->parent != NULL
                          ? arena_printf(arena, "%s.%s", level->parent->path, attribute->name)
                          : arena_printf(arena, "%s:%s", level->schema->id, attribute->name);
    attribute->path_id = digest_number(lower(arena, attribute->path));
}

static int parse_one(const struct level *level, const json_t *definition,
                     struct attribute *attribute, struct err *err)
{
    if (!json_is_object(definition))
        return err_set(err, ERR_CONFIGURATION, "must be an object");
    attribute->parent = level->parent;
    if (schema_member_text(definition, "name", SCHEMA_NAME_MAX, &attribute->name, err) < 0)
        return -1;
    if (attribute->name == NULL)
        return err_set(err, ERR_CONFIGURATION, "name is missing");
    /* "$ref" is the one name that RFC 7643 itself exempts (section 2.4) */
    if (!schema_is_name(attribute->name) &&
        (level->parent == NULL || strcmp(attribute->name, "$ref") != 0))
        return err_set(err, ERR_CONFIGURATION,
                       "a name is a letter, then letters, digits, \"-\", \"_\" or \"$\"");
    if (schema_read_characteristics(level->origin, definition, attribute, err) < 0)
        return -1;
    name_attribute(level, attribute);
    return 0;
}

/* Says which definition an error is about. */
static int name_place(struct err *err, const struct level *level, const json_t *definition,
                      size_t position)
{
    char what[sizeof(err->detail)];
    const char *kind = level->parent != NULL ? "sub-attribute" : "attribute";
    const char *name = json_string_value(json_object_get(definition, "name"));

    memcpy(what, err->detail, sizeof(what));
    if (name == NULL)
        return err_set(err, ERR_CONFIGURATION, "%s number %zu: %s", kind, position + 1, what);
    return err_set(err, ERR_CONFIGURATION, "%s %.64s: %s", kind, name, what);
}

/* Reads a list of definitions into an array with its index. */
static int parse_list(const struct level *level, const json_t *definitions, const char *member,
                      struct attribute **out, struct err *err)
{
    size_t count = json_array_size(definitions);
    struct attribute *attributes;

    if (count == 0)
        return err_set(err, ERR_CONFIGURATION, "%s must be a list of at least one definition",
                       member);
    if (count > *level->budget)
        return err_set(err, ERR_CONFIGURATION, "the schema has more than %d attributes",
                       SCHEMA_ATTRIBUTES_MAX);
    *level->budget -= count;
    attributes = arena_array(level->origin->arena, count, sizeof(*attributes));
    for (size_t i = 0; i < count; i++) {
        const json_t *definition = json_array_get(definitions, i);

        if (parse_one(level, definition, &attributes[i], err) < 0)
            return name_place(err, level, definition, i);
    }
    *out = attributes;
    return 0;
}

static int build_index(const struct schema_origin *origin, const struct attribute *attributes,
                       size_t count, const struct attribute *const **index, struct err *err)
{
    const char *twice = schema_index_build(origin->arena, attributes, count, index);

    if (twice != NULL)
        return err_set(err, ERR_CONFIGURATION, "attribute %.64s: the name is used twice", twice);
    return 0;
}

static int parse_subs(const struct level *top, const json_t *definition,
                      struct attribute *attribute, struct err *err)
{
    const struct level level = {top->origin, top->schema, attribute, top->budget};
    const json_t *definitions = json_object_get(definition, "subAttributes");
    size_t count = json_array_size(definitions);
    struct attribute *subs = NULL;

    assert(attribute != NULL);
    if (attribute->type != ATTRIBUTE_COMPLEX) {
        if (definitions != NULL && !json_is_null(definitions))
            return err_set(err, ERR_CONFIGURATION, "only a complex attribute has subAttributes");
        return 0;
    }
    if (parse_list(&level, definitions, "subAttributes", &subs, err) < 0)
        return -1;
    assert(subs != NULL); /* an empty list was refused */
    for (size_t i = 0; i < count; i++)
        subs[i].filterable = subs[i].filterable && attribute->filterable;
    attribute->subs = subs;
    attribute->sub_count = count;
    return build_index(top->origin, subs, count, &attribute->subs_by_key, err);
}

static int parse_attributes(const struct schema_origin *origin, const json_t *document,
                            struct schema *schema, struct err *err)
{
    size_t budget = SCHEMA_ATTRIBUTES_MAX;
    const struct level level = {origin, schema, NULL, &budget};
    const json_t *definitions = json_object_get(document, "attributes");
    struct attribute *attributes = NULL;

    if (parse_list(&level, definitions, "attributes", &attributes, err) < 0)
        return -1;
    schema->attributes = attributes;
    schema->attribute_count = json_array_size(definitions);
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const json_t *definition = json_array_get(definitions, i);

        if (parse_subs(&level, definition, &attributes[i], err) < 0)
            return name_place(err, &level, definition, i);
    }
    return build_index(origin, attributes, schema->attribute_count, &schema->attributes_by_key,
                       err);
}

static bool is_urn(const char *text)
{
    size_t length = strlen(text);

    return length > 6 && text_equals_ascii(text, 4, "urn:") && text[length - 1] != ':' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "-._~:%+/@=") == length;
}

static int parse_head(const struct schema_origin *origin, const json_t *document,
                      struct schema *schema, struct err *err)
{
    static const char *const members[] = {"schemas",     "id",         "name",
                                          "description", "attributes", "meta"};
    const char *id = NULL;
    const char *name = NULL;
    const char *description = NULL;

    if (schema_members_known(document, members, ARRAY_LENGTH(members), err) < 0 ||
        schema_member_text(document, "id", SCHEMA_URN_MAX, &id, err) < 0 ||
        schema_member_text(document, "name", SCHEMA_NAME_MAX, &name, err) < 0 ||
        schema_member_text(document, "description", SCHEMA_TEXT_MAX, &description, err) < 0)
        return -1;
    if (id == NULL || !is_urn(id))
        return err_set(err, ERR_CONFIGURATION, "id must be the schema's URN, \"urn:...\"");
    schema->id = arena_strdup(origin->arena, id);
    schema->name = name != NULL ? arena_strdup(origin->arena, name) : schema->id;
    return 0;
}

int schema_parse(const struct schema_origin *origin, const json_t *document, struct schema *schema,
                 struct err *err)
{
    if (parse_head(origin, document, schema, err) < 0 ||
        parse_attributes(origin, document, schema, err) < 0) {
        char what[sizeof(err->detail)];

        memcpy(what, err->detail, sizeof(what));
        return err_set(err, ERR_CONFIGURATION, "%.64s: %s", origin->name, what);
    }
    schema->document = schema_publish(schema, document);
    return 0;
}
