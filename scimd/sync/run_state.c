#include "sync/run_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/blocks.h"
#include "sync/page.h"

static const char *encode(struct arena *arena, const struct buf *bytes)
{
    char *text = arena_alloc(arena, digest_base64url_bytes(bytes->length));

    digest_base64url(bytes->bytes, bytes->length, text);
    return text;
}

static void decode(const char *text, struct buf *out)
{
    size_t length = strlen(text);
    uint8_t *bytes = calloc(length + 1, 1);
    long count = bytes != NULL ? digest_from_base64url(text, length, bytes) : -1;

    buf_reset(out);
    if (count > 0)
        buf_append(out, bytes, (size_t)count);
    free(bytes);
}

/* ---- what stands beside the counters ---- */

static void render(const struct turn *turn, int64_t users, int64_t groups, struct buf *json)
{
    buf_printf(json,
               "{\"full\":%s,\"open_sets\":%d,\"expected_users\":%lld,"
               "\"expected_groups\":%lld,\"counters\":",
               turn->sync->full ? "true" : "false", turn->open_sets, (long long)users,
               (long long)groups);
    run_counters_render(&turn->counters, json);
    buf_putc(json, '}');
}

/* Sets that a pull has begun: a delta that was cut goes on in another run. */
static int read_open_sets(const char *text)
{
    CLEANUP(json_decrefp) json_t *json = json_loads(text, 0, NULL);

    return (int)json_integer_value(json_object_get(json, "open_sets"));
}

static void read_counters(struct sync *sync, const char *text)
{
    CLEANUP(json_decrefp) json_t *json = json_loads(text, 0, NULL);
    char *counters = json_dumps(json_object_get(json, "counters"), JSON_COMPACT);

    if (counters != NULL)
        run_counters_read(counters, &sync->counters);
    free(counters);
    sync->full = json_is_true(json_object_get(json, "full"));
    sync->expected[RESOURCE_TYPE_USER] =
        json_integer_value(json_object_get(json, "expected_users"));
    sync->expected[RESOURCE_TYPE_GROUP] =
        json_integer_value(json_object_get(json, "expected_groups"));
}

/* ---- begin ---- */

struct begin {
    struct sync *sync;
    struct arena *arena;
    struct sync_row row;
    int64_t staged;
    int64_t strangers[3];
};

static int begin_work(struct session *session, void *argument, struct err *err)
{
    struct begin *begin = argument;
    const struct run_order *order = begin->sync->order;
    int64_t plan = order->dry ? order->run : STAGED_LIVE;
    struct links_tally tally = {0};

    arena_reset(begin->arena);
    if (sync_row_take(session, begin->arena, order->source, order->fence, &begin->row, err) < 0 ||
        staged_count(session, order->source, plan, &begin->staged, err) < 0 ||
        links_tally(session, order->source, &tally, err) < 0 ||
        blocks_total(session, RESOURCE_TYPE_USER, &begin->strangers[RESOURCE_TYPE_USER], err) < 0 ||
        blocks_total(session, RESOURCE_TYPE_GROUP, &begin->strangers[RESOURCE_TYPE_GROUP], err) < 0)
        return -1;
    begin->strangers[RESOURCE_TYPE_USER] -= tally.users;
    begin->strangers[RESOURCE_TYPE_GROUP] -= tally.groups;
    return 0;
}

static void go_on(struct sync *sync, const struct sync_row *row)
{
    sync->phase = (enum run_phase)row->phase;
    sync->page = row->page;
    sync->resumed = true;
    read_counters(sync, row->counters);
    decode(row->pass_cursor, &sync->pass_cursor);
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

static int forget(struct sync *sync, struct err *err)
{
    struct turn turn;
    int result;

    turn_init(&turn, sync);
    result = turn_commit(&turn, forget_pass, NULL, err);
    turn_free(&turn);
    return result;
}

int sync_begin(struct sync *sync, struct err *err)
{
    const struct run_order *order = sync->order;
    struct begin begin = {.sync = sync, .arena = arena_new(ARENA_BLOCK_BYTES)};
    const struct sync_row *row = &begin.row;
    int result = store_transact(order->tenant->scope, begin_work, &begin, err);

    if (result == 0) {
        decode(row->cursor, &sync->cursor);
        (void)snprintf(sync->doubt, sizeof(sync->doubt), "%s", row->doubt);
        sync->staged = begin.staged > 0;
        sync->open_sets = read_open_sets(row->counters);
        sync->page = row->page; /* parts of sets are numbered by it */
        for (int type = RESOURCE_TYPE_USER; type <= RESOURCE_TYPE_GROUP; type++)
            sync->strangers[type] = begin.strangers[type] > 0;
        sync->phase = PHASE_PULL;
        sync->full = order->kind == RUN_KIND_FULL ||
                     (order->kind == RUN_KIND_DELTA && sync->cursor.length == 0);
        /* a dry run begins anew, and has no part in sets that a real one has begun */
        if (order->dry && !order->approved && order->kind == RUN_KIND_DELTA)
            sync->full = sync->full || sync->open_sets > 0;
        if (order->approved)
            sync->phase = PHASE_APPLY;
        else if (!order->dry && row->run == order->run && row->phase != PHASE_DONE)
            go_on(sync, row);
        else if (sync->full)
            result = sync_begin_pass(sync, err);
        else if (order->dry)
            result = forget(sync, err);
    }
    arena_free(begin.arena);
    return result;
}

int sync_begin_pass(struct sync *sync, struct err *err)
{
    /* a delta that was cut within a set can't go on without what it had of it */
    if (!sync->order->dry && sync->open_sets > 0)
        buf_reset(&sync->cursor);

    sync->full = true;
    sync->phase = PHASE_PULL;
    sync->page = 0;
    sync->resumed = false;
    sync->dry_seen_count = 0;
    memset(sync->dry_new, 0, sizeof(sync->dry_new));
    buf_reset(&sync->pass_cursor);
    return forget(sync, err);
}

/* ---- save ---- */

int sync_save(struct turn *turn, struct err *err)
{
    const struct sync *sync = turn->sync;
    const struct page *page = turn->page;
    CLEANUP(buf_free) struct buf counters = {0};
    CLEANUP(buf_free) struct buf next = {0};
    bool ends = page != NULL && page->caught_up;
    bool moves = !sync->full && sync->order->kind != RUN_KIND_OBJECT;
    struct sync_row row = {.fence = sync->order->fence,
                           .run = sync->order->run,
                           .phase = ends ? PHASE_SWEEP : (int)sync->phase,
                           .page = sync->page + (page != NULL),
                           .doubt = sync->doubt};

    if (turn_is_dry(turn)) /* the fence alone: a plan has one writer, too */
        return sync_row_take(turn->session, turn->scratch, sync->order->source, row.fence, &row,
                             err);
    if (page != NULL)
        buf_append(&next, page->next.bytes, page->next.length);
    row.cursor = encode(turn->scratch, page != NULL && moves ? &next : &sync->cursor);
    row.pass_cursor =
        encode(turn->scratch, page != NULL && sync->full ? &next : &sync->pass_cursor);
    render(turn, ends ? page->expected_users : sync->expected[RESOURCE_TYPE_USER],
           ends ? page->expected_groups : sync->expected[RESOURCE_TYPE_GROUP], &counters);
    row.counters = buf_text(&counters);
    return sync_row_put(turn->session, sync->order->source, &row, err);
}

static int nothing(struct turn *turn, void *argument, struct err *err)
{
    (void)turn;
    (void)argument;
    (void)err;
    return 0;
}

int sync_enter(struct sync *sync, enum run_phase phase, struct err *err)
{
    struct turn turn;
    int result;

    sync->phase = phase;
    if (sync->order->dry && !sync->order->approved)
        return 0;
    turn_init(&turn, sync);
    result = turn_commit(&turn, nothing, NULL, err);
    turn_free(&turn);
    return result;
}

int sync_report(struct sync *sync, struct err *err)
{
    const struct run_order *order = sync->order;

    if ((order->stop == NULL || !atomic_load(order->stop)) &&
        (order->progress == NULL || order->progress(order->context, sync->phase, &sync->counters)))
        return 0;
    sync->left = true;
    return err_set(err, ERR_CONFLICT, "the run was interrupted");
}
