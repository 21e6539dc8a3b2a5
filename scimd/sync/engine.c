#include "sync/engine.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "sync/commands.h"
#include "sync/due.h"
#include "sync/engine_state.h"
#include "sync/history.h"

#define SECOND_US INT64_C(1000000)
#define MILLISECOND_US INT64_C(1000)
#define TAKER_LOOK_MS 500 /* for questions that other processes wrote */

void sync_engine_poke(struct sync_engine *engine)
{
    (void)pthread_mutex_lock(&engine->lock);
    engine->poked = true;
    (void)pthread_cond_broadcast(&engine->changed);
    (void)pthread_mutex_unlock(&engine->lock);
}

/* ---- looking ---- */

/* Sources and tenants of one moment. */
struct look {
    struct sync_engine *engine;
    struct arena *arena;
    const struct source_row *rows;
    size_t count;
    const struct tenant_row *tenants;
    size_t tenant_count;
};

static int look_work(struct session *session, void *argument, struct err *err)
{
    struct look *look = argument;

    return sources_list(session, look->arena, 0, &look->rows, &look->count, err) < 0
               ? -1
               : control_tenants(session, look->arena, &look->tenants, &look->tenant_count, err);
}

static const struct tenant_row *tenant_of(const struct look *look, int number)
{
    for (size_t i = 0; i < look->tenant_count; i++)
        if (look->tenants[i].number == number)
            return &look->tenants[i];
    return NULL;
}

static struct due_source *due_sources(const struct look *look)
{
    struct due_source *sources = arena_array(look->arena, look->count, sizeof(*sources));

    for (size_t i = 0; i < look->count; i++) {
        const struct tenant_row *tenant = tenant_of(look, look->rows[i].tenant);

        sources[i].row = &look->rows[i];
        sources[i].tenant_active = tenant != NULL && tenant->state == TENANT_ACTIVE;
        schedules_find(look->engine->schedules, &sources[i]);
        if (!sources[i].tenant_active)
            running_interrupt(look->engine, look->rows[i].tenant);
    }
    return sources;
}

static void begin(const struct look *look, const struct due_choice *choice)
{
    const struct source_row *row = &look->rows[choice->index];
    const struct tenant_row *tenant = tenant_of(look, row->tenant);
    const struct running_order order = {
        .tenant_number = row->tenant,
        .tenant = tenant != NULL ? tenant->name : "", /* chosen: it is there */
        .source = row->id,
        .lease = {.kind = choice->kind,
                  .continues = choice->continues,
                  .asked_by = row->wanted != WANTED_NOTHING ? row->wanted_by : NULL,
                  .now_us = clock_now_us()},
    };
    int64_t run;
    struct err err = {0};

    /* a conflict: another replica was quicker */
    if (running_start(look->engine, &order, &run, &err) < 0 && err.code != ERR_CONFLICT)
        log_event(LOG_LEVEL_WARNING, "sync.run_not_started", LOG_TEXT("tenant", order.tenant),
                  LOG_TEXT("source", row->name), LOG_TEXT("detail", err.detail),
                  LOG_TEXT("cause", err.cause));
}

/* Starts what is due and has a place; returns when to look again. */
static int64_t start_due(const struct look *look)
{
    struct sync_engine *engine = look->engine;
    struct due_source *sources = due_sources(look);
    struct due_choice *choices =
        arena_array(look->arena, engine->settings.runs_max, sizeof(*choices));
    size_t places = 0;
    size_t chosen;
    int64_t wake_us = DUE_NEVER;

    while (places < engine->settings.runs_max && running_reserve(engine))
        places++;
    chosen = due_choose(sources, look->count, clock_now_us(), places, choices, &wake_us);
    for (size_t i = chosen; i < places; i++)
        running_give_back(engine);
    for (size_t i = 0; i < chosen; i++)
        begin(look, &choices[i]);
    schedules_sweep(engine->schedules);
    return wake_us;
}

static int64_t look_at_sources(struct sync_engine *engine)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct look look = {.engine = engine, .arena = arena};
    struct err err = {0};

    if (store_read_snapshot(engine->control, look_work, &look, &err) == 0)
        return start_due(&look);
    log_event(LOG_LEVEL_WARNING, "sync.sources_unknown", LOG_TEXT("detail", err.detail),
              LOG_TEXT("cause", err.cause));
    return DUE_NEVER;
}

/* ---- the scheduler's thread ---- */

/* Sleeps until somebody pokes (true), or at most so long. */
static bool pause_scheduler(struct sync_engine *engine, int64_t us)
{
    struct timespec until;
    int64_t at_us = clock_monotonic_us() + us;
    bool poked;

    until.tv_sec = (time_t)(at_us / SECOND_US);
    until.tv_nsec = (long)(at_us % SECOND_US * 1000);
    (void)pthread_mutex_lock(&engine->lock);
    while (!engine->poked && pthread_cond_timedwait(&engine->changed, &engine->lock, &until) == 0)
        continue;
    poked = engine->poked;
    engine->poked = false;
    (void)pthread_mutex_unlock(&engine->lock);
    return poked;
}

static bool has_runs(struct sync_engine *engine)
{
    bool any;

    (void)pthread_mutex_lock(&engine->lock);
    any = engine->runs != NULL;
    (void)pthread_mutex_unlock(&engine->lock);
    return any;
}

static int64_t smaller(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* How long nothing is to be done: of the wall clock what schedules say, of the other one all else.
 */
static int64_t idle_us(struct sync_engine *engine, int64_t wake_us, int64_t look_us)
{
    int64_t now_us = clock_now_us();
    int64_t wait_us = smaller(look_us - clock_monotonic_us(),
                              wake_us > now_us ? wake_us - now_us : MILLISECOND_US);

    if (atomic_load(&engine->stopping))
        return ENGINE_RENEW_MS * MILLISECOND_US;
    if (has_runs(engine))
        wait_us = smaller(wait_us, ENGINE_RENEW_MS * MILLISECOND_US);
    return wait_us > MILLISECOND_US ? wait_us : MILLISECOND_US;
}

static void *scheduler_main(void *argument)
{
    struct sync_engine *engine = argument;
    int64_t pause_us =
        (engine->settings.look_ms > 0 ? engine->settings.look_ms : ENGINE_LOOK_MS) * MILLISECOND_US;
    int64_t look_us = 0;
    int64_t purge_us = 0;
    int64_t wake_us = DUE_NEVER;
    bool poked = true;

    while (!atomic_load(&engine->stopping) || has_runs(engine)) {
        int64_t now_us = clock_monotonic_us();

        running_reap(engine);
        running_renew(engine);
        if (!atomic_load(&engine->stopping) &&
            (poked || now_us >= look_us || clock_now_us() >= wake_us)) {
            wake_us = look_at_sources(engine);
            look_us = now_us + pause_us;
        }
        if (now_us >= purge_us && !atomic_load(&engine->stopping)) {
            history_purge(engine);
            purge_us = now_us + ENGINE_PURGE_S * SECOND_US;
        }
        poked = pause_scheduler(engine, idle_us(engine, wake_us, look_us));
    }
    return NULL;
}

/* ---- the taker's thread ---- */

static void *taker_main(void *argument)
{
    struct sync_engine *engine = argument;
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    bool failed_before = false;

    while (jobs_wait(engine->settings.jobs, TAKER_LOOK_MS)) {
        struct job_row job;
        bool found = true;
        struct err err = {0};

        while (found && !atomic_load(&engine->stopping)) {
            arena_reset(arena);
            found = false;
            if (jobs_take(engine->settings.jobs, engine->owner, arena, &job, &found, &err) < 0) {
                if (!failed_before)
                    log_event(LOG_LEVEL_WARNING, "sync.jobs_unknown",
                              LOG_TEXT("detail", err.detail), LOG_TEXT("cause", err.cause));
                failed_before = true;
            } else {
                failed_before = false;
            }
            if (found)
                commands_answer(engine, &job);
        }
    }
    return NULL;
}

/* ---- start and stop ---- */

static void init_locks(struct sync_engine *engine)
{
    pthread_condattr_t attributes;

    (void)pthread_mutex_init(&engine->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&engine->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static int start_thread(struct sync_engine *engine, size_t index, void *(*body)(void *),
                        struct err *err)
{
    pthread_t *const threads[] = {&engine->scheduler, &engine->taker};
    int number = pthread_create(threads[index], NULL, body, engine);

    if (number != 0) {
        (void)err_set(err, ERR_INTERNAL, "the sync engine cannot start");
        return err_because_errno(err, "pthread_create", number);
    }
    engine->started[index] = true;
    return 0;
}

int sync_engine_start(const struct sync_engine_settings *settings, struct sync_engine **out,
                      struct err *err)
{
    struct sync_engine *engine = memory_calloc(1, sizeof(*engine));

    init_locks(engine);
    engine->settings = *settings;
    engine->owner = memory_strdup(settings->owner);
    if (engine->settings.lease_s == 0)
        engine->settings.lease_s = LEASE_S;
    engine->schedules = schedules_new();
    engine->control.tenant = STORE_CONTROL_TENANT;
    if (store_database(settings->store, STORE_CONTROL, &engine->control.database, err) < 0 ||
        (settings->runs_max > 0 && (start_thread(engine, 0, scheduler_main, err) < 0 ||
                                    start_thread(engine, 1, taker_main, err) < 0))) {
        sync_engine_stop(engine);
        return -1;
    }
    *out = engine;
    return 0;
}

void sync_engine_stop(struct sync_engine *engine)
{
    if (engine == NULL)
        return;
    atomic_store(&engine->stopping, true);
    sync_engine_poke(engine);
    if (engine->started[1]) {
        jobs_stop(engine->settings.jobs);
        (void)pthread_join(engine->taker, NULL);
    }
    (void)pthread_mutex_lock(&engine->lock);
    while (engine->long_jobs > 0) {
        (void)pthread_cond_wait(&engine->changed, &engine->lock);
    }
    engine->poked = true;
    (void)pthread_cond_broadcast(&engine->changed);
    (void)pthread_mutex_unlock(&engine->lock);
    if (engine->started[0])
        (void)pthread_join(engine->scheduler, NULL);
    schedules_free(engine->schedules);
    (void)pthread_cond_destroy(&engine->changed);
    (void)pthread_mutex_destroy(&engine->lock);
    free(engine->owner);
    free(engine);
}
