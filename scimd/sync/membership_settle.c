/* The end of a turn: what waited for objects that have come. */
#include <string.h>

#include "sync/membership.h"
#include "sync/object.h"

/* The object of a link, in the turn: read if it is not there. */
static int owner_of(struct turn *turn, int64_t pk, struct object **out, struct err *err)
{
    struct link_row row = {0};
    struct object *object;

    for (size_t i = 0; i < turn->count; i++)
        if (turn->objects[i]->link.pk == pk) {
            *out = turn->objects[i];
            return 0;
        }
    if (links_find_pk(turn->session, turn->arena, turn->sync->order->source, pk, &row, err) < 0)
        return -1;
    object = turn_object(turn, row.source_id, row.object);
    object->was = row;
    object->link = row;
    object->stored = true;
    *out = object;
    return 0;
}

/* A link that was read as a head gets its texts: only they say what its resource is. */
static int complete(struct turn *turn, struct object *object, struct err *err)
{
    struct link_row row = {0};

    if (object->link.document != NULL)
        return 0;
    if (links_find_pk(turn->session, turn->arena, turn->sync->order->source, object->link.pk, &row,
                      err) < 0)
        return -1;
    object->link.document = row.document;
    object->link.refs = row.refs;
    object->link.attributes = row.attributes;
    return 0;
}

static int refer(struct turn *turn, struct object *owner, struct err *err)
{
    bool changed = false;

    if (owner->link.state != LINK_LIVE || owner->link.resource_id == NULL)
        return 0;
    if (complete(turn, owner, err) < 0)
        return -1;
    return object_settle(turn, owner, &changed, err);
}

/* Waits of one owner and path: waits[0..count). */
static int settle_owner(struct turn *turn, const struct link_wait *waits, size_t count,
                        struct err *err)
{
    const char **ids = arena_array(turn->scratch, count, sizeof(*ids));
    struct object *owner = NULL;

    if (owner_of(turn, waits[0].owner, &owner, err) < 0)
        return -1;
    if (waits[0].path != 0)
        return refer(turn, owner, err);
    for (size_t i = 0; i < count; i++)
        ids[i] = waits[i].target;
    return membership_attach(turn, owner, ids, count, err);
}

static int settle_targets(struct turn *turn, const char *const *ids, size_t count, struct err *err)
{
    const struct link_wait *waits = NULL;
    size_t found = 0;
    size_t from = 0;

    if (count == 0)
        return 0;
    if (link_waits_for(turn->session, turn->scratch, turn->sync->order->source, ids, count, &waits,
                       &found, err) < 0)
        return -1;
    while (from < found) {
        size_t to = from + 1;

        while (to < found && waits[to].owner == waits[from].owner &&
               waits[to].path == waits[from].path)
            to++;
        if (settle_owner(turn, waits + from, to - from, err) < 0)
            return -1;
        from = to;
    }
    return 0;
}

/* A group that came: those it waited for that are there. */
static int settle_group(struct turn *turn, struct object *object, struct err *err)
{
    const struct link_wait *waits = NULL;
    const char **ids;
    size_t found = 0;
    size_t count = 0;

    if (link_waits_of(turn->session, turn->scratch, turn->sync->order->source, object->link.pk,
                      &waits, &found, err) < 0)
        return -1;
    ids = arena_array(turn->scratch, found + 1, sizeof(*ids));
    for (size_t i = 0; i < found; i++)
        if (waits[i].path == 0)
            ids[count++] = waits[i].target;
    return membership_attach(turn, object, ids, count, err);
}

int membership_settle(struct turn *turn, struct err *err)
{
    const char **ids = arena_array(turn->scratch, LINKS_CHUNK, sizeof(*ids));
    size_t objects = turn->count; /* those that are read here did not arrive */
    size_t count = 0;

    if (turn_is_dry(turn))
        return 0;
    for (size_t i = 0; i < objects; i++) {
        struct object *object = turn->objects[i];

        if (!object->arrived)
            continue;
        if (object->type == RESOURCE_TYPE_GROUP && settle_group(turn, object, err) < 0)
            return -1;
        ids[count++] = object->source_id;
        if (count == LINKS_CHUNK) {
            if (settle_targets(turn, ids, count, err) < 0)
                return -1;
            count = 0;
        }
    }
    return settle_targets(turn, ids, count, err);
}
