#include "scim/resource_settle.h"

#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"
#include "scim/resource_keys.h"

bool settle_is_empty(const json_t *value)
{
    return value == NULL || json_is_null(value) ||
           (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

/* True where the members are exactly attributes in schema order, none empty: the usual case, in
 * which nothing has to move. */
static bool is_in_order(const struct attribute *attributes, size_t count, const json_t *object)
{
    size_t next = 0;
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(object), key, value)
    {
        while (next < count && strcmp(attributes[next].name, key) != 0)
            next++;
        if (next == count || settle_is_empty(value))
            return false;
        next++;
    }
    return true;
}

static void move_members(json_t *to, const json_t *from, const struct attribute *attributes,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *value = json_object_get(from, attributes[i].name);

        if (!settle_is_empty(value))
            (void)json_object_set_nocheck(to, attributes[i].name, value);
    }
}

static void replace_members(json_t *object, json_t *ordered)
{
    (void)json_object_clear(object);
    (void)json_object_update(object, ordered);
    json_decref(ordered);
}

static void settle_complex(const struct attribute *attribute, json_t *object)
{
    json_t *ordered;

    if (is_in_order(attribute->subs, attribute->sub_count, object))
        return;
    ordered = json_object();
    move_members(ordered, object, attribute->subs, attribute->sub_count);
    replace_members(object, ordered);
}

static void drop_empty_elements(json_t *list)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        if (settle_is_empty(json_array_get(list, i)))
            (void)json_array_remove(list, i);
    }
}

/* The last primary stays, as if the values had been added one by one. */
static size_t settle_primaries(json_t *list)
{
    size_t extra = 0;
    bool found = false;

    for (size_t i = json_array_size(list); i-- > 0;) {
        json_t *element = json_array_get(list, i);

        if (!json_is_true(json_object_get(element, "primary")))
            continue;
        if (found) {
            (void)json_object_set_new_nocheck(element, "primary", json_false());
            extra++;
        }
        found = true;
    }
    return extra;
}

/* The later one's sub-attributes go into the first, which keeps its place, and the value and type
 * that the keys point to. */
static void merge(json_t *list, size_t first, size_t later)
{
    json_t *into = json_array_get(list, first);
    const char *key;
    json_t *member;

    json_object_foreach(json_array_get(list, later), key, member)
    {
        if (strcmp(key, "value") != 0 && strcmp(key, "type") != 0)
            (void)json_object_set_nocheck(into, key, member);
    }
    (void)json_array_set_new(list, later, json_null());
}

/* Leaves null in the place of a duplicate: the keys count by place. */
static size_t merge_duplicates(const struct attribute *attribute, json_t *list)
{
    CLEANUP(value_keys_free) struct value_keys keys = {0};
    const struct value_key *items;
    size_t merged = 0;

    if (json_array_size(list) < 2)
        return 0;
    value_keys_sort(&keys, attribute, list);
    items = value_keys_items(&keys);
    for (size_t i = 1, first = 0; i < keys.count; i++) {
        if (!value_keys_equal(&items[first], &items[i])) {
            first = i;
            continue;
        }
        merge(list, items[first].index, items[i].index);
        merged++;
    }
    return merged;
}

void settle_value(const struct attribute *attribute, json_t *value, struct settle_report *report)
{
    if (attribute->multi_valued && json_is_array(value)) {
        drop_empty_elements(value);
        report->extra_primaries = settle_primaries(value);
        report->duplicates = merge_duplicates(attribute, value);
        drop_empty_elements(value);
        for (size_t i = 0; attribute->sub_count > 0 && i < json_array_size(value); i++)
            settle_complex(attribute, json_array_get(value, i));
        drop_empty_elements(value);
    } else if (attribute->sub_count > 0 && json_is_object(value)) {
        settle_complex(attribute, value);
    }
}

static void settle_members(const struct schema *schema, const json_t *object)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        struct settle_report ignored = {0};

        settle_value(&schema->attributes[i], json_object_get(object, schema->attributes[i].name),
                     &ignored);
    }
}

/* The object of an extension in order; a new reference, NULL where it is empty. */
static json_t *settle_extension(const struct schema *schema, const json_t *document)
{
    const json_t *object = json_object_get(document, schema->id);
    json_t *ordered;

    if (!json_is_object(object))
        return NULL;
    settle_members(schema, object);
    ordered = json_object();
    move_members(ordered, object, schema->attributes, schema->attribute_count);
    if (json_object_size(ordered) > 0)
        return ordered;
    json_decref(ordered);
    return NULL;
}

void resource_settle(const struct resource_type *type, json_t *document)
{
    const struct attribute *external_id = schema_common_attribute("externalId", 10);
    json_t *ordered = json_object();
    json_t *schemas = json_array();

    (void)json_array_append_new(schemas, json_string_nocheck(type->schema->id));
    (void)json_object_set_new_nocheck(ordered, "schemas", schemas);
    move_members(ordered, document, external_id, 1);
    settle_members(type->schema, document);
    move_members(ordered, document, type->schema->attributes, type->schema->attribute_count);
    for (size_t i = 0; i < type->extension_count; i++) {
        const struct schema *extension = type->extensions[i].schema;
        json_t *object = settle_extension(extension, document);

        if (object == NULL)
            continue;
        (void)json_array_append_new(schemas, json_string_nocheck(extension->id));
        (void)json_object_set_new_nocheck(ordered, extension->id, object);
    }
    replace_members(document, ordered);
}
