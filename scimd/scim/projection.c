#include "scim/projection.h"

#include <string.h>

#include "scim/json.h"
#include "scim/schema_common.h"

/* What an answer does with a top-level attribute, with a sub-attribute (never SOME), or, as a
 * request, what a list says of it. */
enum choice { CHOICE_NONE, CHOICE_SOME, CHOICE_ALL };

/* What the two lists say of one attribute. */
struct wish {
    enum choice named;
    enum choice excluded;
    bool *sub_named; /* one for each sub; NULL: none */
    bool *sub_excluded;
};

struct projection {
    const struct resource_type *type;
    bool has_attributes; /* `attributes` was given */
    bool has_excluded;   /* excludedAttributes names something */
    struct wish *wishes; /* common attributes, core schema, extensions in order */
};

static size_t wish_index(const struct resource_type *type, const struct attribute *attribute)
{
    size_t index = SCHEMA_COMMON_COUNT;

    if (attribute->schema == NULL)
        return (size_t)(attribute - schema_common_attributes);
    if (attribute->schema == type->schema)
        return index + (size_t)(attribute - type->schema->attributes);
    index += type->schema->attribute_count;
    for (size_t i = 0; i < type->extension_count; i++) {
        const struct schema *extension = type->extensions[i].schema;

        if (attribute->schema == extension)
            return index + (size_t)(attribute - extension->attributes);
        index += extension->attribute_count;
    }
    return 0; /* not reached: schema_resolve() finds attributes of the type only */
}

static size_t wish_count(const struct resource_type *type)
{
    size_t count = SCHEMA_COMMON_COUNT + type->schema->attribute_count;

    for (size_t i = 0; i < type->extension_count; i++)
        count += type->extensions[i].schema->attribute_count;
    return count;
}

static void wish_for(struct arena *arena, struct projection *projection, bool excluded,
                     const struct attribute *attribute, const struct attribute *sub)
{
    struct wish *wish = &projection->wishes[wish_index(projection->type, attribute)];
    enum choice *choice = excluded ? &wish->excluded : &wish->named;
    bool **subs = excluded ? &wish->sub_excluded : &wish->sub_named;

    projection->has_excluded = projection->has_excluded || excluded;
    if (sub == NULL) {
        *choice = CHOICE_ALL;
        return;
    }
    if (*choice == CHOICE_NONE)
        *choice = CHOICE_SOME;
    if (*subs == NULL)
        *subs = arena_array(arena, attribute->sub_count, sizeof(**subs));
    (*subs)[sub - attribute->subs] = true;
}

/* A URN alone stands for all that its schema returns by default. */
static void wish_for_schema(struct arena *arena, struct projection *projection, bool excluded,
                            const struct schema *schema)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        if (excluded || schema->attributes[i].returned == RETURNED_DEFAULT)
            wish_for(arena, projection, excluded, &schema->attributes[i], NULL);
    }
}

static void read_name(struct arena *arena, struct projection *projection, bool excluded,
                      const char *name, size_t length)
{
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;

    if (!schema_resolve(projection->type, name, length, &schema, &attribute, &sub))
        return;
    if (attribute != NULL)
        wish_for(arena, projection, excluded, attribute, sub);
    else
        wish_for_schema(arena, projection, excluded, schema);
}

/* Returns true where the list holds any name. */
static bool read_list(struct arena *arena, struct projection *projection, bool excluded,
                      const char *list)
{
    bool found = false;

    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ",");
        const char *name = list + strspn(list, " \t");
        size_t name_length = length > (size_t)(name - list) ? length - (size_t)(name - list) : 0;

        while (name_length > 0 && (name[name_length - 1] == ' ' || name[name_length - 1] == '\t'))
            name_length--;
        if (name_length > 0) {
            read_name(arena, projection, excluded, name, name_length);
            found = true;
        }
        list += length + (list[length] == ',');
    }
    return found;
}

int projection_parse(const struct resource_type *type, struct arena *arena, const char *attributes,
                     const char *excluded, const struct projection **out, struct err *err)
{
    struct projection *projection;

    if ((attributes != NULL && strnlen(attributes, PROJECTION_BYTES_MAX) == PROJECTION_BYTES_MAX) ||
        (excluded != NULL && strnlen(excluded, PROJECTION_BYTES_MAX) == PROJECTION_BYTES_MAX))
        return err_set(err, ERR_INVALID_VALUE, "a list of attributes has more than %d bytes",
                       PROJECTION_BYTES_MAX - 1);
    if ((attributes == NULL || *attributes == '\0') && (excluded == NULL || *excluded == '\0')) {
        *out = NULL;
        return 0;
    }
    projection = arena_alloc(arena, sizeof(*projection));
    projection->type = type;
    projection->wishes = arena_array(arena, wish_count(type), sizeof(*projection->wishes));
    projection->has_attributes = read_list(arena, projection, false, attributes);
    (void)read_list(arena, projection, true, excluded);
    *out = projection->has_attributes || projection->has_excluded ? projection : NULL;
    return 0;
}

static const struct wish *wish_of(const struct projection *projection,
                                  const struct attribute *attribute)
{
    static const struct wish none = {0};

    return projection == NULL ? &none
                              : &projection->wishes[wish_index(projection->type, attribute)];
}

/* Is the attribute in the answer at all?  RFC 7644 section 3.9, RFC 7643 section 7 (returned). */
static bool is_returned(const struct projection *projection, const struct attribute *attribute,
                        const struct wish *wish)
{
    if (attribute->returned == RETURNED_NEVER || attribute->returned == RETURNED_ALWAYS)
        return attribute->returned == RETURNED_ALWAYS;
    if (wish->excluded == CHOICE_ALL)
        return false;
    if (wish->named != CHOICE_NONE)
        return true;
    return attribute->returned == RETURNED_DEFAULT &&
           (projection == NULL || !projection->has_attributes);
}

static bool is_sub_returned(const struct attribute *sub, const struct wish *wish)
{
    size_t index = (size_t)(sub - sub->parent->subs);
    bool named = wish->sub_named != NULL && wish->sub_named[index];

    if (sub->returned == RETURNED_NEVER || sub->returned == RETURNED_ALWAYS)
        return sub->returned == RETURNED_ALWAYS;
    if (wish->sub_excluded != NULL && wish->sub_excluded[index])
        return false;
    return named || (sub->returned == RETURNED_DEFAULT && wish->named != CHOICE_SOME);
}

static enum choice choose(const struct projection *projection, const struct attribute *attribute)
{
    const struct wish *wish = wish_of(projection, attribute);

    if (!is_returned(projection, attribute, wish))
        return CHOICE_NONE;
    for (size_t i = 0; i < attribute->sub_count; i++) {
        if (!is_sub_returned(&attribute->subs[i], wish))
            return CHOICE_SOME;
    }
    return CHOICE_ALL;
}

bool projection_wants(const struct projection *projection, const struct attribute *attribute)
{
    return choose(projection, attribute) != CHOICE_NONE;
}

bool projection_wants_sub(const struct projection *projection, const struct attribute *sub)
{
    return is_sub_returned(sub, wish_of(projection, sub->parent));
}

static bool keeps_schema(const struct projection *projection, const struct schema *schema)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];

        if (attribute->role == ROLE_STORED && choose(projection, attribute) != CHOICE_ALL)
            return false;
    }
    return true;
}

bool projection_keeps_document(const struct resource_type *type,
                               const struct projection *projection)
{
    if (projection == NULL)
        return type->returns_all;
    for (size_t i = 0; i < SCHEMA_COMMON_COUNT; i++) {
        if (choose(projection, &schema_common_attributes[i]) != CHOICE_ALL)
            return false;
    }
    if (!keeps_schema(projection, type->schema))
        return false;
    for (size_t i = 0; i < type->extension_count; i++) {
        if (!keeps_schema(projection, type->extensions[i].schema))
            return false;
    }
    return true;
}

/* A new object with those sub-attributes that are returned. */
static json_t *prune_object(const struct attribute *attribute, const struct wish *wish,
                            const json_t *object)
{
    json_t *pruned = json_object();

    for (size_t i = 0; i < attribute->sub_count; i++) {
        json_t *value = json_object_get(object, attribute->subs[i].name);

        if (value != NULL && is_sub_returned(&attribute->subs[i], wish))
            (void)json_object_set_nocheck(pruned, attribute->subs[i].name, value);
    }
    return pruned;
}

static json_t *prune_list(const struct attribute *attribute, const struct wish *wish,
                          const json_t *list)
{
    json_t *pruned = json_array();

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *element = prune_object(attribute, wish, json_array_get(list, i));

        if (json_object_size(element) > 0)
            (void)json_array_append_new(pruned, element);
        else
            json_decref(element);
    }
    return pruned;
}

static void prune(const struct projection *projection, const struct attribute *attribute,
                  json_t *object)
{
    const json_t *value = json_object_get(object, attribute->name);
    const struct wish *wish = wish_of(projection, attribute);
    json_t *pruned;

    if (value == NULL)
        return;
    pruned = json_is_array(value) ? prune_list(attribute, wish, value)
                                  : prune_object(attribute, wish, value);
    if (json_object_size(pruned) + json_array_size(pruned) > 0) {
        (void)json_object_set_new_nocheck(object, attribute->name, pruned);
    } else {
        json_decref(pruned);
        (void)json_object_del(object, attribute->name);
    }
}

static void apply_to_members(const struct projection *projection,
                             const struct attribute *attributes, size_t count, json_t *object)
{
    for (size_t i = 0; i < count; i++) {
        switch (choose(projection, &attributes[i])) {
        case CHOICE_NONE:
            (void)json_object_del(object, attributes[i].name);
            break;
        case CHOICE_SOME:
            prune(projection, &attributes[i], object);
            break;
        case CHOICE_ALL:
            break;
        }
    }
}

static void apply_to_extension(const struct projection *projection, const struct schema *schema,
                               json_t *resource)
{
    json_t *object = json_object_get(resource, schema->id);

    if (object == NULL)
        return;
    object = json_copy(object); /* shared: see projection_apply() */
    apply_to_members(projection, schema->attributes, schema->attribute_count, object);
    if (json_object_size(object) > 0) {
        (void)json_object_set_new_nocheck(resource, schema->id, object);
    } else {
        json_decref(object);
        (void)json_object_del(resource, schema->id);
    }
}

void projection_apply(const struct resource_type *type, const struct projection *projection,
                      json_t *resource)
{
    apply_to_members(projection, schema_common_attributes, SCHEMA_COMMON_COUNT, resource);
    apply_to_members(projection, type->schema->attributes, type->schema->attribute_count, resource);
    for (size_t i = 0; i < type->extension_count; i++)
        apply_to_extension(projection, type->extensions[i].schema, resource);
}
