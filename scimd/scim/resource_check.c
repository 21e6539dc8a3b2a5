#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"
#include "scim/resource_keys.h"
#include "scim/resource_settle.h"

size_t resource_count_values(const json_t *document)
{
    size_t count = 0;
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(document), key, value)
    {
        if (json_is_object(value) && strchr(key, ':') != NULL)
            count += resource_count_values(value); /* an extension; they don't nest */
        else if (strcmp(key, "schemas") != 0)
            count += json_is_array(value) ? json_array_size(value) : 1;
    }
    return count;
}

/* An attribute that says nothing is missing: RFC 7643 section 4.1.1 wants userName "non-empty". */
static bool is_missing(const json_t *value)
{
    return settle_is_empty(value) || (json_is_string(value) && json_string_length(value) == 0);
}

static bool must_be_there(const struct attribute *attribute)
{
    return attribute->required && attribute->role == ROLE_STORED &&
           attribute->mutability != READ_ONLY;
}

static const char *name_of(const struct attribute *attribute)
{
    return attribute->schema->extension ? attribute->path : attribute->name;
}

static int require_subs(const struct attribute *attribute, const json_t *object, struct err *err)
{
    for (size_t i = 0; i < attribute->sub_count; i++) {
        const struct attribute *sub = &attribute->subs[i];

        if (must_be_there(sub) && is_missing(json_object_get(object, sub->name)))
            return err_set(err, ERR_INVALID_VALUE, "%s.%s is required", name_of(attribute),
                           sub->name);
    }
    return 0;
}

static int require_all(const struct schema *schema, const json_t *object, struct err *err)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];
        const json_t *value = json_object_get(object, attribute->name);

        if (must_be_there(attribute) && is_missing(value))
            return err_set(err, ERR_INVALID_VALUE, "%s is required", name_of(attribute));
        if (json_is_object(value) && require_subs(attribute, value, err) < 0)
            return -1;
        for (size_t item = 0; item < json_array_size(value) && attribute->sub_count > 0; item++) {
            if (require_subs(attribute, json_array_get(value, item), err) < 0)
                return -1;
        }
    }
    return 0;
}

static int refuse_change(const struct attribute *attribute, const struct attribute *sub,
                         struct err *err)
{
    return err_set(err, ERR_MUTABILITY, "%s%s%s is immutable and has a value already",
                   name_of(attribute), sub != NULL ? "." : "", sub != NULL ? sub->name : "");
}

/* An immutable attribute may get its first value, and keep it (RFC 7643 section 7). */
static bool is_changed(const json_t *before, const json_t *after)
{
    return before != NULL && !json_same(before, after);
}

static int check_subs(const struct attribute *attribute, const json_t *before, const json_t *after,
                      struct err *err)
{
    for (size_t i = 0; i < attribute->sub_count; i++) {
        const struct attribute *sub = &attribute->subs[i];

        if (sub->mutability == IMMUTABLE &&
            is_changed(json_object_get(before, sub->name), json_object_get(after, sub->name)))
            return refuse_change(attribute, sub, err);
    }
    return 0;
}

/* A value that is gone or another one took its sub-attributes with it: only those of values that
 * are still there are compared. */
static int check_elements(const struct attribute *attribute, const json_t *before,
                          const json_t *after, struct err *err)
{
    CLEANUP(value_keys_free) struct value_keys keys;
    size_t found = 0;

    value_keys_sort(&keys, attribute, after);
    for (size_t i = 0; i < json_array_size(before); i++) {
        const json_t *element = json_array_get(before, i);

        if (value_keys_find(&keys, element, &found) &&
            check_subs(attribute, element, json_array_get(after, found), err) < 0)
            return -1;
    }
    return 0;
}

static int check_below(const struct attribute *attribute, const json_t *before, const json_t *after,
                       struct err *err)
{
    if (json_is_array(before))
        return check_elements(attribute, before, after, err);
    if (json_is_object(after) &&
        json_same(json_object_get(before, "value"), json_object_get(after, "value")))
        return check_subs(attribute, before, after, err);
    return 0;
}

static bool has_immutable_sub(const struct attribute *attribute)
{
    for (size_t i = 0; i < attribute->sub_count; i++) {
        if (attribute->subs[i].mutability == IMMUTABLE)
            return true;
    }
    return false;
}

static int check_immutable(const struct schema *schema, const json_t *before, const json_t *after,
                           struct err *err)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];
        const json_t *old = json_object_get(before, attribute->name);
        const json_t *new = json_object_get(after, attribute->name);

        if (old == NULL || attribute->role != ROLE_STORED)
            continue;
        if (attribute->mutability == IMMUTABLE && is_changed(old, new))
            return refuse_change(attribute, NULL, err);
        if (has_immutable_sub(attribute) && check_below(attribute, old, new, err) < 0)
            return -1;
    }
    return 0;
}

static int check_extension(const struct schema_extension *extension, const json_t *before,
                           const json_t *document, struct err *err)
{
    const struct schema *schema = extension->schema;
    const json_t *object = json_object_get(document, schema->id);

    if (object == NULL && extension->required)
        return err_set(err, ERR_INVALID_VALUE, "%.128s is required", schema->id);
    if (object != NULL && require_all(schema, object, err) < 0)
        return -1;
    return check_immutable(schema, json_object_get(before, schema->id), object, err);
}

int resource_check(const struct resource_type *type, const json_t *before, const json_t *document,
                   struct err *err)
{
    if (require_all(type->schema, document, err) < 0 ||
        check_immutable(type->schema, before, document, err) < 0)
        return -1;
    for (size_t i = 0; i < type->extension_count; i++) {
        if (check_extension(&type->extensions[i], before, document, err) < 0)
            return -1;
    }
    return 0;
}
