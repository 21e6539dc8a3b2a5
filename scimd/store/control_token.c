#include <stdio.h>

#include "base/cleanup.h"
#include "store/control.h"
#include "store/control_list.h"

#define COLUMNS "id, tenant, connection, name, hash, created_us, expires_us, last_used_us"

static void read_token(struct rows *rows, struct arena *arena, void *item)
{
    struct token_row *row = item;
    const char *hash = rows_borrow(rows, 4, NULL);

    row->id = rows_text(rows, 0, arena, NULL);
    row->tenant = (int)rows_integer(rows, 1);
    row->connection = rows_integer(rows, 2);
    row->name = rows_text(rows, 3, arena, NULL);
    (void)snprintf(row->hash, sizeof(row->hash), "%s", hash != NULL ? hash : "");
    row->created_us = rows_integer(rows, 5);
    row->expires_us = rows_integer(rows, 6);
    row->last_used_us = rows_integer(rows, 7);
}

int control_token_insert(struct session *session, const struct token_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_STRING(row->id),      VALUE_INT(row->tenant),       VALUE_INT(row->connection),
        VALUE_STRING(row->name),    VALUE_STRING(row->hash),      VALUE_INT(row->created_us),
        VALUE_INT(row->expires_us), VALUE_INT(row->last_used_us),
    };

    if (session_execute(session,
                        "INSERT INTO scimd_token (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        values, ARRAY_LENGTH(values), NULL, err) == 0)
        return 0;
    if (err->code == ERR_UNIQUENESS)
        (void)err_set(err, ERR_CONFLICT, "token \"%s\" exists already", row->id);
    return -1;
}

int control_tokens(struct session *session, struct arena *arena, int tenant,
                   const struct token_row **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(
            session, "SELECT " COLUMNS " FROM scimd_token WHERE tenant = ? ORDER BY created_us, id",
            values, ARRAY_LENGTH(values), read_token, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int control_token_find(struct session *session, struct arena *arena, const char *id,
                       struct token_row *out, struct err *err)
{
    const struct value values[] = {VALUE_STRING(id)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session, "SELECT " COLUMNS " FROM scimd_token WHERE id = ?", values,
                      ARRAY_LENGTH(values), read_token, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such token");
    *out = *(struct token_row *)list.items;
    return 0;
}

int control_token_touch(struct session *session, const char *id, int64_t last_used_us,
                        struct err *err)
{
    const struct value values[] = {VALUE_INT(last_used_us), VALUE_STRING(id),
                                   VALUE_INT(last_used_us)};

    /* a replica that is late does not turn the time back; a token may be gone meanwhile */
    return session_execute(session,
                           "UPDATE scimd_token SET last_used_us = ? WHERE id = ? AND "
                           "last_used_us < ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int control_token_delete(struct session *session, int tenant, const char *id, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant), VALUE_STRING(id)};
    int64_t affected = 0;

    if (session_execute(session, "DELETE FROM scimd_token WHERE tenant = ? AND id = ?", values,
                        ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no token \"%s\"", id);
    return 0;
}
