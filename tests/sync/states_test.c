#include "table.h"

#include <limits.h>

#include "sync/states.h"

static struct run_case {
    const char *name;
    enum run_state state;
    const char
        *next[RUN_EVENTS]; /* by finish, hold, fail, cancel, approve, reject; NULL: refused */
} run_cases[] = {
    {"running",   RUN_RUNNING,   {"applied", "held", "failed", "cancelled", NULL, NULL}},
    {"held",      RUN_HELD,      {NULL, NULL, NULL, "cancelled", "running", "rejected"}},
    {"applied",   RUN_APPLIED,   {NULL}                                                },
    {"failed",    RUN_FAILED,    {NULL}                                                },
    {"cancelled", RUN_CANCELLED, {NULL}                                                },
    {"rejected",  RUN_REJECTED,  {NULL}                                                },
};

static void run_becomes(void **row)
{
    const struct run_case *expected = *row;

    assert_string_equal(run_state_name(expected->state), expected->name);
    for (int event = 0; event < RUN_EVENTS; event++) {
        enum run_state next = expected->state;
        struct err err = {0};
        int result = run_next(expected->state, (enum run_event)event, &next, &err);

        if (expected->next[event] != NULL) {
            assert_int_equal(result, 0);
            assert_string_equal(run_state_name(next), expected->next[event]);
        } else {
            assert_int_equal(result, -1);
            assert_int_equal(err.code, ERR_CONFLICT);
            assert_int_equal(next, expected->state);
        }
    }
}

static struct source_case {
    const char *name;
    enum source_state state;
    /* by full, delta, done, hold, fail, forgotten, decided, pause, resume */
    const char *next[SOURCE_EVENTS];
} source_cases[] = {
    {"idle",    SOURCE_IDLE,    {"full", "delta", NULL, NULL, NULL, NULL, NULL, "paused", NULL}      },
    {"full",    SOURCE_FULL,    {NULL, NULL, "idle", "held", "backoff", "full", NULL, "paused", NULL}},
    {"delta",   SOURCE_DELTA,   {NULL, NULL, "idle", "held", "backoff", "full", NULL, "paused", NULL}},
    {"backoff", SOURCE_BACKOFF, {"full", "delta", NULL, NULL, NULL, NULL, NULL, "paused", NULL}      },
    {"held",    SOURCE_HELD,    {"full", "delta", NULL, NULL, NULL, NULL, "idle", "paused", NULL}    },
    {"paused",  SOURCE_PAUSED,  {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "idle"}             },
};

static void source_becomes(void **row)
{
    const struct source_case *expected = *row;

    assert_string_equal(source_state_name(expected->state), expected->name);
    for (int event = 0; event < SOURCE_EVENTS; event++) {
        enum source_state next = expected->state;
        struct err err = {0};
        int result = source_next(expected->state, (enum source_event)event, &next, &err);

        if (expected->next[event] != NULL) {
            assert_int_equal(result, 0);
            assert_string_equal(source_state_name(next), expected->next[event]);
        } else {
            assert_int_equal(result, -1);
            assert_int_equal(err.code, ERR_CONFLICT);
        }
    }
}

static struct backoff_case {
    const char *name;
    unsigned failures;
    enum err_code code;
    int64_t least_s;
} backoff_cases[] = {
    {"first",                 1,        ERR_SOURCE_UNAVAILABLE, 30  },
    {"second",                2,        ERR_SOURCE_UNAVAILABLE, 60  },
    {"seventh",               7,        ERR_SOURCE_UNAVAILABLE, 1920},
    {"eighth",                8,        ERR_SOURCE_UNAVAILABLE, 3600},
    {"for ever",              UINT_MAX, ERR_SOURCE_UNAVAILABLE, 3600},
    {"refused",               1,        ERR_SOURCE_DENIED,      300 },
    {"refused for the fifth", 5,        ERR_SOURCE_DENIED,      3600},
};

static void waits_so_long(void **row)
{
    const struct backoff_case *expected = *row;
    int64_t least_us = expected->least_s * 1000000;

    assert_int_equal(source_backoff_us(expected->failures, expected->code, 0), least_us);
    for (uint64_t seed = 1; seed < UINT64_MAX / 3; seed *= 3)
        assert_in_range(source_backoff_us(expected->failures, expected->code, seed), least_us,
                        least_us + least_us / 4);
}

static void words_say_why_not(void **state)
{
    struct err err = {0};
    enum run_state run = RUN_APPLIED;
    enum source_state source = SOURCE_PAUSED;

    (void)state;
    (void)run_next(RUN_APPLIED, RUN_EVENT_APPROVE, &run, &err);
    assert_string_equal(err.detail, "the run is applied: nothing to approve");
    (void)source_next(SOURCE_PAUSED, SOURCE_EVENT_DELTA, &source, &err);
    assert_string_equal(err.detail, "the source is paused: it can't start a delta");
    assert_null(run_state_name(RUN_STATES));
    assert_null(source_state_name((enum source_state)0));
}

int main(void)
{
    static const struct CMUnitTest others[] = {cmocka_unit_test(words_say_why_not)};

    return RUN_TABLE("runs", run_cases, run_becomes) +
           RUN_TABLE("sources", source_cases, source_becomes) +
           RUN_TABLE("backoff", backoff_cases, waits_so_long) +
           cmocka_run_group_tests_name("states", others, NULL, NULL);
}
