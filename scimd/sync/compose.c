#include "sync/compose.h"

#include <string.h>

#include "scim/json.h"
#include "scim/resource.h"

#define ACTIVE "active"
#define LEVELS 2 /* an extension, and a complex value in it */

bool compose_is_active(const json_t *document)
{
    return !json_is_false(json_object_get(document, ACTIVE));
}

static int64_t lines_of(const json_t *value)
{
    return json_is_object(value) ? (int64_t)json_object_size(value) : 1;
}

/* In a canonical document an object is an extension or a single complex value: LEVELS of them. */
static void keep_members(const json_t *before, json_t *desired, int level, int64_t *blanked)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(before), key, value)
    {
        json_t *now = json_object_get(desired, key);

        if (strcmp(key, "schemas") == 0)
            continue;
        if (now == NULL) {
            (void)json_object_set_new(desired, key, json_deep_copy(value));
            *blanked += lines_of(value);
        } else if (level < LEVELS && json_is_object(value) && json_is_object(now)) {
            keep_members(value, now, level + 1, blanked);
        }
    }
}

json_t *compose_additions(const struct resource_type *type, const json_t *before,
                          const json_t *desired, struct compose_loss *loss)
{
    json_t *additions = json_deep_copy(desired);

    *loss = (struct compose_loss){0};
    if (before == NULL)
        return additions;
    if (type->number == RESOURCE_TYPE_USER && compose_is_active(before) &&
        !compose_is_active(desired)) {
        loss->deactivates = true;
        (void)json_object_del(additions, ACTIVE);
        if (json_object_get(before, ACTIVE) != NULL)
            (void)json_object_set_new(additions, ACTIVE, json_true());
    }
    keep_members(before, additions, 0, &loss->blanked);
    /* one that is active for want of a value loses nothing with it */
    if (json_object_get(desired, ACTIVE) == NULL && json_object_get(before, ACTIVE) != NULL &&
        type->number == RESOURCE_TYPE_USER && compose_is_active(before)) {
        loss->blanked--;
        (void)json_object_del(additions, ACTIVE);
    }
    resource_settle(type, additions);
    return additions;
}

static void place_value(const struct attribute *place, json_t *document, json_t *value)
{
    json_t *container = resource_container(document, place, value != NULL);

    if (container == NULL)
        return;
    if (value != NULL)
        (void)json_object_set_new(container, place->name, value);
    else
        (void)json_object_del(container, place->name);
}

json_t *compose_owned(const struct compose_places *places, const json_t *document)
{
    json_t *owned = json_object();

    for (size_t i = 0; i < places->count; i++) {
        const json_t *value = resource_value(document, places->items[i]);

        if (value != NULL)
            place_value(places->items[i], owned, json_deep_copy(value));
    }
    resource_settle(places->type, owned);
    return owned;
}

void compose_keep(const struct resource_type *type, const struct attribute *place,
                  const json_t *from, json_t *to)
{
    const json_t *value = from != NULL ? resource_value(from, place) : NULL;

    if (value == NULL || resource_value(to, place) != NULL)
        return;
    place_value(place, to, json_deep_copy(value));
    resource_settle(type, to);
}

void compose_refer(json_t *document, const struct attribute *attribute, const struct attribute *sub,
                   const char *id)
{
    json_t *container = resource_container(document, attribute, true);
    json_t *value = json_object_get(container, attribute->name);
    json_t *text = json_string(id);

    if (attribute->multi_valued) {
        if (value == NULL) {
            value = json_array();
            (void)json_object_set_new(container, attribute->name, value);
        }
        (void)json_array_append_new(value,
                                    sub != NULL ? json_pack("{s:o}", sub->name, text) : text);
        return;
    }
    if (sub == NULL) {
        (void)json_object_set_new(container, attribute->name, text);
        return;
    }
    if (!json_is_object(value)) {
        value = json_object();
        (void)json_object_set_new(container, attribute->name, value);
    }
    (void)json_object_set_new(value, sub->name, text);
}

void compose_resource(const struct compose_places *places, const json_t *const *candidates,
                      size_t count, json_t *document)
{
    for (size_t i = 0; i < places->count; i++) {
        const json_t *value = NULL;

        for (size_t j = 0; j < count && value == NULL; j++)
            if (candidates[j] != NULL)
                value = resource_value(candidates[j], places->items[i]);
        place_value(places->items[i], document, value != NULL ? json_deep_copy(value) : NULL);
    }
    resource_settle(places->type, document);
}

static void write_text(const struct schema *schema, json_t *document, const char *name,
                       const char *text)
{
    const struct attribute *attribute = schema_attribute(schema, name, strlen(name));

    if (attribute != NULL)
        place_value(attribute, document, text != NULL ? json_string(text) : NULL);
}

void compose_origin(const struct resource_type *type, json_t *document, const char *source,
                    const char *source_id)
{
    const struct schema *schema =
        schema_of_type(type, SCHEMA_URN_SCIMD_USER, strlen(SCHEMA_URN_SCIMD_USER));

    if (schema == NULL)
        return;
    write_text(schema, document, "source", source);
    write_text(schema, document, "sourceId", source_id);
    resource_settle(type, document);
}
