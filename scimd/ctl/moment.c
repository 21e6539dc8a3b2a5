#include "ctl/moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define US_PER_S INT64_C(1000000)
#define MINUTE_S INT64_C(60)
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)

/* One unit from two of it on: "90 min" says more than "1 h". */
static const char *roughly(int64_t seconds, char text[MOMENT_BYTES])
{
    if (seconds < 2 * MINUTE_S)
        (void)snprintf(text, MOMENT_BYTES, "%" PRId64 " s", seconds);
    else if (seconds < 2 * HOUR_S)
        (void)snprintf(text, MOMENT_BYTES, "%" PRId64 " min", seconds / MINUTE_S);
    else if (seconds < 2 * DAY_S)
        (void)snprintf(text, MOMENT_BYTES, "%" PRId64 " h", seconds / HOUR_S);
    else
        (void)snprintf(text, MOMENT_BYTES, "%" PRId64 " days", seconds / DAY_S);
    return text;
}

const char *moment_from(int64_t then_us, int64_t now_us, char text[MOMENT_BYTES])
{
    char span[MOMENT_BYTES];
    int64_t seconds = (now_us - then_us) / US_PER_S;

    if (seconds == 0)
        (void)snprintf(text, MOMENT_BYTES, "just now");
    else if (seconds > 0)
        (void)snprintf(text, MOMENT_BYTES, "%.24s ago", roughly(seconds, span));
    else
        (void)snprintf(text, MOMENT_BYTES, "in %.24s", roughly(-seconds, span));
    return text;
}

const char *moment_span(int64_t span_us, char text[MOMENT_BYTES])
{
    int64_t seconds = (span_us + US_PER_S / 2) / US_PER_S;

    if (seconds < 2 * HOUR_S || seconds >= 2 * DAY_S)
        return roughly(seconds, text);
    (void)snprintf(text, MOMENT_BYTES, "%" PRId64 " h %" PRId64 " min", seconds / HOUR_S,
                   seconds % HOUR_S / MINUTE_S);
    return text;
}

const char *moment_count(int64_t count, char text[MOMENT_BYTES])
{
    char digits[MOMENT_BYTES];
    size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, count);
    size_t sign = count < 0;
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        if (i > sign && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}
