#include "scim/schema_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static int compare_keys(const char *left, size_t left_length, const struct attribute *right)
{
    if (left_length != right->name_length)
        return left_length < right->name_length ? -1 : 1;
    return memcmp(left, right->name_key, left_length);
}

static int compare_attributes(const void *left, const void *right)
{
    const struct attribute *const *first = left;
    const struct attribute *const *second = right;

    return compare_keys((*first)->name_key, (*first)->name_length, *second);
}

const char *schema_index_build(struct arena *arena, const struct attribute *attributes,
                               size_t count, const struct attribute *const **index)
{
    const struct attribute **sorted = arena_array(arena, count, sizeof(*sorted));

    for (size_t i = 0; i < count; i++)
        sorted[i] = &attributes[i];
    if (count > 0)
        qsort(sorted, count, sizeof(*sorted), compare_attributes);
    for (size_t i = 1; i < count; i++) {
        if (compare_attributes(&sorted[i - 1], &sorted[i]) == 0)
            return sorted[i]->name;
    }
    *index = sorted;
    return NULL;
}

const struct attribute *schema_index_find(const struct attribute *const *index, size_t count,
                                          const char *name, size_t length)
{
    char key[SCHEMA_NAME_MAX];
    size_t low = 0;
    size_t high = count;

    if (length == 0 || length > sizeof(key))
        return NULL;
    for (size_t i = 0; i < length; i++)
        key[i] = (char)text_lower_ascii((unsigned char)name[i]);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_keys(key, length, index[middle]);

        if (order == 0)
            return index[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
