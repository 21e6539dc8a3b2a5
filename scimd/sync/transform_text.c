#include "sync/transform_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"

#define GUID_BYTES 16
#define SID_HEAD_BYTES 8 /* revision, count, 48 bits of authority */
#define SID_PARTS_MAX 15
#define SID_BYTES_MAX (SID_HEAD_BYTES + 4 * SID_PARTS_MAX)
#define SID_TEXT_BYTES (2 + 4 + 16 + 11 * SID_PARTS_MAX + 1)
#define TICKS_PER_US 10                          /* of a FILETIME: 100 ns */
#define EPOCH_1601_US INT64_C(11644473600000000) /* from 1601 to 1970 */
#define GENERALIZED_BYTES_MAX 32
#define BASE64_TEXT_MAX 96 /* of a SID or GUID, with room */

static int refuse(const char *what, struct err *err)
{
    return err_set(err, ERR_INVALID_VALUE, "not %s", what);
}

/* RFC 4648 section 4; digest.h reads section 5. */
static long from_base64(const char *text, uint8_t *bytes, size_t room)
{
    char url[BASE64_TEXT_MAX + 1];
    size_t length = strlen(text);

    while (length > 0 && text[length - 1] == '=')
        length--;
    if (length > BASE64_TEXT_MAX || length * 3 / 4 > room)
        return -1;
    for (size_t i = 0; i < length; i++)
        url[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
    return digest_from_base64url(url, length, bytes);
}

int transform_sid(struct arena *arena, const char *value, const char **out, struct err *err)
{
    uint8_t bytes[SID_BYTES_MAX];
    char text[SID_TEXT_BYTES];
    uint64_t authority = 0;
    long length;
    int used;

    if (strncmp(value, "S-1-", 4) == 0) {
        *out = value;
        return 0;
    }
    length = from_base64(value, bytes, sizeof(bytes));
    if (length < SID_HEAD_BYTES || bytes[0] != 1 || bytes[1] > SID_PARTS_MAX ||
        length != SID_HEAD_BYTES + 4 * bytes[1])
        return refuse("a SID", err);
    for (size_t i = 2; i < SID_HEAD_BYTES; i++)
        authority = authority << 8 | bytes[i];
    used = snprintf(text, sizeof(text), "S-1-%" PRIu64, authority);
    for (size_t i = 0; i < bytes[1]; i++) {
        const uint8_t *part = bytes + SID_HEAD_BYTES + 4 * i;
        uint32_t number = (uint32_t)part[0] | (uint32_t)part[1] << 8 | (uint32_t)part[2] << 16 |
                          (uint32_t)part[3] << 24;

        used += snprintf(text + used, sizeof(text) - (size_t)used, "-%" PRIu32, number);
    }
    *out = arena_strdup(arena, text);
    return 0;
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool is_guid_text(const char *value)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(value) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i] != '\0'; i++)
        if (form[i] == '-' ? value[i] != '-' : strchr("0123456789abcdefABCDEF", value[i]) == NULL)
            return false;
    return true;
}

int transform_guid(struct arena *arena, const char *value, const char **out, struct err *err)
{
    uint8_t b[GUID_BYTES + 2];

    if (is_guid_text(value)) {
        *out = value;
        return 0;
    }
    if (from_base64(value, b, sizeof(b)) != GUID_BYTES)
        return refuse("a GUID", err);
    *out = arena_printf(
        arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[3], b[2],
        b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return 0;
}

bool transform_number(const char *value, int64_t *out)
{
    char *end = NULL;
    long long number;

    if (*value != '-' && (*value < '0' || *value > '9'))
        return false;
    errno = 0;
    number = strtoll(value, &end, 10);
    if (errno != 0 || *end != '\0' || end == value)
        return false;
    *out = number;
    return true;
}

bool transform_filetime_us(int64_t filetime, int64_t *out)
{
    if (filetime <= 0 || filetime == INT64_MAX)
        return false;
    *out = filetime / TICKS_PER_US - EPOCH_1601_US;
    return true;
}

int transform_filetime(struct arena *arena, const char *value, const char **out, struct err *err)
{
    int64_t filetime;
    int64_t time_us;
    char text[CLOCK_TEXT_BYTES];

    if (!transform_number(value, &filetime))
        return refuse("a FILETIME", err);
    *out = NULL;
    if (!transform_filetime_us(filetime, &time_us))
        return 0;
    clock_format(time_us, text);
    *out = arena_strdup(arena, text);
    return 0;
}

/* "20261125053712.0Z" as "2026-11-25T05:37:12.0Z": seconds and minutes may be missing, the fraction
 * begins with a point or comma, the zone is Z or +hhmm. */
int transform_generalized_time(struct arena *arena, const char *value, const char **out,
                               struct err *err)
{
    static const char digits[] = "0123456789";
    size_t count = strspn(value, digits);
    const char *rest = value + count;
    char fraction[GENERALIZED_BYTES_MAX] = "";
    char zone[8] = "Z";
    char text[CLOCK_TEXT_BYTES + 2 * GENERALIZED_BYTES_MAX];
    int64_t time_us;

    if ((count != 10 && count != 12 && count != 14) || strlen(value) >= GENERALIZED_BYTES_MAX)
        return refuse("a generalized time", err);
    if ((*rest == '.' || *rest == ',') && count == 14) {
        size_t length = strspn(rest + 1, digits);

        (void)snprintf(fraction, sizeof(fraction), ".%.*s", (int)length, rest + 1);
        rest += 1 + length;
    }
    if ((*rest == '+' || *rest == '-') && strspn(rest + 1, digits) == 4 && strlen(rest) == 5)
        (void)snprintf(zone, sizeof(zone), "%.3s:%.2s", rest, rest + 3);
    else if (strcmp(rest, "Z") != 0)
        return refuse("a generalized time", err);
    (void)snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s%s", value, value + 4,
                   value + 6, value + 8, count >= 12 ? value + 10 : "00",
                   count >= 14 ? value + 12 : "00", fraction, zone);
    if (!clock_parse(text, strlen(text), &time_us))
        return refuse("a generalized time", err);
    clock_format(time_us, text);
    *out = arena_strdup(arena, text);
    return 0;
}
