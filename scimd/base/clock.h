/* clock.h - what time it is, and times as text.
 *
 * Times are int64_t microseconds since 1970-01-01T00:00:00Z and are named *_us.  Pure code takes
 * the time as an argument; only edges ask the clock. */
#ifndef SCIMD_BASE_CLOCK_H
#define SCIMD_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_BYTES 32 /* "2026-11-25T02:07:57.123456Z" and its NUL */

int64_t clock_now_us(void);       /* wall clock */
int64_t clock_monotonic_us(void); /* for durations and deadlines; unrelated to the wall clock */

/* RFC 3339 in UTC with milliseconds: "2026-11-25T02:07:57.123Z".  Years 0001 to 9999; times
 * beyond are written as the nearest one inside. */
void clock_format(int64_t time_us, char text[CLOCK_TEXT_BYTES]);

/* Reads xsd:dateTime (RFC 7643 section 2.3.5): fraction of any length (cut to microseconds), zone Z
 * or +hh:mm, or none, which means UTC.  False where it is not one, names a day that does not exist,
 * or leaves the years 0001 to 9999; *time_us is untouched then. */
bool clock_parse(const char *text, size_t length, int64_t *time_us);

#endif
