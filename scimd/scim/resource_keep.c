#include "base/cleanup.h"
#include "scim/json.h"
#include "scim/resource.h"
#include "scim/resource_keys.h"

static void keep(json_t *to, const struct attribute *attribute, const json_t *value)
{
    (void)json_object_set_new_nocheck(to, attribute->name, json_deep_copy(value));
}

/* True where the client may not or cannot say this, so that leaving it out means nothing. */
static bool outlives_silence(const struct attribute *attribute, const json_t *after)
{
    switch (attribute->mutability) {
    case READ_ONLY:
        return true;
    case IMMUTABLE:
    case WRITE_ONLY:
        return after == NULL;
    case READ_WRITE:
        break;
    }
    return false;
}

static void keep_subs(const struct attribute *attribute, const json_t *before, json_t *after)
{
    for (size_t i = 0; i < attribute->sub_count; i++) {
        const struct attribute *sub = &attribute->subs[i];
        const json_t *value = json_object_get(before, sub->name);

        if (value != NULL && outlives_silence(sub, json_object_get(after, sub->name)))
            keep(after, sub, value);
    }
}

static void keep_in_elements(const struct attribute *attribute, const json_t *before,
                             const json_t *after)
{
    CLEANUP(value_keys_free) struct value_keys keys;
    size_t found = 0;

    value_keys_sort(&keys, attribute, after);
    for (size_t i = 0; i < json_array_size(before); i++) {
        const json_t *element = json_array_get(before, i);

        if (value_keys_find(&keys, element, &found))
            keep_subs(attribute, element, json_array_get(after, found));
    }
}

static bool all_read_write(const struct attribute *attribute)
{
    for (size_t i = 0; i < attribute->sub_count; i++) {
        if (attribute->subs[i].mutability != READ_WRITE)
            return false;
    }
    return true;
}

static void keep_below(const struct attribute *attribute, const json_t *before, json_t *after)
{
    if (all_read_write(attribute))
        return;
    if (json_is_array(before))
        keep_in_elements(attribute, before, after);
    else if (json_same(json_object_get(before, "value"), json_object_get(after, "value")))
        keep_subs(attribute, before, after);
}

static void keep_members(const struct schema *schema, const json_t *before, json_t *document)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];
        const json_t *old = resource_value(before, attribute);
        json_t *container;
        json_t *new;

        if (old == NULL || attribute->role != ROLE_STORED)
            continue;
        container = resource_container(document, attribute, true);
        new = json_object_get(container, attribute->name);
        if (outlives_silence(attribute, new))
            keep(container, attribute, old);
        else if (new != NULL && attribute->sub_count > 0)
            keep_below(attribute, old, new);
    }
}

void resource_keep_read_only(const struct resource_type *type, const json_t *before,
                             json_t *document)
{
    keep_members(type->schema, before, document);
    for (size_t i = 0; i < type->extension_count; i++)
        keep_members(type->extensions[i].schema, before, document);
    resource_settle(type, document);
}
