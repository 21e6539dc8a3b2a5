/* What a resource becomes of what its sources say: by precedence, place by place. */
#include <string.h>

#include "scim/json.h"
#include "scim/resource.h"
#include "sync/object.h"

/* One source's say in a resource. */
struct say {
    int64_t precedence;
    bool ours;
    size_t order; /* of equals */
    const char *source;
    const char *source_id;
    json_t *document; /* with references */
};

#define SAYS_MAX 32 /* sources of one resource */

struct says {
    struct say items[SAYS_MAX];
    size_t count;
    struct object_waits waiting; /* of our own */
};

static size_t source_place(const struct turn *turn, int64_t id)
{
    const struct tenant *tenant = turn->sync->order->tenant;
    size_t i = 0;

    while (i < tenant->source_count && tenant->sources[i].id != id)
        i++;
    return i;
}

static int add_say(struct turn *turn, struct says *says, int64_t source,
                   const struct object *object, const struct object_word *word, struct err *err)
{
    const struct tenant *tenant = turn->sync->order->tenant;
    const struct source_definition *definition = turn->sync->order->definition;
    bool ours = source == turn->sync->order->source;
    struct object_waits waiting = {0};
    struct say *say = &says->items[says->count];

    if (says->count == SAYS_MAX)
        return 0;
    *say = (struct say){.ours = ours,
                        .order = source_place(turn, source),
                        .source_id = word->source_id != NULL ? word->source_id : object->source_id,
                        .document = turn_keep(turn, json_deep_copy(word->document))};
    if (ours) {
        say->precedence = definition->precedence;
        say->source = definition->name;
    } else if (say->order < tenant->source_count) {
        say->precedence = tenant->sources[say->order].precedence;
        say->source = tenant->sources[say->order].name;
    } else { /* of a source that is being deleted */
        return 0;
    }
    if (object_refer(turn, source, word->refs, object->type, say->document, &waiting, err) < 0)
        return -1;
    resource_settle(object_type(turn, object->type), say->document);
    if (ours)
        says->waiting = waiting;
    says->count++;
    return 0;
}

/* Other live links of the resource. */
static int add_others(struct turn *turn, struct says *says, const struct object *object,
                      int64_t resource_pk, struct err *err)
{
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (turn->sync->order->tenant->source_count < 2)
        return 0;
    if (links_of_resource(turn->session, turn->arena, resource_pk, &links, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct link_row *row = &links[i].row;
        const struct object_word word = {.source_id = row->source_id,
                                         .document = turn_parse(turn, row->document),
                                         .refs = turn_parse(turn, row->refs)};

        if (links[i].source == turn->sync->order->source || row->state != LINK_LIVE ||
            word.document == NULL)
            continue;
        if (add_say(turn, says, links[i].source, object, &word, err) < 0)
            return -1;
    }
    return 0;
}

/* How much a say counts at a place; the lowest holds. */
static int64_t precedence_at(const struct turn *turn, const struct say *say, const char *path)
{
    const struct source_definition *definition = turn->sync->order->definition;
    const struct tenant *tenant = turn->sync->order->tenant;

    for (size_t i = 0; say->ours && i < definition->precedence_count; i++)
        if (strcmp(definition->precedences[i].path, path) == 0)
            return definition->precedences[i].precedence;
    for (size_t i = 0; !say->ours && i < tenant->sources[say->order].owned_count; i++)
        if (strcmp(tenant->sources[say->order].owned[i], path) == 0)
            return tenant->sources[say->order].owned_precedences[i];
    return say->precedence;
}

static bool goes_before(const struct say *left, int64_t left_precedence, const struct say *right,
                        int64_t right_precedence)
{
    return left_precedence != right_precedence ? left_precedence < right_precedence
                                               : left->order < right->order;
}

/* The says in the order in which they count at a place; `path` NULL: as a whole. */
static void sort_says(const struct turn *turn, struct says *says, const char *path)
{
    for (size_t i = 1; i < says->count; i++) {
        struct say say = says->items[i];
        int64_t precedence = path != NULL ? precedence_at(turn, &say, path) : say.precedence;
        size_t at = i;

        while (at > 0 && goes_before(&say, precedence, &says->items[at - 1],
                                     path != NULL ? precedence_at(turn, &says->items[at - 1], path)
                                                  : says->items[at - 1].precedence)) {
            says->items[at] = says->items[at - 1];
            at--;
        }
        says->items[at] = say;
    }
}

static void compose_places(const struct turn *turn, struct says *says,
                           const struct compose_places *places, json_t *document)
{
    const json_t *candidates[SAYS_MAX] = {0};

    for (size_t i = 0; i < places->count; i++) {
        const struct compose_places one = {
            .type = places->type, .items = &places->items[i], .count = 1};

        sort_says(turn, says, places->items[i]->path);
        for (size_t j = 0; j < says->count; j++)
            candidates[j] = says->items[j].document;
        compose_resource(&one, candidates, says->count, document);
    }
    sort_says(turn, says, NULL);
}

static void compose(const struct turn *turn, struct says *says, int type, json_t *document)
{
    const struct compose_places *places = &turn->sync->places[type];

    if (says->count > 1)
        compose_places(turn, says, places, document);
    else
        compose_resource(places, (const json_t *const[]){says->items[0].document}, says->count,
                         document);
    if (says->count > 0)
        compose_origin(object_type(turn, type), document, says->items[0].source,
                       says->items[0].source_id);
    else
        compose_origin(object_type(turn, type), document, NULL, NULL);
}

int object_load(struct turn *turn, const struct object *object, bool lock, struct resource_row *row,
                json_t **document, struct err *err)
{
    const char *id = object->link.resource_id;

    if (resources_find(turn->session, turn->scratch, object->type, id, lock, row, err) < 0)
        return -1;
    *document = turn_keep(turn, json_loadb(row->document, row->document_length, 0, NULL));
    if (*document == NULL)
        return err_set(err, ERR_INTERNAL, "resource %s: the stored document is damaged", id);
    return 0;
}

/* A person who is back is active, whether or not the mapping says anything about it. */
static void revive(struct turn *turn, const struct object *object, json_t *document)
{
    const struct compose_places *places = &turn->sync->places[object->type];

    if (object->link.state != LINK_GONE || object->type != RESOURCE_TYPE_USER)
        return;
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i]->name, "active") == 0 && places->items[i]->schema != NULL &&
            !places->items[i]->schema->extension)
            return;
    (void)json_object_set_new(document, "active", json_true());
    resource_settle(places->type, document);
}

int object_compose(struct turn *turn, const struct object *object, const struct object_word *word,
                   struct object_outcome *out, struct err *err)
{
    struct says says = {0};

    if (object_load(turn, object, word->lock, &out->row, &out->before, err) < 0)
        return -1;
    if (word->document != NULL &&
        add_say(turn, &says, turn->sync->order->source, object, word, err) < 0)
        return -1;
    if (add_others(turn, &says, object, out->row.pk, err) < 0)
        return -1;
    out->after = turn_keep(turn, json_deep_copy(out->before));
    compose(turn, &says, object->type, out->after);
    revive(turn, object, out->after);
    out->waiting = says.waiting;
    return 0;
}

static int settle(struct turn *turn, struct object *object, const struct object_word *word,
                  bool *changed, struct err *err)
{
    struct object_outcome outcome = {0};

    if (object_compose(turn, object, word, &outcome, err) < 0)
        return -1;
    if (!json_same(outcome.before, outcome.after)) {
        const struct directory_change change = {.verb = DIRECTORY_SET,
                                                .type = object_type(turn, object->type),
                                                .id = outcome.row.id,
                                                .document = outcome.after};
        struct directory_result result = {0};

        if (directory_write(turn->writer, &change, turn->scratch, &result, err) < 0)
            return -1;
        *changed = *changed || result.changed;
    }
    return word->document != NULL ? object_wait_for(turn, object, &outcome.waiting, err) : 0;
}

int object_say(struct turn *turn, struct object *object, const json_t *document, const json_t *refs,
               bool *changed, struct err *err)
{
    return settle(turn, object,
                  &(struct object_word){.document = document, .refs = refs, .lock = true}, changed,
                  err);
}

int object_settle(struct turn *turn, struct object *object, bool *changed, struct err *err)
{
    return object_say(turn, object, turn_parse(turn, object->link.document),
                      turn_parse(turn, object->link.refs), changed, err);
}

int object_withdraw(struct turn *turn, struct object *object, bool *changed, struct err *err)
{
    return settle(turn, object, &(struct object_word){.lock = true}, changed, err);
}
