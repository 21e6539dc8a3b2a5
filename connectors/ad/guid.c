#include "connectors/ad/guid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SID_HEAD_BYTES 8 /* revision, count, authority */
#define SID_SUB_BYTES 4
#define SID_SUBS_MAX 15

/* Where the bytes of the text form stand in the octets. */
static const uint8_t order[GUID_BYTES] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

static bool dash_before(size_t i)
{
    return i == 4 || i == 6 || i == 8 || i == 10;
}

void guid_format(const uint8_t bytes[GUID_BYTES], char text[GUID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *to = text;

    for (size_t i = 0; i < GUID_BYTES; i++) {
        if (dash_before(i))
            *to++ = '-';
        *to++ = digits[bytes[order[i]] >> 4];
        *to++ = digits[bytes[order[i]] & 15];
    }
    *to = '\0';
}

static int digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

bool guid_parse(const char *text, size_t length, uint8_t bytes[GUID_BYTES])
{
    if (length != GUID_TEXT_BYTES - 1)
        return false;
    for (size_t i = 0; i < GUID_BYTES; i++) {
        int high;
        int low;

        if (dash_before(i) && *text++ != '-')
            return false;
        high = digit(text[0]);
        low = digit(text[1]);
        if (high < 0 || low < 0)
            return false;
        bytes[order[i]] = (uint8_t)(high * 16 + low);
        text += 2;
    }
    return true;
}

bool guid_filter(struct buf *buf, const char *text)
{
    uint8_t bytes[GUID_BYTES];

    if (!guid_parse(text, strlen(text), bytes))
        return false;
    buf_puts(buf, "(objectGUID=");
    for (size_t i = 0; i < GUID_BYTES; i++)
        buf_printf(buf, "\\%02x", bytes[i]);
    buf_putc(buf, ')');
    return true;
}

const char *sid_format(struct arena *arena, const void *bytes, size_t length)
{
    const uint8_t *sid = bytes;
    uint64_t authority = 0;
    char *text;
    size_t used;
    size_t room = 32 + (size_t)SID_SUBS_MAX * 11;

    if (length < SID_HEAD_BYTES || sid[0] != 1 || sid[1] > SID_SUBS_MAX ||
        length != SID_HEAD_BYTES + (size_t)SID_SUB_BYTES * sid[1])
        return NULL;
    for (size_t i = 2; i < SID_HEAD_BYTES; i++)
        authority = authority << 8 | sid[i];
    text = arena_alloc(arena, room);
    used = (size_t)snprintf(text, room, "S-1-%llu", (unsigned long long)authority);
    for (size_t i = 0; i < sid[1]; i++) {
        const uint8_t *sub = sid + SID_HEAD_BYTES + i * SID_SUB_BYTES;
        uint32_t number = (uint32_t)sub[0] | (uint32_t)sub[1] << 8 | (uint32_t)sub[2] << 16 |
                          (uint32_t)sub[3] << 24;

        used += (size_t)snprintf(text + used, room - used, "-%lu", (unsigned long)number);
    }
    return text;
}

int64_t sid_relative_id(const char *text)
{
    const char *dash = text != NULL ? strrchr(text, '-') : NULL;
    char *end;
    long long number;

    if (dash == NULL || dash[1] < '0' || dash[1] > '9')
        return -1;
    number = strtoll(dash + 1, &end, 10);
    return *end == '\0' && number <= UINT32_MAX ? number : -1;
}

void filter_value(struct buf *buf, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("*()\\", *text) != NULL)
            buf_printf(buf, "\\%02x", (unsigned)(unsigned char)*text);
        else
            buf_putc(buf, *text);
    }
}
