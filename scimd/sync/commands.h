/* commands.h - what the administration asks of the engine (directory/jobs.h).  Internal to sync/.
 *
 * Each question has a row in a table: its kind and who answers it.  Those that wait for a directory
 * or for a run have a thread each; all others are answered by the taker's. */
#ifndef SCIMD_SYNC_COMMANDS_H
#define SCIMD_SYNC_COMMANDS_H

#include <jansson.h>

#include "base/arena.h"
#include "directory/jobs.h"
#include "directory/tenants_sources.h"
#include "sync/engine_state.h"

/* Answers; a long one after the return. */
void commands_answer(struct sync_engine *engine, const struct job_row *job);

/* A question with its tenant. */
struct command {
    struct sync_engine *engine;
    struct arena *arena;
    const char *tenant; /* its name */
    int tenant_number;
    struct admin_actor actor;
    const json_t *request;
};

/* *answer is the caller's. */
typedef int (*command_answer)(const struct command *command, json_t **answer, struct err *err);

/* A text of the request; NULL: not there. */
const char *command_text(const struct command *command, const char *key);
/* The source that the request names.  Errors: ERR_INVALID_VALUE, ERR_NOT_FOUND. */
int command_source(const struct command *command, struct source_row *out, struct err *err);

/* commands_apply.c */
int command_apply(const struct command *command, json_t **answer, struct err *err);
/* commands_source.c */
int command_pause(const struct command *command, json_t **answer, struct err *err);
int command_resume(const struct command *command, json_t **answer, struct err *err);
int command_delete(const struct command *command, json_t **answer, struct err *err);
/* commands_look.c */
int command_test(const struct command *command, json_t **answer, struct err *err);
int command_preview(const struct command *command, json_t **answer, struct err *err);
/* commands_run.c */
int command_resync(const struct command *command, json_t **answer, struct err *err);
int command_approve(const struct command *command, json_t **answer, struct err *err);
int command_reject(const struct command *command, json_t **answer, struct err *err);
int command_cancel(const struct command *command, json_t **answer, struct err *err);

#endif
