/* References between objects: a manager is named by the source's id, and stands in the document by
 * the resource's. */
#include <string.h>

#include "sync/object.h"

static const struct mapping_reference_place *find_place(const struct turn *turn, int type,
                                                        const char *target)
{
    const struct mapping_reference_place *places = turn->sync->references[type];

    for (size_t i = 0; i < turn->sync->reference_count[type]; i++)
        if (strcmp(places[i].target, target) == 0)
            return &places[i];
    return NULL;
}

/* Who is gone and kept stays as it is, and so does what points to it. */
static const char *id_of_link(const struct turn *turn, const struct link_row *link)
{
    bool kept = link->state == LINK_GONE && turn->sync->order->definition->removal == REMOVAL_KEEP;

    return link->state == LINK_LIVE || kept ? link->resource_id : NULL;
}

/* The resource that stands for an object of this source in this turn; NULL: none, or it is not in
 * the turn (*known false). */
static const char *id_in_turn(const struct turn *turn, const char *source_id, bool *known)
{
    const struct object *object = turn_find(turn, source_id);

    *known = object != NULL && (object->spoken || object->stored);
    if (!*known)
        return NULL;
    if (object->new_id != NULL)
        return object->new_id;
    return id_of_link(turn, &object->link);
}

static int id_of(struct turn *turn, int64_t source, const char *source_id, const char **id,
                 struct err *err)
{
    bool ours = source == turn->sync->order->source;
    bool known = false;
    struct link_row row = {0};

    if (ours) {
        *id = id_in_turn(turn, source_id, &known);
        if (known)
            return 0;
    }
    if (links_find(turn->session, turn->scratch, source, &source_id, 1, false, &row, err) < 0)
        return -1;
    *id = ours ? id_of_link(turn, &row) : row.state == LINK_LIVE ? row.resource_id : NULL;
    return 0;
}

int object_refer(struct turn *turn, int64_t source, const json_t *refs, int type, json_t *document,
                 struct object_waits *waiting, struct err *err)
{
    size_t count = json_array_size(refs);

    *waiting = (struct object_waits){
        .items = arena_array(turn->scratch, count + 1, sizeof(*waiting->items))};
    for (size_t i = 0; i < count; i++) {
        const json_t *ref = json_array_get(refs, i);
        const char *source_id = json_string_value(json_object_get(ref, "source_id"));
        const char *target = json_string_value(json_object_get(ref, "target"));
        const struct mapping_reference_place *place =
            target != NULL ? find_place(turn, type, target) : NULL;
        const char *id = NULL;

        if (place == NULL || source_id == NULL)
            continue;
        if (id_of(turn, source, source_id, &id, err) < 0)
            return -1;
        if (id != NULL)
            compose_refer(document, place->attribute, place->sub, id);
        else
            waiting->items[waiting->count++] = (struct object_wait){
                .place = place->target, .path = place->attribute->path_id, .target = source_id};
    }
    return 0;
}

int object_wait_for(struct turn *turn, struct object *object, const struct object_waits *waiting,
                    struct err *err)
{
    int64_t source = turn->sync->order->source;
    const struct mapping_reference_place *places = turn->sync->references[object->type];

    for (size_t i = 0; object->stored && i < turn->sync->reference_count[object->type]; i++)
        if (link_waits_drop(turn->session, source, object->link.pk, places[i].attribute->path_id,
                            NULL, 0, err) < 0)
            return -1;
    for (size_t i = 0; i < waiting->count; i++)
        if (link_waits_add(turn->session, source, object->link.pk, waiting->items[i].path,
                           &waiting->items[i].target, 1, err) < 0)
            return -1;
    return 0;
}
