#include "sync/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "sync/page.h"
#include "sync/phases.h"
#include "sync/run_state.h"

/* ---- the source ---- */

static int open_source(struct sync *sync, struct err *err)
{
    if (sync->session != NULL)
        return 0;
    return sync->order->definition->connector->open(sync->order->settings, &sync->session, err);
}

static void close_source(struct sync *sync)
{
    sync->order->definition->connector->close(sync->session);
    sync->session = NULL;
}

static int fetch(struct sync *sync, struct arena *arena, struct page *page, struct err *err)
{
    const struct run_order *order = sync->order;

    if (order->definition->connector->fetch(sync->session,
                                            order->object_is_group ? OBJECT_GROUP : OBJECT_USER,
                                            order->object, arena, page, err) < 0)
        return -1;
    page->caught_up = true;
    return 0;
}

static int pull_page(struct sync *sync, struct arena *arena, struct page *page, struct err *err)
{
    const struct buf *from = sync->full ? &sync->pass_cursor : &sync->cursor;
    const struct cursor cursor = {.bytes = from->bytes, .length = from->length};

    *page = (struct page){.expected_users = -1, .expected_groups = -1};
    if (open_source(sync, err) < 0)
        return -1;
    if (sync->order->kind == RUN_KIND_OBJECT)
        return fetch(sync, arena, page, err);
    return sync->order->definition->connector->pull(sync->session, cursor, arena, page, err);
}

/* The source forgot our cursor: everything is read anew. */
static int start_over(struct sync *sync, struct err *err)
{
    struct err expired = *err;

    if (sync->restarts++ >= RUN_RESTARTS_MAX || sync->order->kind == RUN_KIND_OBJECT)
        return err_set(err, ERR_SOURCE_UNAVAILABLE, "the source forgets where we are: %s",
                       expired.detail);
    *err = (struct err){0};
    return sync_begin_pass(sync, err);
}

/* Every turn starts from what is committed, and a page and its cursor are one transaction: a crash
 * is just one more turn. */
static int pull(struct sync *sync, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct page page;

    do {
        arena_reset(arena);
        page.caught_up = false;
        if (pull_page(sync, arena, &page, err) < 0) {
            if (err->code != ERR_CURSOR_EXPIRED || start_over(sync, err) < 0)
                return -1;
            continue;
        }
        if (page_apply(sync, &page, err) < 0)
            return -1;
        if (page.expected_users > 0 || page.expected_groups > 0)
            sync->counters.expected = page.expected_users + page.expected_groups;
    } while (!page.caught_up);
    sync->phase = PHASE_SWEEP;
    return 0;
}

/* ---- the end ---- */

static void fail(struct run_outcome *out, enum err_code code, const char *words)
{
    out->state = RUN_FAILED;
    out->code = code;
    (void)snprintf(out->words, sizeof(out->words), "%s", words);
}

static int forget_pass(struct turn *turn, void *argument, struct err *err)
{
    int64_t source = turn->sync->order->source;

    (void)argument;
    turn->staged = false;
    turn->open_sets = 0;
    if (staged_clear(turn->session, source, turn_plan(turn), err) < 0)
        return -1;
    return sync_set_drop(turn->session, turn_sets(turn), NULL, err);
}

/* A full pass that failed leaves nothing to conclude from; deltas go on where they were. */
static void give_up(struct sync *sync)
{
    struct err ignored = {0};
    struct turn turn;

    sync->phase = PHASE_DONE;
    buf_reset(&sync->pass_cursor);
    turn_init(&turn, sync);
    if (sync->full || sync->order->dry)
        (void)turn_commit(&turn, forget_pass, NULL, &ignored);
    turn_free(&turn);
    if (!sync->full)
        (void)sync_enter(sync, PHASE_DONE, &ignored);
}

static int finish(struct sync *sync, struct run_outcome *out, struct err *err)
{
    out->state = RUN_APPLIED;
    return sync_enter(sync, PHASE_DONE, err);
}

static int carry_out(struct sync *sync, struct run_outcome *out, struct err *err)
{
    int64_t gone = sync->counters.deleted + sync->counters.updated + sync->counters.deactivated;

    if (carry_out_staged(sync, err) < 0)
        return -1;
    if (sync->counters.deleted + sync->counters.updated + sync->counters.deactivated != gone &&
        sweep_refused(sync, err) < 0)
        return -1;
    return finish(sync, out, err);
}

static int judge(struct sync *sync, struct run_outcome *out, struct err *err)
{
    struct judgement judgement;

    if (sweep_due(sync, err) < 0 || judge_staged(sync, &judgement, err) < 0)
        return -1;
    if (judgement.empty)
        return finish(sync, out, err);
    if (judgement.held) {
        out->state = RUN_HELD;
        memcpy(out->words, judgement.words, sizeof(out->words));
        memcpy(out->hash, judgement.hash, sizeof(out->hash));
        memcpy(out->summary, judgement.summary, sizeof(out->summary));
        return sync_enter(sync, PHASE_DONE, err);
    }
    if (sync_enter(sync, PHASE_APPLY, err) < 0)
        return -1;
    return carry_out(sync, out, err);
}

static int sweep(struct sync *sync, struct run_outcome *out, struct err *err)
{
    enum health health = HEALTH_GOOD;

    if (sync->full && sweep_pass(sync, &health, out->words, sizeof(out->words), err) < 0)
        return -1;
    if (health == HEALTH_BAD) {
        char words[sizeof(out->words)];

        memcpy(words, out->words, sizeof(words));
        fail(out, ERR_SOURCE_UNAVAILABLE, words);
        return 0;
    }
    out->words[0] = '\0';
    if (!sync->full && sync_enter(sync, PHASE_JUDGE, err) < 0)
        return -1;
    sync->phase = PHASE_JUDGE;
    return judge(sync, out, err);
}

static int go(struct sync *sync, struct run_outcome *out, struct err *err)
{
    if (sync_begin(sync, err) < 0)
        return -1;
    switch (sync->phase) {
    case PHASE_PULL:
        if (pull(sync, err) < 0)
            return -1;
        return sweep(sync, out, err);
    case PHASE_SWEEP:
        return sweep(sync, out, err);
    case PHASE_JUDGE:
        return judge(sync, out, err);
    case PHASE_APPLY:
        return carry_out(sync, out, err);
    case PHASE_DONE:
        break;
    }
    return finish(sync, out, err);
}

/* ---- the whole ---- */

static void prepare_type(struct sync *sync, int type, const struct mapping *mapping)
{
    struct compose_places *places = &sync->places[type];

    places->type = schema_set_type_by_number(sync->order->tenant->schemas, type);
    places->items = mapping_places(mapping, sync->arena, &places->count);
    sync->references[type] =
        mapping_reference_places(mapping, sync->arena, &sync->reference_count[type]);
}

static void prepare(struct sync *sync, const struct run_order *order)
{
    *sync = (struct sync){.order = order, .arena = arena_new(ARENA_BLOCK_BYTES)};
    sync->expected[RESOURCE_TYPE_USER] = -1;
    sync->expected[RESOURCE_TYPE_GROUP] = -1;
    prepare_type(sync, RESOURCE_TYPE_USER, order->definition->users);
    prepare_type(sync, RESOURCE_TYPE_GROUP, order->definition->groups);
    digest_sha256(order->definition->json, order->definition->json_length, sync->mapping_digest);
}

static void release(struct sync *sync)
{
    buf_free(&sync->cursor);
    buf_free(&sync->pass_cursor);
    free(sync->dry_seen);
    arena_free(sync->arena);
}

void run_execute(const struct run_order *order, struct run_outcome *out)
{
    struct run_order whole = *order;
    struct sync sync;
    struct err err = {0};

    *out = (struct run_outcome){.state = RUN_RUNNING};
    if (whole.now_us == NULL)
        whole.now_us = clock_now_us;
    prepare(&sync, &whole);
    if (go(&sync, out, &err) < 0) {
        if (sync.left || err.code == ERR_CONFLICT) {
            out->state = RUN_RUNNING;
            out->code = err.code;
        } else {
            fail(out, err.code, err.detail);
            give_up(&sync);
        }
    }
    close_source(&sync);
    out->full = sync.full;
    out->counters = sync.counters;
    release(&sync);
}
