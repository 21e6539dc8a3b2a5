#include "scim/schema_member.h"

#include <string.h>

#include "scim/json.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool schema_is_name(const char *name)
{
    return strspn(name, LETTERS) > 0 && name[strspn(name, LETTERS "0123456789-_$")] == '\0';
}

int schema_member_text(const json_t *object, const char *member, size_t max, const char **out,
                       struct err *err)
{
    const json_t *value = json_object_get(object, member);

    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_string(value))
        return err_set(err, ERR_CONFIGURATION, "%s must be a string", member);
    if (json_string_length(value) > max)
        return err_set(err, ERR_CONFIGURATION, "%s is longer than %zu bytes", member, max);
    *out = json_string_value(value);
    return 0;
}

int schema_member_flag(const json_t *object, const char *member, bool *out, struct err *err)
{
    const json_t *value = json_object_get(object, member);

    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_boolean(value))
        return err_set(err, ERR_CONFIGURATION, "%s must be true or false", member);
    *out = json_is_true(value);
    return 0;
}

static int find_word(const char *text, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(text, words[i]) == 0)
            return i;
    }
    return -1;
}

int schema_member_word(const json_t *object, const char *member, const char *const *words, int *out,
                       struct err *err)
{
    const char *text = NULL;
    int found;

    if (schema_member_text(object, member, SCHEMA_NAME_MAX, &text, err) < 0)
        return -1;
    if (text == NULL)
        return 0;
    found = find_word(text, words);
    if (found < 0)
        return err_set(err, ERR_CONFIGURATION, "%s cannot be \"%.32s\"", member, text);
    *out = found;
    return 0;
}

int schema_member_texts(struct arena *arena, const json_t *object, const char *member,
                        struct schema_texts *out, struct err *err)
{
    const json_t *list = json_object_get(object, member);
    size_t count = json_array_size(list);
    const char **texts;

    if (list != NULL && !json_is_null(list) && !json_is_array(list))
        return err_set(err, ERR_CONFIGURATION, "%s must be a list of strings", member);
    if (count > SCHEMA_VALUES_MAX)
        return err_set(err, ERR_CONFIGURATION, "%s has more than %d values", member,
                       SCHEMA_VALUES_MAX);
    texts = arena_array(arena, count, sizeof(*texts));
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_string(item) || json_string_length(item) > SCHEMA_TEXT_MAX)
            return err_set(err, ERR_CONFIGURATION, "%s[%zu] must be a string of at most %d bytes",
                           member, i, SCHEMA_TEXT_MAX);
        texts[i] = arena_strdup(arena, json_string_value(item));
    }
    out->items = texts;
    out->count = count;
    return 0;
}

int schema_members_known(const json_t *object, const char *const *names, size_t count,
                         struct err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(object), key, value)
    {
        size_t i = 0;

        while (i < count && strcmp(key, names[i]) != 0)
            i++;
        if (i == count)
            return err_set(err, ERR_CONFIGURATION, "\"%.64s\" is not a member we know", key);
    }
    return 0;
}
