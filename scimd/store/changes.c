#include "store/changes.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/id.h"
#include "store/changes_chain.h"
#include "store/session.h"

#define COLUMNS_WRITTEN                                                                            \
    "tenant_id, pk, at_us, action, rtype, resource_id, actor, request_id, forward, reverse"

int changes_write(struct session *session, const struct change_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_INT(store_session_tenant(session)),
        VALUE_INT(id_new_key()),
        VALUE_INT(row->at_us),
        VALUE_INT(row->action),
        VALUE_INT(row->type),
        VALUE_STRING(row->resource_id),
        VALUE_STRING(row->actor),
        VALUE_STRING(row->request_id),
        VALUE_STRING(row->forward),
        VALUE_STRING(row->reverse),
    };

    return session_execute(session,
                           "INSERT INTO scimd_change (" COLUMNS_WRITTEN
                           ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           values, ARRAY_LENGTH(values), NULL, err);
}

static void put_number(struct buf *json, const char *before, int64_t number)
{
    buf_puts(json, before);
    buf_int(json, number);
}

static void put_text(struct buf *json, const char *before, const char *text)
{
    buf_puts(json, before);
    buf_json_string(json, text, strlen(text));
}

static void put_row(struct buf *json, const struct change_row *row)
{
    put_number(json, "{\"pk\":", id_new_key());
    put_number(json, ",\"at_us\":", row->at_us);
    put_number(json, ",\"action\":", row->action);
    put_number(json, ",\"rtype\":", row->type);
    put_text(json, ",\"resource_id\":", row->resource_id);
    put_text(json, ",\"actor\":", row->actor);
    put_text(json, ",\"request_id\":", row->request_id);
    put_text(json, ",\"forward\":", row->forward);
    put_text(json, ",\"reverse\":", row->reverse);
    buf_putc(json, '}');
}

int changes_write_all(struct session *session, struct arena *arena, const struct change_row *rows,
                      size_t count, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};
    struct value values[2];

    (void)arena;
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        buf_putc(&json, i == 0 ? '[' : ',');
        put_row(&json, &rows[i]);
    }
    buf_putc(&json, ']');
    values[0] = VALUE_INT(store_session_tenant(session));
    values[1] = VALUE_STRING(json.bytes);
    return session_execute(
        session,
        "INSERT INTO scimd_change (" COLUMNS_WRITTEN ") "
        "SELECT ?, j.pk, j.at_us, j.action, j.rtype, j.resource_id, j.actor, j.request_id, "
        "j.forward, j.reverse FROM {rows pk bigint, at_us bigint, action bigint, rtype bigint, "
        "resource_id text, actor text, request_id text, forward text, reverse text}",
        values, ARRAY_LENGTH(values), NULL, err);
}

int changes_unsealed_tenants(struct session *session, struct arena *arena, const int **tenants,
                             size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf found = {0};
    size_t length = 0;
    int *copy;
    int more;

    if (session_query(session, "SELECT DISTINCT tenant_id FROM scimd_change_unsealed", NULL, 0,
                      &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        int tenant = (int)rows_integer(rows, 0);

        buf_append(&found, &tenant, sizeof(tenant));
        length++;
    }
    if (more < 0)
        return -1;
    copy = arena_array(arena, length, sizeof(*copy));
    if (length > 0)
        memcpy(copy, found.bytes, length * sizeof(*copy));
    *tenants = copy;
    *count = length;
    return 0;
}

static void read_row(struct rows *rows, struct arena *arena, struct change_row *row)
{
    const char *hash = rows_borrow(rows, CHAIN_COLUMNS + 1, NULL);

    row->position = rows_integer(rows, CHAIN_COLUMNS);
    row->at_us = rows_integer(rows, 0);
    row->action = (enum change_action)rows_integer(rows, 1);
    row->type = (int)rows_integer(rows, 2);
    row->resource_id = rows_text(rows, 3, arena, NULL);
    row->actor = rows_text(rows, 4, arena, NULL);
    row->request_id = rows_text(rows, 5, arena, NULL);
    row->forward = rows_text(rows, 6, arena, NULL);
    row->reverse = rows_text(rows, 7, arena, NULL);
    (void)snprintf(row->hash, sizeof(row->hash), "%s", hash != NULL ? hash : "");
}

int changes_read(struct session *session, struct arena *arena, int64_t position, size_t limit,
                 const struct change_row **rows, size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *found = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(position),
                                   VALUE_INT(limit)};
    struct change_row *list = arena_array(arena, limit, sizeof(*list));
    size_t length = 0;
    int more = 0;

    if (session_query(session,
                      "SELECT " CHAIN_COLUMNS_TEXT ", s.position, s.hash FROM scimd_seal s "
                      "JOIN scimd_change c ON c.tenant_id = s.tenant_id AND c.pk = s.pk "
                      "WHERE s.tenant_id = ? AND s.position > ? ORDER BY s.position {limit}",
                      values, ARRAY_LENGTH(values), &found, err) < 0)
        return -1;
    while (length < limit && (more = rows_next(found, err)) > 0)
        read_row(found, arena, &list[length++]);
    if (more < 0)
        return -1;
    *rows = list;
    *count = length;
    return 0;
}
