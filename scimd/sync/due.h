/* due.h - which sources run now.
 *
 * Pure: rows and the time in, choices out.  A source never runs beside itself: one that has a
 * lease waits, and one whose lease has run out goes on with the run that was cut.  A time that was
 * missed counts once.  Tenants take turns: the one with the fewest sources running is next, and of
 * its sources the one that has waited longest. */
#ifndef SCIMD_SYNC_DUE_H
#define SCIMD_SYNC_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/run_rows.h"
#include "store/sources.h"
#include "sync/schedule.h"

#define DUE_NEVER INT64_MAX

struct due_source {
    const struct source_row *row;
    bool tenant_active;
    const struct schedule *schedule; /* NULL: never by itself, or unreadable */
    const struct schedule *full_schedule;
};

struct due_choice {
    size_t index;       /* of the sources */
    enum run_kind kind; /* where nothing is continued */
    bool continues;     /* row.run goes on */
};

/* The next time of a schedule behind `now_us`, with the source's jitter; DUE_NEVER for none. */
int64_t due_next(const struct schedule *schedule, int64_t source, int64_t now_us);

/* At most `room` choices, best first; returns their number.  *wake_us: when to ask again, as far as
 * time alone tells (DUE_NEVER).
 *
 * A next time that is further away than the schedule's own next is of a clock that was set back
 * since: the schedule's counts. */
size_t due_choose(const struct due_source *sources, size_t count, int64_t now_us, size_t room,
                  struct due_choice *out, int64_t *wake_us);

#endif
