#include "scim/json_scan.h"

#include <stdbool.h>
#include <stdint.h>

#define UNICODE_ESCAPE_DIGITS 4

static unsigned hex_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return (unsigned)(byte - '0');
    if (byte >= 'a' && byte <= 'f')
        return (unsigned)(byte - 'a') + 10;
    if (byte >= 'A' && byte <= 'F')
        return (unsigned)(byte - 'A') + 10;
    return 0; /* not JSON: jansson says so */
}

/* Bytes of UTF-8 that \uXXXX stands for; a low surrogate is counted with its high one. */
static size_t escaped_bytes(const char *digits)
{
    unsigned code = 0;

    for (size_t i = 0; i < UNICODE_ESCAPE_DIGITS; i++)
        code = code << 4 | hex_value(digits[i]);
    if (code >= 0xDC00 && code <= 0xDFFF)
        return 0;
    if (code >= 0xD800 && code <= 0xDBFF)
        return 4;
    if (code < 0x80)
        return 1;
    return code < 0x800 ? 2 : 3;
}

/* From the byte after an opening quote to the closing one; `length` where there is none. */
static size_t skip_string(const char *bytes, size_t length, size_t start, size_t *string_bytes)
{
    size_t count = 0;
    size_t i = start;

    while (i < length && bytes[i] != '"') {
        if (bytes[i] != '\\' || length - i < 2) {
            count++;
            i++;
        } else if (bytes[i + 1] == 'u' && length - i >= 2 + UNICODE_ESCAPE_DIGITS) {
            count += escaped_bytes(bytes + i + 2);
            i += 2 + UNICODE_ESCAPE_DIGITS;
        } else {
            count++;
            i += 2;
        }
    }
    *string_bytes = count;
    return i;
}

enum json_scan json_scan(const char *bytes, size_t length, size_t depth, size_t string_bytes,
                         size_t *offset)
{
    enum json_scan result = JSON_SCAN_FINE;
    size_t level = 0;
    size_t start = 0;

    for (size_t i = 0; i < length && result == JSON_SCAN_FINE; i++) {
        size_t count = 0;

        start = i;
        switch (bytes[i]) {
        case '"':
            i = skip_string(bytes, length, i + 1, &count);
            result = count > string_bytes ? JSON_SCAN_LONG_STRING : JSON_SCAN_FINE;
            break;
        case '{':
        case '[':
            result = ++level > depth ? JSON_SCAN_TOO_DEEP : JSON_SCAN_FINE;
            break;
        case '}':
        case ']':
            level -= level > 0;
            break;
        default:
            break;
        }
    }
    *offset = start;
    return result;
}
