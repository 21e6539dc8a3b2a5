#include "base/cleanup.h"
#include "store/blocks.h"
#include "store/control.h"
#include "store/control_list.h"

#define COLUMNS "number, name, state, database_name, created_us"

static void read_tenant(struct rows *rows, struct arena *arena, void *item)
{
    struct tenant_row *row = item;

    row->number = (int)rows_integer(rows, 0);
    row->name = rows_text(rows, 1, arena, NULL);
    row->state = (enum tenant_state)rows_integer(rows, 2);
    row->database = rows_text(rows, 3, arena, NULL);
    row->created_us = rows_integer(rows, 4);
}

static int next_number(struct session *session, int *number, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_execute(session,
                        "UPDATE scimd_counter SET number = number + 1 WHERE name = 'tenant'", NULL,
                        0, NULL, err) < 0 ||
        session_query(session, "SELECT number FROM scimd_counter WHERE name = 'tenant'", NULL, 0,
                      &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more > 0)
        *number = (int)rows_integer(rows, 0);
    return more < 0 ? -1 : 0;
}

int control_tenant_insert(struct session *session, const struct tenant_row *row, int *number,
                          struct err *err)
{
    int fresh = 0;
    struct value values[5];

    if (next_number(session, &fresh, err) < 0)
        return -1;
    values[0] = VALUE_INT(fresh);
    values[1] = VALUE_STRING(row->name);
    values[2] = VALUE_INT(row->state);
    values[3] = VALUE_STRING(row->database);
    values[4] = VALUE_INT(row->created_us);
    if (session_execute(session, "INSERT INTO scimd_tenant (" COLUMNS ") VALUES (?, ?, ?, ?, ?)",
                        values, ARRAY_LENGTH(values), NULL, err) < 0) {
        if (err->code == ERR_UNIQUENESS)
            (void)err_set(err, ERR_CONFLICT, "tenant \"%s\" exists already", row->name);
        return -1;
    }
    *number = fresh;
    return 0;
}

int control_tenant_find(struct session *session, struct arena *arena, const char *name,
                        struct tenant_row *out, struct err *err)
{
    const struct value values[] = {VALUE_STRING(name)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session, "SELECT " COLUMNS " FROM scimd_tenant WHERE name = ?", values,
                      ARRAY_LENGTH(values), read_tenant, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no tenant \"%s\"", name);
    *out = *(struct tenant_row *)list.items;
    return 0;
}

int control_tenants(struct session *session, struct arena *arena, const struct tenant_row **out,
                    size_t *count, struct err *err)
{
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(session, "SELECT " COLUMNS " FROM scimd_tenant ORDER BY name", NULL, 0,
                      read_tenant, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

static int require_one(int64_t affected, int number, struct err *err)
{
    return affected > 0 ? 0 : err_set(err, ERR_NOT_FOUND, "there is no tenant number %d", number);
}

int control_tenant_set_state(struct session *session, int number, enum tenant_state state,
                             struct err *err)
{
    const struct value values[] = {VALUE_INT(state), VALUE_INT(number)};
    int64_t affected = 0;

    if (session_execute(session, "UPDATE scimd_tenant SET state = ? WHERE number = ?", values,
                        ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return require_one(affected, number, err);
}

static int run_all(struct session *session, const char *const *statements, size_t count, int tenant,
                   struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant)};

    for (size_t i = 0; i < count; i++)
        if (session_execute(session, statements[i], values, ARRAY_LENGTH(values), NULL, err) < 0)
            return -1;
    return 0;
}

int control_tenant_delete(struct session *session, int number, struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM scimd_token WHERE tenant = ?",
        "DELETE FROM scimd_connection WHERE tenant = ?",
        "DELETE FROM scimd_tenant_schema WHERE tenant = ?",
        "DELETE FROM scimd_run WHERE tenant = ?",
        "DELETE FROM scimd_source WHERE tenant = ?",
        "DELETE FROM scimd_job WHERE tenant = ?",
        "DELETE FROM scimd_secret WHERE tenant = ?",
    };
    const struct value values[] = {VALUE_INT(number)};
    int64_t affected = 0;

    if (run_all(session, statements, ARRAY_LENGTH(statements), number, err) < 0 ||
        session_execute(session, "DELETE FROM scimd_tenant WHERE number = ?", values,
                        ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return require_one(affected, number, err);
}

int control_tenant_purge(struct session *session, struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM scimd_member WHERE tenant_id = ?",
        "DELETE FROM scimd_member_parked WHERE tenant_id = ?",
        "DELETE FROM scimd_unique WHERE tenant_id = ?",
        "DELETE FROM scimd_attribute WHERE tenant_id = ?",
        "DELETE FROM scimd_user_value WHERE tenant_id = ?",
        "DELETE FROM scimd_user WHERE tenant_id = ?",
        "DELETE FROM scimd_group WHERE tenant_id = ?",
        "DELETE FROM scimd_resource WHERE tenant_id = ?",
        "DELETE FROM scimd_seal WHERE tenant_id = ?",
        "DELETE FROM scimd_change_unsealed WHERE tenant_id = ?",
        "DELETE FROM scimd_change WHERE tenant_id = ?",
        "DELETE FROM scimd_meta WHERE tenant_id = ?",
        "DELETE FROM scimd_link_wait WHERE tenant_id = ?",
        "DELETE FROM scimd_link WHERE tenant_id = ?",
        "DELETE FROM scimd_sync WHERE tenant_id = ?",
        "DELETE FROM scimd_sync_set WHERE tenant_id = ?",
        "DELETE FROM scimd_staged WHERE tenant_id = ?",
        "DELETE FROM scimd_plan WHERE tenant_id = ?",
    };

    if (run_all(session, statements, ARRAY_LENGTH(statements), store_session_tenant(session), err) <
        0)
        return -1;
    return blocks_forget(session, err);
}
