#include "api/scim_exchange.h"

#include <stdio.h>
#include <string.h>

#include "api/negotiate.h"
#include "auth/token.h"
#include "base/clock.h"
#include "scim/json.h"

static int unauthorized(struct scim_exchange *exchange, struct err *err)
{
    atomic_fetch_add_explicit(&exchange->service->metrics.refused_token, 1, memory_order_relaxed);
    http_response_header(exchange->response, "WWW-Authenticate", "Bearer realm=\"scim\"");
    return err_set(err, ERR_UNAUTHORIZED, "a valid bearer token for this tenant is required");
}

/* The token's row, if it is genuine, alive and of this tenant. */
static bool token_is_good(struct scim_exchange *exchange, const char *header,
                          struct token_entry *entry, bool *bare)
{
    struct service *service = exchange->service;
    struct token token;
    struct err ignored = {0};
    int64_t now_us = clock_now_us();
    bool good;

    if (header == NULL || !token_from_header(header, &token, bare))
        return false;
    good = tenants_token(service->tenants, token.id, entry, &ignored) == 0 &&
           token_matches(service->keys.tokens, &token, entry->hash) &&
           (entry->expires_us == 0 || entry->expires_us > now_us) &&
           entry->tenant == exchange->tenant->number;
    if (good)
        tenants_token_used(service->tenants, token.id, now_us);
    token_wipe(&token);
    return good;
}

static int authenticate(struct scim_exchange *exchange, struct err *err)
{
    struct token_entry entry;
    bool bare = false;

    if (!token_is_good(exchange, http_header(exchange->request, "Authorization"), &entry, &bare))
        return unauthorized(exchange, err);
    exchange->connection = tenant_connection(exchange->tenant, entry.connection);
    if (exchange->connection == NULL)
        return unauthorized(exchange, err);
    exchange->use.profile = exchange->connection->profile;
    if (bare && !tolerance_allows(&exchange->use, TOLERANCE_BARE_AUTHORIZATION))
        return unauthorized(exchange, err);
    return 0;
}

static void recognise(struct scim_exchange *exchange)
{
    enum profile seen;

    if (atomic_load_explicit(&exchange->connection->seen, memory_order_relaxed) != PROFILE_AUTO)
        return;
    seen = profile_recognise(http_header(exchange->request, "User-Agent"));
    if (seen != PROFILE_AUTO)
        atomic_store_explicit(&exchange->connection->seen, (int)seen, memory_order_relaxed);
}

static int admit(struct scim_exchange *exchange, struct err *err)
{
    char text[16];
    unsigned retry_after_s = 0;

    if (exchange->tenant->state != TENANT_ACTIVE)
        return err_set(err, ERR_FORBIDDEN, "this tenant is suspended");
    if (rate_take(&exchange->service->rate, exchange->tenant->number, clock_monotonic_us(),
                  &retry_after_s))
        return 0;
    atomic_fetch_add_explicit(&exchange->service->metrics.refused_rate, 1, memory_order_relaxed);
    (void)snprintf(text, sizeof(text), "%u", retry_after_s);
    http_response_header(exchange->response, "Retry-After", text);
    return err_set(err, ERR_TOO_MANY_REQUESTS, "too many requests: come again in %u s",
                   retry_after_s);
}

int scim_exchange_begin(struct scim_exchange *exchange, struct err *err)
{
    const struct http_request *request = exchange->request;

    if (request->segment_count < 3 || strcmp(request->segments[1], "scim") != 0 ||
        strcmp(request->segments[2], "v2") != 0)
        return err_set(err, ERR_NOT_FOUND, "no such path; SCIM is at /TENANT/scim/v2");
    if (tenants_find(exchange->service->tenants, request->segments[0], &exchange->tenant, err) < 0)
        return err->code == ERR_NOT_FOUND ? unauthorized(exchange, err) : -1;
    if (authenticate(exchange, err) < 0 || admit(exchange, err) < 0)
        return -1;
    recognise(exchange);
    exchange->actor = (struct actor){
        .name = exchange->connection->name,
        .request_id = request->request_id,
        .park_members =
            exchange->connection->park_members && exchange->connection->profile != PROFILE_STRICT,
        .reactivates = profile_reactivates(exchange->connection->profile),
    };
    exchange->base_url =
        arena_printf(exchange->arena, "%s/%s/scim/v2", request->origin, exchange->tenant->name);
    return 0;
}

void scim_exchange_end(struct scim_exchange *exchange)
{
    if (exchange->connection != NULL)
        connection_count(exchange->connection, &exchange->use);
    tenant_release(exchange->tenant);
}

int scim_exchange_body(struct scim_exchange *exchange, json_t **out, struct err *err)
{
    const struct http_request *request = exchange->request;

    if (!negotiate_content_type(http_header(request, "Content-Type"), &exchange->use))
        return err_set(err, ERR_UNSUPPORTED_MEDIA_TYPE,
                       "Content-Type must be application/scim+json or application/json in UTF-8");
    return json_parse_body(request->body, request->body_length, &exchange->service->limits, out,
                           err);
}

struct resource_reader scim_exchange_reader(struct scim_exchange *exchange,
                                            const struct resource_type *type)
{
    return (struct resource_reader){
        .type = type, .limits = &exchange->service->limits, .tolerances = &exchange->use};
}

int scim_exchange_projection(struct scim_exchange *exchange, const struct resource_type *type,
                             const struct projection **out, struct err *err)
{
    return projection_parse(type, exchange->arena, http_parameter(exchange->request, "attributes"),
                            http_parameter(exchange->request, "excludedAttributes"), out, err);
}
