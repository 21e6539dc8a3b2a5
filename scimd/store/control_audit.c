#include "base/cleanup.h"
#include "base/id.h"
#include "store/control.h"
#include "store/session.h"

int control_audit(struct session *session, const struct audit_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_INT(id_new_key()),   VALUE_INT(row->at_us),     VALUE_STRING(row->actor),
        VALUE_STRING(row->action), VALUE_STRING(row->target), VALUE_STRING(row->request_id),
    };

    return session_execute(session,
                           "INSERT INTO scimd_audit (pk, at_us, actor, action, target, request_id) "
                           "VALUES (?, ?, ?, ?, ?, ?)",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int control_generation(struct session *session, int64_t *generation, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session, "SELECT number FROM scimd_counter WHERE name = 'generation'", NULL,
                      0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *generation = more > 0 ? rows_integer(rows, 0) : 0;
    return 0;
}

int control_generation_raise(struct session *session, struct err *err)
{
    return session_execute(session,
                           "UPDATE scimd_counter SET number = number + 1 WHERE name = 'generation'",
                           NULL, 0, NULL, err);
}
