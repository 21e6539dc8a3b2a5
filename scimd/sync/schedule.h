/* schedule.h - when a source runs: a line of text in, the next time out.
 *
 *   minute hour day-of-month month day-of-week    as cron has it: "*", lists, ranges, steps, names
 *                                                 of months and days in any case, 0 and 7 = Sunday;
 *                                                 where both days are restricted, either matches
 *   @hourly @daily @midnight @weekly @monthly @yearly @annually
 *   every 15m    every 2h    every 1d             multiples since 1970-01-01T00:00Z
 *
 * Local times are those of a time zone.  Where a clock is put forward, what falls into the gap runs
 * once, at its end.  Where it is put back, a fixed time ("30 2 * * *") runs at the first of the two
 * equal times; one whose minute or hour begins with "*" says how often, and runs at both of them.
 * "every" does not care about zones.
 *
 * Knows no clock: time is an argument. */
#ifndef SCIMD_SYNC_SCHEDULE_H
#define SCIMD_SYNC_SCHEDULE_H

#include <stdint.h>

#include "base/err.h"

#define SCHEDULE_BYTES_MAX 256       /* of the text */
#define SCHEDULE_EVERY_S_MIN 60      /* "every" is at least a minute ... */
#define SCHEDULE_EVERY_S_MAX 2678400 /* ... and at most 31 days */
#define SCHEDULE_JITTER_S_MAX 60     /* and at most a tenth of the time between two runs */

struct schedule; /* opaque, constant: may be shared between threads */

/* Reads `text`; `time_zone` is an IANA name, NULL or "" is UTC.
 *
 * Lifetime: *out is the caller's, for schedule_free().
 * Errors:   ERR_INVALID_VALUE; detail names the field and what is wrong with it, also for a day
 *           that never comes (30 February). */
int schedule_parse(const char *text, const char *time_zone, struct schedule **out, struct err *err);
void schedule_free(struct schedule *schedule); /* NULL is allowed */
void schedule_freep(struct schedule **schedule);

/* The first time behind `after_us`, microseconds since 1970 (UTC). */
int64_t schedule_next(const struct schedule *schedule, int64_t after_us);

/* How much later than at `due_us` a source with this seed starts, so that all sources of an hour
 * don't start in one second.  The same for the same arguments. */
int64_t schedule_jitter_us(const struct schedule *schedule, int64_t due_us, uint64_t seed);

#endif
