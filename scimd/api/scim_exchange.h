/* scim_exchange.h - one SCIM request on its way: who asks, for which tenant, how its input is read.
 */
#ifndef SCIMD_API_SCIM_EXCHANGE_H
#define SCIMD_API_SCIM_EXCHANGE_H

#include "api/service.h"
#include "directory/directory.h"
#include "scim/projection.h"
#include "scim/resource.h"

struct scim_exchange {
    struct service *service;
    const struct http_request *request;
    struct http_response *response;
    struct arena *arena;           /* the request's */
    struct tenant *tenant;         /* held until scim_exchange_end() */
    struct connection *connection; /* the tenant's */
    struct tolerance_use use;
    struct actor actor;
    const char *base_url;             /* "https://host/acme/scim/v2" */
    const struct resource_type *type; /* of the endpoint; NULL at the root */
    const char *id;                   /* the resource in the path; NULL if none */
};

/* Finds tenant and connection by path and token, counts the request against the tenant's rate.
 * Errors: ERR_UNAUTHORIZED for anything that could tell whether a tenant exists; ERR_NOT_FOUND for
 * a path that is not below a tenant; ERR_FORBIDDEN for a suspended one; ERR_TOO_MANY_REQUESTS. */
int scim_exchange_begin(struct scim_exchange *exchange, struct err *err);
/* Adds the tolerances used to the connection's totals, lets go of the tenant. */
void scim_exchange_end(struct scim_exchange *exchange);

/* The body as JSON; the caller's.  Errors: ERR_UNSUPPORTED_MEDIA_TYPE, ERR_INVALID_SYNTAX. */
int scim_exchange_body(struct scim_exchange *exchange, json_t **out, struct err *err);

/* How to read a body of a type in this exchange. */
struct resource_reader scim_exchange_reader(struct scim_exchange *exchange,
                                            const struct resource_type *type);

/* The projection that the query parameters ask for. */
int scim_exchange_projection(struct scim_exchange *exchange, const struct resource_type *type,
                             const struct projection **out, struct err *err);

#endif
