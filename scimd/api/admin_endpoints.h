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

/* Answers 200 with `value`, which it takes. */
int admin_answer(struct admin_exchange *exchange, json_t *value);
int admin_done(struct admin_exchange *exchange); /* {} */
/* The body as an object; the caller's.  An empty body is {}. */
int admin_body(struct admin_exchange *exchange, json_t **out, struct err *err);
/* A string member of a body, or NULL; ERR_INVALID_VALUE where it is something else. */
int admin_text(const json_t *body, const char *name, const char **out, struct err *err);
/* RFC 3339, or null for 0; the caller's. */
json_t *admin_time(int64_t time_us);

#endif
