/* Which sources run now, and when to look again.  Times are minutes. */
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "sync/due.h"
#include "sync/states.h"

#define MINUTE_US INT64_C(60000000)
#define NOW 1000
#define SOURCES_MAX 6
#define PLACES 8
#define NEVER INT64_MAX

/* All numbers are minutes, but for ids; 0 is long ago. */
struct given {
    int64_t id; /* 0: the end */
    int tenant;
    int64_t delta;
    int64_t full;
    int64_t lease;
    int64_t retry; /* and a failure */
    int64_t run;
    int state; /* 0: idle */
    enum source_wanted wanted;
    bool suspended;
};

static struct due_case {
    const char *name;
    struct given sources[SOURCES_MAX];
    size_t room;
    const char *choices; /* "1:delta 2:full 3:on" */
    int64_t wake;        /* minutes from now; NEVER; -1: not looked at */
} cases[] = {
    {"nothing at all",                     {{0}},                                                PLACES, "",                NEVER},
    {"a delta is due",                     {{.id = 1, .delta = NOW, .full = NOW + 60}},          PLACES, "1:delta",         NEVER},
    {"not yet",                            {{.id = 1, .delta = NOW + 3, .full = NOW + 60}},      PLACES, "",                3    },
    {"only when asked",                    {{.id = 1, .delta = NEVER, .full = NEVER}},           PLACES, "",                NEVER},
    {"missed times run once",
     {{.id = 1, .delta = NOW - 500, .full = NOW + 60}},
     PLACES,                                                                                             "1:delta",
     NEVER                                                                                                                       },
    {"a full pass is due, too",
     {{.id = 1, .delta = NOW - 5, .full = NOW - 1}},
     PLACES,                                                                                             "1:full",
     NEVER                                                                                                                       },
    {"a full pass alone",                  {{.id = 1, .delta = NOW + 5, .full = NOW - 1}},       PLACES, "1:full",          NEVER},
    {"somebody has it",
     {{.id = 1, .delta = NOW - 5, .full = NEVER, .lease = NOW + 1, .run = 7}},
     PLACES,                                                                                             "",
     1                                                                                                                           },
    {"somebody changes it",
     {{.id = 1, .delta = NOW - 5, .full = NEVER, .lease = NOW + 1}},
     PLACES,                                                                                             "",
     1                                                                                                                           },
    {"a run that was cut goes on",
     {{.id = 1, .delta = NOW + 5, .full = NEVER, .lease = NOW - 1, .run = 7}},
     PLACES,                                                                                             "1:on",
     NEVER                                                                                                                       },
    {"a run that was stopped goes on",
     {{.id = 1, .delta = NOW + 5, .full = NEVER, .run = 7, .state = SOURCE_FULL}},
     PLACES,                                                                                             "1:on",
     NEVER                                                                                                                       },
    {"it goes on before a full pass",
     {{.id = 1, .delta = NOW - 5, .full = NOW - 5, .run = 7, .wanted = WANTED_FULL}},
     PLACES,                                                                                             "1:on",
     NEVER                                                                                                                       },
    {"paused",
     {{.id = 1, .delta = NOW - 5, .full = NOW, .wanted = WANTED_FULL, .state = SOURCE_PAUSED}},
     PLACES,                                                                                             "",
     NEVER                                                                                                                       },
    {"paused with a run that was cut",
     {{.id = 1, .delta = NOW, .full = NOW, .run = 7, .state = SOURCE_PAUSED}},
     PLACES,                                                                                             "",
     NEVER                                                                                                                       },
    {"the tenant is suspended",
     {{.id = 1, .delta = NOW, .full = NOW, .run = 7, .suspended = true}},
     PLACES,                                                                                             "",
     NEVER                                                                                                                       },
    {"one that waits for approval runs",
     {{.id = 1, .delta = NOW, .full = NEVER, .state = SOURCE_HELD}},
     PLACES,                                                                                             "1:delta",
     NEVER                                                                                                                       },
    {"a delta is wanted",
     {{.id = 1, .delta = NOW + 5, .full = NEVER, .wanted = WANTED_DELTA}},
     PLACES,                                                                                             "1:delta",
     NEVER                                                                                                                       },
    {"a full pass is wanted",
     {{.id = 1, .delta = NOW + 5, .full = NEVER, .wanted = WANTED_FULL}},
     PLACES,                                                                                             "1:full",
     NEVER                                                                                                                       },
    {"a delta is wanted, a full pass due",
     {{.id = 1, .delta = NOW + 5, .full = NOW, .wanted = WANTED_DELTA}},
     PLACES,                                                                                             "1:full",
     NEVER                                                                                                                       },
    {"wanted, never by itself",
     {{.id = 1, .delta = NEVER, .full = NEVER, .wanted = WANTED_FULL}},
     PLACES,                                                                                             "1:full",
     NEVER                                                                                                                       },
    {"not before the next try",
     {{.id = 1, .delta = NOW - 5, .full = NEVER, .retry = NOW + 2, .state = SOURCE_BACKOFF}},
     PLACES,                                                                                             "",
     2                                                                                                                           },
    {"wanted, not before the next try",
     {{.id = 1, .delta = NEVER, .full = NEVER, .retry = NOW + 2, .wanted = WANTED_FULL}},
     PLACES,                                                                                             "",
     2                                                                                                                           },
    {"the next try",
     {{.id = 1, .delta = NOW - 5, .full = NEVER, .retry = NOW, .state = SOURCE_BACKOFF}},
     PLACES,                                                                                             "1:delta",
     NEVER                                                                                                                       },
    {"a try of another time",
     {{.id = 1, .delta = NOW - 5, .full = NEVER, .retry = NOW + 5000}},
     PLACES,                                                                                             "",
     75                                                                                                                          },
    {"the full pass comes while it waits",
     {{.id = 1, .delta = NOW - 5, .full = NOW + 1, .retry = NOW + 2}},
     PLACES,                                                                                             "",
     2                                                                                                                           },
    {"the oldest first",
     {{.id = 1, .delta = NOW - 1, .full = NEVER},
      {.id = 2, .delta = NOW - 9, .full = NEVER},
      {.id = 3, .delta = NOW - 5, .full = NEVER}},
     2,                                                                                                  "2:delta 3:delta",
     NEVER                                                                                                                       },
    {"tenants take turns",
     {{.id = 1, .tenant = 1, .delta = NOW - 9, .full = NEVER},
      {.id = 2, .tenant = 1, .delta = NOW - 8, .full = NEVER},
      {.id = 3, .tenant = 2, .delta = NOW - 1, .full = NEVER}},
     2,                                                                                                  "1:delta 3:delta",
     NEVER                                                                                                                       },
    {"running ones count",
     {{.id = 1, .tenant = 1, .delta = NOW, .full = NEVER, .lease = NOW + 1, .run = 4},
      {.id = 2, .tenant = 1, .delta = NOW - 8, .full = NEVER},
      {.id = 3, .tenant = 2, .delta = NOW - 1, .full = NEVER}},
     1,                                                                                                  "3:delta",
     1                                                                                                                           },
    {"leases that ran out don't",
     {{.id = 1, .tenant = 1, .delta = NOW, .full = NEVER, .lease = NOW - 20, .run = 4},
      {.id = 3, .tenant = 2, .delta = NOW - 1, .full = NEVER}},
     1,                                                                                                  "1:on",
     NEVER                                                                                                                       },
    {"no room",
     {{.id = 1, .delta = NOW - 1, .full = NEVER}, {.id = 2, .delta = NOW + 4, .full = NEVER}},
     0,                                                                                                  "",
     4                                                                                                                           },
    {"the earliest of those to come",
     {{.id = 1, .delta = NOW + 9, .full = NOW + 7}, {.id = 2, .delta = NOW + 4, .full = NEVER}},
     PLACES,                                                                                             "",
     4                                                                                                                           },
};

static struct source_row row_of(const struct given *given)
{
    struct source_row row = {.id = given->id,
                             .tenant = given->tenant,
                             .state = given->state != 0 ? given->state : SOURCE_IDLE,
                             .wanted = given->wanted,
                             .next_delta_us = given->delta,
                             .next_full_us = given->full,
                             .lease_until_us = given->lease * MINUTE_US,
                             .retry_us = given->retry * MINUTE_US,
                             .failures = given->retry != 0,
                             .run = given->run};

    if (given->delta != NEVER)
        row.next_delta_us *= MINUTE_US;
    if (given->full != NEVER)
        row.next_full_us *= MINUTE_US;
    return row;
}

static void chooses(void **state)
{
    static const char *const kinds[] = {[RUN_KIND_DELTA] = "delta", [RUN_KIND_FULL] = "full"};
    const struct due_case *expected = *state;
    struct source_row rows[SOURCES_MAX];
    struct due_source sources[SOURCES_MAX];
    struct due_choice choices[PLACES];
    CLEANUP(buf_free) struct buf text = {0};
    size_t count = 0;
    size_t chosen;
    int64_t wake_us = 0;

    for (; count < SOURCES_MAX && expected->sources[count].id != 0; count++) {
        rows[count] = row_of(&expected->sources[count]);
        sources[count] = (struct due_source){.row = &rows[count],
                                             .tenant_active = !expected->sources[count].suspended};
    }
    chosen = due_choose(sources, count, NOW * MINUTE_US, expected->room, choices, &wake_us);
    for (size_t i = 0; i < chosen; i++)
        buf_printf(&text, "%s%d:%s", i > 0 ? " " : "", (int)rows[choices[i].index].id,
                   choices[i].continues ? "on" : kinds[choices[i].kind]);
    assert_string_equal(buf_text(&text), expected->choices);
    if (expected->wake == NEVER)
        assert_int_equal(wake_us, NEVER);
    else
        assert_int_equal(wake_us, (NOW + expected->wake) * MINUTE_US);
}

/* ---- clocks that were set ---- */

static struct clock_case {
    const char *name;
    const char *schedule;
    int64_t planned_at; /* minutes: when the next time was planned */
    int64_t now;
    bool due;
    int64_t latest; /* where not due: minutes when it is, at the latest */
} clocks[] = {
    {"as planned",              "every 15m", 1000,  1001, false, 1007},
    {"in time",                 "every 15m", 1000,  1007, true,  0   },
    {"set back by a day",       "every 15m", 2440,  1000, false, 1007},
    {"set back by a minute",    "every 15m", 1000,  999,  false, 1007},
    {"set forward by a day",    "every 15m", 1000,  2440, true,  0   },
    {"daily, set back a month", "@daily",    50000, 5000, false, 5761},
};

static void minds_clocks(void **state)
{
    const struct clock_case *expected = *state;
    CLEANUP(schedule_freep) struct schedule *schedule = NULL;
    struct source_row row = {.id = 77, .state = SOURCE_IDLE, .next_full_us = NEVER};
    struct due_source source = {.row = &row, .tenant_active = true};
    struct due_choice choice;
    int64_t wake_us = 0;
    struct err err = {0};

    assert_int_equal(schedule_parse(expected->schedule, NULL, &schedule, &err), 0);
    source.schedule = schedule;
    row.next_delta_us = due_next(schedule, row.id, expected->planned_at * MINUTE_US);
    assert_int_equal(due_choose(&source, 1, expected->now * MINUTE_US, 1, &choice, &wake_us),
                     expected->due);
    if (!expected->due) {
        assert_true(wake_us > expected->now * MINUTE_US);
        assert_true(wake_us <= expected->latest * MINUTE_US);
    }
}

/* Whenever it is looked at, what was planned stays planned: jitter is no clock that was set. */
static void keeps_what_was_planned(void **state)
{
    CLEANUP(schedule_freep) struct schedule *schedule = NULL;
    int64_t planned_us;
    struct err err = {0};

    (void)state;
    assert_int_equal(schedule_parse("every 15m", NULL, &schedule, &err), 0);
    for (int64_t id = 1; id < 200; id++) {
        struct source_row row = {.id = id, .state = SOURCE_IDLE, .next_full_us = NEVER};
        struct due_source source = {.row = &row, .tenant_active = true, .schedule = schedule};
        struct due_choice choice;
        int64_t wake_us;

        planned_us = due_next(schedule, id, NOW * MINUTE_US);
        row.next_delta_us = planned_us;
        for (int64_t now_us = NOW * MINUTE_US; now_us < planned_us; now_us += MINUTE_US / 7) {
            assert_int_equal(due_choose(&source, 1, now_us, 1, &choice, &wake_us), 0);
            assert_int_equal(wake_us, planned_us);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_was_planned),
    };

    return RUN_TABLE("due", cases, chooses) + RUN_TABLE("clocks", clocks, minds_clocks) +
           cmocka_run_group_tests(tests, NULL, NULL);
}
