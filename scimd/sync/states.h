/* states.h - what a run and a source may become, and when a source that failed is tried again.
 *
 * Pure tables: the engine stores the state, this says which one is next. */
#ifndef SCIMD_SYNC_STATES_H
#define SCIMD_SYNC_STATES_H

#include <stdint.h>

#include "base/err.h"

enum run_state {
    RUN_RUNNING = 1, /* stored as numbers: never renumber */
    RUN_HELD,        /* its additions are in; its removals wait for approval */
    RUN_APPLIED,
    RUN_FAILED,
    RUN_CANCELLED, /* by an administrator, or because a later run took its place */
    RUN_REJECTED,  /* its removals were refused */
    RUN_STATES
};

enum run_event {
    RUN_EVENT_FINISH, /* all is written */
    RUN_EVENT_HOLD,   /* the guard or the pass's health asks for approval, or it was a dry run */
    RUN_EVENT_FAIL,
    RUN_EVENT_CANCEL,
    RUN_EVENT_APPROVE, /* back to running: the plan is carried out */
    RUN_EVENT_REJECT,
    RUN_EVENTS
};

/* Errors: ERR_CONFLICT; detail says in words why not: "the run is applied: nothing to approve". */
int run_next(enum run_state state, enum run_event event, enum run_state *out, struct err *err);
const char *run_state_name(enum run_state state); /* "running"; NULL: there is no such state */

enum source_state {
    SOURCE_IDLE = 1, /* stored as numbers: never renumber */
    SOURCE_FULL,
    SOURCE_DELTA,
    SOURCE_BACKOFF, /* failed; tried again later */
    SOURCE_HELD,    /* the last run waits for approval; the next one may start and take its place */
    SOURCE_PAUSED,  /* by an administrator */
    SOURCE_STATES
};

enum source_event {
    SOURCE_EVENT_FULL,  /* a full pass begins */
    SOURCE_EVENT_DELTA, /* a delta begins */
    SOURCE_EVENT_DONE,
    SOURCE_EVENT_HOLD,
    SOURCE_EVENT_FAIL,
    SOURCE_EVENT_FORGOTTEN, /* the source forgot our cursor: the delta becomes a full pass */
    SOURCE_EVENT_DECIDED,   /* approved and carried out, rejected, or cancelled */
    SOURCE_EVENT_PAUSE,
    SOURCE_EVENT_RESUME,
    SOURCE_EVENTS
};

/* Errors: ERR_CONFLICT, as run_next(). */
int source_next(enum source_state state, enum source_event event, enum source_state *out,
                struct err *err);
const char *source_state_name(enum source_state state);

#define BACKOFF_FIRST_S 30         /* after the first failure; doubled by each that follows ... */
#define BACKOFF_DENIED_FIRST_S 300 /* ... where our account was refused: more tries may lock it */
#define BACKOFF_MAX_S 3600

/* How long to wait after `failures` in a row (from 1), the last for the reason `code`, with up to a
 * quarter more by `seed`. */
int64_t source_backoff_us(unsigned failures, enum err_code code, uint64_t seed);

#endif
