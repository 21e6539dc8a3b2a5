#include "scim/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "scim/json_scan.h"

#define REAL_DIGITS_MIN 15 /* always survive text and back */
#define REAL_DIGITS_MAX 17 /* always suffice */
#define REAL_BYTES 40

static bool is_letter(char byte)
{
    unsigned char lower = text_lower_ascii((unsigned char)byte);

    return lower >= 'a' && lower <= 'z';
}

/* jansson counts the bytes it has read: the last of them is the one that was wrong, unless it was
 * the end that came too early.  A word it reads to its end: what is wrong begins with its first
 * letter. */
static size_t wrong_byte(const json_error_t *error, const char *bytes, size_t length)
{
    size_t read = error->position > 0 ? (size_t)error->position : 0;

    if (read > length || json_error_code(error) == json_error_premature_end_of_input)
        return length;
    while (read > 1 && is_letter(bytes[read - 1]) && is_letter(bytes[read - 2]))
        read--;
    return read > 0 ? read - 1 : 0;
}

int json_parse_body(const char *bytes, size_t length, const struct scim_limits *limits,
                    json_t **out, struct err *err)
{
    size_t offset = 0;
    json_error_t error;
    json_t *value;

    switch (json_scan(bytes, length, limits->json_depth, limits->string_bytes, &offset)) {
    case JSON_SCAN_TOO_DEEP:
        return err_set(err, ERR_INVALID_SYNTAX, "JSON is nested more than %zu deep at byte %zu",
                       limits->json_depth, offset);
    case JSON_SCAN_LONG_STRING:
        return err_set(err, ERR_INVALID_SYNTAX, "a string is longer than %zu bytes at byte %zu",
                       limits->string_bytes, offset);
    case JSON_SCAN_FINE:
        break;
    }
    value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        return err_set(err, ERR_INVALID_SYNTAX, "malformed JSON: %.120s at byte %zu", error.text,
                       wrong_byte(&error, bytes, length));
    *out = value;
    return 0;
}

static size_t line_of(const char *bytes, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset; i++)
        line += bytes[i] == '\n';
    return line;
}

int json_parse_file(const char *name, const char *bytes, size_t length, json_t **out,
                    struct err *err)
{
    size_t offset = 0;
    json_error_t error;
    json_t *value;

    if (length > JSON_FILE_BYTES_MAX)
        return err_set(err, ERR_CONFIGURATION, "%.64s:1: the file has more than %zu bytes", name,
                       JSON_FILE_BYTES_MAX);
    if (json_scan(bytes, length, JSON_FILE_DEPTH_MAX, length, &offset) != JSON_SCAN_FINE)
        return err_set(err, ERR_CONFIGURATION, "%.64s:%zu: nested more than %d deep", name,
                       line_of(bytes, offset), JSON_FILE_DEPTH_MAX);
    value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        return err_set(err, ERR_CONFIGURATION, "%.64s:%d: %.120s", name,
                       error.line > 0 ? error.line : 1, error.text);
    *out = value;
    return 0;
}

/* The shortest text that reads back as the same number, always recognisable as a real. */
static void append_real(struct buf *buf, double number)
{
    char text[REAL_BYTES];
    int length = 0;

    if (!isfinite(number)) { /* JSON has no word for it, and no parser of ours lets one in */
        buf_puts(buf, "null");
        return;
    }
    for (int digits = REAL_DIGITS_MIN; digits <= REAL_DIGITS_MAX; digits++) {
        length = snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buf_append(buf, text, (size_t)length);
    if (text[strcspn(text, ".e")] == '\0')
        buf_puts(buf, ".0");
}

static void append_object(struct buf *buf, const json_t *object)
{
    const char *separator = "{";
    const char *key;
    json_t *member;

    if (json_object_size(object) == 0)
        buf_putc(buf, '{');
    json_object_foreach(json_iterable(object), key, member)
    {
        buf_putc(buf, *separator);
        buf_json_string(buf, key, strlen(key));
        buf_putc(buf, ':');
        json_append(buf, member);
        separator = ",";
    }
    buf_putc(buf, '}');
}

static void append_array(struct buf *buf, const json_t *array)
{
    buf_putc(buf, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            buf_putc(buf, ',');
        json_append(buf, json_array_get(array, i));
    }
    buf_putc(buf, ']');
}

/* Recursion is as deep as the value, which json_parse_body() bounded. */
void json_append(struct buf *buf, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        append_object(buf, value);
        break;
    case JSON_ARRAY:
        append_array(buf, value);
        break;
    case JSON_STRING:
        buf_json_string(buf, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        buf_int(buf, json_integer_value(value));
        break;
    case JSON_REAL:
        append_real(buf, json_real_value(value));
        break;
    case JSON_TRUE:
        buf_puts(buf, "true");
        break;
    case JSON_FALSE:
        buf_puts(buf, "false");
        break;
    case JSON_NULL:
        buf_puts(buf, "null");
        break;
    }
}

static bool same_object(const json_t *left, const json_t *right)
{
    const char *key;
    json_t *member;

    if (json_object_size(left) != json_object_size(right))
        return false;
    json_object_foreach(json_iterable(left), key, member)
    {
        const json_t *other = json_object_get(right, key);

        if (other == NULL || !json_same(member, other))
            return false;
    }
    return true;
}

static bool same_array(const json_t *left, const json_t *right)
{
    if (json_array_size(left) != json_array_size(right))
        return false;
    for (size_t i = 0; i < json_array_size(left); i++) {
        if (!json_same(json_array_get(left, i), json_array_get(right, i)))
            return false;
    }
    return true;
}

/* Integers are compared as such: a double would confuse neighbours beyond 2^53. */
static bool same_number(const json_t *left, const json_t *right)
{
    if (json_is_integer(left) && json_is_integer(right))
        return json_integer_value(left) == json_integer_value(right);
    return json_number_value(left) == json_number_value(right);
}

bool json_same(const json_t *left, const json_t *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    if (json_is_number(left) && json_is_number(right))
        return same_number(left, right);
    if (json_typeof(left) != json_typeof(right))
        return false;
    if (json_is_object(left))
        return same_object(left, right);
    if (json_is_array(left))
        return same_array(left, right);
    if (json_is_string(left))
        return json_string_length(left) == json_string_length(right) &&
               memcmp(json_string_value(left), json_string_value(right),
                      json_string_length(left)) == 0;
    return true; /* true, false and null are their types */
}

const json_t *json_member(const json_t *object, const char *name)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(object), key, value)
    {
        if (text_compare_ascii(key, name) == 0 && !json_is_null(value))
            return value;
    }
    return NULL;
}

void json_use_aborting_allocator(void)
{
    json_set_alloc_funcs(memory_alloc, free);
}
