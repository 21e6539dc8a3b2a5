/* An object before its transaction: what the source says of it, folded, compared and mapped. */
#include "sync/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sync/mapping.h"

#define PROBLEM_BYTES 500

const struct resource_type *object_type(const struct turn *turn, int type)
{
    return turn->sync->places[type].type;
}

/* What isn't said is as before; an empty list takes an attribute away. */
static json_t *merge(struct turn *turn, const json_t *before, const json_t *said)
{
    json_t *merged = before != NULL ? json_copy((json_t *)(uintptr_t)before) : json_object();
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)said, name, value)
    {
        if (json_array_size(value) == 0)
            (void)json_object_del(merged, name);
        else
            (void)json_object_set(merged, name, value);
    }
    return turn_keep(turn, merged);
}

void object_fold(struct turn *turn, struct object *object, const struct change *change)
{
    object->spoken = true;
    object->returned = change->kind == CHANGE_UPSERT && (object->deleted || object->returned);
    object->deleted = change->kind == CHANGE_DELETE;
    if (object->deleted) {
        object->attributes = NULL;
        return;
    }
    if (!change->partial) {
        object->attributes = turn_keep(turn, json_incref((json_t *)(uintptr_t)change->attributes));
        return;
    }
    if (object->attributes == NULL && object->was.attributes != NULL)
        object->attributes = turn_parse(turn, object->was.attributes);
    object->attributes = merge(turn, object->attributes, change->attributes);
}

void object_review(struct turn *turn, struct object *object)
{
    object->attributes = turn_parse(turn, object->was.attributes);
    object->spoken = object->attributes != NULL;
    object->reviewed = true;
}

static void fingerprint(struct turn *turn, struct object *object)
{
    uint8_t digest[DIGEST_BYTES];
    size_t length = strlen(object->text);
    char *bytes = arena_alloc(turn->arena, DIGEST_BYTES + length + 1);

    memcpy(bytes, turn->sync->mapping_digest, DIGEST_BYTES);
    memcpy(bytes + DIGEST_BYTES, object->text, length);
    digest_sha256(bytes, DIGEST_BYTES + length, digest);
    digest_hex(digest, object->fingerprint);
}

void object_compare(struct turn *turn, struct object *object)
{
    char *text;

    if (!object->spoken || object->deleted)
        return;
    text = json_dumps(object->attributes, JSON_COMPACT | JSON_SORT_KEYS);
    object->text = arena_strdup(turn->arena, text != NULL ? text : "{}");
    free(text);
    fingerprint(turn, object);
    object->unchanged = !object->reviewed && !object->returned && object->was.pk != 0 &&
                        (object->was.state == LINK_LIVE || object->was.state == LINK_REFUSED) &&
                        (object->was.state == LINK_REFUSED || object->was.resource_id != NULL) &&
                        strcmp(object->was.fingerprint, object->fingerprint) == 0 &&
                        (object->was.due_us == 0 || object->was.due_us > turn->now_us);
}

static const char *problems_of(struct turn *turn, const struct mapped *mapped)
{
    CLEANUP(buf_free) struct buf words = {0};

    for (size_t i = 0; i < mapped->problem_count && words.length < PROBLEM_BYTES; i++) {
        const struct mapping_problem *problem = &mapped->problems[i];

        if (words.length > 0)
            buf_puts(&words, "; ");
        if (problem->target[0] != '\0')
            buf_printf(&words, "%s: ", problem->target);
        buf_puts(&words, problem->reason);
        if (problem->attribute != NULL)
            buf_printf(&words, " (attribute %s)", problem->attribute);
    }
    return words.length > 0 ? arena_strdup(turn->arena, buf_text(&words)) : NULL;
}

static json_t *refs_of(struct turn *turn, const struct mapped *mapped)
{
    json_t *refs = turn_keep(turn, json_array());

    for (size_t i = 0; i < mapped->reference_count; i++)
        (void)json_array_append_new(refs,
                                    json_pack("{s:s, s:s}", "target", mapped->references[i].target,
                                              "source_id", mapped->references[i].source_id));
    return refs;
}

/* A value that could not be read is not a value that is gone. */
static void keep_places(struct turn *turn, struct object *object, const struct mapped *mapped)
{
    for (size_t i = 0; i < mapped->problem_count; i++)
        if (mapped->problems[i].place != NULL)
            compose_keep(object_type(turn, object->type), mapped->problems[i].place,
                         object->mapped_before, object->desired);
}

void object_map(struct turn *turn, struct object *object)
{
    const struct source_definition *definition = turn->sync->order->definition;
    const struct mapping_input input = {.attributes = object->attributes,
                                        .now_us = turn->now_us,
                                        .limits = turn->sync->order->limits};
    struct mapped mapped;

    if (!object->spoken || object->deleted || object->unchanged)
        return;
    mapping_apply(turn->arena,
                  object->type == RESOURCE_TYPE_GROUP ? definition->groups : definition->users,
                  &input, &mapped);
    object->mapped = true;
    object->usable = mapped.usable;
    object->desired = turn_keep(turn, mapped.document);
    object->mapped_before = turn_parse(turn, object->was.document);
    object->refs = refs_of(turn, &mapped);
    object->stale_at_us = mapped.stale_at_us;
    object->mapped_problem = problems_of(turn, &mapped);
    if (object->usable)
        keep_places(turn, object, &mapped);
}
