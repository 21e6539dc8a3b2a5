/* job_rows.h - what the administration asks of the sync engine, one row each (directory/jobs.h).
 *
 * Called from works on the control scope (control.h). */
#ifndef SCIMD_STORE_JOB_ROWS_H
#define SCIMD_STORE_JOB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

struct job_row {
    int64_t id; /* id_new_key() */
    int tenant;
    const char *kind;
    const char *actor;
    const char *request_id;
    const char *request; /* JSON */
    const char *code;    /* NULL or err_name() of the failure */
    const char *answer;  /* JSON, or the failure's detail; NULL: not yet */
    int64_t created_us;
};

int job_insert(struct session *session, const struct job_row *row, struct err *err);
/* The oldest that waits, or that somebody took before `stale_us` and didn't answer; *found false:
 * none. */
int job_take(struct session *session, struct arena *arena, const char *by, int64_t now_us,
             int64_t stale_us, struct job_row *out, bool *found, struct err *err);
/* The first answer counts; one for a job that is gone is forgotten. */
int job_answer(struct session *session, int64_t id, const char *code, const char *answer,
               struct err *err);
int job_find(struct session *session, struct arena *arena, int64_t id, struct job_row *out,
             struct err *err); /* ERR_NOT_FOUND */
int job_delete(struct session *session, int64_t id, struct err *err);
/* Forgets jobs made before `before_us`, answered or not. */
int jobs_purge(struct session *session, int64_t before_us, struct err *err);

#endif
