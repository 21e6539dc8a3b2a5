#include "sync/states.h"

#include <stddef.h>

#define SECOND_US INT64_C(1000000)
#define NO 0 /* no such way */

static const char *const run_names[RUN_STATES] = {
    [RUN_RUNNING] = "running", [RUN_HELD] = "held",           [RUN_APPLIED] = "applied",
    [RUN_FAILED] = "failed",   [RUN_CANCELLED] = "cancelled", [RUN_REJECTED] = "rejected",
};

static const char *const run_verbs[RUN_EVENTS] = {
    [RUN_EVENT_FINISH] = "finish", [RUN_EVENT_HOLD] = "hold",       [RUN_EVENT_FAIL] = "fail",
    [RUN_EVENT_CANCEL] = "cancel", [RUN_EVENT_APPROVE] = "approve", [RUN_EVENT_REJECT] = "reject",
};

static const int run_table[RUN_STATES][RUN_EVENTS] = {
    [RUN_RUNNING] = {[RUN_EVENT_FINISH] = RUN_APPLIED,
                     [RUN_EVENT_HOLD] = RUN_HELD,
                     [RUN_EVENT_FAIL] = RUN_FAILED,
                     [RUN_EVENT_CANCEL] = RUN_CANCELLED},
    [RUN_HELD] = {[RUN_EVENT_CANCEL] = RUN_CANCELLED,
                     [RUN_EVENT_APPROVE] = RUN_RUNNING,
                     [RUN_EVENT_REJECT] = RUN_REJECTED},
};

static const char *const source_names[SOURCE_STATES] = {
    [SOURCE_IDLE] = "idle",       [SOURCE_FULL] = "full", [SOURCE_DELTA] = "delta",
    [SOURCE_BACKOFF] = "backoff", [SOURCE_HELD] = "held", [SOURCE_PAUSED] = "paused",
};

static const char *const source_verbs[SOURCE_EVENTS] = {
    [SOURCE_EVENT_FULL] = "start a full pass",
    [SOURCE_EVENT_DELTA] = "start a delta",
    [SOURCE_EVENT_DONE] = "finish",
    [SOURCE_EVENT_HOLD] = "hold",
    [SOURCE_EVENT_FAIL] = "fail",
    [SOURCE_EVENT_FORGOTTEN] = "start over",
    [SOURCE_EVENT_DECIDED] = "decide",
    [SOURCE_EVENT_PAUSE] = "pause",
    [SOURCE_EVENT_RESUME] = "resume",
};

#define MAY_START [SOURCE_EVENT_FULL] = SOURCE_FULL, [SOURCE_EVENT_DELTA] = SOURCE_DELTA
#define MAY_END                                                                                    \
    [SOURCE_EVENT_DONE] = SOURCE_IDLE, [SOURCE_EVENT_HOLD] = SOURCE_HELD,                          \
    [SOURCE_EVENT_FAIL] = SOURCE_BACKOFF, [SOURCE_EVENT_FORGOTTEN] = SOURCE_FULL
#define MAY_PAUSE [SOURCE_EVENT_PAUSE] = SOURCE_PAUSED

static const int source_table[SOURCE_STATES][SOURCE_EVENTS] = {
    [SOURCE_IDLE] = {MAY_START,  MAY_PAUSE},
    [SOURCE_FULL] = {MAY_END,          MAY_PAUSE},
    [SOURCE_DELTA] = {MAY_END,MAY_PAUSE},
    [SOURCE_BACKOFF] = {MAY_START,    MAY_PAUSE},
    [SOURCE_HELD] = {MAY_START,          MAY_PAUSE, [SOURCE_EVENT_DECIDED] = SOURCE_IDLE},
    [SOURCE_PAUSED] = {[SOURCE_EVENT_RESUME] = SOURCE_IDLE},
};

int run_next(enum run_state state, enum run_event event, enum run_state *out, struct err *err)
{
    int next = run_table[state][event];

    if (next == NO)
        return err_set(err, ERR_CONFLICT, "the run is %s: nothing to %s", run_names[state],
                       run_verbs[event]);
    *out = (enum run_state)next;
    return 0;
}

const char *run_state_name(enum run_state state)
{
    return state > 0 && state < RUN_STATES ? run_names[state] : NULL;
}

int source_next(enum source_state state, enum source_event event, enum source_state *out,
                struct err *err)
{
    int next = source_table[state][event];

    if (next == NO)
        return err_set(err, ERR_CONFLICT, "the source is %s: it can't %s", source_names[state],
                       source_verbs[event]);
    *out = (enum source_state)next;
    return 0;
}

const char *source_state_name(enum source_state state)
{
    return state > 0 && state < SOURCE_STATES ? source_names[state] : NULL;
}

int64_t source_backoff_us(unsigned failures, enum err_code code, uint64_t seed)
{
    int64_t wait_s = code == ERR_SOURCE_DENIED ? BACKOFF_DENIED_FIRST_S : BACKOFF_FIRST_S;

    for (unsigned i = 1; i < failures && wait_s < BACKOFF_MAX_S; i++)
        wait_s *= 2;
    wait_s = wait_s < BACKOFF_MAX_S ? wait_s : BACKOFF_MAX_S;
    return wait_s * SECOND_US + (int64_t)(seed % (uint64_t)(wait_s * SECOND_US / 4 + 1));
}
