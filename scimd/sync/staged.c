#include "sync/staged.h"

#include <string.h>

#include "sync/object.h"

int64_t staged_plan(const struct sync *sync)
{
    return sync->order->dry ? sync->order->run : STAGED_LIVE;
}

struct reading {
    struct staged_piece *piece;
    const struct staged_place *after;
    size_t limit;
};

static int read_piece(struct session *session, void *argument, struct err *err)
{
    struct reading *reading = argument;
    struct staged_piece *piece = reading->piece;
    struct turn *turn = &piece->turn;

    if (staged_walk(session, turn->arena, turn->sync->order->source, staged_plan(turn->sync),
                    reading->after, reading->limit, &piece->rows, &piece->count, err) < 0)
        return -1;
    for (size_t i = 0; i < piece->count; i++)
        turn_object(turn, piece->rows[i].source_id,
                    piece->rows[i].kind == STAGED_MEMBER_ADD ||
                            piece->rows[i].kind == STAGED_MEMBER_REMOVE
                        ? RESOURCE_TYPE_GROUP
                        : piece->rows[i].object)
            ->spoken = true;
    if (turn_load(turn, session, err) < 0)
        return -1;
    return turn_load_whole(turn, session, err);
}

static void take(struct turn *turn, const struct staged_row *row)
{
    struct object *object = turn_find(turn, row->source_id);

    if (row->kind != STAGED_UPSERT)
        return;
    object->attributes = turn_parse(turn, row->attributes);
    object_compare(turn, object);
    object->mapped = true;
    object->usable = true;
    object->desired = turn_parse(turn, row->document);
    object->refs = turn_parse(turn, row->refs);
    object->mapped_before = turn_parse(turn, object->was.document);
    object->stale_at_us = row->due_us != 0 ? row->due_us : INT64_MAX;
}

int staged_open(struct sync *sync, const struct staged_place *after, size_t limit,
                struct staged_piece *piece, struct err *err)
{
    struct reading reading = {.piece = piece, .after = after, .limit = limit};

    turn_init(&piece->turn, sync);
    if (store_read(sync->order->tenant->scope, read_piece, &reading, err) < 0)
        return -1;
    for (size_t i = 0; i < piece->count; i++)
        take(&piece->turn, &piece->rows[i]);
    return 0;
}

void staged_close(struct staged_piece *piece)
{
    turn_free(&piece->turn);
}

struct object *staged_object(const struct staged_piece *piece, const struct staged_row *row)
{
    return turn_find(&piece->turn, row->source_id);
}
