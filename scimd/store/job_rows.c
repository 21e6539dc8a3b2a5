#include "store/job_rows.h"

#include "base/cleanup.h"
#include "store/control_list.h"
#include "store/session.h"

#define COLUMNS "id, tenant, kind, actor, request_id, request, code, answer, created_us"
#define TAKE_TRIES 16 /* others may be faster as often */

/* Stored as numbers: never renumber. */
enum job_state { JOB_WAITING = 1, JOB_TAKEN, JOB_ANSWERED };

static void read_job(struct rows *rows, struct arena *arena, void *item)
{
    *(struct job_row *)item = (struct job_row){
        .id = rows_integer(rows, 0),
        .tenant = (int)rows_integer(rows, 1),
        .kind = rows_text(rows, 2, arena, NULL),
        .actor = rows_text(rows, 3, arena, NULL),
        .request_id = rows_text(rows, 4, arena, NULL),
        .request = rows_text(rows, 5, arena, NULL),
        .code = rows_text(rows, 6, arena, NULL),
        .answer = rows_text(rows, 7, arena, NULL),
        .created_us = rows_integer(rows, 8),
    };
}

int job_insert(struct session *session, const struct job_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->id),       VALUE_INT(row->tenant),        VALUE_STRING(row->kind),
        VALUE_STRING(row->actor), VALUE_STRING(row->request_id), VALUE_STRING(row->request),
        VALUE_STRING(row->code),  VALUE_STRING(row->answer),     VALUE_INT(row->created_us),
        VALUE_INT(JOB_WAITING),
    };

    return session_execute(session,
                           "INSERT INTO scimd_job (" COLUMNS ", state, taken_us) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                           values, ARRAY_LENGTH(values), NULL, err);
}

/* A job that may be taken, and how it stands. */
struct candidate {
    struct job_row row;
    int64_t state;
    int64_t taken_us;
};

static void read_candidate(struct rows *rows, struct arena *arena, void *item)
{
    struct candidate *candidate = item;

    read_job(rows, arena, &candidate->row);
    candidate->state = rows_integer(rows, 9);
    candidate->taken_us = rows_integer(rows, 10);
}

static int oldest(struct session *session, struct arena *arena, int64_t stale_us,
                  struct candidate *out, bool *found, struct err *err)
{
    const struct value values[] = {VALUE_INT(JOB_WAITING), VALUE_INT(JOB_TAKEN),
                                   VALUE_INT(JOB_WAITING), VALUE_INT(stale_us), VALUE_INT(1)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session,
                      "SELECT " COLUMNS ", state, taken_us FROM scimd_job WHERE state IN (?, ?) "
                      "AND (state = ? OR taken_us < ?) ORDER BY id {limit}",
                      values, ARRAY_LENGTH(values), read_candidate, &list, err) < 0)
        return -1;
    if (list.count > 0)
        *out = *(struct candidate *)list.items;
    *found = list.count > 0;
    return 0;
}

int job_take(struct session *session, struct arena *arena, const char *by, int64_t now_us,
             int64_t stale_us, struct job_row *out, bool *found, struct err *err)
{
    struct candidate candidate;
    int64_t affected = 0;
    bool any = true;

    for (int i = 0; i < TAKE_TRIES && any && affected == 0; i++) {
        if (oldest(session, arena, stale_us, &candidate, &any, err) < 0)
            return -1;
        if (!any)
            break;
        const struct value values[] = {VALUE_INT(JOB_TAKEN),       VALUE_STRING(by),
                                       VALUE_INT(now_us),          VALUE_INT(candidate.row.id),
                                       VALUE_INT(candidate.state), VALUE_INT(candidate.taken_us)};
        /* who was faster has changed one of the two; we waited for its commit */
        if (session_execute(session,
                            "UPDATE scimd_job SET state = ?, taken_by = ?, taken_us = ? "
                            "WHERE id = ? AND state = ? AND taken_us = ?",
                            values, ARRAY_LENGTH(values), &affected, err) < 0)
            return -1;
    }
    if (affected > 0)
        *out = candidate.row;
    *found = affected > 0;
    return 0;
}

int job_answer(struct session *session, int64_t id, const char *code, const char *answer,
               struct err *err)
{
    const struct value values[] = {VALUE_INT(JOB_ANSWERED), VALUE_STRING(code),
                                   VALUE_STRING(answer), VALUE_INT(id), VALUE_INT(JOB_ANSWERED)};

    return session_execute(session,
                           "UPDATE scimd_job SET state = ?, code = ?, answer = ? WHERE id = ? AND "
                           "state <> ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int job_find(struct session *session, struct arena *arena, int64_t id, struct job_row *out,
             struct err *err)
{
    const struct value values[] = {VALUE_INT(id)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session, "SELECT " COLUMNS " FROM scimd_job WHERE id = ?", values,
                      ARRAY_LENGTH(values), read_job, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such job");
    *out = *(struct job_row *)list.items;
    return 0;
}

int job_delete(struct session *session, int64_t id, struct err *err)
{
    const struct value values[] = {VALUE_INT(id)};

    return session_execute(session, "DELETE FROM scimd_job WHERE id = ?", values,
                           ARRAY_LENGTH(values), NULL, err);
}

int jobs_purge(struct session *session, int64_t before_us, struct err *err)
{
    const struct value values[] = {VALUE_INT(before_us)};

    return session_execute(session, "DELETE FROM scimd_job WHERE created_us < ?", values,
                           ARRAY_LENGTH(values), NULL, err);
}
