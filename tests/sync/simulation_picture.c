#include "simulation_picture.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "scim/schema.h"
#include "store/session.h"

#define BIT(place) (UINT64_C(1) << (place))

struct taking {
    struct picture *out;
    const struct picture *before;
    int64_t source;
};

static const char *text_at(const json_t *document, const char *first, const char *second)
{
    const json_t *value = json_object_get(document, first);

    if (json_is_array(value))
        value = json_array_get(value, 0);
    return json_string_value(second != NULL ? json_object_get(value, second) : value);
}

static const char *manager_of(const json_t *document)
{
    const json_t *extension = json_object_get(document, SCHEMA_URN_ENTERPRISE);

    return json_string_value(json_object_get(json_object_get(extension, "manager"), "value"));
}

static void read_values(const json_t *document, struct held *held)
{
    const char *login = text_at(document, "userName", NULL);
    const char *nick = text_at(document, "nickName", NULL);
    const char *manager = manager_of(document);

    if (login == NULL)
        login = text_at(document, "displayName", NULL);
    held->active = !json_is_false(json_object_get(document, "active"));
    held->nick = nick != NULL && strcmp(nick, PICTURE_NICK_NAME) == 0;
    held->values[WORLD_LOGIN] = world_number(WORLD_LOGIN, login);
    held->values[WORLD_GIVEN] = world_number(WORLD_GIVEN, text_at(document, "name", "givenName"));
    held->values[WORLD_FAMILY] =
        world_number(WORLD_FAMILY, text_at(document, "name", "familyName"));
    held->values[WORLD_MAIL] = world_number(WORLD_MAIL, text_at(document, "emails", "value"));
    held->values[WORLD_TITLE] = world_number(WORLD_TITLE, text_at(document, "title", NULL));
    (void)snprintf(held->manager, sizeof(held->manager), "%s", manager != NULL ? manager : "");
}

static int place_of(const json_t *document)
{
    const char *external = text_at(document, "externalId", NULL);
    const char *login = text_at(document, "userName", NULL);
    int number = 0;

    if (external != NULL)
        return world_object(external);
    if (login == NULL || sscanf(login, PICTURE_PUSHED_NAME, &number) != 1 || number < 0 ||
        number >= PICTURE_PUSHED_MAX)
        return WORLD_NOBODY;
    return PICTURE_PUSHED + number;
}

static void fault(struct picture *picture, const char *what, const char *whose)
{
    if (picture->fault[0] == '\0')
        (void)snprintf(picture->fault, sizeof(picture->fault), "%s: %s", what, whose);
}

static void add_resource(struct taking *taking, const char *id, int64_t version, const char *text,
                         size_t length)
{
    CLEANUP(json_decrefp) json_t *document = NULL;
    int place = taking->before != NULL ? picture_find(taking->before, id) : WORLD_NOBODY;
    struct held *held;

    if (place != WORLD_NOBODY && taking->before->held[place].version == version) {
        taking->out->held[place] = taking->before->held[place];
        taking->out->held[place].members = 0;
        return;
    }
    document = json_loadb(text, length, 0, NULL);
    place = document != NULL ? place_of(document) : WORLD_NOBODY;
    if (place == WORLD_NOBODY) {
        fault(taking->out, "a resource that nobody brought", text);
        return;
    }
    held = &taking->out->held[place];
    if (held->there)
        fault(taking->out, "two resources of one object", text);
    held->there = true;
    held->version = version;
    (void)snprintf(held->id, sizeof(held->id), "%s", id);
    read_values(document, held);
}

static int take_resources(struct taking *taking, struct session *session, struct err *err)
{
    const struct value tenant[] = {VALUE_INT(store_session_tenant(session))};
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    /* without the id, SQLite reads all tenants: it expects that they are few and large */
    if (session_query(session,
                      "SELECT id, version, document FROM scimd_resource WHERE tenant_id = ? "
                      "AND id > ''",
                      tenant, 1, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        char id[sizeof(taking->out->held[0].id)];
        size_t length = 0;
        const char *text;

        (void)snprintf(id, sizeof(id), "%s", rows_borrow(rows, 0, NULL));
        text = rows_borrow(rows, 2, &length);
        add_resource(taking, id, rows_integer(rows, 1), text, length);
    }
    return more;
}

static int take_members(struct taking *taking, struct session *session, struct err *err)
{
    const struct value tenant[] = {VALUE_INT(store_session_tenant(session))};
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(
            session,
            "SELECT g.id, r.id FROM scimd_member m JOIN scimd_resource g ON g.pk = "
            "m.group_pk JOIN scimd_resource r ON r.pk = m.member_pk WHERE m.tenant_id = ?",
            tenant, 1, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        int group = picture_find(taking->out, rows_borrow(rows, 0, NULL));
        int member = picture_find(taking->out, rows_borrow(rows, 1, NULL));

        if (group == WORLD_NOBODY || member == WORLD_NOBODY)
            fault(taking->out, "a membership of nobody", rows_borrow(rows, 0, NULL));
        else
            taking->out->held[group].members |= BIT(member);
    }
    return more;
}

static int take_links(struct taking *taking, struct session *session, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)),
                                   VALUE_INT(taking->source)};
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session,
                      "SELECT source_id, state, problem FROM scimd_link WHERE tenant_id = ? AND "
                      "source = ?",
                      values, 2, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        int object = world_object(rows_borrow(rows, 0, NULL));

        if (object == WORLD_NOBODY)
            continue;
        taking->out->links[object] = (struct held_link){.state = (int)rows_integer(rows, 1),
                                                        .problem = !rows_is_null(rows, 2)};
    }
    return more;
}

static int take_fence(struct taking *taking, struct session *session, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)),
                                   VALUE_INT(taking->source)};
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session,
                      "SELECT fence, phase FROM scimd_sync WHERE tenant_id = ? AND source = ?",
                      values, 2, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more > 0) {
        taking->out->fence = rows_integer(rows, 0);
        taking->out->phase = (int)rows_integer(rows, 1);
    }
    return more < 0 ? -1 : 0;
}

static int take(struct session *session, void *argument, struct err *err)
{
    struct taking *taking = argument;

    *taking->out = (struct picture){.fence = 0};
    if (take_resources(taking, session, err) < 0 || take_members(taking, session, err) < 0 ||
        take_links(taking, session, err) < 0)
        return -1;
    return take_fence(taking, session, err);
}

static void name_managers(struct picture *picture)
{
    for (int i = 0; i < PICTURE_PLACES; i++) {
        struct held *held = &picture->held[i];
        int manager;

        held->values[WORLD_MANAGER] = 0;
        if (held->manager[0] == '\0')
            continue;
        manager = picture_find(picture, held->manager);
        if (manager == WORLD_NOBODY)
            fault(picture, "a manager who isn't there", held->manager);
        held->values[WORLD_MANAGER] = manager + 1;
    }
}

int picture_take(struct store_scope scope, int64_t source, const struct picture *before,
                 struct picture *out)
{
    struct taking taking = {.out = out, .before = before, .source = source};
    struct err err = {0};

    if (store_read(scope, take, &taking, &err) < 0) {
        (void)fprintf(stderr, "picture: %s (%s)\n", err.detail, err.cause);
        return -1;
    }
    name_managers(out);
    return 0;
}

bool picture_same(const struct picture *left, const struct picture *right, int *place)
{
    for (int i = 0; i < PICTURE_PLACES; i++) {
        const struct held *first = &left->held[i];
        const struct held *second = &right->held[i];

        *place = i;
        if (first->there != second->there)
            return false;
        if (first->there &&
            (first->version != second->version || strcmp(first->id, second->id) != 0 ||
             first->members != second->members))
            return false;
    }
    return true;
}

int picture_find(const struct picture *picture, const char *id)
{
    for (int i = 0; i < PICTURE_PLACES; i++)
        if (picture->held[i].there && strcmp(picture->held[i].id, id) == 0)
            return i;
    return WORLD_NOBODY;
}

void picture_print(const struct picture *picture, const struct world *world)
{
    for (int i = 0; i < PICTURE_PLACES; i++) {
        const struct held *held = &picture->held[i];
        bool is_group = i < WORLD_NAMES && world->is_group[i];

        if (held->there)
            (void)fprintf(stderr, "    %c%02d%s values %d %d %d %d %d manager %d members %llx\n",
                          is_group ? 'g' : 'u', i, held->active ? "" : " inactive", held->values[0],
                          held->values[1], held->values[2], held->values[3], held->values[4],
                          held->values[WORLD_MANAGER] - 1, (unsigned long long)held->members);
    }
}
