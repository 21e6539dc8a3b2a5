/* Members as a source's group has them: by key, without documents. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "scim/schema.h"
#include "store/control_list.h"
#include "store/json_list.h"
#include "store/links.h"
#include "store/session.h"

int link_member_keys(struct session *session, int64_t group_pk, int64_t **keys, size_t *count,
                     struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf found = {0};
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(group_pk)};
    size_t used = 0;
    int more;

    if (session_query(session,
                      "SELECT member_pk FROM scimd_member WHERE tenant_id = ? AND group_pk = ? "
                      "ORDER BY member_pk",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        int64_t key = rows_integer(rows, 0);

        buf_append(&found, &key, sizeof(key));
        used++;
    }
    if (more < 0)
        return -1;
    *keys = memory_calloc(used + 1, sizeof(**keys));
    if (used > 0)
        memcpy(*keys, found.bytes, used * sizeof(**keys));
    *count = used;
    return 0;
}

static int resource_ids_chunk(struct session *session, struct arena *arena, const int64_t *keys,
                              size_t count, const char **out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf json = {0};
    int more;

    for (size_t i = 0; i < count; i++) {
        buf_puts(&json, i > 0 ? ",{" : "[{");
        json_list_number(&json, "place", (int64_t)i);
        json_list_number(&json, "pk", keys[i]);
        buf_putc(&json, '}');
    }
    buf_putc(&json, ']');
    const struct value values[] = {VALUE_STRING_N(json.bytes, json.length),
                                   VALUE_INT(store_session_tenant(session))};
    /* CROSS JOIN: SQLite then keeps the order of the tables, few rows first */
    if (session_query(session,
                      "SELECT j.place, r.id FROM {rows place bigint, pk bigint} "
                      "CROSS JOIN scimd_resource r WHERE r.tenant_id = ? AND r.pk = j.pk",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        size_t place = (size_t)rows_integer(rows, 0);

        if (place < count)
            out[place] = rows_text(rows, 1, arena, NULL);
    }
    return more;
}

int link_resource_ids(struct session *session, struct arena *arena, const int64_t *keys,
                      size_t count, const char **out, struct err *err)
{
    const char **found = arena_array(arena, count + 1, sizeof(*found));
    size_t chunk;

    for (size_t from = 0; from < count; from += chunk) {
        chunk = count - from < LINKS_CHUNK ? count - from : LINKS_CHUNK;
        if (resource_ids_chunk(session, arena, keys + from, chunk, found + from, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < count; i++)
        out[i] = found[i];
    return 0;
}

static void read_id(struct rows *rows, struct arena *arena, void *item)
{
    *(const char **)item = rows_text(rows, 0, arena, NULL);
}

int link_groups_of(struct session *session, struct arena *arena, int64_t source,
                   int64_t resource_pk, const char *const **out, size_t *count, struct err *err)
{
    const struct value tenant = VALUE_INT(store_session_tenant(session));
    const struct value values[] = {tenant, VALUE_INT(resource_pk), tenant, VALUE_INT(source),
                                   VALUE_INT(LINK_LIVE)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(const char *)};

    if (control_query(session,
                      "SELECT g.id FROM scimd_member m JOIN scimd_group g "
                      "ON g.tenant_id = m.tenant_id AND g.pk = m.group_pk "
                      "WHERE m.tenant_id = ? AND m.member_pk = ? AND EXISTS (SELECT 1 "
                      "FROM scimd_link l WHERE l.tenant_id = ? AND l.source = ? AND l.state = ? "
                      "AND l.resource_pk = m.group_pk AND l.resource_pk <> 0) ORDER BY g.pk",
                      values, ARRAY_LENGTH(values), read_id, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int links_tally_members(struct session *session, int64_t source, int64_t *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value tenant = VALUE_INT(store_session_tenant(session));
    const struct value values[] = {tenant, tenant, VALUE_INT(source), VALUE_INT(LINK_LIVE),
                                   VALUE_INT(RESOURCE_TYPE_GROUP)};
    int more;

    /* IN: the members of a group that two links have count once */
    if (session_query(session,
                      "SELECT COUNT(*) FROM scimd_member m WHERE m.tenant_id = ? AND "
                      "m.group_pk IN (SELECT l.resource_pk FROM scimd_link l WHERE "
                      "l.tenant_id = ? AND l.source = ? AND l.state = ? AND l.object = ?)",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *out = more > 0 ? rows_integer(rows, 0) : 0;
    return 0;
}
