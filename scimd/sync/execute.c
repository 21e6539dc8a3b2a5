/* One run in its thread: from the leased row to run_execute(), and what it leaves behind. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/sync_rows.h"
#include "sync/access.h"
#include "sync/due.h"
#include "sync/engine_state.h"

#define MILLISECOND_US INT64_C(1000)

static const char *const kind_names[] = {
    [RUN_KIND_DELTA] = "delta", [RUN_KIND_FULL] = "full", [RUN_KIND_OBJECT] = "object"};

static void log_started(const struct running *running)
{
    const struct run_row *run = &running->begun.run;

    log_event(LOG_LEVEL_INFO, "sync.run_started", LOG_TEXT("tenant", running->tenant),
              LOG_TEXT("source", running->begun.row.name), LOG_INT("run", run->id),
              LOG_TEXT("kind", kind_names[run->kind]), LOG_TEXT("dry", run->dry ? "yes" : "no"),
              LOG_TEXT("continued", running->begun.continued ? "yes" : "no"),
              LOG_INT("fence", running->lease.fence));
}

static void log_ended(const struct running *running, const struct run_outcome *outcome,
                      int64_t began_us)
{
    const struct run_counters *counted = &outcome->counters;
    bool failed = outcome->state == RUN_FAILED;

    log_event(failed ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "sync.run_ended",
              LOG_TEXT("tenant", running->tenant), LOG_TEXT("source", running->begun.row.name),
              LOG_INT("run", running->begun.run.id),
              LOG_TEXT("state",
                       outcome->state == RUN_RUNNING ? "stopped" : run_state_name(outcome->state)),
              LOG_TEXT("full", outcome->full ? "yes" : "no"), LOG_INT("pages", counted->pages),
              LOG_INT("seen", counted->seen), LOG_INT("created", counted->created),
              LOG_INT("updated", counted->updated), LOG_INT("unchanged", counted->unchanged),
              LOG_INT("deactivated", counted->deactivated), LOG_INT("deleted", counted->deleted),
              LOG_INT("members_added", counted->members_added),
              LOG_INT("members_removed", counted->members_removed),
              LOG_INT("refused", counted->refused), LOG_INT("staged", counted->staged),
              LOG_INT("ms", (clock_monotonic_us() - began_us) / MILLISECOND_US),
              LOG_TEXT("error", failed ? err_name(outcome->code) : NULL),
              LOG_TEXT("words", outcome->words[0] != '\0' ? outcome->words : NULL));
}

static bool is_over(const struct running *running)
{
    return atomic_load(&running->lost) || atomic_load(&running->cancelled) ||
           atomic_load(&running->interrupted);
}

/* Of the run's thread, after each transaction; the scheduler's writes the numbers. */
static bool progress(void *context, enum run_phase phase, const struct run_counters *counters)
{
    struct running *running = context;
    struct sync_engine *engine = running->engine;

    (void)phase;
    (void)pthread_mutex_lock(&engine->lock);
    running->counters = *counters;
    running->counted = true;
    (void)pthread_mutex_unlock(&engine->lock);
    return !is_over(running);
}

static void failed(struct run_outcome *out, const struct err *err)
{
    out->state = RUN_FAILED;
    out->code = err->code;
    (void)snprintf(out->words, sizeof(out->words), "%s", err->detail);
}

/* ---- plans that are void ---- */

struct void_work {
    const struct running *running;
    struct arena *arena;
};

/* The fence goes first: who lost the lease drops nothing. */
static int void_work(struct session *session, void *argument, struct err *err)
{
    const struct void_work *work = argument;
    const struct lease_begun *begun = &work->running->begun;
    const struct lease *lease = &work->running->lease;
    struct sync_row row;

    arena_reset(work->arena);
    if (sync_row_take(session, work->arena, lease->source, lease->fence, &row, err) < 0)
        return -1;
    for (size_t i = 0; i < begun->replaced_count; i++) {
        if (staged_clear(session, lease->source, begun->replaced[i], err) < 0 ||
            plan_text_drop(session, begun->replaced[i], err) < 0)
            return -1;
    }
    return 0;
}

static int drop_replaced(const struct running *running, const struct tenant *tenant,
                         struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct void_work work = {.running = running, .arena = arena};

    if (running->begun.replaced_count == 0)
        return 0;
    return store_transact(tenant->scope, void_work, &work, err);
}

/* ---- running ---- */

static void run_with(struct running *running, const struct access *access, struct run_outcome *out)
{
    struct sync_engine *engine = running->engine;
    const struct run_row *run = &running->begun.run;
    struct run_order order = {.tenant = access->tenant,
                              .definition = access->definition,
                              .source = running->lease.source,
                              .fence = running->lease.fence,
                              .run = run->id,
                              .kind = run->kind,
                              .dry = run->dry,
                              .approved = run->decided_by != NULL,
                              .object = running->object,
                              .object_is_group = running->object_is_group,
                              .limits = &engine->settings.limits,
                              .settings = &access->settings,
                              .stop = &engine->stopping,
                              .progress = progress,
                              .context = running};
    struct err err = {0};

    if (drop_replaced(running, access->tenant, &err) < 0)
        failed(out, &err);
    else
        run_execute(&order, out);
}

/* Which single object it was is not written down: who asked for it asks again. */
static bool can_go_on(const struct running *running, struct run_outcome *out)
{
    const struct run_row *run = &running->begun.run;
    struct err err = {0};

    if (run->state != RUN_RUNNING) { /* cancelled while nobody had it */
        out->state = RUN_CANCELLED;
        return false;
    }
    if (run->kind != RUN_KIND_OBJECT || running->object != NULL || run->decided_by != NULL)
        return true;
    (void)err_set(&err, ERR_UNAVAILABLE, "cut off by a stop of the server: ask again");
    failed(out, &err);
    return false;
}

/* Who ended the run from outside knows better how it ended. */
static void correct(const struct running *running, struct run_outcome *out)
{
    if (out->state == RUN_APPLIED || out->state == RUN_HELD)
        return;
    if (atomic_load(&running->cancelled))
        out->state = RUN_CANCELLED;
    else if (atomic_load(&running->interrupted))
        out->state = RUN_RUNNING;
}

/* Else another replica wrote where only we should have: the lease runs out by itself, so that the
 * two don't chase each other. */
static bool was_stopped(const struct running *running)
{
    return atomic_load(&running->engine->stopping) || atomic_load(&running->interrupted);
}

static void leave_behind(struct running *running, const struct source_definition *definition,
                         const struct run_outcome *outcome)
{
    CLEANUP(buf_free) struct buf counters = {0};
    struct run_row run = running->begun.run;
    int64_t now_us = clock_now_us();
    struct lease_end end = {
        .run = &run,
        .full = outcome->full || run.kind == RUN_KIND_FULL,
        .code = outcome->code,
        .next_delta_us = running->begun.row.next_delta_us,
        .next_full_us = running->begun.row.next_full_us,
        .changed_us = running->begun.row.changed_us,
        .now_us = now_us,
    };
    struct err err = {0};

    run.state = (int)outcome->state;
    if (outcome->full && run.kind == RUN_KIND_DELTA)
        run.kind = RUN_KIND_FULL;
    run_counters_render(&outcome->counters, &counters);
    run.counters = buf_text(&counters);
    run.words = outcome->words[0] != '\0' ? outcome->words : NULL;
    run.summary = outcome->summary[0] != '\0' ? outcome->summary : run.summary;
    if (outcome->hash[0] != '\0')
        memcpy(run.hash, outcome->hash, sizeof(run.hash));
    if (definition != NULL) {
        end.next_delta_us = due_next(definition->schedule, run.source, now_us);
        end.next_full_us = due_next(definition->full_schedule, run.source, now_us);
    }
    if (lease_end(&running->lease, &end, &err) < 0)
        log_event(LOG_LEVEL_WARNING, "sync.run_left", LOG_TEXT("tenant", running->tenant),
                  LOG_TEXT("source", running->begun.row.name), LOG_INT("run", run.id),
                  LOG_TEXT("detail", err.detail), LOG_TEXT("cause", err.cause));
}

void execute(struct running *running)
{
    const char *definition = running->begun.row.definition;
    const struct source_text text = {
        .file = running->begun.row.name, .bytes = definition, .length = strlen(definition)};
    struct run_outcome outcome = {.state = RUN_FAILED};
    struct access access = {0};
    int64_t began_us = clock_monotonic_us();
    struct err err = {0};

    run_counters_read(running->begun.run.counters, &outcome.counters);
    log_started(running);
    if (can_go_on(running, &outcome)) {
        if (access_open(&running->engine->settings, running->tenant, &text, &access, &err) < 0)
            failed(&outcome, &err);
        else
            run_with(running, &access, &outcome);
    }
    correct(running, &outcome);
    if (atomic_load(&running->lost))
        log_event(LOG_LEVEL_WARNING, "sync.lease_lost", LOG_TEXT("tenant", running->tenant),
                  LOG_TEXT("source", running->begun.row.name),
                  LOG_INT("run", running->begun.run.id));
    else if (outcome.state != RUN_RUNNING || was_stopped(running))
        leave_behind(running, access.definition, &outcome);
    log_ended(running, &outcome, began_us);
    access_close(&access);
}
