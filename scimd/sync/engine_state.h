/* engine_state.h - what the threads of an engine share.  Internal to sync/. */
#ifndef SCIMD_SYNC_ENGINE_STATE_H
#define SCIMD_SYNC_ENGINE_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "sync/engine.h"
#include "sync/running.h"
#include "sync/schedules.h"

struct sync_engine {
    struct sync_engine_settings settings;
    char *owner; /* owned */
    struct store_scope control;
    struct schedules *schedules; /* of the scheduler's thread */
    pthread_t scheduler;
    pthread_t taker;
    bool started[2]; /* those two */
    atomic_bool stopping;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* of what follows */
    bool poked;             /* under lock: the sources are to be looked at */
    struct running *runs;   /* under lock; taken out by the scheduler's thread alone */
    size_t run_count;       /* under lock: of them, and of those that are about to begin */
    size_t long_jobs;       /* under lock: threads that answer */
};

/* Looks at the sources soon. */
void sync_engine_poke(struct sync_engine *engine);

#endif
