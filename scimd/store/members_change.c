/* Adding and removing members.  Names go to the database as JSON lists of at most MEMBERS_CHUNK, so
 * that one member costs two statements and a hundred thousand cost two hundred. */
#include "store/members.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/session.h"

/* What the database knows of a name. */
struct standing {
    int64_t pk;   /* 0: no user or group has that id */
    int64_t type; /* resource_type.number */
    bool is_member;
    bool is_parked;
};

/* One chunk of names in one group. */
struct chunk {
    struct session *session;
    int64_t group_pk;
    const struct member_name *names;
    size_t count;
    struct standing *standings; /* of the names, in their order */
};

static void append_ids(struct buf *json, const struct member_name *names, size_t count)
{
    buf_putc(json, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(json, ',');
        buf_json_string(json, names[i].value, strlen(names[i].value));
    }
    buf_putc(json, ']');
}

/* Rows come in any order: each says its place. */
static void append_places(struct buf *json, const struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->count; i++) {
        buf_printf(json, "%s{\"place\":%zu,\"id\":", i > 0 ? "," : "[", i);
        buf_json_string(json, chunk->names[i].value, strlen(chunk->names[i].value));
        buf_putc(json, '}');
    }
    buf_putc(json, ']');
}

static int look_up(const struct chunk *chunk, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf json = {0};
    const struct value tenant = VALUE_INT(store_session_tenant(chunk->session));
    const struct value group = VALUE_INT(chunk->group_pk);
    int more;

    append_places(&json, chunk);
    const struct value values[] = {
        tenant, group, tenant, group, VALUE_STRING_N(json.bytes, json.length), tenant};
    /* Subqueries, not joins: without statistics, as in a first import, PostgreSQL would read the
     * whole group for each name. */
    if (session_query(chunk->session,
                      "SELECT j.place, r.pk, r.rtype, (SELECT m.member_pk FROM scimd_member m "
                      "WHERE m.tenant_id = ? AND m.group_pk = ? AND m.member_pk = r.pk), "
                      "(SELECT p.group_pk FROM scimd_member_parked p WHERE p.tenant_id = ? "
                      "AND p.group_pk = ? AND p.member_id = j.id) "
                      "FROM {rows place bigint, id text} "
                      "LEFT JOIN scimd_resource r ON r.tenant_id = ? AND r.id = j.id "
                      "AND r.rtype IN (1, 2)",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        size_t place = (size_t)rows_integer(rows, 0);
        if (place >= chunk->count)
            continue;
        chunk->standings[place] = (struct standing){.pk = rows_integer(rows, 1),
                                                    .type = rows_integer(rows, 2),
                                                    .is_member = !rows_is_null(rows, 3),
                                                    .is_parked = !rows_is_null(rows, 4)};
    }
    return more;
}

static void name_id(struct member_ids *ids, const char *id)
{
    ids->ids[ids->count++] = id;
}

static struct member_ids ids_for(struct arena *arena, size_t count)
{
    return (struct member_ids){.ids = arena_array(arena, count + 1, sizeof(const char *))};
}

static int insert_members(const struct chunk *chunk, struct member_ids *added, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};

    for (size_t i = 0; i < chunk->count; i++) {
        const struct standing *standing = &chunk->standings[i];
        if (standing->pk == 0 || standing->is_member)
            continue;
        buf_printf(&json, "%s{\"pk\":%lld,\"type\":%lld}", json.length > 0 ? "," : "[",
                   (long long)standing->pk, (long long)standing->type);
        name_id(added, chunk->names[i].value);
    }
    if (json.length == 0)
        return 0;
    buf_putc(&json, ']');
    const struct value values[] = {VALUE_INT(store_session_tenant(chunk->session)),
                                   VALUE_INT(chunk->group_pk),
                                   VALUE_STRING_N(json.bytes, json.length)};
    return session_execute(chunk->session,
                           "INSERT INTO scimd_member (tenant_id, group_pk, member_pk, mtype) "
                           "SELECT CAST(? AS int), CAST(? AS bigint), j.pk, j.type "
                           "FROM {rows pk bigint, type bigint}",
                           values, ARRAY_LENGTH(values), NULL, err);
}

static int insert_parked(const struct chunk *chunk, struct member_ids *added,
                         struct member_ids *parked, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};

    for (size_t i = 0; i < chunk->count; i++) {
        const struct standing *standing = &chunk->standings[i];
        const struct member_name *name = &chunk->names[i];
        if (standing->pk != 0 || standing->is_parked)
            continue;
        buf_puts(&json, json.length > 0 ? ",{\"id\":" : "[{\"id\":");
        buf_json_string(&json, name->value, strlen(name->value));
        if (name->type != NULL) {
            buf_puts(&json, ",\"type\":");
            buf_json_string(&json, name->type, strlen(name->type));
        }
        buf_putc(&json, '}');
        name_id(added, name->value);
        name_id(parked, name->value);
    }
    if (json.length == 0)
        return 0;
    buf_putc(&json, ']');
    const struct value values[] = {VALUE_INT(store_session_tenant(chunk->session)),
                                   VALUE_INT(chunk->group_pk),
                                   VALUE_STRING_N(json.bytes, json.length)};
    return session_execute(chunk->session,
                           "INSERT INTO scimd_member_parked (tenant_id, group_pk, member_id, "
                           "mtype) SELECT CAST(? AS int), CAST(? AS bigint), j.id, j.type "
                           "FROM {rows id text, type text}",
                           values, ARRAY_LENGTH(values), NULL, err);
}

/* The chunk of `names` that starts at `from`, looked up. */
static int open_chunk(struct chunk *chunk, struct arena *arena, const struct member_list *names,
                      size_t from, struct err *err)
{
    size_t left = names->count - from;

    chunk->names = names->items + from;
    chunk->count = left < MEMBERS_CHUNK ? left : MEMBERS_CHUNK;
    if (chunk->standings == NULL)
        chunk->standings = arena_array(arena, chunk->count, sizeof(*chunk->standings));
    return look_up(chunk, err);
}

int members_add(struct session *session, struct arena *arena, int64_t group_pk,
                const struct member_list *names, struct member_ids *added,
                struct member_ids *parked, struct err *err)
{
    struct member_ids new_added = ids_for(arena, names->count);
    struct member_ids new_parked = ids_for(arena, names->count);
    struct chunk chunk = {.session = session, .group_pk = group_pk};

    for (size_t from = 0; from < names->count; from += chunk.count) {
        if (open_chunk(&chunk, arena, names, from, err) < 0 ||
            insert_members(&chunk, &new_added, err) < 0 ||
            insert_parked(&chunk, &new_added, &new_parked, err) < 0)
            return -1;
    }
    *added = new_added;
    *parked = new_parked;
    return 0;
}

int members_unknown(struct session *session, struct arena *arena, const struct member_list *names,
                    struct member_ids *unknown, struct err *err)
{
    struct member_ids found = ids_for(arena, names->count);
    struct chunk chunk = {.session = session};

    for (size_t from = 0; from < names->count; from += chunk.count) {
        if (open_chunk(&chunk, arena, names, from, err) < 0)
            return -1;
        for (size_t i = 0; i < chunk.count; i++) {
            if (chunk.standings[i].pk == 0)
                name_id(&found, chunk.names[i].value);
        }
    }
    *unknown = found;
    return 0;
}

/* Deletes the rows of those names that are members, or those that are parked. */
static int delete_standing(const struct chunk *chunk, bool parked, struct member_ids *removed,
                           struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};

    for (size_t i = 0; i < chunk->count; i++) {
        const struct standing *standing = &chunk->standings[i];
        if (!(parked ? standing->is_parked : standing->is_member))
            continue;
        buf_putc(&json, json.length > 0 ? ',' : '[');
        if (parked)
            buf_json_string(&json, chunk->names[i].value, strlen(chunk->names[i].value));
        else
            buf_int(&json, standing->pk);
        name_id(removed, chunk->names[i].value);
    }
    if (json.length == 0)
        return 0;
    buf_putc(&json, ']');
    const struct value values[] = {VALUE_INT(store_session_tenant(chunk->session)),
                                   VALUE_INT(chunk->group_pk),
                                   VALUE_STRING_N(json.bytes, json.length)};
    return session_execute(chunk->session,
                           parked ? "DELETE FROM scimd_member_parked WHERE tenant_id = ? AND "
                                    "group_pk = ? AND member_id IN (SELECT j.item FROM {list text})"
                                  : "DELETE FROM scimd_member WHERE tenant_id = ? AND group_pk = ? "
                                    "AND member_pk IN (SELECT j.item FROM {list bigint})",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int members_remove(struct session *session, struct arena *arena, int64_t group_pk,
                   const struct member_list *names, struct member_ids *removed, struct err *err)
{
    struct member_ids gone = ids_for(arena, names->count);
    struct chunk chunk = {.session = session, .group_pk = group_pk};

    for (size_t from = 0; from < names->count; from += chunk.count) {
        if (open_chunk(&chunk, arena, names, from, err) < 0 ||
            delete_standing(&chunk, false, &gone, err) < 0 ||
            delete_standing(&chunk, true, &gone, err) < 0)
            return -1;
    }
    *removed = gone;
    return 0;
}

/* The first members (or parked ones) that are not in `keep`. */
static int find_others(struct session *session, struct arena *arena, const struct value values[4],
                       bool parked, struct member_list *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    struct member_name *names = arena_array(arena, MEMBERS_CHUNK, sizeof(*names));
    size_t count = 0;
    int more;

    if (session_query(session,
                      parked ? "SELECT p.member_id FROM scimd_member_parked p WHERE "
                               "p.tenant_id = ? AND p.group_pk = ? AND p.member_id NOT IN ("
                               "SELECT j.item FROM {list text}) ORDER BY p.member_id {limit}"
                             : "SELECT r.id FROM scimd_member m JOIN scimd_resource r "
                               "ON r.tenant_id = m.tenant_id AND r.pk = m.member_pk "
                               "WHERE m.tenant_id = ? AND m.group_pk = ? AND r.id NOT IN ("
                               "SELECT j.item FROM {list text}) ORDER BY m.member_pk {limit}",
                      values, 4, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0 && count < MEMBERS_CHUNK)
        names[count++].value = rows_text(rows, 0, arena, NULL);
    if (more < 0)
        return -1;
    *out = (struct member_list){.items = names, .count = count, .present = true};
    return 0;
}

int members_remove_others(struct session *session, struct arena *arena, int64_t group_pk,
                          const struct member_list *keep, struct member_ids *removed,
                          struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};
    struct member_list others = {0};

    append_ids(&json, keep != NULL ? keep->items : NULL, keep != NULL ? keep->count : 0);
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(group_pk),
                                   VALUE_STRING_N(json.bytes, json.length),
                                   VALUE_INT(MEMBERS_CHUNK)};
    if (find_others(session, arena, values, false, &others, err) < 0)
        return -1;
    if (others.count == 0 && find_others(session, arena, values, true, &others, err) < 0)
        return -1;
    return members_remove(session, arena, group_pk, &others, removed, err);
}
