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
