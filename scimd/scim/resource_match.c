#include "scim/resource_match.h"

#include "scim/json.h"

bool resource_is_same_value(const json_t *before, const json_t *after)
{
    return json_is_object(before) && json_is_object(after) &&
           json_same(json_object_get(before, "value"), json_object_get(after, "value"));
}

json_t *resource_find_value(const json_t *list, const json_t *element)
{
    const json_t *value = json_object_get(element, "value");
    const json_t *type = json_object_get(element, "type");
    json_t *found = NULL;

    for (size_t i = 0; value != NULL && i < json_array_size(list); i++) {
        json_t *other = json_array_get(list, i);

        if (!json_same(value, json_object_get(other, "value")))
            continue;
        if (json_same(type, json_object_get(other, "type")))
            return other;
        if (found == NULL)
            found = other;
    }
    return found;
}
