#include "sync/lease.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "sync/lease_rows.h"

#define SECOND_US INT64_C(1000000)

/* ---- taking ---- */

static int busy(const struct source_row *row, struct err *err)
{
    if (row->run != 0)
        return err_set(err, ERR_CONFLICT, "run %lld is under way", (long long)row->run);
    return err_set(err, ERR_CONFLICT, "the source is being changed: try again");
}

static int64_t lease_us(const struct lease *lease)
{
    return (lease->seconds > 0 ? lease->seconds : LEASE_S) * SECOND_US;
}

/* The row as it stands, which nobody else changes until the commit. */
static int take(struct session *session, struct lease *lease, int64_t now_us, struct arena *arena,
                struct source_row *row, struct err *err)
{
    bool taken = false;

    if (source_find_id(session, arena, lease->tenant, lease->source, row, err) < 0 ||
        source_lease(session, row, lease->owner, now_us, now_us + lease_us(lease), &lease->fence,
                     &taken, err) < 0)
        return -1;
    if (!taken)
        return busy(row, err);
    return source_find_id(session, arena, lease->tenant, lease->source, row, err);
}

struct take_work {
    struct lease *lease;
    struct arena *arena;
    int64_t now_us;
};

static int borrow_work(struct session *session, void *argument, struct err *err)
{
    const struct take_work *work = argument;
    struct source_row row;

    arena_reset(work->arena);
    if (take(session, work->lease, work->now_us, work->arena, &row, err) < 0)
        return -1;
    return row.run != 0 ? busy(&row, err) : 0;
}

int lease_borrow(struct lease *lease, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct take_work work = {.lease = lease, .arena = arena, .now_us = clock_now_us()};

    return store_transact(lease->control, borrow_work, &work, err);
}

static int return_work(struct session *session, void *argument, struct err *err)
{
    const struct take_work *work = argument;
    const struct lease *lease = work->lease;
    struct source_row row;

    arena_reset(work->arena);
    if (source_lease_renew(session, lease->tenant, lease->source, lease->fence, work->now_us, err) <
            0 ||
        source_find_id(session, work->arena, lease->tenant, lease->source, &row, err) < 0)
        return -1;
    row.lease_until_us = 0;
    return lease_leave(session, &row, err);
}

void lease_return(const struct lease *lease)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct lease own = *lease;
    struct take_work work = {.lease = &own, .arena = arena, .now_us = clock_now_us()};
    struct err err = {0};

    /* else it runs out by itself */
    if (store_transact(lease->control, return_work, &work, &err) < 0 && err.code != ERR_NOT_FOUND)
        log_event(LOG_LEVEL_WARNING, "sync.lease_left", LOG_INT("tenant", lease->tenant),
                  LOG_INT("source", lease->source), LOG_TEXT("detail", err.detail),
                  LOG_TEXT("cause", err.cause));
}

/* ---- beginning ---- */

struct begin_work {
    struct lease *lease;
    const struct lease_order *order;
    struct arena *arena;
    struct lease_begun *out;
};

static int approve(struct session *session, const struct begin_work *work, struct err *err)
{
    const struct lease_order *order = work->order;
    struct run_row *run = &work->out->run;
    enum run_state next;

    if (run_find(session, work->arena, work->lease->tenant, order->approve, run, err) < 0 ||
        run_next((enum run_state)run->state, RUN_EVENT_APPROVE, &next, err) < 0)
        return -1;
    if (strcmp(run->hash, order->hash) != 0)
        return err_set(err, ERR_CONFLICT,
                       "the plan has changed: look again with scimctl run plan %lld",
                       (long long)run->id);
    run->state = (int)next;
    run->decided_by = arena_strdup(work->arena, order->asked_by);
    run->words = NULL;
    run->ended_us = 0;
    return run_update(session, run, err);
}

static int insert(struct session *session, const struct begin_work *work, struct err *err)
{
    const struct lease_order *order = work->order;
    struct run_row *run = &work->out->run;

    *run = (struct run_row){.tenant = work->lease->tenant,
                            .source = work->lease->source,
                            .source_name = work->out->row.name,
                            .kind = order->kind,
                            .dry = order->dry,
                            .state = RUN_RUNNING,
                            .started_us = order->now_us,
                            .counters = "{}"};
    if (order->asked_by != NULL)
        run->asked_by = arena_strdup(work->arena, order->asked_by);
    return run_insert(session, run, &run->id, err);
}

/* What waits for approval was judged by what stood then: a run that writes is judged anew. */
static int replace_held(struct session *session, const struct begin_work *work, struct err *err)
{
    const struct run_row *runs = NULL;
    size_t count = 0;
    int64_t *replaced;
    struct lease_begun *out = work->out;

    if (runs_list(session, work->arena, work->lease->tenant, work->lease->source, 0,
                  LEASE_HELD_RUNS, &runs, &count, err) < 0)
        return -1;
    replaced = arena_array(work->arena, count, sizeof(*replaced));
    for (size_t i = 0; i < count; i++) {
        struct run_row run = runs[i];

        if (run.state != RUN_HELD || run.id == out->run.id)
            continue;
        if (run.dry)
            replaced[out->replaced_count++] = run.id;
        run.state = RUN_CANCELLED;
        run.words = arena_printf(work->arena, "run %lld took its place", (long long)out->run.id);
        if (run_update(session, &run, err) < 0)
            return -1;
    }
    out->replaced = replaced;
    out->row.held_run = 0;
    return 0;
}

/* Moves the source; what it wanted is what begins now. */
static int enter(struct session *session, const struct begin_work *work, struct err *err)
{
    struct source_row *row = &work->out->row;
    const struct run_row *run = &work->out->run;
    enum source_state next = (enum source_state)row->state;
    enum source_event event = run->kind == RUN_KIND_FULL ? SOURCE_EVENT_FULL : SOURCE_EVENT_DELTA;

    if (row->state == SOURCE_PAUSED && !run->dry)
        return err_set(err, ERR_CONFLICT, "the source is paused");
    if (lease_moves(run) && row->state != SOURCE_FULL && row->state != SOURCE_DELTA &&
        source_next((enum source_state)row->state, event, &next, err) < 0)
        return -1;
    if ((!run->dry || run->decided_by != NULL) && !work->out->continued &&
        replace_held(session, work, err) < 0)
        return -1;
    if (!lease_moves(run) || work->out->continued || run->decided_by != NULL)
        row->wanted = WANTED_NOTHING; /* not yet */
    row->state = (int)next;
    row->run = run->id;
    row->fence = work->lease->fence;
    return source_leave(session, row, err);
}

static int begin_work(struct session *session, void *argument, struct err *err)
{
    const struct begin_work *work = argument;
    struct lease_begun *out = work->out;
    int result;

    arena_reset(work->arena);
    *out = (struct lease_begun){0};
    if (take(session, work->lease, work->order->now_us, work->arena, &out->row, err) < 0)
        return -1;
    out->continued = out->row.run != 0;
    if (out->continued && !work->order->continues)
        return busy(&out->row, err);
    if (!out->continued && work->order->continues)
        return err_set(err, ERR_CONFLICT, "the run has ended meanwhile");
    if (out->continued)
        result = run_find(session, work->arena, work->lease->tenant, out->row.run, &out->run, err);
    else if (work->order->approve != 0)
        result = approve(session, work, err);
    else
        result = insert(session, work, err);
    return result < 0 ? -1 : enter(session, work, err);
}

int lease_begin(struct lease *lease, const struct lease_order *order, struct arena *arena,
                struct lease_begun *out, struct err *err)
{
    struct begin_work work = {.lease = lease, .order = order, .arena = arena, .out = out};

    return store_transact(lease->control, begin_work, &work, err);
}

/* ---- going on ---- */

struct renew_work {
    const struct lease *lease;
    struct arena *arena;
    int64_t run;
    const char *counters;
    int64_t until_us;
    bool cancelled;
};

static int renew_work(struct session *session, void *argument, struct err *err)
{
    struct renew_work *work = argument;
    const struct lease *lease = work->lease;
    struct run_row run;

    arena_reset(work->arena);
    work->cancelled = false;
    if (source_lease_renew(session, lease->tenant, lease->source, lease->fence, work->until_us,
                           err) < 0 ||
        run_find(session, work->arena, lease->tenant, work->run, &run, err) < 0)
        return -1;
    work->cancelled = run.state != RUN_RUNNING;
    if (work->cancelled || work->counters == NULL)
        return 0;
    run.counters = work->counters;
    return run_update(session, &run, err);
}

int lease_renew(const struct lease *lease, int64_t run, const char *counters, bool *cancelled,
                struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct renew_work work = {.lease = lease,
                              .arena = arena,
                              .run = run,
                              .counters = counters,
                              .until_us = clock_now_us() + lease_us(lease)};

    if (store_transact(lease->control, renew_work, &work, err) < 0)
        return -1;
    *cancelled = work.cancelled;
    return 0;
}
