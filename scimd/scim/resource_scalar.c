#include "scim/resource_scalar.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define NUMBER_BYTES_MAX 64 /* of a number in a string */

static json_t *share(const json_t *value)
{
    return json_incref((json_t *)(uintptr_t)value); /* the value itself is never changed */
}

static int read_text(const struct reading *reading, const json_t *value, json_t **out)
{
    size_t max = reading->reader->limits->string_bytes;

    if (!json_is_string(value))
        return reading_refuse(reading, ERR_INVALID_VALUE, "must be a string");
    if (json_string_length(value) > max)
        return reading_refuse(reading, ERR_INVALID_VALUE, "is longer than %zu bytes", max);
    if (!text_is_valid(json_string_value(value), json_string_length(value)))
        return reading_refuse(reading, ERR_INVALID_VALUE, "is not valid UTF-8 text");
    *out = share(value);
    return 0;
}

static int read_boolean(const struct reading *reading, const json_t *value, json_t **out)
{
    const char *text = json_string_value(value);
    bool is_true = text != NULL && text_compare_ascii(text, "true") == 0;
    bool is_false = text != NULL && text_compare_ascii(text, "false") == 0;

    if (json_is_boolean(value)) {
        *out = share(value);
        return 0;
    }
    if ((is_true || is_false) && reading_allows(reading, TOLERANCE_BOOLEAN_STRING)) {
        *out = json_boolean(is_true);
        return 0;
    }
    return reading_refuse(reading, ERR_INVALID_VALUE, "must be true or false");
}

/* The number in a string, by JSON's own grammar; NULL where there is none. */
static json_t *number_in(const json_t *value)
{
    const char *text = json_string_value(value);
    json_t *number;

    if (text == NULL || json_string_length(value) > NUMBER_BYTES_MAX ||
        text[strspn(text, "+-0123456789.eE")] != '\0')
        return NULL;
    number = json_loadb(text, json_string_length(value), JSON_DECODE_ANY, NULL);
    if (json_is_number(number))
        return number;
    json_decref(number);
    return NULL;
}

static int read_number(const struct reading *reading, bool integer, const json_t *value,
                       json_t **out)
{
    json_t *number = json_is_string(value) ? number_in(value) : share(value);
    bool fits = integer ? json_is_integer(number) : json_is_number(number);

    if (fits && json_is_string(value))
        fits = reading_allows(reading, TOLERANCE_NUMBER_STRING);
    if (!fits) {
        json_decref(number);
        return reading_refuse(reading, ERR_INVALID_VALUE,
                              integer ? "must be an integer" : "must be a number");
    }
    *out = number;
    return 0;
}

/* The text is kept as sent; only what it means must be a time. */
static int read_time(const struct reading *reading, const json_t *value, json_t **out)
{
    int64_t time_us = 0;

    if (!json_is_string(value) ||
        !clock_parse(json_string_value(value), json_string_length(value), &time_us))
        return reading_refuse(reading, ERR_INVALID_VALUE,
                              "must be a dateTime, as in \"2026-01-31T12:00:00Z\"");
    *out = share(value);
    return 0;
}

/* RFC 7643 section 2.3.6: base64 in either alphabet of RFC 4648, the padding of the URL-safe one
 * may be left out. */
static bool is_base64(const char *text, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t data = length;

    while (data > 0 && length - data < 2 && text[data - 1] == '=')
        data--;
    if (length != data && length % 4 != 0)
        return false;
    if (data % 4 == 1)
        return false;
    for (size_t i = 0; i < data; i++) {
        if (text[i] == '\0' || (strchr(digits, text[i]) == NULL && strchr("+/-_", text[i]) == NULL))
            return false;
    }
    return true;
}

static int read_binary(const struct reading *reading, const json_t *value, json_t **out)
{
    json_t *text = NULL;

    if (read_text(reading, value, &text) < 0)
        return -1;
    if (!is_base64(json_string_value(text), json_string_length(text))) {
        json_decref(text);
        return reading_refuse(reading, ERR_INVALID_VALUE, "must be base64");
    }
    *out = text;
    return 0;
}

int reading_scalar(const struct reading *reading, enum attribute_type type, const json_t *value,
                   json_t **out)
{
    switch (type) {
    case ATTRIBUTE_STRING:
    case ATTRIBUTE_REFERENCE:
        return read_text(reading, value, out);
    case ATTRIBUTE_BOOLEAN:
        return read_boolean(reading, value, out);
    case ATTRIBUTE_DECIMAL:
        return read_number(reading, false, value, out);
    case ATTRIBUTE_INTEGER:
        return read_number(reading, true, value, out);
    case ATTRIBUTE_DATETIME:
        return read_time(reading, value, out);
    case ATTRIBUTE_BINARY:
        return read_binary(reading, value, out);
    case ATTRIBUTE_COMPLEX:
        break;
    }
    return reading_refuse(reading, ERR_INVALID_VALUE, "must be an object");
}
