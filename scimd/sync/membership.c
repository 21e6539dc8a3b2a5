/* Memberships by source id.  A member without a resource is remembered, not made: its group waits
 * for it. */
#include "sync/membership.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/id.h"
#include "base/memory.h"
#include "store/link_among.h"
#include "sync/object.h"

/* A chunk of members, looked up. */
struct chunk {
    const char **ids;
    struct link_row *rows;
    bool *is_member;
    size_t count;
};

struct group {
    struct turn *turn;
    struct object *object;
    const char *resource_id; /* NULL: not there yet */
    int64_t resource_pk;
    struct chunk *chunk;
};

/* No larger than the members ask for: a page has many small groups. */
static struct chunk *chunk_new(struct turn *turn, size_t members)
{
    struct chunk *chunk = arena_alloc(turn->scratch, sizeof(*chunk));
    size_t count = members < LINKS_CHUNK ? members : LINKS_CHUNK;

    chunk->ids = arena_array(turn->scratch, count + 1, sizeof(*chunk->ids));
    chunk->rows = arena_array(turn->scratch, count + 1, sizeof(*chunk->rows));
    chunk->is_member = arena_array(turn->scratch, count + 1, sizeof(*chunk->is_member));
    return chunk;
}

/* Members stand for somebody only while the source has them. */
static bool stands(const struct link_row *row)
{
    return row->state == LINK_LIVE && row->resource_id != NULL;
}

static int look_up(const struct group *group, const struct member *members, size_t count,
                   struct err *err)
{
    struct turn *turn = group->turn;
    struct chunk *chunk = group->chunk;
    int64_t *keys = arena_array(turn->scratch, count, sizeof(*keys));

    chunk->count = count;
    for (size_t i = 0; i < count; i++)
        chunk->ids[i] = members[i].source_id;
    if (links_find(turn->session, turn->scratch, turn->sync->order->source, chunk->ids, count,
                   false, chunk->rows, err) < 0)
        return -1;
    memset(chunk->is_member, 0, count * sizeof(*chunk->is_member));
    if (group->resource_pk == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        keys[i] = stands(&chunk->rows[i]) ? chunk->rows[i].resource_pk : 0;
    return link_members_among(turn->session, group->resource_pk, keys, count, chunk->is_member,
                              err);
}

/* ---- what comes ---- */

static int bring(const struct group *group, struct err *err)
{
    struct turn *turn = group->turn;
    const struct chunk *chunk = group->chunk;
    struct member_name *names = arena_array(turn->scratch, chunk->count, sizeof(*names));
    struct member_list list = {.items = names, .present = true};
    int64_t added = 0;
    int64_t removed = 0;

    for (size_t i = 0; i < chunk->count; i++)
        if (stands(&chunk->rows[i]) && !chunk->is_member[i])
            names[list.count++].value = chunk->rows[i].resource_id;
    if (list.count == 0 || group->resource_pk == 0)
        return 0;
    if (directory_members(turn->writer, group->resource_id, &list, NULL, &added, &removed, err) < 0)
        return -1;
    turn->counters.members_added += added;
    return 0;
}

/* Of a dry run.  Who has no link may come with it: that is seen when the plan is made. */
static int stage_additions(const struct group *group, struct err *err)
{
    struct turn *turn = group->turn;
    const struct chunk *chunk = group->chunk;
    const char **ids = arena_array(turn->scratch, chunk->count, sizeof(*ids));
    size_t count = 0;

    for (size_t i = 0; i < chunk->count; i++)
        if (!chunk->is_member[i])
            ids[count++] = chunk->ids[i];
    if (count == 0)
        return 0;
    turn->staged = true;
    return staged_put_members(turn->session, turn->sync->order->source, turn_plan(turn),
                              STAGED_MEMBER_ADD, group->object->source_id, ids, count, err);
}

static int wait_for(const struct group *group, struct err *err)
{
    struct turn *turn = group->turn;
    const struct chunk *chunk = group->chunk;
    const char **ids = arena_array(turn->scratch, chunk->count, sizeof(*ids));
    size_t count = 0;

    for (size_t i = 0; i < chunk->count; i++)
        if (!stands(&chunk->rows[i]) || group->resource_pk == 0)
            ids[count++] = chunk->ids[i];
    return count == 0 ? 0
                      : link_waits_add(turn->session, turn->sync->order->source,
                                       group->object->link.pk, 0, ids, count, err);
}

/* A removal that was staged before is not meant any more. */
static int unstage_removals(const struct group *group, struct err *err)
{
    struct turn *turn = group->turn;
    const struct chunk *chunk = group->chunk;
    const char **ids = arena_array(turn->scratch, chunk->count, sizeof(*ids));
    size_t count = 0;

    if (!turn->staged)
        return 0;
    for (size_t i = 0; i < chunk->count; i++)
        if (chunk->rows[i].resource_id != NULL)
            ids[count++] = chunk->rows[i].resource_id;
    return count == 0
               ? 0
               : staged_drop(turn->session, turn->sync->order->source, turn_plan(turn),
                             STAGED_MEMBER_REMOVE, group->object->source_id, ids, count, err);
}

/* Who waited and is there now, comes, and waits no more. */
static int attach_chunk(const struct group *group, struct err *err)
{
    struct turn *turn = group->turn;
    const struct chunk *chunk = group->chunk;
    const char **ids = arena_array(turn->scratch, chunk->count, sizeof(*ids));
    size_t count = 0;

    if (unstage_removals(group, err) < 0 || bring(group, err) < 0)
        return -1;
    for (size_t i = 0; i < chunk->count; i++)
        if (stands(&chunk->rows[i]))
            ids[count++] = chunk->ids[i];
    return count == 0 ? 0
                      : link_waits_drop(turn->session, turn->sync->order->source,
                                        group->object->link.pk, 0, ids, count, err);
}

static int add_chunk(const struct group *group, struct err *err)
{
    if (turn_is_dry(group->turn))
        return unstage_removals(group, err) < 0 ? -1 : stage_additions(group, err);
    return unstage_removals(group, err) < 0 || bring(group, err) < 0 ? -1 : wait_for(group, err);
}

/* ---- what goes ---- */

static int stage_removals(const struct group *group, const char *const *ids, size_t count,
                          struct err *err)
{
    struct turn *turn = group->turn;

    if (count == 0)
        return 0;
    turn->staged = true;
    return staged_put_members(turn->session, turn->sync->order->source, turn_plan(turn),
                              STAGED_MEMBER_REMOVE, group->object->source_id, ids, count, err);
}

static int remove_chunk(const struct group *group, struct err *err)
{
    struct turn *turn = group->turn;
    const struct chunk *chunk = group->chunk;
    const char **ids = arena_array(turn->scratch, chunk->count, sizeof(*ids));
    size_t count = 0;

    for (size_t i = 0; i < chunk->count; i++)
        if (chunk->is_member[i])
            ids[count++] = chunk->rows[i].resource_id;
    if (stage_removals(group, ids, count, err) < 0)
        return -1;
    if (turn_is_dry(turn))
        return 0;
    return link_waits_drop(turn->session, turn->sync->order->source, group->object->link.pk, 0,
                           chunk->ids, chunk->count, err);
}

static int each_chunk(const struct group *group, const struct member *members, size_t count,
                      int (*act)(const struct group *, struct err *), struct err *err)
{
    for (size_t done = 0; done < count; done += LINKS_CHUNK) {
        size_t some = count - done < LINKS_CHUNK ? count - done : LINKS_CHUNK;

        if (look_up(group, members + done, some, err) < 0 || act(group, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- whole sets ---- */

/* A member stands in a set by a number of its name, below zero, and by the key of its resource. */
static int64_t name_key(const char *source_id)
{
    return -1 - digest_number(source_id);
}

struct keys {
    int64_t *items; /* owned */
    size_t count;
};

static void keys_free(struct keys *keys)
{
    free(keys->items);
}

static int compare_keys(const void *left, const void *right)
{
    int64_t first = *(const int64_t *)left;
    int64_t second = *(const int64_t *)right;

    return (first > second) - (first < second);
}

static bool keys_have(const struct keys *keys, int64_t key)
{
    return keys->count > 0 &&
           bsearch(&key, keys->items, keys->count, sizeof(key), compare_keys) != NULL;
}

static void note_keys(const struct chunk *chunk, struct keys *keys)
{
    for (size_t i = 0; i < chunk->count; i++) {
        keys->items[keys->count++] = name_key(chunk->ids[i]);
        if (stands(&chunk->rows[i]))
            keys->items[keys->count++] = chunk->rows[i].resource_pk;
    }
}

/* Additions of the set, chunk by chunk; its keys into *keys. */
static int add_set(const struct group *group, const struct member_set *set, struct keys *keys,
                   struct err *err)
{
    keys->items = memory_calloc(2 * set->added_count + 1, sizeof(*keys->items));
    for (size_t done = 0; done < set->added_count; done += LINKS_CHUNK) {
        size_t left = set->added_count - done;

        if (look_up(group, set->added + done, left < LINKS_CHUNK ? left : LINKS_CHUNK, err) < 0)
            return -1;
        note_keys(group->chunk, keys);
        if (add_chunk(group, err) < 0)
            return -1;
    }
    return 0;
}

/* Members that the set doesn't have. */
static int stage_others(const struct group *group, const struct keys *keys, struct err *err)
{
    struct turn *turn = group->turn;
    CLEANUP(keys_free) struct keys now = {0};
    CLEANUP(keys_free) struct keys gone = {0};
    const char **ids;

    if (group->resource_pk == 0)
        return 0;
    if (link_member_keys(turn->session, group->resource_pk, &now.items, &now.count, err) < 0)
        return -1;
    gone.items = memory_calloc(now.count + 1, sizeof(*gone.items));
    for (size_t i = 0; i < now.count; i++)
        if (!keys_have(keys, now.items[i]))
            gone.items[gone.count++] = now.items[i];
    if (turn->staged &&
        staged_drop(turn->session, turn->sync->order->source, turn_plan(turn), STAGED_MEMBER_REMOVE,
                    group->object->source_id, NULL, 0, err) < 0)
        return -1;
    if (gone.count == 0)
        return 0;
    ids = arena_array(turn->scratch, gone.count, sizeof(*ids));
    if (link_resource_ids(turn->session, turn->scratch, gone.items, gone.count, ids, err) < 0)
        return -1;
    return stage_removals(group, ids, gone.count, err);
}

/* What the group waits for and the set doesn't have. */
static int drop_waits(const struct group *group, const struct keys *keys, struct err *err)
{
    struct turn *turn = group->turn;
    const struct link_wait *waits = NULL;
    const char **ids;
    size_t count = 0;
    size_t gone = 0;

    if (turn_is_dry(turn))
        return 0;
    if (link_waits_of(turn->session, turn->scratch, turn->sync->order->source,
                      group->object->link.pk, &waits, &count, err) < 0)
        return -1;
    ids = arena_array(turn->scratch, count + 1, sizeof(*ids));
    for (size_t i = 0; i < count; i++)
        if (waits[i].path == 0 && !keys_have(keys, name_key(waits[i].target)))
            ids[gone++] = waits[i].target;
    return gone == 0 ? 0
                     : link_waits_drop(turn->session, turn->sync->order->source,
                                       group->object->link.pk, 0, ids, gone, err);
}

static int close_set(const struct group *group, struct keys *keys, struct err *err)
{
    qsort(keys->items, keys->count, sizeof(*keys->items), compare_keys);
    return stage_others(group, keys, err) < 0 ? -1 : drop_waits(group, keys, err);
}

/* A set in several parts: they are kept with the page that brought them, so that the last one knows
 * the whole, also after a restart. */
static int write_part(const struct group *group, const struct member_set *set, int64_t part,
                      struct keys *keys, struct err *err)
{
    struct turn *turn = group->turn;
    int64_t sets = turn_sets(turn);
    const char *owner = group->object->source_id;
    CLEANUP(keys_free) struct keys before = {0};

    if (set->more_follows && keys->count == 0)
        return 0;
    if (sync_set_read(turn->session, sets, owner, &before.items, &before.count, err) < 0)
        return -1;
    if (set->more_follows) {
        turn->open_sets += before.count == 0 ? 1 : 0;
        return sync_set_put(turn->session, sets, owner, part, keys->items, keys->count, err);
    }
    if (before.count == 0)
        return close_set(group, keys, err);
    turn->open_sets--;
    keys->items =
        memory_resize(keys->items, (keys->count + before.count + 1) * sizeof(*keys->items));
    memcpy(keys->items + keys->count, before.items, before.count * sizeof(*keys->items));
    keys->count += before.count;
    return close_set(group, keys, err) < 0 ? -1 : sync_set_drop(turn->session, sets, owner, err);
}

static int write_whole(const struct group *group, const struct member_set *set, int64_t part,
                       struct err *err)
{
    const struct sync *sync = group->turn->sync;
    CLEANUP(keys_free) struct keys keys = {0};

    if (add_set(group, set, &keys, err) < 0)
        return -1;
    if (set->more_follows || group->turn->open_sets > 0 || sync->resumed)
        return write_part(group, set, part, &keys, err);
    return close_set(group, &keys, err);
}

/* A group that comes later than its members has a link that expects it. */
static int expect_group(struct turn *turn, struct object *object, struct err *err)
{
    if (object->stored)
        return 0;
    object->link = (struct link_row){.pk = id_new_key(),
                                     .source_id = object->source_id,
                                     .object = RESOURCE_TYPE_GROUP,
                                     .state = LINK_EXPECTED};
    object->dirty = true;
    return turn_flush(turn, err);
}

int membership_write(struct turn *turn, const struct change *change, int64_t part, struct err *err)
{
    struct object *object = turn_find(turn, change->source_id);
    const struct member_set *set = change->members;
    size_t most = set->added_count > set->removed_count ? set->added_count : set->removed_count;
    struct group group = {.turn = turn, .object = object, .chunk = chunk_new(turn, most)};

    if (object == NULL || (object->spoken && object->deleted))
        return 0;
    if (!turn_is_dry(turn) && expect_group(turn, object, err) < 0)
        return -1;
    if (stands(&object->link)) {
        group.resource_id = object->link.resource_id;
        group.resource_pk = object->link.resource_pk;
    }
    if (set->form == MEMBERS_WHOLE)
        return write_whole(&group, set, part, err);
    if (each_chunk(&group, set->added, set->added_count, add_chunk, err) < 0)
        return -1;
    return each_chunk(&group, set->removed, set->removed_count, remove_chunk, err);
}

int membership_attach(struct turn *turn, struct object *object, const char *const *ids,
                      size_t count, struct err *err)
{
    struct group group = {.turn = turn,
                          .object = object,
                          .resource_id = object->link.resource_id,
                          .resource_pk = object->link.resource_pk,
                          .chunk = chunk_new(turn, count)};
    struct member *members = arena_array(turn->scratch, count + 1, sizeof(*members));

    if (!stands(&object->link))
        return 0;
    for (size_t i = 0; i < count; i++)
        members[i].source_id = ids[i];
    return each_chunk(&group, members, count, attach_chunk, err);
}
