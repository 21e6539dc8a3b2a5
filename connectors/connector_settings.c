#include "connectors/connector_settings.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES_MAX 128 /* of a setting's path; the rows are ours */
#define SECRET_PREFIX "secret:"

/* ---- rows and values ---- */

/* The value at a path with dots; NULL: absent. */
static const json_t *value_at(const json_t *values, const char *name)
{
    const json_t *at = values;

    while (at != NULL && *name != '\0') {
        size_t length = strcspn(name, ".");

        at = json_object_getn(at, name, length);
        name += length;
        name += *name == '.';
    }
    return json_is_null(at) ? NULL : at;
}

static const struct connector_setting *row_of(const struct connector_settings *settings,
                                              const char *name)
{
    const struct connector_setting *row = settings->rows;

    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    assert(row->name != NULL);
    return row;
}

const char *connector_text(const struct connector_settings *settings, const char *name)
{
    const struct connector_setting *row = row_of(settings, name);
    const char *text = json_string_value(value_at(settings->values, name));

    assert(row->type == CONNECTOR_TEXT || row->type == CONNECTOR_WORD ||
           row->type == CONNECTOR_CONTENT);
    return text != NULL ? text : row->fallback;
}

bool connector_switch(const struct connector_settings *settings, const char *name)
{
    const struct connector_setting *row = row_of(settings, name);
    const json_t *value = value_at(settings->values, name);

    assert(row->type == CONNECTOR_SWITCH);
    if (value != NULL)
        return json_is_true(value);
    return row->fallback != NULL && strcmp(row->fallback, "true") == 0;
}

int64_t connector_number(const struct connector_settings *settings, const char *name)
{
    const struct connector_setting *row = row_of(settings, name);
    const json_t *value = value_at(settings->values, name);

    assert(row->type == CONNECTOR_NUMBER && (value != NULL || row->fallback != NULL));
    return value != NULL ? json_integer_value(value) : strtoll(row->fallback, NULL, 10);
}

size_t connector_list_count(const struct connector_settings *settings, const char *name)
{
    assert(row_of(settings, name)->type == CONNECTOR_LIST);
    return json_array_size(value_at(settings->values, name));
}

const char *connector_list_item(const struct connector_settings *settings, const char *name,
                                size_t index)
{
    assert(index < connector_list_count(settings, name));
    return json_string_value(json_array_get(value_at(settings->values, name), index));
}

int connector_secret(const struct connector_settings *settings, const char *name,
                     struct secret *out, struct err *err)
{
    const struct connector_setting *row = row_of(settings, name);
    const json_t *value = value_at(settings->values, name);
    const char *text = json_string_value(value);

    assert(row->type == CONNECTOR_SECRET || row->type == CONNECTOR_CONTENT);
    if (text == NULL)
        return 0;
    if (strncmp(text, SECRET_PREFIX, strlen(SECRET_PREFIX)) == 0) {
        if (settings->secret(settings->secret_context, text + strlen(SECRET_PREFIX), out, err) < 0)
            return -1;
    } else if (row->type == CONNECTOR_CONTENT) {
        if (secret_load(text, out, err) < 0)
            return -1;
    } else {
        secret_set(out, text, json_string_length(value));
    }
    return 1;
}

/* ---- checking ---- */

struct check {
    const struct connector_setting *rows;
    const char **where;
    struct err *err;
};

static int refuse(const struct check *check, const char *name, const char *what)
{
    if (check->where != NULL)
        *check->where = name;
    return err_set(check->err, ERR_INVALID_VALUE, "%s: %s", name, what);
}

static int check_word(const struct check *check, const struct connector_setting *row,
                      const json_t *value)
{
    for (const char *const *word = row->words; *word != NULL; word++)
        if (json_is_string(value) && strcmp(*word, json_string_value(value)) == 0)
            return 0;
    if (check->where != NULL)
        *check->where = row->name;
    (void)err_set(check->err, ERR_INVALID_VALUE, "%s: must be one of", row->name);
    for (const char *const *word = row->words; *word != NULL; word++) {
        size_t used = strlen(check->err->detail);

        (void)snprintf(check->err->detail + used, sizeof(check->err->detail) - used, " %s", *word);
    }
    return -1;
}

static int check_number(const struct check *check, const struct connector_setting *row,
                        const json_t *value)
{
    if (json_is_integer(value) && json_integer_value(value) >= row->low &&
        json_integer_value(value) <= row->high)
        return 0;
    if (check->where != NULL)
        *check->where = row->name;
    return err_set(check->err, ERR_INVALID_VALUE, "%s: must be a number from %lld to %lld",
                   row->name, (long long)row->low, (long long)row->high);
}

static int check_list(const struct check *check, const struct connector_setting *row,
                      const json_t *value)
{
    if (!json_is_array(value))
        return refuse(check, row->name, "must be a list of texts");
    for (size_t i = 0; i < json_array_size(value); i++)
        if (json_string_length(json_array_get(value, i)) == 0)
            return refuse(check, row->name, "must be a list of texts, none of them empty");
    return 0;
}

static int check_value(const struct check *check, const struct connector_setting *row,
                       const json_t *value)
{
    switch (row->type) {
    case CONNECTOR_WORD:
        return check_word(check, row, value);
    case CONNECTOR_NUMBER:
        return check_number(check, row, value);
    case CONNECTOR_LIST:
        return check_list(check, row, value);
    case CONNECTOR_SWITCH:
        return json_is_boolean(value) ? 0 : refuse(check, row->name, "must be true or false");
    case CONNECTOR_TEXT:
    case CONNECTOR_SECRET:
    case CONNECTOR_CONTENT:
    default:
        return json_string_length(value) > 0 ? 0 : refuse(check, row->name, "must be a text");
    }
}

/* Whether `name` is a row's name (1), or the beginning of one (2: a section); 0: neither. */
static int known(const struct connector_setting *rows, const char *name)
{
    size_t length = strlen(name);

    for (const struct connector_setting *row = rows; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0)
            return 1;
        if (strncmp(row->name, name, length) == 0 && row->name[length] == '.')
            return 2;
    }
    return 0;
}

/* Names below `path`.  Depth is bounded: a section is the beginning of a row's name. */
static int check_names(const struct check *check, const char *path, const json_t *values)
{
    const char *key;
    const json_t *value;

    json_object_foreach((json_t *)(uintptr_t)values, key, value)
    {
        char name[NAME_BYTES_MAX];
        int length = snprintf(name, sizeof(name), "%s%s%s", path, *path != '\0' ? "." : "", key);
        int kind =
            length < (int)sizeof(name) && strchr(key, '.') == NULL ? known(check->rows, name) : 0;

        if (kind == 0)
            return refuse(check, key, "is not known here");
        if (kind == 1 || json_is_null(value))
            continue;
        if (!json_is_object(value))
            return refuse(check, key, "must have settings below it");
        if (check_names(check, name, value) < 0)
            return -1;
    }
    return 0;
}

int connector_settings_check(const struct connector_setting *rows, const json_t *values,
                             const char **where, struct err *err)
{
    const struct check check = {.rows = rows, .where = where, .err = err};

    if (check_names(&check, "", values) < 0)
        return -1;
    for (const struct connector_setting *row = rows; row->name != NULL; row++) {
        const json_t *value = value_at(values, row->name);

        if (value == NULL && row->required)
            return refuse(&check, row->name, "is missing");
        if (value != NULL && check_value(&check, row, value) < 0)
            return -1;
    }
    return 0;
}
