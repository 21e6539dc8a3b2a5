#include "base/buf.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 128
#define INT_BYTES 20 /* "-9223372036854775808" */

/* Makes room for `extra` bytes and the NUL. */
static void reserve(struct buf *buf, size_t extra)
{
    size_t capacity = buf->capacity > 0 ? buf->capacity : FIRST_BYTES;
    size_t needed;

    if (__builtin_add_overflow(buf->length + 1, extra, &needed))
        abort();
    if (needed <= buf->capacity)
        return;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    buf->bytes = memory_resize(buf->bytes, capacity);
    buf->capacity = capacity;
}

void buf_append(struct buf *buf, const void *bytes, size_t length)
{
    reserve(buf, length);
    if (length > 0)
        memcpy(buf->bytes + buf->length, bytes, length);
    buf->length += length;
    buf->bytes[buf->length] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char byte)
{
    reserve(buf, 1);
    buf->bytes[buf->length++] = byte;
    buf->bytes[buf->length] = '\0';
}

void buf_int(struct buf *buf, int64_t number)
{
    char digits[INT_BYTES];
    char *first = digits + sizeof(digits);
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        *--first = '-';
    buf_append(buf, first, (size_t)(digits + sizeof(digits) - first));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    size_t room;
    int length;

    reserve(buf, 0);
    room = buf->capacity - buf->length;
    va_start(arguments, format);
    length = vsnprintf(buf->bytes + buf->length, room, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort(); /* the format is ours */

    if ((size_t)length >= room) {
        reserve(buf, (size_t)length);
        va_start(arguments, format);
        (void)vsnprintf(buf->bytes + buf->length, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    buf->length += (size_t)length;
}

/* What a byte needs inside a JSON string: 0 nothing, 'u' \u00XX, else the letter after "\". */
static const char json_escapes[256] = {
    [0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u',  [0x04] = 'u', [0x05] = 'u',
    [0x06] = 'u', [0x07] = 'u', [0x08] = 'b', [0x09] = 't',  [0x0a] = 'n', [0x0b] = 'u',
    [0x0c] = 'f', [0x0d] = 'r', [0x0e] = 'u', [0x0f] = 'u',  [0x10] = 'u', [0x11] = 'u',
    [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u',  [0x16] = 'u', [0x17] = 'u',
    [0x18] = 'u', [0x19] = 'u', [0x1a] = 'u', [0x1b] = 'u',  [0x1c] = 'u', [0x1d] = 'u',
    [0x1e] = 'u', [0x1f] = 'u', ['"'] = '"',  ['\\'] = '\\',
};

static void json_escape(struct buf *buf, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    char escape[6] = {'\\', json_escapes[byte], '0', '0', digits[byte >> 4], digits[byte & 15]};

    buf_append(buf, escape, escape[1] == 'u' ? sizeof(escape) : 2);
}

/* How many of the first bytes, in steps of eight, stand for themselves: of each byte this asks in
 * parallel whether it is below a blank, a quote or a backslash. */
static size_t json_plain_prefix(const char *text, size_t length)
{
    const uint64_t low = UINT64_C(0x0101010101010101);
    const uint64_t high = UINT64_C(0x8080808080808080);
    size_t i = 0;

    for (; i + sizeof(uint64_t) <= length; i += sizeof(uint64_t)) {
        uint64_t word;
        uint64_t quote;
        uint64_t backslash;

        memcpy(&word, text + i, sizeof(word));
        quote = word ^ (low * '"');
        backslash = word ^ (low * '\\');
        if ((((word - low * ' ') | (quote - low) | (backslash - low)) & ~word & high) != 0)
            break;
    }
    return i;
}

void buf_json_string(struct buf *buf, const char *text, size_t length)
{
    size_t start = 0;

    reserve(buf, length + 2);
    buf->bytes[buf->length++] = '"';
    for (size_t i = json_plain_prefix(text, length); i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (json_escapes[byte] == 0)
            continue;
        buf_append(buf, text + start, i - start);
        json_escape(buf, byte);
        start = i + 1;
        i += json_plain_prefix(text + start, length - start);
    }
    buf_append(buf, text + start, length - start);
    buf_putc(buf, '"');
}

const char *buf_text(const struct buf *buf)
{
    return buf->bytes != NULL ? buf->bytes : "";
}

void buf_reset(struct buf *buf)
{
    buf->length = 0;
    if (buf->bytes != NULL)
        buf->bytes[0] = '\0';
}

void buf_free(struct buf *buf)
{
    free(buf->bytes);
    *buf = (struct buf){0};
}
