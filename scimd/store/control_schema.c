#include "base/cleanup.h"
#include "store/control.h"
#include "store/control_list.h"

static void read_schema(struct rows *rows, struct arena *arena, void *item)
{
    struct schema_row *row = item;

    row->tenant = (int)rows_integer(rows, 0);
    row->name = rows_text(rows, 1, arena, NULL);
    row->document = rows_text(rows, 2, arena, &row->length);
    row->created_us = rows_integer(rows, 3);
}

int control_schema_put(struct session *session, const struct schema_row *row, struct err *err)
{
    const struct value values[] = {VALUE_STRING_N(row->document, row->length),
                                   VALUE_INT(row->created_us), VALUE_INT(row->tenant),
                                   VALUE_STRING(row->name)};
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_tenant_schema SET document = ?, created_us = ? WHERE tenant "
                        "= ? AND name = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected > 0)
        return 0;
    return session_execute(session,
                           "INSERT INTO scimd_tenant_schema (document, created_us, tenant, name) "
                           "VALUES (?, ?, ?, ?)",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int control_schemas(struct session *session, struct arena *arena, int tenant,
                    const struct schema_row **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(session,
                      "SELECT tenant, name, document, created_us FROM scimd_tenant_schema WHERE "
                      "tenant = ? ORDER BY name",
                      values, ARRAY_LENGTH(values), read_schema, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int control_schema_delete(struct session *session, int tenant, const char *name, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant), VALUE_STRING(name)};
    int64_t affected = 0;

    if (session_execute(session, "DELETE FROM scimd_tenant_schema WHERE tenant = ? AND name = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no schema \"%s\"", name);
    return 0;
}
