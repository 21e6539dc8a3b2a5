/* jobs.h - what the administration asks of the sync engine, which is not below it and may run in
 * another replica: a row with a question, and its answer.
 *
 *   "source.apply"                   {"name": FILE NAME, "text": YAML, "dry_run": bool,
 *                                    "paused": bool}, of a new one
 *   "source.test", "source.preview"  {"source": NAME, "file": .., "text": ..}, one of both
 *   "source.pause", "source.resume", "source.delete"  {"source": NAME}
 *   "resync"                         {"source": NAME, "full": bool, "dry_run": bool, "object": ID,
 *                                    "group": bool}, of an object that was not seen before
 *   "run.approve"                    {"run": N, "hash": TEXT}
 *   "run.reject", "run.cancel"       {"run": N}
 *
 * An answer is a JSON object, or the error that the asker shows. */
#ifndef SCIMD_DIRECTORY_JOBS_H
#define SCIMD_DIRECTORY_JOBS_H

#include <jansson.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "directory/tenants.h"
#include "store/job_rows.h"

#define JOBS_WAIT_S 60   /* for an answer */
#define JOBS_POLL_MS 100 /* between two looks at the table, where nobody in this process tells */
#define JOBS_STALE_S 120 /* a job that its taker did not answer is taken again */
#define JOBS_KEPT_S 3600 /* an answer that nobody fetched */

struct jobs;

struct jobs *jobs_new(struct tenants *tenants);
void jobs_free(struct jobs *jobs); /* NULL is allowed; nobody may be asking */
/* Instead of JOBS_WAIT_S; before anybody asks. */
void jobs_set_patience(struct jobs *jobs, int milliseconds);

struct job_question {
    const char *tenant; /* a name */
    const char *kind;
    const struct admin_actor *actor;
    const json_t *request;
};

/* Asks and waits.  *answer is the caller's (json_decref).
 * Errors: ERR_NOT_FOUND, no such tenant; the engine's, by code and detail; ERR_UNAVAILABLE: nobody
 *         answered in JOBS_WAIT_S, or jobs_stop() was called. */
int jobs_ask(struct jobs *jobs, const struct job_question *question, json_t **answer,
             struct err *err);

/* ---- the engine's side ---- */

/* The next question, in `arena`; *found false: there is none. */
int jobs_take(struct jobs *jobs, const char *by, struct arena *arena, struct job_row *out,
              bool *found, struct err *err);
/* `answer` (borrowed), or NULL and *failure.  A question that is gone meanwhile is no error. */
int jobs_answer(struct jobs *jobs, int64_t id, const json_t *answer, const struct err *failure,
                struct err *err);
/* Waits until somebody in this process asked, at most `milliseconds`; false once jobs_stop() was
 * called. */
bool jobs_wait(struct jobs *jobs, int milliseconds);
void jobs_stop(struct jobs *jobs);

#endif
