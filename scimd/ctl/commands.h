/* commands.h - what main.c puts in its table; each returns an exit status, or -1 with *err. */
#ifndef SCIMD_CTL_COMMANDS_H
#define SCIMD_CTL_COMMANDS_H

#include <jansson.h>

#include "ctl/invocation.h"

typedef int command_run(struct invocation *invocation, struct err *err);

command_run command_tenant_create, command_tenant_list, command_tenant_show, command_tenant_suspend,
    command_tenant_resume, command_tenant_delete;                           /* tenant.c */
command_run command_token_create, command_token_list, command_token_revoke; /* token.c */
command_run command_connection_create, command_connection_set, command_connection_list,
    command_connection_show, command_connection_delete;                     /* connection.c */
command_run command_schema_add, command_schema_list, command_schema_remove; /* schema.c */
command_run command_source_apply, command_source_list, command_source_show, command_source_delete,
    command_source_pause, command_source_resume;         /* source.c */
command_run command_source_test, command_source_preview; /* source_test.c */
command_run command_resync;                              /* resync.c */
command_run command_run_list, command_run_show, command_run_plan, command_run_approve,
    command_run_reject, command_run_cancel;                                 /* run.c */
command_run command_secret_set, command_secret_list, command_secret_delete; /* secret.c */
command_run command_user_list, command_user_show, command_group_list,
    command_group_show;                  /* people.c */
command_run command_log, command_status; /* log.c, status.c */
command_run command_doctor;              /* doctor.c */

/* One call on a path of segments below /v1.  `body` is taken; NULL: none.  *out is the caller's. */
int command_call(struct invocation *invocation, const char *method, const char *const *segments,
                 json_t *body, json_t **out, struct err *err);
/* GET on a path that client_query() made; takes it. */
int command_ask(struct invocation *invocation, char *path, json_t **out, struct err *err);
/* The two parts of TENANT/SOURCE. */
#define NAME_BYTES 256
int command_source_name(const char *text, char tenant[NAME_BYTES], char source[NAME_BYTES],
                        struct err *err);
/* {"name": PATH, "text": what it holds} of a source file; the caller's.  "-": standard input. */
int command_source_file(const char *path, json_t **out, struct err *err);
#define SEGMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
