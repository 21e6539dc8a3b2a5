#include "store/blocks.h"

#include "base/cleanup.h"
#include "store/session_private.h"

int blocks_total(struct session *session, int type, int64_t *total, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(type)};
    int more;

    if (session_query(session, "SELECT SUM(n) FROM {blocks} WHERE tenant_id = ? AND rtype = ?",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *total = more > 0 ? rows_integer(rows, 0) : 0;
    return 0;
}

int blocks_seek(struct session *session, int type, int64_t skip, int64_t *pk, int64_t *rest,
                struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(type),
                                   VALUE_INT(skip), VALUE_INT(1)};
    int more;

    if (session_query(session,
                      "SELECT b.first_pk, b.preceding FROM (SELECT first_pk, "
                      "SUM(n) OVER (ORDER BY first_pk) - n AS preceding FROM {blocks} "
                      "WHERE tenant_id = ? AND rtype = ?) b "
                      "WHERE b.preceding <= ? ORDER BY b.first_pk DESC {limit}",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *pk = more > 0 ? rows_integer(rows, 0) : 0;
    *rest = more > 0 ? skip - rows_integer(rows, 1) : skip;
    return 0;
}

int blocks_merge(struct session *session, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session))};
    const char *merge = session_dialect(session)->merge_blocks;

    if (merge == NULL)
        return 0;
    return session_query(session, merge, values, ARRAY_LENGTH(values), &rows, err);
}

int blocks_forget(struct session *session, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session))};
    const char *forget = session_dialect(session)->forget_blocks;

    if (forget != NULL &&
        session_execute(session, forget, values, ARRAY_LENGTH(values), NULL, err) < 0)
        return -1;
    return session_execute(session, "DELETE FROM scimd_block WHERE tenant_id = ?", values,
                           ARRAY_LENGTH(values), NULL, err);
}
