#include "base/cleanup.h"
#include "sync/lease.h"
#include "sync/lease_rows.h"

bool lease_moves(const struct run_row *run)
{
    return !run->dry && run->kind != RUN_KIND_OBJECT;
}

int lease_leave(struct session *session, struct source_row *row, struct err *err)
{
    row->wanted = WANTED_NOTHING;
    return source_leave(session, row, err);
}

/* ---- ending ---- */

struct end_work {
    const struct lease *lease;
    const struct lease_end *end;
    struct arena *arena;
};

static enum source_event event_of(enum run_state state)
{
    switch (state) {
    case RUN_HELD:
        return SOURCE_EVENT_HOLD;
    case RUN_FAILED:
        return SOURCE_EVENT_FAIL;
    case RUN_RUNNING:
    case RUN_APPLIED:
    case RUN_CANCELLED:
    case RUN_REJECTED:
    case RUN_STATES:
        break;
    }
    return SOURCE_EVENT_DONE;
}

/* A source that was paused meanwhile stays so. */
static int move(const struct lease_end *end, struct source_row *row, struct err *err)
{
    enum source_state state = (enum source_state)row->state;

    if (state == SOURCE_PAUSED)
        return 0;
    if (end->full && state == SOURCE_DELTA &&
        source_next(state, SOURCE_EVENT_FORGOTTEN, &state, err) < 0)
        return -1;
    if (source_next(state, event_of((enum run_state)end->run->state), &state, err) < 0)
        return -1;
    row->state = (int)state;
    return 0;
}

static void fail(const struct lease_end *end, struct source_row *row)
{
    row->failures++;
    row->retry_us = end->now_us + source_backoff_us((unsigned)row->failures, end->code,
                                                    (uint64_t)(row->id ^ end->now_us));
    row->last_error = end->run->words;
}

/* A definition that changed meanwhile has times of its own. */
static void plan_next(const struct lease_end *end, struct source_row *row, bool full)
{
    if (row->changed_us != end->changed_us)
        return;
    row->next_delta_us = end->next_delta_us;
    if (full)
        row->next_full_us = end->next_full_us;
}

/* The pass is complete: what was missed counts as done. */
static void succeed(const struct lease_end *end, struct source_row *row)
{
    row->failures = 0;
    row->retry_us = 0;
    row->last_error = NULL;
    if (end->run->state == RUN_APPLIED) {
        row->last_success_us = end->now_us;
        if (end->full)
            row->last_full_us = end->now_us;
    }
    if (end->run->decided_by == NULL)
        plan_next(end, row, end->full);
}

/* What a run leaves behind in its source's row. */
static int settle(const struct lease_end *end, struct source_row *row, struct err *err)
{
    const struct run_row *run = end->run;

    row->run = 0;
    if (run->state == RUN_HELD && !run->dry)
        row->held_run = run->id;
    if (!lease_moves(run)) {
        if (run->state == RUN_HELD && !run->dry && row->state != SOURCE_PAUSED)
            row->state = SOURCE_HELD;
        return 0;
    }
    if (move(end, row, err) < 0)
        return -1;
    if (run->state == RUN_FAILED)
        fail(end, row);
    else if (run->state == RUN_APPLIED || run->state == RUN_HELD)
        succeed(end, row);
    else
        plan_next(end, row, true); /* cancelled: not again at once */
    return 0;
}

/* A run that failed is still wanted. */
static int want_again(struct session *session, const struct lease_end *end,
                      const struct source_row *row, struct err *err)
{
    enum source_wanted wanted = end->full ? WANTED_FULL : WANTED_DELTA;

    if (end->run->state != RUN_FAILED || !lease_moves(end->run) || end->run->decided_by != NULL ||
        wanted <= row->wanted)
        return 0;
    return source_want(session, row->tenant, row->id, wanted, end->run->asked_by, err);
}

static int end_work(struct session *session, void *argument, struct err *err)
{
    const struct end_work *work = argument;
    const struct lease *lease = work->lease;
    const struct lease_end *end = work->end;
    struct source_row row;
    struct run_row before;
    struct run_row run = *end->run;

    arena_reset(work->arena);
    if (source_lease_renew(session, lease->tenant, lease->source, lease->fence, end->now_us, err) <
            0 ||
        source_find_id(session, work->arena, lease->tenant, lease->source, &row, err) < 0 ||
        run_find(session, work->arena, lease->tenant, run.id, &before, err) < 0)
        return -1;
    if (before.state == RUN_CANCELLED && run.state != RUN_APPLIED && run.state != RUN_HELD) {
        run.decided_by = before.decided_by;
        run.state = RUN_CANCELLED;
    }
    if (run.state != RUN_RUNNING) {
        struct lease_end settled = *end;

        settled.run = &run;
        run.ended_us = end->now_us;
        if (settle(&settled, &row, err) < 0 || want_again(session, &settled, &row, err) < 0)
            return -1;
    }
    row.lease_until_us = 0;
    return run_update(session, &run, err) < 0 ? -1 : lease_leave(session, &row, err);
}

int lease_end(const struct lease *lease, const struct lease_end *end, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct end_work work = {.lease = lease, .end = end, .arena = arena};

    return store_transact(lease->control, end_work, &work, err);
}

/* ---- deciding ---- */

struct decide_work {
    const struct lease *lease;
    struct arena *arena;
    int64_t run;
    enum run_event event;
    const char *by;
    int64_t now_us;
    enum run_state was;
};

/* The source's row is held from here to the commit. */
static int hold(struct session *session, const struct decide_work *work, struct source_row *row,
                struct err *err)
{
    const struct lease *lease = work->lease;

    if (source_find_id(session, work->arena, lease->tenant, lease->source, row, err) < 0)
        return -1;
    if (source_set_state(session, lease->tenant, lease->source, row->state, row->state, err) == 0)
        return source_find_id(session, work->arena, lease->tenant, lease->source, row, err);
    return err->code == ERR_CONFLICT ? err_set(err, ERR_RETRY, "the source has moved on") : -1;
}

/* What a held run leaves where its removals are not to be. */
static int release_held(struct session *session, const struct decide_work *work,
                        struct source_row *row, struct err *err)
{
    enum source_state state = (enum source_state)row->state;

    if (row->fence != work->lease->fence)
        return err_set(err, ERR_CONFLICT, "the run has ended meanwhile: look at it again");
    if (row->held_run != work->run)
        return 0;
    if (state == SOURCE_HELD && source_next(state, SOURCE_EVENT_DECIDED, &state, err) < 0)
        return -1;
    row->held_run = 0;
    row->state = (int)state;
    return lease_leave(session, row, err);
}

static int decide_work(struct session *session, void *argument, struct err *err)
{
    struct decide_work *work = argument;
    struct source_row row;
    struct run_row run;
    enum run_state next;

    arena_reset(work->arena);
    if (hold(session, work, &row, err) < 0 ||
        run_find(session, work->arena, work->lease->tenant, work->run, &run, err) < 0 ||
        run_next((enum run_state)run.state, work->event, &next, err) < 0)
        return -1;
    work->was = (enum run_state)run.state;
    run.state = (int)next;
    run.decided_by = work->by;
    run.ended_us = work->now_us;
    if (work->was == RUN_HELD && release_held(session, work, &row, err) < 0)
        return -1;
    return run_update(session, &run, err);
}

int lease_decide(const struct lease *lease, const struct lease_decision *decision,
                 enum run_state *was, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct decide_work work = {.lease = lease,
                               .arena = arena,
                               .run = decision->run,
                               .event = decision->event,
                               .by = decision->by,
                               .now_us = decision->now_us};

    if (store_transact(lease->control, decide_work, &work, err) < 0)
        return -1;
    *was = work.was;
    return 0;
}
