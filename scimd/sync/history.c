#include "sync/history.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "directory/tenants_sources.h"
#include "store/sync_rows.h"
#include "sync/engine_state.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (INT64_C(86400) * SECOND_US)
#define RUNS_CHUNK 500

static void log_failure(const char *what, const struct err *err)
{
    log_event(LOG_LEVEL_WARNING, "sync.history_kept", LOG_TEXT("what", what),
              LOG_TEXT("detail", err->detail), LOG_TEXT("cause", err->cause));
}

/* ---- plans ---- */

static int drop_work(struct session *session, void *argument, struct err *err)
{
    const struct run_row *run = argument;

    if (run->dry && staged_clear(session, run->source, run->id, err) < 0)
        return -1;
    return plan_text_drop(session, run->id, err);
}

static int drop_plan(struct sync_engine *engine, const struct tenant_run *run, struct err *err)
{
    struct tenant *tenant = NULL;
    struct run_row row = run->row;
    int result;

    if (tenants_find(engine->settings.tenants, run->tenant, &tenant, err) < 0)
        return -1;
    result = store_transact(tenant->scope, drop_work, &row, err);
    tenant_release(tenant);
    return result;
}

/* A plan that stays where its run is forgotten is text nobody can ask for: so it goes first, and
 * where that fails, the run stays for the next time. */
static int drop_plans(struct sync_engine *engine, int64_t before_us, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct run_query query = {.limit = RUNS_CHUNK};
    const struct tenant_run *runs = NULL;
    size_t count = RUNS_CHUNK;

    while (count == RUNS_CHUNK && !atomic_load(&engine->stopping)) {
        arena_reset(arena);
        if (tenants_run_list(engine->settings.tenants, arena, &query, &runs, &count, err) < 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            const struct run_row *run = &runs[i].row;

            if (run->hash[0] != '\0' && run->state != RUN_HELD && run->ended_us != 0 &&
                run->ended_us < before_us && drop_plan(engine, &runs[i], err) < 0)
                return -1;
            query.before = run->id;
        }
    }
    return 0;
}

/* ---- rows ---- */

static int purge_work(struct session *session, void *argument, struct err *err)
{
    const int64_t *before_us = argument;

    return runs_purge(session, *before_us, err);
}

void history_purge(struct sync_engine *engine)
{
    int64_t before_us = clock_now_us() - engine->settings.history_days * DAY_US;
    struct err err = {0};

    if (drop_plans(engine, before_us, &err) < 0) {
        log_failure("plans", &err);
        return;
    }
    if (!atomic_load(&engine->stopping) &&
        store_transact(engine->control, purge_work, &before_us, &err) < 0)
        log_failure("runs", &err);
}
