#include "base/cleanup.h"
#include "store/control.h"
#include "store/control_list.h"
#include "store/control_names.h"

#define COLUMNS "id, tenant, name, profile, seen, park_members, created_us, tolerances"

static void read_connection(struct rows *rows, struct arena *arena, void *item)
{
    struct connection_row *row = item;

    row->id = rows_integer(rows, 0);
    row->tenant = (int)rows_integer(rows, 1);
    row->name = rows_text(rows, 2, arena, NULL);
    row->profile = rows_text(rows, 3, arena, NULL);
    row->seen = rows_text(rows, 4, arena, NULL);
    row->park_members = rows_integer(rows, 5) != 0;
    row->created_us = rows_integer(rows, 6);
    row->tolerances = rows_text(rows, 7, arena, NULL);
}

int control_connection_insert(struct session *session, const struct connection_row *row,
                              struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->id),         VALUE_INT(row->tenant),        VALUE_STRING(row->name),
        VALUE_STRING(row->profile), VALUE_STRING(row->seen),       VALUE_INT(row->park_members),
        VALUE_INT(row->created_us), VALUE_STRING(row->tolerances),
    };

    if (control_name_for_connection(session, row->tenant, row->name, err) < 0)
        return -1;
    if (session_execute(
            session, "INSERT INTO scimd_connection (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values, ARRAY_LENGTH(values), NULL, err) == 0)
        return 0;
    if (err->code == ERR_UNIQUENESS)
        (void)err_set(err, ERR_CONFLICT, "connection \"%s\" exists already", row->name);
    return -1;
}

int control_connection_update(struct session *session, const struct connection_row *row,
                              struct err *err)
{
    const struct value values[] = {
        VALUE_STRING(row->profile),    VALUE_STRING(row->seen), VALUE_INT(row->park_members),
        VALUE_STRING(row->tolerances), VALUE_INT(row->id),      VALUE_INT(row->tenant),
    };
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_connection SET profile = ?, seen = ?, park_members = ?, "
                        "tolerances = ? WHERE id = ? AND tenant = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no connection \"%s\"", row->name);
    return 0;
}

int control_connections(struct session *session, struct arena *arena, int tenant,
                        const struct connection_row **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(session,
                      "SELECT " COLUMNS " FROM scimd_connection WHERE tenant = ? ORDER BY name",
                      values, ARRAY_LENGTH(values), read_connection, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int control_connection_delete(struct session *session, int tenant, const char *name,
                              struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant), VALUE_STRING(name)};
    const struct value token_values[] = {VALUE_INT(tenant), VALUE_INT(tenant), VALUE_STRING(name)};
    int64_t affected = 0;

    if (session_execute(session,
                        "DELETE FROM scimd_token WHERE tenant = ? AND connection IN (SELECT id "
                        "FROM scimd_connection WHERE tenant = ? AND name = ?)",
                        token_values, ARRAY_LENGTH(token_values), NULL, err) < 0 ||
        session_execute(session, "DELETE FROM scimd_connection WHERE tenant = ? AND name = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no connection \"%s\"", name);
    return 0;
}
