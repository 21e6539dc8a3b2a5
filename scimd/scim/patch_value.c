#include "scim/patch_value.h"

#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"

int patch_set(const struct resource_reader *reader, const struct attribute *attribute,
              json_t *object, const json_t *value, struct err *err)
{
    json_t *read = NULL;

    if (resource_read_value(reader, attribute, value, &read, err) < 0)
        return -1;
    if (read == NULL)
        (void)json_object_del(object, attribute->name);
    else
        (void)json_object_set_new_nocheck(object, attribute->name, read);
    return 0;
}

/* The sub-attribute a key names; 0 and NULL where there is none and that is tolerated. */
static int find_sub(const struct resource_reader *reader, const struct attribute *attribute,
                    const char *key, const struct attribute **out, struct err *err)
{
    *out = schema_sub_attribute(attribute, key, strlen(key));
    if (*out == NULL && !tolerance_allows(reader->tolerances, TOLERANCE_UNKNOWN_ATTRIBUTE))
        return err_set(err, ERR_INVALID_SYNTAX, "%s has no sub-attribute \"%s\"", attribute->path,
                       key);
    if (*out != NULL && strcmp((*out)->name, key) != 0)
        (void)tolerance_allows(reader->tolerances, TOLERANCE_ATTRIBUTE_CASE);
    return 0;
}

static int merge_object(const struct resource_reader *reader, const struct attribute *attribute,
                        json_t *object, const json_t *value, struct err *err)
{
    const char *key;
    json_t *member;

    json_object_foreach(json_iterable(value), key, member)
    {
        const struct attribute *sub = NULL;

        if (find_sub(reader, attribute, key, &sub, err) < 0)
            return -1;
        if (sub == NULL || sub->mutability == READ_ONLY)
            continue; /* readOnly ones are ignored as in a POST (RFC 7644 section 3.3) */
        if (patch_set(reader, sub, object, member, err) < 0)
            return -1;
    }
    return 0;
}

int patch_read_element(const struct resource_reader *reader, const struct attribute *attribute,
                       const json_t *value, json_t **out, struct err *err)
{
    CLEANUP(json_decrefp) json_t *list = json_array();
    CLEANUP(json_decrefp) json_t *read = NULL;

    (void)json_array_append(list, json_iterable(value));
    if (resource_read_value(reader, attribute, list, &read, err) < 0)
        return -1;
    *out = json_incref(json_array_get(read, 0));
    return 0;
}

/* Text for an object: where it is tolerated, the reader makes {"value": text} of it. */
static int merge_text(const struct resource_reader *reader, const struct attribute *attribute,
                      json_t *object, const json_t *value, struct err *err)
{
    CLEANUP(json_decrefp) json_t *read = NULL;
    int result = attribute->multi_valued
                     ? patch_read_element(reader, attribute, value, &read, err)
                     : resource_read_value(reader, attribute, value, &read, err);

    if (result < 0)
        return -1;
    (void)json_object_clear(object); /* $ref and display were those of the old value */
    if (read != NULL)
        (void)json_object_update(object, read);
    return 0;
}

int patch_merge(const struct resource_reader *reader, const struct attribute *attribute,
                json_t *object, const json_t *value, struct err *err)
{
    if (json_is_array(value) && json_array_size(value) == 1 &&
        tolerance_allows(reader->tolerances, TOLERANCE_MULTI_FOR_SINGLE))
        value = json_array_get(value, 0);
    if (json_is_object(value))
        return merge_object(reader, attribute, object, value, err);
    return merge_text(reader, attribute, object, value, err);
}

/* remove takes no value, but for a list of those to remove. */
static int check_removal(const struct resource_reader *reader, const struct patch_step *step,
                         struct err *err)
{
    CLEANUP(json_decrefp) json_t *read = NULL;
    const struct path *path = &step->path;

    if (step->value == NULL)
        return 0;
    if (!tolerance_allows(reader->tolerances, TOLERANCE_REMOVE_VALUE))
        return err_set(err, ERR_INVALID_SYNTAX, "remove takes no value; use %s[...]",
                       path->attribute->path);
    if (!path->attribute->multi_valued || path->filter != NULL || path->sub != NULL)
        return 0; /* the path says it all */
    return resource_read_value(reader, path->attribute, step->value, &read, err);
}

int patch_value_check(const struct resource_reader *reader, const struct patch_step *step,
                      struct err *err)
{
    const struct attribute *attribute = step->path.attribute;
    CLEANUP(json_decrefp) json_t *object = NULL;
    CLEANUP(json_decrefp) json_t *read = NULL;

    if (step->verb == PATCH_REMOVE)
        return check_removal(reader, step, err);
    if (step->path.sub != NULL)
        return resource_read_value(reader, step->path.sub, step->value, &read, err);
    if (attribute->multi_valued && step->path.filter == NULL)
        return resource_read_value(reader, attribute, step->value, &read, err);
    if (attribute->type == ATTRIBUTE_COMPLEX) {
        object = json_object();
        return patch_merge(reader, attribute, object, step->value, err);
    }
    if (attribute->multi_valued)
        return patch_read_element(reader, attribute, step->value, &read, err);
    return resource_read_value(reader, attribute, step->value, &read, err);
}
