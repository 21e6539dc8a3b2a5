#include "store/secret_rows.h"

#include "base/cleanup.h"
#include "store/control_list.h"
#include "store/session.h"

int stored_secret_put(struct session *session, int tenant, const char *name, const char *sealed,
                      int64_t changed_us, struct err *err)
{
    const struct value values[] = {VALUE_STRING(sealed), VALUE_INT(changed_us), VALUE_INT(tenant),
                                   VALUE_STRING(name)};
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_secret SET sealed = ?, changed_us = ? WHERE tenant = ? AND "
                        "name = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected > 0)
        return 0;
    if (session_execute(session,
                        "INSERT INTO scimd_secret (sealed, changed_us, tenant, name) "
                        "VALUES (?, ?, ?, ?)",
                        values, ARRAY_LENGTH(values), NULL, err) == 0)
        return 0;
    if (err->code == ERR_UNIQUENESS) /* somebody was faster: run again and write over it */
        (void)err_set(err, ERR_RETRY, "two wrote one secret");
    return -1;
}

static int no_secret(const char *name, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "there is no secret \"%s\"", name);
}

int stored_secret_read(struct session *session, struct arena *arena, int tenant, const char *name,
                       const char **sealed, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(tenant), VALUE_STRING(name)};
    int more;

    if (session_query(session, "SELECT sealed FROM scimd_secret WHERE tenant = ? AND name = ?",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    if (more == 0)
        return no_secret(name, err);
    *sealed = rows_text(rows, 0, arena, NULL);
    return 0;
}

static void read_secret(struct rows *rows, struct arena *arena, void *item)
{
    struct stored_secret *secret = item;

    secret->name = rows_text(rows, 0, arena, NULL);
    secret->changed_us = rows_integer(rows, 1);
}

int stored_secret_names(struct session *session, struct arena *arena, int tenant,
                        const struct stored_secret **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(session,
                      "SELECT name, changed_us FROM scimd_secret WHERE tenant = ? ORDER BY name",
                      values, ARRAY_LENGTH(values), read_secret, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int stored_secret_delete(struct session *session, int tenant, const char *name, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant), VALUE_STRING(name)};
    int64_t affected = 0;

    if (session_execute(session, "DELETE FROM scimd_secret WHERE tenant = ? AND name = ?", values,
                        ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0 : no_secret(name, err);
}
