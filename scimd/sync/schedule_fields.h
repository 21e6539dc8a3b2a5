/* schedule_fields.h - the text of a schedule as sets of numbers.  Internal to schedule.c. */
#ifndef SCIMD_SYNC_SCHEDULE_FIELDS_H
#define SCIMD_SYNC_SCHEDULE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"

enum schedule_field {
    SCHEDULE_MINUTE,
    SCHEDULE_HOUR,
    SCHEDULE_DAY,
    SCHEDULE_MONTH,
    SCHEDULE_WEEKDAY,
    SCHEDULE_FIELDS
};

struct schedule_fields {
    uint64_t sets[SCHEDULE_FIELDS];   /* bit n: the number n matches; Sunday is 0 */
    bool restricted[SCHEDULE_FIELDS]; /* does not begin with "*" */
};

/* Fills *out, or *every_s for "every ..".  Errors as schedule_parse(). */
int schedule_fields_parse(const char *text, struct schedule_fields *out, int64_t *every_s,
                          struct err *err);

bool schedule_fields_match_time(const struct schedule_fields *fields, int hour, int minute);
bool schedule_fields_match_day(const struct schedule_fields *fields, const struct tm *date);

#endif
