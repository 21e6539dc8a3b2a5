#include "sync/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/id.h"
#include "base/memory.h"
#include "base/text.h"
#include "sync/membership.h"
#include "sync/object.h"
#include "sync/removal.h"
#include "sync/run_state.h"

#define CAREFUL_TRIES                                                                              \
    2 /* transactions that a taken value may end, before objects go one by one                     \
       */

/* Some changes of a page. */
struct piece {
    struct turn turn;
    const struct change *changes;
    size_t count;
    int64_t part;            /* of the run: the first change's number */
    const struct page *page; /* NULL: more pieces follow */
};

/* ---- before the transaction ---- */

static bool is_id(const char *source_id)
{
    size_t length = source_id != NULL ? strnlen(source_id, LINK_ID_BYTES_MAX + 1) : 0;

    return length > 0 && length <= LINK_ID_BYTES_MAX && text_is_valid(source_id, length);
}

static int load(struct session *session, void *argument, struct err *err)
{
    return turn_load(argument, session, err);
}

static int load_whole(struct session *session, void *argument, struct err *err)
{
    return turn_load_whole(argument, session, err);
}

/* Of a dry run, whose links stand as they were: what earlier pages said is in the plan. */
static int load_staged(struct session *session, void *argument, struct err *err)
{
    struct turn *turn = argument;

    for (size_t i = 0; i < turn->count; i++) {
        struct object *object = turn->objects[i];
        struct staged_row row;
        bool found = false;

        if (!object->spoken)
            continue;
        if (staged_find(session, turn->arena, turn->sync->order->source, turn_plan(turn),
                        STAGED_UPSERT, object->source_id, &row, &found, err) < 0)
            return -1;
        if (found)
            object->attributes = turn_parse(turn, row.attributes);
    }
    return 0;
}

static struct store_scope scope_of(const struct turn *turn)
{
    return turn->sync->order->tenant->scope;
}

static int prepare_piece(struct piece *piece, struct err *err)
{
    struct turn *turn = &piece->turn;

    for (size_t i = 0; i < piece->count; i++) {
        const struct change *change = &piece->changes[i];
        struct object *object;

        if (!is_id(change->source_id))
            continue;
        object = turn_object(turn, change->source_id, turn_type(change->object));
        /* what is merged with or removed is read wholly */
        object->spoken = object->spoken || change->kind == CHANGE_DELETE ||
                         (change->kind == CHANGE_UPSERT && change->partial);
    }
    if (store_read(scope_of(turn), load, turn, err) < 0 ||
        store_read(scope_of(turn), load_whole, turn, err) < 0)
        return -1;
    if (turn_is_dry(turn) && turn->sync->staged &&
        store_read(scope_of(turn), load_staged, turn, err) < 0)
        return -1;
    for (size_t i = 0; i < piece->count; i++) {
        const struct change *change = &piece->changes[i];

        if (change->kind != CHANGE_MEMBERS && is_id(change->source_id))
            object_fold(turn, turn_find(turn, change->source_id), change);
    }
    for (size_t i = 0; i < turn->count; i++)
        object_compare(turn, turn->objects[i]);
    if (store_read(scope_of(turn), load_whole, turn, err) < 0)
        return -1;
    for (size_t i = 0; i < turn->count; i++)
        object_map(turn, turn->objects[i]);
    return 0;
}

/* ---- in the transaction ---- */

/* Ids before their resources, so that objects of one piece can refer to each other; not where an
 * object may turn out to be a resource that is there, or none. */
static void choose_ids(struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++) {
        struct object *object = turn->objects[i];
        char id[ID_TEXT_BYTES];

        if (!object->mapped || !object->usable || object->link.resource_id != NULL ||
            turn->sync->strangers[object->type] || turn->careful || turn->refusal != NULL ||
            turn_is_dry(turn))
            continue;
        id_new(id);
        object->new_id = arena_strdup(turn->arena, id);
    }
}

static int write_objects(struct turn *turn, struct err *err)
{
    choose_ids(turn);
    for (size_t i = 0; i < turn->count; i++) {
        struct object *object = turn->objects[i];
        int result = 0;

        if (!object->spoken)
            continue;
        if (object->deleted)
            result = object->link.state == LINK_GONE ? 0 : removal_stage(turn, object, err);
        else
            result = object_write(turn, object, err);
        if (result < 0)
            return -1;
    }
    return turn_flush(turn, err);
}

static int write_members(struct piece *piece, struct err *err)
{
    for (size_t i = 0; i < piece->count; i++)
        if (piece->changes[i].kind == CHANGE_MEMBERS && is_id(piece->changes[i].source_id) &&
            membership_write(&piece->turn, &piece->changes[i], piece->part + (int64_t)i, err) < 0)
            return -1;
    return membership_settle(&piece->turn, err) < 0 ? -1 : turn_flush(&piece->turn, err);
}

/* What a full pass has shown. */
static int note_seen(struct piece *piece, struct err *err)
{
    struct turn *turn = &piece->turn;
    int64_t *seen = arena_array(turn->scratch, turn->count + 1, sizeof(*seen));
    size_t count = 0;

    if (!turn->sync->full || turn_is_dry(turn))
        return 0;
    for (size_t i = 0; i < turn->count; i++)
        if (turn->objects[i]->spoken && !turn->objects[i]->deleted &&
            turn->objects[i]->link.pk != 0)
            seen[count++] = turn->objects[i]->link.pk;
    return sync_set_put(turn->session, turn->sync->order->source, "", piece->part, seen, count,
                        err);
}

static int write_piece(struct turn *turn, void *argument, struct err *err)
{
    struct piece *piece = argument;

    turn->counters.seen += (int64_t)piece->count;
    for (size_t i = 0; i < piece->count; i++)
        turn->counters.refused += !is_id(piece->changes[i].source_id);
    if (write_objects(turn, err) < 0 || write_members(piece, err) < 0 || note_seen(piece, err) < 0)
        return -1;
    if (piece->page != NULL)
        turn->counters.pages++;
    return 0;
}

/* ---- transactions ---- */

struct commit {
    struct turn *turn;
    turn_body body;
    void *argument;
};

static int commit_work(struct directory_writer *writer, void *argument, struct err *err)
{
    struct commit *commit = argument;
    struct turn *turn = commit->turn;

    turn_start(turn, writer);
    if (commit->body(turn, commit->argument, err) < 0)
        return -1;
    return sync_save(turn, err);
}

int turn_commit(struct turn *turn, turn_body body, void *argument, struct err *err)
{
    const struct run_order *order = turn->sync->order;
    struct commit commit = {.turn = turn, .body = body, .argument = argument};
    char run[32];
    const struct actor actor = {
        .name = order->definition->name, .request_id = run, .is_source = true};

    (void)snprintf(run, sizeof(run), "run-%lld", (long long)order->run);
    if (directory_transact(order->tenant, &actor, commit_work, &commit, err) < 0)
        return -1;
    turn->sync->counters = turn->counters;
    turn->sync->staged = turn->staged;
    turn->sync->open_sets = turn->open_sets;
    return 0;
}

/* Of a dry run, whose links have no rows. */
static void note_dry(struct piece *piece)
{
    struct sync *sync = piece->turn.sync;

    if (!sync->full || !turn_is_dry(&piece->turn))
        return;
    for (size_t i = 0; i < piece->turn.count; i++) {
        const struct object *object = piece->turn.objects[i];

        if (!object->spoken || object->deleted)
            continue;
        if (object->was.pk == 0) {
            sync->dry_new[object->type]++;
            continue;
        }
        if (sync->dry_seen_count == sync->dry_seen_capacity) {
            sync->dry_seen_capacity = 2 * sync->dry_seen_capacity + RUN_TRANSACTION_CHANGES;
            sync->dry_seen =
                memory_resize(sync->dry_seen, sync->dry_seen_capacity * sizeof(*sync->dry_seen));
        }
        sync->dry_seen[sync->dry_seen_count++] = object->was.pk;
    }
}

static void take_page(struct sync *sync, const struct page *page)
{
    if (sync->full) {
        buf_reset(&sync->pass_cursor);
        buf_append(&sync->pass_cursor, page->next.bytes, page->next.length);
    } else if (sync->order->kind != RUN_KIND_OBJECT) {
        buf_reset(&sync->cursor);
        buf_append(&sync->cursor, page->next.bytes, page->next.length);
    }
    if (page->caught_up) {
        sync->expected[RESOURCE_TYPE_USER] = page->expected_users;
        sync->expected[RESOURCE_TYPE_GROUP] = page->expected_groups;
    }
}

struct attempt {
    bool careful;
    const struct err *refusal;
};

static int try_piece(struct sync *sync, struct piece *piece, const struct attempt *attempt,
                     struct err *err)
{
    int result;

    turn_init(&piece->turn, sync);
    piece->turn.careful = attempt->careful;
    piece->turn.refusal = attempt->refusal;
    piece->turn.page = piece->page;
    result = prepare_piece(piece, err);
    if (result == 0)
        result = turn_commit(&piece->turn, write_piece, piece, err);
    if (result == 0)
        note_dry(piece);
    turn_free(&piece->turn);
    return result;
}

/* Is it the fault of what was written, and not of the database or the lease? */
static bool is_of_an_object(const struct err *err)
{
    return err->code != ERR_UNAVAILABLE && err->code != ERR_CONFLICT && err->code != ERR_RETRY;
}

/* One change whose object the database does not take: it is recorded with the reason. */
static int apply_one(struct sync *sync, struct piece *piece, struct err *err)
{
    struct err refusal = {0};

    if (try_piece(sync, piece, &(struct attempt){.careful = true}, &refusal) == 0)
        return 0;
    if (!is_of_an_object(&refusal) || piece->changes[0].kind != CHANGE_UPSERT) {
        *err = refusal;
        return -1;
    }
    return try_piece(sync, piece, &(struct attempt){.refusal = &refusal}, err);
}

static int apply_piece(struct sync *sync, const struct piece *whole, struct err *err)
{
    struct err failure = {0};

    for (int tries = 0; tries < CAREFUL_TRIES; tries++) {
        struct piece piece = *whole;

        failure = (struct err){0};
        if (try_piece(sync, &piece, &(struct attempt){.careful = tries > 0}, &failure) == 0)
            return 0;
        if (!is_of_an_object(&failure)) {
            *err = failure;
            return -1;
        }
    }
    for (size_t i = 0; i < whole->count; i++) {
        struct piece piece = *whole;

        piece.changes = whole->changes + i;
        piece.count = 1;
        piece.part = whole->part + (int64_t)i;
        piece.page = i + 1 == whole->count ? whole->page : NULL;
        if (apply_one(sync, &piece, err) < 0)
            return -1;
    }
    return 0;
}

int page_apply(struct sync *sync, const struct page *page, struct err *err)
{
    size_t done = 0;

    if (page->next.length > PULL_CURSOR_BYTES_MAX)
        return err_set(err, ERR_SOURCE_UNAVAILABLE, "the source's cursor is larger than %zu bytes",
                       PULL_CURSOR_BYTES_MAX);
    do {
        size_t left = page->count - done;
        struct piece piece = {.changes = page->changes + done,
                              .count =
                                  left < RUN_TRANSACTION_CHANGES ? left : RUN_TRANSACTION_CHANGES,
                              .part = sync->page * PAGE_PARTS + (int64_t)done};

        if (done + piece.count == page->count)
            piece.page = page;
        if (apply_piece(sync, &piece, err) < 0)
            return -1;
        done += piece.count;
        if (piece.page == NULL && sync_report(sync, err) < 0)
            return -1;
    } while (done < page->count);
    take_page(sync, page);
    sync->page++;
    return sync_report(sync, err);
}

/* ---- objects whose time has come ---- */

static int write_review(struct turn *turn, void *argument, struct err *err)
{
    (void)argument;
    for (size_t i = 0; i < turn->count; i++) {
        struct object *object = turn->objects[i];

        if (object->was.state == LINK_GONE) {
            if (removal_stage(turn, object, err) < 0)
                return -1;
            if (object->link.pk != 0 && !turn_is_dry(turn)) {
                object->link.due_us = turn->now_us + RUN_RETRY_MAX_S * INT64_C(1000000);
                object->dirty = true;
            }
        } else if (!object->spoken) { /* it has nothing to look at */
            object->link.due_us = 0;
            object->dirty = object->stored;
        } else if (object_write(turn, object, err) < 0) {
            return -1;
        }
    }
    if (turn_flush(turn, err) < 0)
        return -1;
    return membership_settle(turn, err) < 0 ? -1 : turn_flush(turn, err);
}

static int review(struct sync *sync, const struct link_row *links, size_t count,
                  const struct attempt *attempt, struct err *err)
{
    struct turn turn;
    int result;

    turn_init(&turn, sync);
    turn.careful = attempt->careful;
    turn.refusal = attempt->refusal;
    for (size_t i = 0; i < count; i++)
        turn_object(&turn, links[i].source_id, links[i].object)->spoken = true;
    result = store_read(scope_of(&turn), load, &turn, err);
    if (result == 0)
        result = store_read(scope_of(&turn), load_whole, &turn, err);
    for (size_t i = 0; result == 0 && i < turn.count; i++) {
        object_review(&turn, turn.objects[i]);
        object_compare(&turn, turn.objects[i]);
        object_map(&turn, turn.objects[i]);
    }
    if (result == 0)
        result = turn_commit(&turn, write_review, NULL, err);
    turn_free(&turn);
    return result;
}

int page_review(struct sync *sync, const struct link_row *links, size_t count, struct err *err)
{
    struct err failure = {0};

    if (review(sync, links, count, &(struct attempt){.careful = true}, &failure) == 0)
        return 0;
    for (size_t i = 0; is_of_an_object(&failure) && i < count; i++) {
        struct err refusal = {0};

        if (review(sync, &links[i], 1, &(struct attempt){.careful = true}, &refusal) == 0)
            continue;
        if (!is_of_an_object(&refusal)) {
            *err = refusal;
            return -1;
        }
        if (review(sync, &links[i], 1, &(struct attempt){.refusal = &refusal}, err) < 0)
            return -1;
    }
    if (!is_of_an_object(&failure))
        *err = failure;
    return is_of_an_object(&failure) ? 0 : -1;
}
