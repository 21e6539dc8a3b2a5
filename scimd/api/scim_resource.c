#include "api/answer.h"
#include "api/negotiate.h"
#include "api/scim_endpoints.h"
#include "api/scim_write.h"
#include "base/cleanup.h"

static bool has_members(const struct resource_type *type)
{
    for (size_t i = 0; i < type->schema->attribute_count; i++)
        if (type->schema->attributes[i].role == ROLE_MEMBERS)
            return true;
    return false;
}

/* Whether the client asked for particular attributes in the answer. */
static bool projection_is_asked_for(const struct scim_exchange *exchange)
{
    return http_parameter(exchange->request, "attributes") != NULL ||
           http_parameter(exchange->request, "excludedAttributes") != NULL;
}

static struct write_target target_of(const struct scim_exchange *exchange)
{
    return (struct write_target){.type = exchange->type,
                                 .id = exchange->id,
                                 .if_match = http_header(exchange->request, "If-Match")};
}

int scim_create(struct scim_exchange *exchange, struct err *err)
{
    const struct write_target target = {.type = exchange->type};
    const struct projection *projection = NULL;
    CLEANUP(json_decrefp) json_t *body = NULL;
    struct directory_result result = {0};

    if (scim_exchange_projection(exchange, exchange->type, &projection, err) < 0 ||
        scim_exchange_body(exchange, &body, err) < 0 ||
        write_create(exchange, &target, body, &result, err) < 0)
        return -1;
    return answer_single(exchange, 201, projection, &result.row, err);
}

struct reading {
    struct scim_exchange *exchange;
    const struct projection *projection;
    const char *if_none_match; /* NULL: none */
    struct resource_row row;
    bool unchanged;
};

/* One session for row and members, so that a plain GET costs one checkout. */
static int read_and_render(struct session *session, void *argument, struct err *err)
{
    struct reading *reading = argument;
    struct scim_exchange *exchange = reading->exchange;

    http_response_clear(exchange->response);
    if (resources_find(session, exchange->arena, exchange->type->number, exchange->id, false,
                       &reading->row, err) < 0)
        return -1;
    reading->unchanged = reading->if_none_match != NULL &&
                         condition_names(reading->if_none_match, reading->row.version);
    if (reading->unchanged)
        return 0;
    return answer_resource(exchange, session, exchange->type, reading->projection, &reading->row,
                           err);
}

int scim_read(struct scim_exchange *exchange, struct err *err)
{
    struct reading reading = {.exchange = exchange,
                              .if_none_match = http_header(exchange->request, "If-None-Match")};
    int (*read)(struct store_scope, store_work, void *, struct err *) =
        has_members(exchange->type) ? store_read_snapshot : store_read;

    if (scim_exchange_projection(exchange, exchange->type, &reading.projection, err) < 0 ||
        read(exchange->tenant->scope, read_and_render, &reading, err) < 0)
        return -1;
    answer_headers(exchange, reading.unchanged ? 304 : 200, &reading.row);
    if (!reading.unchanged)
        exchange->response->content_type = MEDIA_TYPE_SCIM;
    return 0;
}

/* Answers with the resource, read anew in one snapshot where nobody has its document (nothing but
 * members was touched) and where it has members: they may have changed since the commit, and must
 * go with the version that the answer names. */
static int answer_result(struct scim_exchange *exchange, const struct projection *projection,
                         const struct directory_result *result, struct err *err)
{
    struct reading reading = {.exchange = exchange, .projection = projection};

    if (result->row.document != NULL && !has_members(exchange->type))
        return answer_single(exchange, 200, projection, &result->row, err);
    if (store_read_snapshot(exchange->tenant->scope, read_and_render, &reading, err) < 0)
        return -1;
    answer_headers(exchange, 200, &reading.row);
    exchange->response->content_type = MEDIA_TYPE_SCIM;
    return 0;
}

int scim_replace(struct scim_exchange *exchange, struct err *err)
{
    const struct write_target target = target_of(exchange);
    const struct projection *projection = NULL;
    CLEANUP(json_decrefp) json_t *body = NULL;
    struct directory_result result = {0};

    if (scim_exchange_projection(exchange, exchange->type, &projection, err) < 0 ||
        scim_exchange_body(exchange, &body, err) < 0 ||
        write_replace(exchange, &target, body, &result, err) < 0)
        return -1;
    return answer_result(exchange, projection, &result, err);
}

int scim_patch(struct scim_exchange *exchange, struct err *err)
{
    const struct write_target target = target_of(exchange);
    const struct projection *projection = NULL;
    CLEANUP(json_decrefp) json_t *body = NULL;
    struct directory_result result = {0};

    if (scim_exchange_projection(exchange, exchange->type, &projection, err) < 0 ||
        scim_exchange_body(exchange, &body, err) < 0 ||
        write_patch(exchange, &target, body, &result, err) < 0)
        return -1;
    /* what has members answers 204: a group's representation may be huge, and nobody reads it */
    if (has_members(exchange->type) && !projection_is_asked_for(exchange)) {
        answer_headers(exchange, 204, &result.row);
        return 0;
    }
    return answer_result(exchange, projection, &result, err);
}

int scim_delete(struct scim_exchange *exchange, struct err *err)
{
    const struct write_target target = target_of(exchange);
    struct directory_result result = {0};

    if (write_delete(exchange, &target, &result, err) < 0)
        return -1;
    exchange->response->status = 204;
    return 0;
}

/* RFC 7644 section 3.11: no person stands behind a bearer token of ours. */
int scim_me(struct scim_exchange *exchange, struct err *err)
{
    (void)exchange;
    return err_set(err, ERR_NOT_IMPLEMENTED,
                   "/Me: the token of this request does not stand for a person");
}
