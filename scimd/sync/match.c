/* Finding the resource that an object is, where one is there already: by explicit policy only. */
#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"
#include "scim/resource.h"
#include "store/index_unique.h"
#include "store/search.h"
#include "sync/object.h"

#define SOURCE_ID_FILTER "externalId eq %s or " SCHEMA_URN_SCIMD_USER ":sourceId eq %s"
#define EXTERNAL_ID_FILTER "externalId eq %s"
#define EMAIL_FILTER "emails.value eq %s"
#define FOUND_MAX 2 /* more than one is none */

struct found {
    struct turn *turn;
    struct resource_row rows[FOUND_MAX];
    size_t count;
};

static int note(void *context, const struct resource_row *row, struct err *err)
{
    struct found *found = context;

    (void)err;
    if (found->count < FOUND_MAX) {
        found->rows[found->count] = *row;
        found->rows[found->count++].id = arena_strdup(found->turn->scratch, row->id);
    }
    return 0;
}

static const char *quoted(struct turn *turn, const char *text)
{
    CLEANUP(buf_free) struct buf json = {0};

    buf_json_string(&json, text, strlen(text));
    return arena_strdup(turn->scratch, buf_text(&json));
}

static int search(struct turn *turn, const struct resource_type *type, const char *text,
                  struct found *found, struct err *err)
{
    const struct filter_reader reader = {.type = type, .limits = turn->sync->order->limits};
    struct search_part part = {.type = type};
    const struct search query = {
        .parts = &part, .part_count = 1, .start_index = 1, .count = FOUND_MAX};
    struct search_result result = {0};

    if (filter_parse(&reader, turn->scratch, text, strlen(text), &part.filter, err) < 0)
        return -1;
    return search_run(turn->session, turn->scratch, &query, note, found, &result, err);
}

/* A resource that stands for another object of this source is nobody's to take. */
static int is_free(struct turn *turn, const struct resource_row *row, bool *is_free,
                   struct err *err)
{
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (links_of_resource(turn->session, turn->scratch, row->pk, &links, &count, err) < 0)
        return -1;
    *is_free = true;
    for (size_t i = 0; i < count; i++)
        if (links[i].source == turn->sync->order->source && links[i].row.state == LINK_LIVE)
            *is_free = false;
    /* of this very turn, whose links are not written yet */
    for (size_t i = 0; i < turn->count; i++)
        if (turn->objects[i]->link.resource_pk == row->pk &&
            turn->objects[i]->link.state == LINK_LIVE)
            *is_free = false;
    return 0;
}

/* 1: one, and it is free; 0: none, or no single one; -1: *err. */
static int take(struct turn *turn, const struct found *found, struct resource_row *out,
                struct err *err)
{
    bool free = false;

    if (found->count != 1)
        return 0;
    if (is_free(turn, &found->rows[0], &free, err) < 0)
        return -1;
    if (free)
        *out = found->rows[0];
    return free ? 1 : 0;
}

static int match_text(struct turn *turn, const struct resource_type *type, const char *filter,
                      struct resource_row *out, struct err *err)
{
    struct found found = {.turn = turn};

    if (search(turn, type, filter, &found, err) < 0)
        return -1;
    return take(turn, &found, out, err);
}

static int match_source_id(struct turn *turn, const struct object *object, struct resource_row *out,
                           struct err *err)
{
    const struct resource_type *type = object_type(turn, object->type);
    const char *id = quoted(turn, object->source_id);

    return match_text(turn, type,
                      object->type == RESOURCE_TYPE_USER
                          ? arena_printf(turn->scratch, SOURCE_ID_FILTER, id, id)
                          : arena_printf(turn->scratch, EXTERNAL_ID_FILTER, id),
                      out, err);
}

static int match_user_name(struct turn *turn, const struct object *object, struct resource_row *out,
                           struct err *err)
{
    const char *name = json_string_value(json_object_get(object->desired, "userName"));

    if (name == NULL)
        return 0;
    return match_text(turn, object_type(turn, object->type),
                      arena_printf(turn->scratch, "userName eq %s", quoted(turn, name)), out, err);
}

/* The work address, which the directory vouches for: the primary one, else the first. */
static int match_email(struct turn *turn, const struct object *object, struct resource_row *out,
                       struct err *err)
{
    const json_t *emails = json_object_get(object->desired, "emails");
    const char *address = json_string_value(json_object_get(json_array_get(emails, 0), "value"));

    if (address == NULL)
        return 0;
    return match_text(turn, object_type(turn, object->type),
                      arena_printf(turn->scratch, EMAIL_FILTER, quoted(turn, address)), out, err);
}

int object_match(struct turn *turn, struct object *object, struct resource_row *out,
                 struct err *err)
{
    static int (*const ways[MATCH_KINDS])(struct turn *, const struct object *,
                                          struct resource_row *, struct err *) = {
        [MATCH_SOURCE_ID] = match_source_id,
        [MATCH_USER_NAME] = match_user_name,
        [MATCH_EMAIL] = match_email,
    };
    const struct source_definition *definition = turn->sync->order->definition;
    size_t count = object->type == RESOURCE_TYPE_USER ? definition->match_count : 1;

    if (!turn->sync->strangers[object->type])
        return 0;
    for (size_t i = 0; i < count; i++) {
        int found = ways[definition->match[i]](turn, object, out, err);

        if (found != 0)
            return found;
    }
    return 0;
}

/* 1: the value is another resource's; 0: it is free; -1: *err. */
static int is_taken(struct turn *turn, const struct resource_type *type,
                    const struct attribute *attribute, const char *value, int64_t own,
                    struct err *err)
{
    struct resource_row row = {0};
    struct err missing = {0};

    if (resources_find_unique(turn->session, turn->scratch, type, attribute, value, &row,
                              &missing) == 0)
        return row.pk != own ? 1 : 0;
    if (missing.code == ERR_NOT_FOUND)
        return 0;
    *err = missing;
    return -1;
}

int object_taken(struct turn *turn, const struct resource_type *type, const json_t *document,
                 int64_t own, const struct attribute **attribute, struct err *err)
{
    size_t count = 0;
    const struct attribute **unique = index_unique_attributes(turn->scratch, type, &count);

    for (size_t i = 0; i < count; i++) {
        const json_t *value = resource_value(document, unique[i]);
        int taken;

        if (!json_is_string(value))
            continue;
        taken = is_taken(turn, type, unique[i], json_string_value(value), own, err);
        if (taken != 0) {
            *attribute = unique[i];
            return taken;
        }
    }
    return 0;
}
