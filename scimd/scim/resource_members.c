#include <stdlib.h>
#include <string.h>

#include "scim/json.h"
#include "scim/resource_settle.h"
#include "scim/resource_value.h"

static int read_name(struct reading *reading, const json_t *object, struct member_name *name)
{
    const char *key;
    json_t *member;

    json_object_foreach(json_iterable(object), key, member)
    {
        if (reading_find_sub(reading, key, &reading->sub) < 0)
            return -1;
        if (reading->sub == NULL || reading->sub->mutability == READ_ONLY ||
            settle_is_empty(member))
            continue;
        if (!json_is_string(member))
            return reading_refuse(reading, ERR_INVALID_VALUE, "must be a string");
        if (strcmp(reading->sub->name, "value") == 0)
            name->value = json_string_value(member);
        else if (strcmp(reading->sub->name, "type") == 0)
            name->type = json_string_value(member);
    }
    reading->sub = NULL;
    return 0;
}

static int read_member(struct reading *reading, const json_t *value, struct member_name *name)
{
    if (json_is_string(value) && reading_allows(reading, TOLERANCE_STRING_FOR_COMPLEX))
        name->value = json_string_value(value);
    else if (!json_is_object(value))
        return reading_refuse(reading, ERR_INVALID_VALUE, "must be an object");
    else if (read_name(reading, value, name) < 0)
        return -1;
    if (name->value == NULL || name->value[0] == '\0')
        return reading_refuse(reading, ERR_INVALID_VALUE, "value is missing");
    if (strlen(name->value) > reading->reader->limits->string_bytes)
        return reading_refuse(reading, ERR_INVALID_VALUE, "value is longer than %zu bytes",
                              reading->reader->limits->string_bytes);
    return 0;
}

static int compare_names(const void *left, const void *right)
{
    const struct member_name *const *first = left;
    const struct member_name *const *second = right;
    int order = strcmp((*first)->value, (*second)->value);

    return order != 0 ? order : (*first > *second) - (*first < *second);
}

/* Leaves the first of those that are alike.  By sorting, which no choice of names can slow down. */
static size_t drop_repeated(struct arena *arena, struct member_name *names, size_t count)
{
    struct member_name **sorted = arena_array(arena, count, sizeof(struct member_name *));
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        sorted[i] = &names[i];
    if (count > 1)
        qsort(sorted, count, sizeof(struct member_name *), compare_names);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (strcmp(sorted[i]->value, sorted[first]->value) == 0)
            sorted[i]->type = sorted[i]->value = NULL;
        else
            first = i;
    }
    for (size_t i = 0; i < count; i++) {
        if (names[i].value != NULL)
            names[kept++] = names[i];
    }
    return kept;
}

int resource_read_members(const struct resource_reader *reader, struct arena *arena,
                          const struct attribute *attribute, const json_t *value,
                          struct member_list *out, struct err *err)
{
    struct reading reading = {
        .reader = reader, .err = err, .attribute = attribute, .index = READING_NO_INDEX};
    bool single = !json_is_array(value) && !settle_is_empty(value);
    size_t count = single ? 1 : json_array_size(value);
    struct member_name *names;
    size_t read = 0;

    if (single && !reading_allows(&reading, TOLERANCE_SINGLE_FOR_MULTI))
        return reading_refuse(&reading, ERR_INVALID_VALUE, "must be a list");
    if (count > reader->limits->member_count)
        return reading_refuse(&reading, ERR_INVALID_VALUE, "more than %zu members in one request",
                              reader->limits->member_count);
    names = arena_array(arena, count, sizeof(*names));
    for (size_t i = 0; i < count; i++) {
        const json_t *item = single ? value : json_array_get(value, i);

        reading.index = i;
        if (settle_is_empty(item))
            continue;
        if (read_member(&reading, item, &names[read]) < 0)
            return -1;
        read++;
    }
    *out = (struct member_list){
        .items = names, .count = drop_repeated(arena, names, read), .present = true};
    return 0;
}
