#include "store/control_names.h"

#include "base/cleanup.h"
#include "store/session.h"

static int lock_tenant(struct session *session, int tenant, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(tenant)};

    if (session_query(session, "SELECT number FROM scimd_tenant{lock} WHERE number = ?{for update}",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    return rows_next(rows, err) < 0 ? -1 : 0;
}

/* 1: a row has the name. */
static int is_taken(struct session *session, const char *sql, int tenant, const char *name,
                    struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(tenant), VALUE_STRING(name)};

    if (session_query(session, sql, values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    return rows_next(rows, err);
}

int control_name_for_connection(struct session *session, int tenant, const char *name,
                                struct err *err)
{
    int taken;

    if (lock_tenant(session, tenant, err) < 0)
        return -1;
    taken = is_taken(session, "SELECT 1 FROM scimd_source WHERE tenant = ? AND name = ?", tenant,
                     name, err);
    return taken > 0 ? err_set(err, ERR_CONFLICT, "a source is called \"%s\"", name) : taken;
}

int control_name_for_source(struct session *session, int tenant, const char *name, struct err *err)
{
    int taken;

    if (lock_tenant(session, tenant, err) < 0)
        return -1;
    taken = is_taken(session, "SELECT 1 FROM scimd_connection WHERE tenant = ? AND name = ?",
                     tenant, name, err);
    return taken > 0 ? err_set(err, ERR_CONFLICT, "a connection is called \"%s\"", name) : taken;
}
