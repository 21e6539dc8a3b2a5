/* service.h - what all endpoints share; made by main, given to the listeners as their context. */
#ifndef SCIMD_API_SERVICE_H
#define SCIMD_API_SERVICE_H

#include <stdatomic.h>

#include "api/metrics.h"
#include "api/rate.h"
#include "auth/key.h"
#include "directory/jobs.h"
#include "directory/tenants.h"
#include "http/http.h"
#include "scim/limits.h"

/* Threads of the admin socket, and how many of them may wait for a log or for the sync engine at
 * once: the others answer, above all to the watchdog. */
#define ADMIN_THREADS 16
#define ADMIN_WAITING_MAX 12

struct service {
    struct scim_limits limits;
    struct server_keys keys;
    struct store *store;
    struct tenants *tenants;
    struct jobs *jobs; /* what the sync engine is asked */
    struct rate rate;
    struct metrics metrics;
    const char
        *tenant_database; /* where new tenants go: NULL each into its own, or a database's name */
    _Atomic unsigned
        waiting; /* requests of the admin socket that wait for something; see admin_wait_begin() */
    _Atomic bool stopping; /* long polls end early, /readyz says no */
};

/* Handlers for http/; `context` is the struct service. */
void service_handle_scim(void *context, const struct http_request *request,
                         struct http_response *response);
void service_handle_admin(void *context, const struct http_request *request,
                          struct http_response *response);
void service_refuse(void *context, const struct err *err, struct http_response *response);
void service_finished(void *context, const struct http_request *request, int status,
                      int64_t duration_us);
/* Bodies may be larger on /Bulk. */
size_t service_body_limit(void *context, const struct http_request *head);

/* Fills the response with the SCIM error body of `err`; logs what the client may not know. */
void service_answer_error(struct http_response *response, const struct err *err);

#endif
