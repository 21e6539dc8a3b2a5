#include "scim/resource_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int compare_numbers(double left, double right)
{
    return (left > right) - (left < right);
}

static int compare_integers(json_int_t left, json_int_t right)
{
    return (left > right) - (left < right);
}

static int compare_strings(const json_t *left, const json_t *right)
{
    return strcmp(json_string_value(left), json_string_value(right)); /* no NULs inside (json.h) */
}

/* Any total order will do, so long as equal values are equal. */
static int compare_scalars(const json_t *left, const json_t *right)
{
    if (left == NULL || right == NULL)
        return (left != NULL) - (right != NULL);
    if (json_typeof(left) != json_typeof(right))
        return (int)json_typeof(left) - (int)json_typeof(right);
    if (json_is_string(left))
        return compare_strings(left, right);
    if (json_is_integer(left))
        return compare_integers(json_integer_value(left), json_integer_value(right));
    return compare_numbers(json_real_value(left), json_real_value(right)); /* 0 for the rest */
}

static int compare_keys(const struct value_key *left, const struct value_key *right)
{
    int order = compare_scalars(left->value, right->value);

    return order != 0 ? order : compare_scalars(left->type, right->type);
}

static int compare_entries(const void *left, const void *right)
{
    const struct value_key *first = left;
    const struct value_key *second = right;
    int order = compare_keys(first, second);

    return order != 0 ? order : (first->index > second->index) - (first->index < second->index);
}

static struct value_key key_of(const json_t *element, size_t index)
{
    if (!json_is_object(element))
        return (struct value_key){.value = element, .index = index};
    return (struct value_key){.value = json_object_get(element, "value"),
                              .type = json_object_get(element, "type"),
                              .index = index};
}

const struct value_key *value_keys_items(const struct value_keys *keys)
{
    return keys->many != NULL ? keys->many : keys->few;
}

bool value_keys_equal(const struct value_key *left, const struct value_key *right)
{
    return compare_keys(left, right) == 0;
}

void value_keys_sort(struct value_keys *keys, const json_t *list)
{
    size_t length = json_array_size(list);
    struct value_key *items;

    *keys = (struct value_keys){0};
    if (length > VALUE_KEYS_FEW)
        keys->many = memory_calloc(length, sizeof(*keys->many));
    items = keys->many != NULL ? keys->many : keys->few;
    for (size_t i = 0; i < length; i++) {
        struct value_key key = key_of(json_array_get(list, i), i);

        if (key.value != NULL)
            items[keys->count++] = key;
    }
    if (keys->count > 1)
        qsort(items, keys->count, sizeof(*items), compare_entries);
}

void value_keys_free(struct value_keys *keys)
{
    free(keys->many);
    *keys = (struct value_keys){0};
}

/* The first entry that is not before `key`. */
static size_t lower_bound(const struct value_keys *keys, const struct value_key *key)
{
    const struct value_key *items = value_keys_items(keys);
    size_t low = 0;
    size_t high = keys->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_keys(&items[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool value_keys_find(const struct value_keys *keys, const json_t *element, size_t *index)
{
    const struct value_key *items = value_keys_items(keys);
    struct value_key key = key_of(element, 0);
    size_t place;

    if (key.value == NULL)
        return false;
    place = lower_bound(keys, &key);
    if (place == keys->count || compare_keys(&items[place], &key) != 0) {
        key.type = NULL; /* comes first: the element of another type that is left */
        place = lower_bound(keys, &key);
    }
    if (place == keys->count || compare_scalars(items[place].value, key.value) != 0)
        return false;
    *index = items[place].index;
    return true;
}
