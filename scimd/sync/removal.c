#include "sync/removal.h"

#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"
#include "store/search.h"
#include "sync/object.h"

#define DAY_US (INT64_C(86400) * 1000000)
#define REFERRERS_MAX 100 /* found by one search */

bool removal_is_protected(struct turn *turn, const struct object *object)
{
    const json_t *document = turn_parse(turn, object->link.document);
    const char *name = json_string_value(json_object_get(document, "userName"));

    return protection_find(turn->sync->order->definition->protection, turn->scratch,
                           object->link.resource_id, name) != NULL;
}

static int forget(struct turn *turn, struct object *object, struct err *err)
{
    if (turn_is_dry(turn))
        return 0;
    if (links_delete(turn->session, turn->sync->order->source, object->link.pk, err) < 0)
        return -1;
    object->link = (struct link_row){0};
    object->stored = false;
    object->dirty = false;
    return turn_unstage(turn, STAGED_UPSERT, object->source_id, err);
}

int removal_stage(struct turn *turn, struct object *object, struct err *err)
{
    if (object->link.pk == 0)
        return turn_is_dry(turn) ? turn_unstage(turn, STAGED_UPSERT, object->source_id, err) : 0;
    if (object->link.resource_id == NULL)
        return forget(turn, object, err);
    if (removal_is_protected(turn, object)) {
        turn->counters.protected += 1;
        return 0;
    }
    if (turn_unstage(turn, STAGED_UPSERT, object->source_id, err) < 0)
        return -1;
    return turn_stage(turn,
                      &(struct staged_row){.kind = STAGED_REMOVE,
                                           .source_id = object->source_id,
                                           .member = "",
                                           .object = object->type},
                      err);
}

/* ---- references to it ---- */

struct referrers {
    struct turn *turn;
    int64_t pks[REFERRERS_MAX];
    size_t count;
};

static int note(void *context, const struct resource_row *row, struct err *err)
{
    struct referrers *referrers = context;

    (void)err;
    if (referrers->count < REFERRERS_MAX)
        referrers->pks[referrers->count++] = row->pk;
    return 0;
}

/* Resources of a type whose reference names the id. */
static int find_referrers(struct turn *turn, int type, const struct mapping_reference_place *place,
                          const char *id, struct referrers *out, struct err *err)
{
    const struct filter_reader reader = {.type = object_type(turn, type),
                                         .limits = turn->sync->order->limits};
    const char *text =
        arena_printf(turn->scratch, "%s%s%s eq \"%s\"", place->attribute->path,
                     place->sub != NULL ? "." : "", place->sub != NULL ? place->sub->name : "", id);
    struct search_part part = {.type = reader.type};
    const struct search query = {
        .parts = &part, .part_count = 1, .start_index = 1, .count = REFERRERS_MAX};
    struct search_result result = {0};

    *out = (struct referrers){.turn = turn};
    if (filter_parse(&reader, turn->scratch, text, strlen(text), &part.filter, err) < 0)
        return -1;
    return search_run(turn->session, turn->scratch, &query, note, out, &result, err);
}

static const char *refs_without(struct turn *turn, const char *refs, const char *source_id)
{
    const json_t *before = turn_parse(turn, refs);
    CLEANUP(json_decrefp) json_t *after = json_array();
    CLEANUP(buf_free) struct buf text = {0};

    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *ref = json_array_get(before, i);
        const char *named = json_string_value(json_object_get(ref, "source_id"));

        if (named == NULL || strcmp(named, source_id) != 0)
            (void)json_array_append(after, ref);
    }
    json_append(&text, after);
    return arena_strndup(turn->arena, buf_text(&text), text.length);
}

/* This source's link of the referrer names it no more; the resource follows.  Should the source
 * name it still when it shows the referrer the next time, it counts as news. */
static int drop_reference(struct turn *turn, int64_t pk, const char *source_id, bool *changed,
                          struct err *err)
{
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (links_of_resource(turn->session, turn->arena, pk, &links, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct object *object;

        if (links[i].source != turn->sync->order->source || links[i].row.state != LINK_LIVE)
            continue;
        object = turn_object(turn, links[i].row.source_id, links[i].row.object);
        if (object->link.pk == 0) {
            object->was = links[i].row;
            object->link = links[i].row;
            object->stored = true;
        }
        object->link.document = links[i].row.document;
        object->link.attributes = links[i].row.attributes;
        object->link.refs = refs_without(turn, links[i].row.refs, source_id);
        object->link.fingerprint[0] = '\0';
        object->dirty = true;
        if (object_settle(turn, object, changed, err) < 0 || turn_flush(turn, err) < 0)
            return -1;
    }
    return 0;
}

int removal_end_references(struct turn *turn, const struct object *object, struct err *err)
{
    const struct mapping_reference_place *places = turn->sync->references[RESOURCE_TYPE_USER];

    for (size_t i = 0; i < turn->sync->reference_count[RESOURCE_TYPE_USER]; i++) {
        struct referrers referrers;
        bool changed;

        do { /* each round ends the references that the one before it found */
            changed = false;
            if (find_referrers(turn, RESOURCE_TYPE_USER, &places[i], object->link.resource_id,
                               &referrers, err) < 0)
                return -1;
            for (size_t j = 0; j < referrers.count; j++)
                if (drop_reference(turn, referrers.pks[j], object->source_id, &changed, err) < 0)
                    return -1;
        } while (referrers.count == REFERRERS_MAX && changed);
    }
    return 0;
}

static int leave_groups(struct turn *turn, const struct object *object, struct err *err)
{
    const struct member_name name = {.value = object->link.resource_id};
    const struct member_list list = {.items = &name, .count = 1, .present = true};
    const char *const *groups = NULL;
    size_t count = 0;
    int64_t added = 0;
    int64_t removed = 0;

    if (link_groups_of(turn->session, turn->scratch, turn->sync->order->source,
                       object->link.resource_pk, &groups, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (directory_members(turn->writer, groups[i], NULL, &list, &added, &removed, err) < 0)
            return -1;
        turn->counters.members_removed += removed;
    }
    return 0;
}

/* ---- the policies ---- */

static int delete_resource(struct turn *turn, struct object *object, struct err *err)
{
    const struct directory_change change = {.verb = DIRECTORY_DELETE,
                                            .type = object_type(turn, object->type),
                                            .id = object->link.resource_id};
    struct directory_result result = {0};

    if (removal_end_references(turn, object, err) < 0 ||
        directory_write(turn->writer, &change, turn->scratch, &result, err) < 0)
        return -1;
    turn->counters.deleted++;
    return forget(turn, object, err);
}

static int deactivate(struct turn *turn, const struct object *object, struct err *err)
{
    struct resource_row row = {0};
    struct directory_result result = {0};
    json_t *document;

    if (resources_find(turn->session, turn->scratch, object->type, object->link.resource_id, true,
                       &row, err) < 0)
        return -1;
    document = turn_keep(turn, json_loadb(row.document, row.document_length, 0, NULL));
    if (document == NULL)
        return err_set(err, ERR_INTERNAL, "resource %s: the stored document is damaged", row.id);
    if (compose_is_active(document))
        turn->counters.deactivated++;
    (void)json_object_set_new(document, "active", json_false());
    resource_settle(object_type(turn, object->type), document);
    const struct directory_change change = {.verb = DIRECTORY_SET,
                                            .type = object_type(turn, object->type),
                                            .id = row.id,
                                            .document = document};
    return directory_write(turn->writer, &change, turn->scratch, &result, err);
}

static void note_gone(struct turn *turn, struct object *object)
{
    const struct source_definition *definition = turn->sync->order->definition;

    object->link.state = LINK_GONE;
    object->link.gone_us = turn->now_us;
    object->link.fingerprint[0] = '\0';
    object->link.due_us = 0;
    if (definition->removal == REMOVAL_DEACTIVATE && definition->delete_after_us != SOURCE_NEVER)
        object->link.due_us = turn->now_us + definition->delete_after_us;
    object->dirty = true;
}

/* 1: another source has it, too; 0: none; -1: *err. */
static int has_others(struct turn *turn, const struct object *object, struct err *err)
{
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (links_of_resource(turn->session, turn->scratch, object->link.resource_pk, &links, &count,
                          err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (links[i].source != turn->sync->order->source && links[i].row.state == LINK_LIVE)
            return 1;
    return 0;
}

static int hand_over(struct turn *turn, struct object *object, struct err *err)
{
    bool changed = false;

    if (object_withdraw(turn, object, &changed, err) < 0)
        return -1;
    turn->counters.updated += changed;
    return leave_groups(turn, object, err) < 0 ? -1 : forget(turn, object, err);
}

int removal_apply(struct turn *turn, struct object *object, struct err *err)
{
    enum source_removal policy = turn->sync->order->definition->removal;
    int others;

    if (object->link.pk == 0)
        return 0;
    if (object->link.resource_id == NULL)
        return forget(turn, object, err);
    if (removal_is_protected(turn, object)) {
        turn->counters.protected += 1;
        return 0;
    }
    others = has_others(turn, object, err);
    if (others != 0)
        return others < 0 ? -1 : hand_over(turn, object, err);
    if (policy == REMOVAL_KEEP) {
        note_gone(turn, object);
        return 0;
    }
    if (object->link.state == LINK_GONE || policy == REMOVAL_DELETE ||
        object->type == RESOURCE_TYPE_GROUP)
        return delete_resource(turn, object, err);
    if (leave_groups(turn, object, err) < 0 || removal_end_references(turn, object, err) < 0 ||
        deactivate(turn, object, err) < 0)
        return -1;
    note_gone(turn, object);
    return 0;
}
