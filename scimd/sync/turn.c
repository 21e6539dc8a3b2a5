#include "sync/turn.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_CAPACITY 256

void turn_init(struct turn *turn, struct sync *sync)
{
    *turn = (struct turn){.sync = sync,
                          .arena = arena_new(ARENA_BLOCK_BYTES),
                          .scratch = arena_new(ARENA_BLOCK_BYTES),
                          .now_us = sync->order->now_us()};
}

void turn_free(struct turn *turn)
{
    for (size_t i = 0; i < turn->kept_count; i++)
        json_decref(turn->kept[i]);
    free(turn->kept);
    free(turn->objects);
    arena_free(turn->scratch);
    arena_free(turn->arena);
}

static void begin(struct turn *turn)
{
    arena_reset(turn->scratch);
    turn->counters = turn->sync->counters;
    turn->staged = turn->sync->staged;
    turn->open_sets = turn->sync->open_sets;
    for (size_t i = 0; i < turn->count; i++) {
        struct object *object = turn->objects[i];

        object->link = object->was;
        object->stored = object->was.pk != 0;
        object->dirty = false;
        object->arrived = false;
        object->new_id = NULL;
        object->problem = object->mapped_problem;
        object->before = object->mapped_before;
    }
}

void turn_start(struct turn *turn, struct directory_writer *writer)
{
    begin(turn);
    turn->writer = writer;
    turn->session = directory_session(writer);
}

void turn_read(struct turn *turn, struct session *session)
{
    begin(turn);
    turn->session = session;
}

static size_t bucket_of(const char *source_id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (const char *byte = source_id; *byte != '\0'; byte++)
        hash = (hash ^ (unsigned char)*byte) * 16777619u;
    return hash % TURN_BUCKETS;
}

struct object *turn_find(const struct turn *turn, const char *source_id)
{
    struct object *object = turn->buckets[bucket_of(source_id)];

    while (object != NULL && strcmp(object->source_id, source_id) != 0)
        object = object->next;
    return object;
}

struct object *turn_object(struct turn *turn, const char *source_id, int type)
{
    struct object *object = turn_find(turn, source_id);
    size_t bucket = bucket_of(source_id);

    if (object != NULL)
        return object;
    if (turn->count == turn->capacity) {
        turn->capacity = turn->capacity > 0 ? 2 * turn->capacity : FIRST_CAPACITY;
        turn->objects = memory_resize(turn->objects, turn->capacity * sizeof(*turn->objects));
    }
    object = arena_alloc(turn->arena, sizeof(*object));
    object->source_id = arena_strdup(turn->arena, source_id);
    object->type = type;
    object->stale_at_us = INT64_MAX;
    object->next = turn->buckets[bucket];
    turn->buckets[bucket] = object;
    turn->objects[turn->count++] = object;
    return object;
}

json_t *turn_keep(struct turn *turn, json_t *value)
{
    if (value == NULL)
        return NULL;
    if (turn->kept_count == turn->kept_capacity) {
        turn->kept_capacity = turn->kept_capacity > 0 ? 2 * turn->kept_capacity : FIRST_CAPACITY;
        turn->kept = memory_resize(turn->kept, turn->kept_capacity * sizeof(*turn->kept));
    }
    turn->kept[turn->kept_count++] = value;
    return value;
}

json_t *turn_parse(struct turn *turn, const char *text)
{
    if (text == NULL)
        return NULL;
    return turn_keep(turn, json_loads(text, JSON_DECODE_ANY, NULL));
}

typedef bool choose(const struct object *object);

static bool is_unknown(const struct object *object)
{
    return object->was.pk == 0;
}

/* Whose stored texts count: to be mapped, merged or removed. */
static bool wants_texts(const struct object *object)
{
    return object->was.pk != 0 && object->was.attributes == NULL && object->was.document == NULL &&
           !object->unchanged && object->spoken;
}

static int load_chosen(struct turn *turn, struct session *session, choose *chosen, bool whole,
                       struct err *err)
{
    size_t most = turn->count < LINKS_CHUNK ? turn->count : LINKS_CHUNK;
    const char **ids = arena_array(turn->arena, most, sizeof(*ids));
    struct object **objects = arena_array(turn->arena, most, sizeof(*objects));
    struct link_row *rows = arena_array(turn->arena, most, sizeof(*rows));
    size_t at = 0;

    while (at < turn->count) {
        size_t count = 0;

        for (; at < turn->count && count < most; at++) {
            if (!chosen(turn->objects[at]))
                continue;
            ids[count] = turn->objects[at]->source_id;
            objects[count++] = turn->objects[at];
        }
        if (count == 0)
            break;
        if (links_find(session, turn->arena, turn->sync->order->source, ids, count, whole, rows,
                       err) < 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            objects[i]->was = rows[i];
    }
    return 0;
}

int turn_load(struct turn *turn, struct session *session, struct err *err)
{
    return load_chosen(turn, session, is_unknown, false, err);
}

int turn_load_whole(struct turn *turn, struct session *session, struct err *err)
{
    return load_chosen(turn, session, wants_texts, true, err);
}

int turn_flush(struct turn *turn, struct err *err)
{
    struct link_row *rows = arena_array(turn->scratch, turn->count + 1, sizeof(*rows));
    int64_t source = turn->sync->order->source;
    size_t count = 0;

    for (size_t i = 0; i < turn->count; i++) {
        struct object *object = turn->objects[i];

        if (!object->dirty)
            continue;
        object->dirty = false;
        if (!object->stored) {
            rows[count++] = object->link;
            object->stored = true;
        } else if (links_update(turn->session, source, &object->link, err) < 0) {
            return -1;
        }
    }
    return count > 0 ? links_insert(turn->session, source, rows, count, err) : 0;
}

int64_t turn_plan(const struct turn *turn)
{
    return turn_is_dry(turn) ? turn->sync->order->run : STAGED_LIVE;
}

int64_t turn_sets(const struct turn *turn)
{
    const struct run_order *order = turn->sync->order;

    return turn_is_dry(turn) || order->kind == RUN_KIND_OBJECT ? -order->run : order->source;
}

bool turn_is_dry(const struct turn *turn)
{
    return turn->sync->order->dry && !turn->sync->order->approved;
}

int turn_unstage(struct turn *turn, enum staged_kind kind, const char *source_id, struct err *err)
{
    if (!turn->staged)
        return 0;
    return staged_drop(turn->session, turn->sync->order->source, turn_plan(turn), kind, source_id,
                       NULL, 0, err);
}

int turn_stage(struct turn *turn, const struct staged_row *row, struct err *err)
{
    turn->staged = true;
    return staged_put(turn->session, turn->sync->order->source, turn_plan(turn), row, err);
}

int turn_type(enum object_kind object)
{
    return object == OBJECT_GROUP ? RESOURCE_TYPE_GROUP : RESOURCE_TYPE_USER;
}
