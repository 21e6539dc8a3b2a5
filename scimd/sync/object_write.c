/* An object in its transaction: a resource comes, changes, or is left as it is and the rest staged.
 */
#include <string.h>

#include "base/id.h"
#include "scim/json.h"
#include "scim/resource.h"
#include "store/index_unique.h"
#include "store/link_among.h"
#include "sync/object.h"
#include "sync/removal.h"

#define SECOND_US INT64_C(1000000)

static const char *text_of(struct turn *turn, const json_t *value)
{
    struct buf text = {0};
    const char *copy;

    if (value == NULL)
        return NULL;
    json_append(&text, value);
    copy = arena_strndup(turn->arena, buf_text(&text), text.length);
    buf_free(&text);
    return copy;
}

static int64_t retry_at(const struct turn *turn, int tries)
{
    int64_t wait_s = RUN_RETRY_FIRST_S;

    for (int i = 1; i < tries && wait_s < RUN_RETRY_MAX_S; i++)
        wait_s *= 2;
    return turn->now_us + (wait_s < RUN_RETRY_MAX_S ? wait_s : RUN_RETRY_MAX_S) * SECOND_US;
}

/* The link as the source has it now; what of the document holds, the caller says. */
static void note_link(struct turn *turn, struct object *object, enum link_state state)
{
    struct link_row *link = &object->link;

    if (link->pk == 0) {
        link->pk = id_new_key();
        link->source_id = object->source_id;
        link->object = object->type;
    }
    link->state = state;
    link->gone_us = 0;
    link->attributes = object->text;
    if (object->mapped)
        link->refs = text_of(turn, object->refs);
    memcpy(link->fingerprint, object->fingerprint, sizeof(link->fingerprint));
    link->problem = object->problem;
    link->tries = 0;
    link->due_us = object->stale_at_us != INT64_MAX ? object->stale_at_us : 0;
    object->dirty = true;
}

void object_refuse(struct turn *turn, struct object *object, const char *problem)
{
    bool stands = object->link.resource_id != NULL && object->link.state == LINK_LIVE;
    int tries = object->link.tries;

    turn->counters.refused++;
    if (turn_is_dry(turn))
        return;
    object->problem = problem;
    note_link(turn, object, stands ? LINK_LIVE : LINK_REFUSED);
    if (!stands)
        object->link.resource_pk = 0;
    object->link.tries = tries + 1;
    object->link.due_us = retry_at(turn, object->link.tries);
}

/* ---- staging ---- */

static int stage_upsert(struct turn *turn, struct object *object, struct err *err)
{
    return turn_stage(
        turn,
        &(struct staged_row){.kind = STAGED_UPSERT,
                             .source_id = object->source_id,
                             .member = "",
                             .object = object->type,
                             .attributes = object->text,
                             .document = text_of(turn, object->desired),
                             .refs = text_of(turn, object->refs),
                             .due_us = object->stale_at_us != INT64_MAX ? object->stale_at_us : 0},
        err);
}

/* References that the source does not name any more stay until that is judged. */
static json_t *keep_refs(struct turn *turn, const struct object *object, int64_t *blanked)
{
    json_t *before = turn_parse(turn, object->link.refs);
    json_t *refs = turn_keep(turn, json_deep_copy(object->refs));

    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *ref = json_array_get(before, i);
        bool replaced = false;

        for (size_t j = 0; j < json_array_size(object->refs); j++)
            replaced =
                replaced || json_equal(json_object_get(ref, "target"),
                                       json_object_get(json_array_get(object->refs, j), "target"));
        if (!replaced) {
            (void)json_array_append(refs, ref);
            (*blanked)++;
        }
    }
    return refs;
}

/* ---- writing ---- */

/* A userName that somebody else has: the rest of the change holds. */
static int keep_taken(struct turn *turn, struct object *object, json_t *additions, int64_t own,
                      struct err *err)
{
    const struct attribute *taken = NULL;
    int result = object_taken(turn, object_type(turn, object->type), additions, own, &taken, err);
    const struct attribute *place;

    if (result <= 0)
        return result;
    place = taken->parent != NULL ? taken->parent : taken;
    object->problem = arena_printf(turn->arena, "%s: another resource has this value", taken->path);
    compose_resource(&(struct compose_places){.type = object_type(turn, object->type),
                                              .items = &place,
                                              .count = 1},
                     (const json_t *const[]){object->before}, 1, additions);
    return 1;
}

static bool unique_changed(struct turn *turn, const struct object *object, const json_t *additions)
{
    size_t count = 0;
    const struct attribute **unique =
        index_unique_attributes(turn->scratch, object_type(turn, object->type), &count);

    for (size_t i = 0; i < count; i++) {
        const json_t *now = resource_value(additions, unique[i]);
        const json_t *before =
            object->before != NULL ? resource_value(object->before, unique[i]) : NULL;

        if (now != NULL && (before == NULL || !json_same(now, before)))
            return true;
    }
    return false;
}

static int write_update(struct turn *turn, struct object *object, const json_t *additions,
                        const json_t *refs, struct err *err)
{
    bool changed = false;
    bool came_back = object->link.state != LINK_LIVE;

    object->link.document = text_of(turn, additions);
    object->link.refs = text_of(turn, refs);
    if (object_say(turn, object, additions, refs, &changed, err) < 0) {
        if (!directory_refused(err))
            return -1;
        object->link.document = object->was.document;
        object->link.refs = object->was.refs;
        object_refuse(turn, object, arena_strdup(turn->arena, err->detail));
        return 0;
    }
    object->arrived = came_back;
    if (changed || came_back)
        turn->counters.updated++;
    else
        turn->counters.unchanged++;
    return 0;
}

/* `protect` holds against the source's own word, too. */
static void keep_active(struct turn *turn, struct object *object)
{
    if (object->type != RESOURCE_TYPE_USER || object->before == NULL ||
        !compose_is_active(object->before) || compose_is_active(object->desired) ||
        !removal_is_protected(turn, object))
        return;
    (void)json_object_set_new(object->desired, "active", json_true());
    turn->counters.protected += 1;
}

static int update(struct turn *turn, struct object *object, struct err *err)
{
    struct compose_loss loss = {0};
    json_t *refs = keep_refs(turn, object, &loss.blanked);
    int64_t refs_blanked = loss.blanked;
    enum link_state state = object->link.state;
    json_t *additions;
    bool loses;
    int taken = 0;

    keep_active(turn, object);
    additions = turn_keep(turn, compose_additions(object_type(turn, object->type), object->before,
                                                  object->desired, &loss));
    loses = loss.blanked + refs_blanked > 0 || loss.deactivates;
    if (unique_changed(turn, object, additions) &&
        (taken = keep_taken(turn, object, additions, object->link.resource_pk, err)) < 0)
        return -1;
    note_link(turn, object, LINK_LIVE);
    if (loses || taken > 0)
        object->link.fingerprint[0] = '\0';
    if (object->problem != NULL) {
        turn->counters.refused++;
        object->link.due_us = retry_at(turn, ++object->link.tries);
    }
    if (loses ? stage_upsert(turn, object, err) < 0
              : turn_unstage(turn, STAGED_UPSERT, object->source_id, err) < 0)
        return -1;
    object->link.state = state; /* write_update() wants to know where it comes from */
    if (write_update(turn, object, additions, refs, err) < 0)
        return -1;
    object->link.state = LINK_LIVE;
    return 0;
}

/* Of a dry run: whole, and only where something would change. */
static int stage_update(struct turn *turn, struct object *object, struct err *err)
{
    const struct object_word word = {.document = object->desired, .refs = object->refs};
    struct object_outcome outcome = {0};

    keep_active(turn, object);
    if (object_compose(turn, object, &word, &outcome, err) < 0)
        return -1;
    if (json_same(outcome.before, outcome.after) && object->link.state == LINK_LIVE) {
        turn->counters.unchanged++;
        return turn_unstage(turn, STAGED_UPSERT, object->source_id, err);
    }
    turn->counters.updated++;
    return stage_upsert(turn, object, err);
}

/* 1: it is refused, as somebody else has a unique value of it; 0; -1: *err. */
static int refuse_taken(struct turn *turn, struct object *object, struct err *err)
{
    const struct attribute *taken = NULL;
    int result;

    if (!turn->careful)
        return 0;
    result = object_taken(turn, object_type(turn, object->type), object->desired, 0, &taken, err);
    if (result > 0)
        object_refuse(turn, object,
                      arena_printf(turn->arena,
                                   "%s: a resource that this source may not take over has this "
                                   "value (see \"match\" in scimd-source(5))",
                                   taken->path));
    return result;
}

static int create(struct turn *turn, struct object *object, struct err *err)
{
    const struct resource_type *type = object_type(turn, object->type);
    struct object_waits waiting = {0};
    struct directory_result result = {0};
    json_t *document;
    int refused = refuse_taken(turn, object, err);

    if (refused != 0)
        return refused < 0 ? -1 : 0;
    if (turn_is_dry(turn)) {
        turn->counters.created++;
        return stage_upsert(turn, object, err);
    }
    document = turn_keep(turn, json_deep_copy(object->desired));
    if (object_refer(turn, turn->sync->order->source, object->refs, object->type, document,
                     &waiting, err) < 0)
        return -1;
    resource_settle(type, document);
    compose_origin(type, document, turn->sync->order->definition->name, object->source_id);
    const struct directory_change change = {
        .verb = DIRECTORY_CREATE, .type = type, .id = object->new_id, .document = document};
    if (directory_write(turn->writer, &change, turn->scratch, &result, err) < 0) {
        if (!directory_refused(err))
            return -1;
        object->new_id = NULL;
        object_refuse(turn, object, arena_strdup(turn->arena, err->detail));
        return 0;
    }
    note_link(turn, object, LINK_LIVE);
    object->link.resource_pk = result.row.pk;
    object->link.resource_id = arena_strdup(turn->arena, result.row.id);
    object->link.document = text_of(turn, object->desired);
    object->arrived = true;
    turn->counters.created++;
    return object_wait_for(turn, object, &waiting, err);
}

/* An object that is gone had the resource before: it has it no more, and no grace ends for it. */
static int take_from_gone(struct turn *turn, int64_t resource_pk, struct err *err)
{
    int64_t source = turn->sync->order->source;
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (links_of_resource(turn->session, turn->scratch, resource_pk, &links, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct object *former = turn_find(turn, links[i].row.source_id);

        if (links[i].source != source)
            continue;
        if (links_delete(turn->session, source, links[i].row.pk, err) < 0)
            return -1;
        if (former == NULL || former->link.pk != links[i].row.pk)
            continue;
        former->link = (struct link_row){0};
        former->stored = false;
        former->dirty = false;
    }
    return 0;
}

/* A resource that is there already becomes this object's: what it has where the mapping writes
 * counts as this source's own from now on, so that nothing of it goes without being judged. */
static int adopt(struct turn *turn, struct object *object, const struct resource_row *found,
                 struct err *err)
{
    struct resource_row row = {0};
    json_t *document = NULL;

    object->new_id = NULL;
    if (!turn_is_dry(turn) && take_from_gone(turn, found->pk, err) < 0)
        return -1;
    object->link.resource_pk = found->pk;
    object->link.resource_id = arena_strdup(turn->arena, found->id);
    if (object_load(turn, object, true, &row, &document, err) < 0)
        return -1;
    object->before = turn_keep(turn, compose_owned(&turn->sync->places[object->type], document));
    if (turn_is_dry(turn))
        return stage_update(turn, object, err);
    return update(turn, object, err);
}

static int arrive(struct turn *turn, struct object *object, struct err *err)
{
    struct resource_row found = {0};
    int matched = object_match(turn, object, &found, err);

    if (matched < 0)
        return -1;
    return matched > 0 ? adopt(turn, object, &found, err) : create(turn, object, err);
}

static int keep_unchanged(struct turn *turn, struct object *object, struct err *err)
{
    if (object->was.state == LINK_REFUSED || object->was.problem != NULL)
        turn->counters.refused++;
    else
        turn->counters.unchanged++;
    return turn_unstage(turn, STAGED_REMOVE, object->source_id, err);
}

/* Deleted and made again: what pointed to it ended in between, and the source says again what holds
 * (connector.h). */
static int stage_departure(struct turn *turn, struct object *object, struct err *err)
{
    int64_t source = turn->sync->order->source;
    const char *const *groups = NULL;
    size_t count = 0;

    if (link_groups_naming(turn->session, turn->scratch, source, object->link.resource_pk, &groups,
                           &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        turn->staged = true;
        if (staged_put_members(turn->session, source, turn_plan(turn), STAGED_MEMBER_REMOVE,
                               groups[i], &object->link.resource_id, 1, err) < 0)
            return -1;
    }
    return turn_is_dry(turn) ? 0 : removal_end_references(turn, object, err);
}

int object_write(struct turn *turn, struct object *object, struct err *err)
{
    if (object->unchanged)
        return keep_unchanged(turn, object, err);
    if (turn_unstage(turn, STAGED_REMOVE, object->source_id, err) < 0)
        return -1;
    if (object->was.pk != 0 && object->was.object != object->type) {
        object_refuse(turn, object, "was another kind of object under this id");
        return 0;
    }
    if (turn->refusal != NULL) {
        object_refuse(turn, object, turn->refusal->detail);
        return 0;
    }
    if (!object->usable) {
        object_refuse(turn, object, object->problem != NULL ? object->problem : "is of no use");
        return 0;
    }
    if (object->link.resource_id == NULL)
        return arrive(turn, object, err);
    if (object->returned && object->link.state == LINK_LIVE &&
        stage_departure(turn, object, err) < 0)
        return -1;
    return turn_is_dry(turn) ? stage_update(turn, object, err) : update(turn, object, err);
}

int object_carry_out(struct turn *turn, struct object *object, struct err *err)
{
    if (turn->refusal != NULL) {
        object_refuse(turn, object, turn->refusal->detail);
        return 0;
    }
    if (object->link.resource_id == NULL)
        return arrive(turn, object, err);
    note_link(turn, object, object->link.state);
    if (write_update(turn, object, object->desired, object->refs, err) < 0)
        return -1;
    object->link.state = LINK_LIVE;
    return 0;
}
