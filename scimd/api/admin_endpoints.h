/* admin_endpoints.h - what scimctl calls: JSON over the admin socket, under /v1.
 *
 * A handler fills the response and returns 0, or returns -1 with *err.  Answers are plain JSON
 * objects; an error is {"error": "not_found", "detail": "..."}. */
#ifndef SCIMD_API_ADMIN_ENDPOINTS_H
#define SCIMD_API_ADMIN_ENDPOINTS_H

#include <jansson.h>

#include "api/service.h"

struct admin_exchange {
    struct service *service;
    const struct http_request *request;
    struct http_response *response;
    struct arena *arena;
    struct admin_actor actor;
    const char *tenant; /* named in the path; NULL if none */
    const char *name;   /* the object below the tenant; NULL if none */
};

typedef int admin_endpoint(struct admin_exchange *exchange, struct err *err);

admin_endpoint admin_health, admin_ready, admin_metrics, admin_status; /* admin_state.c */
admin_endpoint admin_tenant_list, admin_tenant_create, admin_tenant_show, admin_tenant_delete,
    admin_tenant_suspend, admin_tenant_resume;                           /* admin_tenants.c */
admin_endpoint admin_token_list, admin_token_create, admin_token_revoke; /* admin_tokens.c */
admin_endpoint admin_connection_list, admin_connection_show, admin_connection_set,
    admin_connection_delete;                                             /* admin_connections.c */
admin_endpoint admin_schema_list, admin_schema_put, admin_schema_delete; /* admin_schemas.c */
admin_endpoint admin_log;                                                /* admin_log.c */
admin_endpoint admin_database_list, admin_database_show;                 /* admin_databases.c */

admin_endpoint admin_source_list, admin_source_apply, admin_source_show, admin_source_delete,
    admin_source_try, admin_source_test, admin_source_preview, admin_source_pause,
    admin_source_resume, admin_source_resync, admin_source_problems; /* admin_sources.c */
admin_endpoint admin_run_list, admin_run_show, admin_run_plan, admin_run_approve, admin_run_reject,
    admin_run_cancel;                                                    /* admin_runs.c */
admin_endpoint admin_secret_list, admin_secret_put, admin_secret_delete; /* admin_secrets.c */
admin_endpoint admin_user_list, admin_user_show, admin_group_list,
    admin_group_show; /* admin_people.c */

/* Answers 200 with `value`, which it takes. */
int admin_answer(struct admin_exchange *exchange, json_t *value);
int admin_done(struct admin_exchange *exchange); /* {} */
/* The body as an object; the caller's.  An empty body is {}. */
int admin_body(struct admin_exchange *exchange, json_t **out, struct err *err);
/* A string member of a body, or NULL; ERR_INVALID_VALUE where it is something else. */
int admin_text(const json_t *body, const char *name, const char **out, struct err *err);
/* A query parameter that is a number from 0 on. */
int admin_number(const struct admin_exchange *exchange, const char *name, int64_t fallback,
                 int64_t *out, struct err *err);
/* Asks the sync engine about the exchange's tenant (directory/jobs.h) and answers with what it
 * says; takes `request`.  admin_jobs.c */
int admin_ask(struct admin_exchange *exchange, const char *kind, json_t *request, struct err *err);
/* Before a handler waits for long.  Errors: ERR_TOO_MANY_REQUESTS: so many wait already that
 * another one could keep the watchdog's question, and everybody's, from being answered. */
int admin_wait_begin(struct admin_exchange *exchange, struct err *err);
void admin_wait_end(struct admin_exchange *exchange);
/* RFC 3339, or null for 0; the caller's. */
json_t *admin_time(int64_t time_us);

#endif
