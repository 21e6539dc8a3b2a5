#include "scim/resource_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define KEYS_ARENA_BYTES 1024

static int compare_numbers(double left, double right)
{
    return (left > right) - (left < right);
}

static int compare_integers(json_int_t left, json_int_t right)
{
    return (left > right) - (left < right);
}

/* Any total order will do, so long as equal values are equal. */
static int compare_parts(struct value_part left, struct value_part right)
{
    if (left.scalar == NULL || right.scalar == NULL)
        return (left.scalar != NULL) - (right.scalar != NULL);
    if (json_typeof(left.scalar) != json_typeof(right.scalar))
        return (int)json_typeof(left.scalar) - (int)json_typeof(right.scalar);
    if (left.key != NULL && right.key != NULL) /* texts */
        return strcmp(left.key, right.key);    /* no NULs inside (json.h) */
    if (json_is_integer(left.scalar))
        return compare_integers(json_integer_value(left.scalar), json_integer_value(right.scalar));
    return compare_numbers(json_real_value(left.scalar),
                           json_real_value(right.scalar)); /* 0 for the rest */
}

static int compare_keys(const struct value_key *left, const struct value_key *right)
{
    int order = compare_parts(left->value, right->value);

    return order != 0 ? order : compare_parts(left->type, right->type);
}

static int compare_entries(const void *left, const void *right)
{
    const struct value_key *first = left;
    const struct value_key *second = right;
    int order = compare_keys(first, second);

    return order != 0 ? order : (first->index > second->index) - (first->index < second->index);
}

/* `attribute` is NULL where the schema knows no such sub-attribute: compared as it is. */
static struct value_part part_of(struct value_keys *keys, const struct attribute *attribute,
                                 const json_t *scalar)
{
    struct value_part part = {.scalar = scalar};
    size_t length;

    if (json_is_string(scalar))
        part.key = text_fold(keys->arena, json_string_value(scalar), json_string_length(scalar),
                             attribute == NULL || attribute->case_exact, &length);
    return part;
}

static struct value_part sub_of(struct value_keys *keys, const json_t *element, const char *name)
{
    return part_of(keys, schema_sub_attribute(keys->attribute, name, strlen(name)),
                   json_object_get(element, name));
}

static struct value_key key_of(struct value_keys *keys, const json_t *element, size_t index)
{
    if (!json_is_object(element))
        return (struct value_key){.value = part_of(keys, keys->attribute, element), .index = index};
    return (struct value_key){.value = sub_of(keys, element, "value"),
                              .type = sub_of(keys, element, "type"),
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

void value_keys_sort(struct value_keys *keys, const struct attribute *attribute, const json_t *list)
{
    size_t length = json_array_size(list);
    struct value_key *items;

    *keys = (struct value_keys){.attribute = attribute};
    keys->arena = arena_new(KEYS_ARENA_BYTES);
    if (length > VALUE_KEYS_FEW)
        keys->many = memory_calloc(length, sizeof(*keys->many));
    items = keys->many != NULL ? keys->many : keys->few;
    for (size_t i = 0; i < length; i++) {
        struct value_key key = key_of(keys, json_array_get(list, i), i);

        if (key.value.scalar != NULL)
            items[keys->count++] = key;
    }
    if (keys->count > 1)
        qsort(items, keys->count, sizeof(*items), compare_entries);
}

void value_keys_free(struct value_keys *keys)
{
    free(keys->many);
    arena_free(keys->arena);
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

bool value_keys_find(struct value_keys *keys, const json_t *element, size_t *index)
{
    const struct value_key *items = value_keys_items(keys);
    struct value_key key = key_of(keys, element, 0);
    size_t place;

    if (key.value.scalar == NULL)
        return false;
    place = lower_bound(keys, &key);
    if (place == keys->count || compare_keys(&items[place], &key) != 0) {
        key.type =
            (struct value_part){0}; /* comes first: the element of another type that is left */
        place = lower_bound(keys, &key);
    }
    if (place == keys->count || compare_parts(items[place].value, key.value) != 0)
        return false;
    *index = items[place].index;
    return true;
}
