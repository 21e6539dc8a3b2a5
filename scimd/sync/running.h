/* running.h - the runs of this replica: begun, watched, and ended.  Internal to sync/. */
#ifndef SCIMD_SYNC_RUNNING_H
#define SCIMD_SYNC_RUNNING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "sync/lease.h"
#include "sync/run.h"

struct sync_engine;

struct running {
    struct sync_engine *engine;
    struct running *next; /* under engine->lock */
    pthread_t thread;
    struct lease lease;
    struct lease_begun begun;
    const char *tenant; /* its name */
    const char *object; /* NULL: a pass */
    bool object_is_group;
    struct arena *arena;          /* owned; holds all of the above */
    int64_t renewed_us;           /* monotonic; of the scheduler's thread */
    atomic_bool lost;             /* the lease */
    atomic_bool cancelled;        /* by an administrator */
    atomic_bool interrupted;      /* its tenant is not to be served now */
    atomic_bool ended;            /* the thread is about to return */
    struct run_counters counters; /* under engine->lock */
    bool counted;                 /* under engine->lock: they changed since they were written */
};

/* A source and what is to begin. */
struct running_order {
    int tenant_number;
    const char *tenant;
    int64_t source;
    struct lease_order lease;
    const char *object; /* RUN_KIND_OBJECT */
    bool object_is_group;
};

/* A place among the runs of this replica; to be given back, or filled by running_start(). */
bool running_reserve(struct sync_engine *engine);
void running_give_back(struct sync_engine *engine);

/* Takes the lease and starts the thread; the place is used up, also on failure.
 * Errors: those of lease_begin(). */
int running_start(struct sync_engine *engine, const struct running_order *order, int64_t *run,
                  struct err *err);

/* Renews leases, writes counters, sees cancellations.  Of the scheduler's thread. */
void running_renew(struct sync_engine *engine);
/* Frees what has ended.  Of the scheduler's thread. */
void running_reap(struct sync_engine *engine);
/* Ends the runs of a tenant after their transaction; they go on when it is served again. */
void running_interrupt(struct sync_engine *engine, int tenant);
/* Tells a run of this replica that it is cancelled; does nothing where it is another's. */
void running_cancel(struct sync_engine *engine, int64_t run);

/* The body of a run's thread (execute.c). */
void execute(struct running *running);

#endif
