#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "scim/json.h"
#include "scim/patch_build.h"

/* Which tolerance a key leans on that is more than an attribute's name. */
static const struct {
    char mark;
    enum tolerance tolerance;
} marks[] = {
    {'[', TOLERANCE_PATH_KEY  },
    {':', TOLERANCE_URN_KEY   },
    {'.', TOLERANCE_DOTTED_KEY},
};

/* What clients repeat of a resource they have read.  No part of it can be changed. */
static bool is_repeated(const struct patch_builder *builder, const char *key)
{
    const struct schema *schema = builder->reader->type->schema;
    const struct attribute *attribute = schema_attribute(schema, key, strlen(key));

    if (attribute != NULL)
        return attribute->role == ROLE_GROUPS;
    attribute = schema_common_attribute(key, strlen(key));
    return attribute != NULL &&
           (attribute->mutability == READ_ONLY || strcmp(attribute->name, "schemas") == 0);
}

static bool is_allowed_key(const struct patch_builder *builder, const struct path *path,
                           const char *key)
{
    struct tolerance_use *tolerances = builder->reader->tolerances;

    if (path->extension != NULL)
        return true; /* an extension's object under its URN is as the RFC has it */
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        if (strchr(key, marks[i].mark) != NULL)
            return tolerance_allows(tolerances, marks[i].tolerance);
    }
    if (strcmp(path->attribute->name, key) != 0)
        (void)tolerance_allows(tolerances, TOLERANCE_ATTRIBUTE_CASE); /* counted, never refused */
    return true;
}

/* Reads a key as the path it stands for; false where it is none. */
static bool resolve_key(const struct patch_builder *builder, const struct schema *extension,
                        const char *key, struct path *out)
{
    const char *text = key;
    struct err unused = {0}; /* what is wrong with a key is for the caller to say */

    if (extension != NULL)
        text = arena_printf(builder->arena, "%s:%s", extension->id, key);
    return patch_read_path(builder, text, strlen(text), out, &unused) == 0 &&
           (extension == NULL || out->extension == NULL);
}

static int add_unknown(const struct patch_builder *builder, const char *key, struct err *err)
{
    if (strchr(key, '[') != NULL)
        return err_set(err, ERR_INVALID_PATH, "value: \"%s\" is no path here", key);
    if (tolerance_allows(builder->reader->tolerances, TOLERANCE_UNKNOWN_ATTRIBUTE))
        return 0;
    return err_set(err, ERR_INVALID_SYNTAX, "value: there is no attribute \"%s\"", key);
}

/* Repeated it is ignored; which id the target has is not known here. */
static int note_id(struct patch_builder *builder, const char *key, const json_t *value,
                   struct err *err)
{
    const char *id = json_string_value(value);

    if (strcasecmp(key, "id") != 0 || json_is_null(value))
        return 0;
    if (id == NULL || (builder->repeated_id != NULL && strcmp(builder->repeated_id, id) != 0))
        return err_set(err, ERR_MUTABILITY, "value: %s is read-only", key);
    builder->repeated_id = id;
    return 0;
}

static int add_key(struct patch_builder *builder, const struct schema *extension, const char *key,
                   struct patch_step *step, struct err *err)
{
    if (extension == NULL && is_repeated(builder, key)) {
        /* id, schemas and meta are ignored in every profile, groups where it is tolerated */
        if (!tolerance_allows(builder->reader->tolerances, TOLERANCE_REPEATED_ID) &&
            schema_common_attribute(key, strlen(key)) == NULL)
            return err_set(err, ERR_MUTABILITY, "value: %s is read-only", key);
        return note_id(builder, key, step->value, err);
    }
    if (!resolve_key(builder, extension, key, &step->path))
        return add_unknown(builder, key, err);
    if (!is_allowed_key(builder, &step->path, key))
        return err_set(err, ERR_INVALID_SYNTAX, "value: \"%s\" is no attribute but a path", key);
    return patch_add_step(builder, step, err);
}

int patch_add_keys(struct patch_builder *builder, enum patch_verb verb,
                   const struct schema *extension, const json_t *object, struct err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(object), key, value)
    {
        struct patch_step step = {.verb = verb, .value = value, .operation = builder->operation};

        if (add_key(builder, extension, key, &step, err) < 0)
            return -1;
    }
    return 0;
}
