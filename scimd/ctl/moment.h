/* moment.h - times as people say them.  Pure: what time it is now is an argument. */
#ifndef SCIMD_CTL_MOMENT_H
#define SCIMD_CTL_MOMENT_H

#include <stdint.h>

#define MOMENT_BYTES 32

/* "just now", "42 s ago", "3 min ago", "in 5 h", "12 days ago". */
const char *moment_from(int64_t then_us, int64_t now_us, char text[MOMENT_BYTES]);
/* How long something takes: "42 s", "3 min", "1 h 20 min", "12 days". */
const char *moment_span(int64_t span_us, char text[MOMENT_BYTES]);
/* "1,234,567" */
const char *moment_count(int64_t count, char text[MOMENT_BYTES]);

#endif
