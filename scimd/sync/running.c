#include "sync/running.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "sync/engine_state.h"

#define SECOND_US INT64_C(1000000)
#define MILLISECOND_US INT64_C(1000)

bool running_reserve(struct sync_engine *engine)
{
    bool free_place;

    (void)pthread_mutex_lock(&engine->lock);
    free_place = engine->run_count < engine->settings.runs_max && !atomic_load(&engine->stopping);
    engine->run_count += free_place;
    (void)pthread_mutex_unlock(&engine->lock);
    return free_place;
}

void running_give_back(struct sync_engine *engine)
{
    (void)pthread_mutex_lock(&engine->lock);
    engine->run_count--;
    (void)pthread_mutex_unlock(&engine->lock);
}

static void *run_main(void *argument)
{
    struct running *running = argument;

    execute(running);
    atomic_store(&running->ended, true);
    sync_engine_poke(running->engine);
    return NULL;
}

static void free_running(struct running *running)
{
    arena_free(running->arena);
    free(running);
}

static struct running *new_running(struct sync_engine *engine, const struct running_order *order)
{
    struct running *running = memory_calloc(1, sizeof(*running));

    running->engine = engine;
    running->arena = arena_new(ARENA_BLOCK_BYTES);
    running->lease = (struct lease){.control = engine->control,
                                    .owner = engine->owner,
                                    .seconds = engine->settings.lease_s,
                                    .tenant = order->tenant_number,
                                    .source = order->source};
    running->object_is_group = order->object_is_group;
    running->renewed_us = clock_monotonic_us();
    return running;
}

/* The list has it before its thread does anything: whoever cancels it finds it. */
static int start_thread(struct sync_engine *engine, struct running *running, struct err *err)
{
    int number;

    (void)pthread_mutex_lock(&engine->lock);
    number = pthread_create(&running->thread, NULL, run_main, running);
    if (number == 0) {
        running->next = engine->runs;
        engine->runs = running;
    }
    (void)pthread_mutex_unlock(&engine->lock);
    if (number == 0)
        return 0;
    (void)err_set(err, ERR_UNAVAILABLE, "the run can't start");
    return err_because_errno(err, "pthread_create", number);
}

int running_start(struct sync_engine *engine, const struct running_order *order, int64_t *run,
                  struct err *err)
{
    struct running *running = new_running(engine, order);
    int64_t id;

    if (lease_begin(&running->lease, &order->lease, running->arena, &running->begun, err) < 0) {
        free_running(running);
        running_give_back(engine);
        return -1;
    }
    running->tenant = arena_strdup(running->arena, order->tenant);
    if (order->object != NULL)
        running->object = arena_strdup(running->arena, order->object);
    id = running->begun.run.id;
    if (start_thread(engine, running, err) < 0) { /* its run goes on when the lease has run out */
        free_running(running);
        running_give_back(engine);
        return -1;
    }
    *run = id;
    return 0;
}

/* ---- watching ---- */

/* Whether it is time to renew; *counters are to be written where they changed. */
static bool is_time(struct running *running, int64_t now_us, struct buf *counters)
{
    struct sync_engine *engine = running->engine;
    int64_t passed_us = now_us - running->renewed_us;
    bool due;

    if (atomic_load(&running->ended) || atomic_load(&running->lost) ||
        passed_us < ENGINE_RENEW_MS * MILLISECOND_US)
        return false;
    (void)pthread_mutex_lock(&engine->lock);
    due = running->counted || passed_us >= LEASE_RENEW_S * SECOND_US ||
          passed_us * 3 >= engine->settings.lease_s * SECOND_US;
    if (running->counted)
        run_counters_render(&running->counters, counters);
    running->counted = false;
    (void)pthread_mutex_unlock(&engine->lock);
    return due;
}

static void renew(struct running *running, int64_t now_us)
{
    CLEANUP(buf_free) struct buf counters = {0};
    bool cancelled = false;
    struct err err = {0};

    if (!is_time(running, now_us, &counters))
        return;
    if (lease_renew(&running->lease, running->begun.run.id,
                    counters.length > 0 ? buf_text(&counters) : NULL, &cancelled, &err) == 0) {
        running->renewed_us = now_us;
        if (cancelled)
            atomic_store(&running->cancelled, true);
        return;
    }
    if (err.code == ERR_CONFLICT || err.code == ERR_NOT_FOUND ||
        clock_monotonic_us() - running->renewed_us > running->engine->settings.lease_s * SECOND_US)
        atomic_store(&running->lost, true);
    log_event(LOG_LEVEL_WARNING, "sync.lease_not_renewed", LOG_TEXT("tenant", running->tenant),
              LOG_TEXT("source", running->begun.row.name), LOG_INT("run", running->begun.run.id),
              LOG_TEXT("detail", err.detail), LOG_TEXT("cause", err.cause));
}

static struct running *first(struct sync_engine *engine)
{
    struct running *running;

    (void)pthread_mutex_lock(&engine->lock);
    running = engine->runs;
    (void)pthread_mutex_unlock(&engine->lock);
    return running;
}

void running_renew(struct sync_engine *engine)
{
    int64_t now_us = clock_monotonic_us();

    /* new ones come in front, and nobody else takes any out */
    for (struct running *running = first(engine); running != NULL; running = running->next)
        renew(running, now_us);
}

void running_reap(struct sync_engine *engine)
{
    struct running *ended = NULL;
    struct running **place;

    (void)pthread_mutex_lock(&engine->lock);
    for (place = &engine->runs; *place != NULL;) {
        struct running *running = *place;

        if (!atomic_load(&running->ended)) {
            place = &running->next;
            continue;
        }
        *place = running->next;
        running->next = ended;
        ended = running;
    }
    (void)pthread_mutex_unlock(&engine->lock);
    while (ended != NULL) {
        struct running *running = ended;

        ended = running->next;
        (void)pthread_join(running->thread, NULL);
        free_running(running);
        running_give_back(engine);
    }
}

void running_interrupt(struct sync_engine *engine, int tenant)
{
    (void)pthread_mutex_lock(&engine->lock);
    for (struct running *running = engine->runs; running != NULL; running = running->next)
        if (running->lease.tenant == tenant)
            atomic_store(&running->interrupted, true);
    (void)pthread_mutex_unlock(&engine->lock);
}

void running_cancel(struct sync_engine *engine, int64_t run)
{
    (void)pthread_mutex_lock(&engine->lock);
    for (struct running *running = engine->runs; running != NULL; running = running->next)
        if (running->begun.run.id == run)
            atomic_store(&running->cancelled, true);
    (void)pthread_mutex_unlock(&engine->lock);
}
