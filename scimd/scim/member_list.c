#include "scim/member_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scim/json.h"

/* A member and where it stood. */
struct place {
    struct member_name name;
    size_t index;
};

static int compare_values(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    int order = strcmp(a->name.value, b->name.value);

    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static int compare_indexes(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;

    return (a->index > b->index) - (a->index < b->index);
}

/* Leaves the first of each value; sorting bounds the work, whatever values are sent. */
static size_t remove_repeated(struct place *places, size_t count)
{
    size_t kept = 0;

    qsort(places, count, sizeof(*places), compare_values);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(places[kept - 1].name.value, places[i].name.value) != 0)
            places[kept++] = places[i];
    }
    qsort(places, kept, sizeof(*places), compare_indexes);
    return kept;
}

/* A text of a member; *out stays NULL where it is absent or null. */
static int read_text(const json_t *member, size_t index, const char *name, const char **out,
                     struct err *err)
{
    const json_t *value = json_object_get(member, name);
    const char *key;
    json_t *found;

    if (value == NULL) {
        json_object_foreach(json_iterable(member), key, found)
        {
            if (text_compare_ascii(key, name) == 0)
                value = found;
        }
    }
    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return err_set(err, ERR_INVALID_VALUE, "members[%zu].%s: must be a string", index, name);
    *out = json_string_value(value);
    return 0;
}

static int read_member(const struct resource_reader *reader, const json_t *member, size_t index,
                       struct member_name *out, struct err *err)
{
    if (json_is_string(member) &&
        tolerance_allows(reader->tolerances, TOLERANCE_STRING_FOR_COMPLEX)) {
        out->value = json_string_value(member);
    } else if (!json_is_object(member)) {
        return err_set(err, ERR_INVALID_VALUE, "members[%zu]: must be an object", index);
    } else if (read_text(member, index, "value", &out->value, err) < 0 ||
               read_text(member, index, "type", &out->type, err) < 0) {
        return -1;
    }
    if (out->value == NULL || out->value[0] == '\0')
        return err_set(err, ERR_INVALID_VALUE, "members[%zu].value: is missing", index);
    return 0;
}

static int read_list(const struct resource_reader *reader, struct arena *arena, const json_t *list,
                     struct member_list *out, struct err *err)
{
    size_t count = json_array_size(list);
    struct place *places = arena_array(arena, count, sizeof(*places));
    struct member_name *items;

    for (size_t i = 0; i < count; i++) {
        places[i].index = i;
        if (read_member(reader, json_array_get(list, i), i, &places[i].name, err) < 0)
            return -1;
    }
    count = remove_repeated(places, count);
    items = arena_array(arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = places[i].name;
    *out = (struct member_list){.items = items, .count = count, .present = true};
    return 0;
}

static int read_single(const struct resource_reader *reader, struct arena *arena,
                       const json_t *value, struct member_list *out, struct err *err)
{
    struct member_name *item = arena_alloc(arena, sizeof(*item));

    if (!tolerance_allows(reader->tolerances, TOLERANCE_SINGLE_FOR_MULTI))
        return err_set(err, ERR_INVALID_VALUE, "members: must be a list");
    if (read_member(reader, value, 0, item, err) < 0)
        return -1;
    *out = (struct member_list){.items = item, .count = 1, .present = true};
    return 0;
}

int member_list_read(const struct resource_reader *reader, struct arena *arena, const json_t *value,
                     struct member_list *out, struct err *err)
{
    if (value == NULL || json_is_null(value)) {
        *out = (struct member_list){.present = true};
        return 0;
    }
    if (json_array_size(value) > reader->limits->member_count)
        return err_set(err, ERR_INVALID_VALUE, "members: more than %zu in one request",
                       reader->limits->member_count);
    if (json_is_array(value))
        return read_list(reader, arena, value, out, err);
    return read_single(reader, arena, value, out, err);
}
