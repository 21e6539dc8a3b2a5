#include <string.h>

#include "api/bulk_plan.h"
#include "api/negotiate.h"
#include "api/scim_endpoints.h"
#include "api/scim_write.h"
#include "base/cleanup.h"
#include "scim/list.h"

#define BULK_RESPONSE_URN "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

/* What became of one operation. */
struct outcome {
    int status; /* 0: not tried, failOnErrors stopped before it */
    int64_t version;
    struct err err;
};

struct bulk {
    struct scim_exchange *exchange;
    struct bulk_plan plan;
    struct outcome *outcomes; /* one for each operation */
    size_t errors;
};

static void settle(struct bulk *bulk, size_t index, int result, const struct err *err,
                   const struct directory_result *done)
{
    struct bulk_operation *operation = &bulk->plan.operations[index];
    struct outcome *outcome = &bulk->outcomes[index];

    if (result < 0) {
        *outcome = (struct outcome){.status = err_http_status(err->code), .err = *err};
        operation->state = BULK_FAILED;
        bulk->errors++;
        return;
    }
    outcome->status = operation->method == HTTP_POST     ? 201
                      : operation->method == HTTP_DELETE ? 204
                                                         : 200;
    outcome->version = done->row.version;
    operation->state = BULK_DONE;
    operation->id = done->row.id; /* a revived person keeps its old id */
}

static int run_one(struct bulk *bulk, const struct bulk_operation *operation,
                   struct directory_result *done, struct err *err)
{
    const struct write_target target = {
        .type = operation->type, .id = operation->id, .if_match = operation->version};
    const struct bulk_operation *failed = bulk_plan_failed_reference(&bulk->plan, operation);

    if (operation->problem.code != 0) {
        *err = operation->problem;
        return -1;
    }
    if (failed != NULL)
        return err_set(err, ERR_CONFLICT, "bulkId:%.128s could not be created", failed->bulk_id);
    if (operation->method == HTTP_POST)
        return write_create(bulk->exchange, &target, operation->data, done, err);
    if (operation->method == HTTP_PUT)
        return write_replace(bulk->exchange, &target, operation->data, done, err);
    if (operation->method == HTTP_PATCH)
        return write_patch(bulk->exchange, &target, operation->data, done, err);
    return write_delete(bulk->exchange, &target, done, err);
}

/* Creations that refer to each other: all or none. */
static int apply_cycle(struct bulk *bulk, const size_t *step, size_t count,
                       struct directory_change *changes, struct directory_result *results,
                       size_t *failed, struct err *err)
{
    struct scim_exchange *exchange = bulk->exchange;

    for (size_t i = 0; i < count; i++) {
        const struct bulk_operation *operation = &bulk->plan.operations[step[i]];
        const struct write_target target = {.type = operation->type, .id = operation->id};
        *failed = i;
        if (bulk_plan_failed_reference(&bulk->plan, operation) != NULL)
            return err_set(err, ERR_CONFLICT, "a bulkId it refers to could not be created");
        if (write_prepare_create(exchange, &target, operation->data, &changes[i], err) < 0)
            return -1;
    }
    return directory_apply_all(exchange->tenant, &exchange->actor, changes, count, exchange->arena,
                               results, failed, err);
}

static void run_cycle(struct bulk *bulk, const size_t *step, size_t count)
{
    struct arena *arena = bulk->exchange->arena;
    struct directory_change *changes = arena_array(arena, count, sizeof(*changes));
    struct directory_result *results = arena_array(arena, count, sizeof(*results));
    struct err err = {0};
    struct err other = {0};
    size_t failed = 0;
    int result = apply_cycle(bulk, step, count, changes, results, &failed, &err);

    (void)err_set(&other, ERR_CONFLICT, "an operation it refers to failed: %.150s", err.detail);
    for (size_t i = 0; i < count; i++) {
        settle(bulk, step[i], result, i == failed ? &err : &other, &results[i]);
        json_decref((json_t *)(uintptr_t)changes[i].document);
    }
}

static void run_all(struct bulk *bulk)
{
    const size_t *step = NULL;
    size_t count;

    while ((count = bulk_plan_next(&bulk->plan, bulk->exchange->arena, &step)) > 0 &&
           (bulk->plan.fail_on_errors == 0 || bulk->errors < bulk->plan.fail_on_errors)) {
        if (count > 1) {
            run_cycle(bulk, step, count);
        } else {
            struct directory_result done = {0};
            struct err err = {0};
            int result = run_one(bulk, &bulk->plan.operations[*step], &done, &err);
            settle(bulk, *step, result, &err, &done);
        }
    }
}

static const char *method_name(enum http_method method)
{
    static const char *const names[] = {
        [HTTP_POST] = "POST", [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE"};

    return method < ARRAY_LENGTH(names) && names[method] != NULL ? names[method] : "";
}

static void append_location(const struct bulk *bulk, const struct bulk_operation *operation)
{
    const struct resource_frame frame = {
        .type = operation->type, .id = operation->id, .base_url = bulk->exchange->base_url};
    CLEANUP(buf_free) struct buf location = {0};
    struct buf *body = &bulk->exchange->response->body;

    resource_append_location(&location, &frame);
    buf_puts(body, ",\"location\":");
    buf_json_string(body, location.bytes, location.length);
}

static void append_outcome(const struct bulk *bulk, size_t index)
{
    const struct bulk_operation *operation = &bulk->plan.operations[index];
    const struct outcome *outcome = &bulk->outcomes[index];
    struct buf *body = &bulk->exchange->response->body;
    char etag[RESOURCE_ETAG_BYTES];

    buf_printf(body, "{\"method\":\"%s\"", method_name(operation->method));
    if (operation->bulk_id != NULL) {
        buf_puts(body, ",\"bulkId\":");
        buf_json_string(body, operation->bulk_id, strlen(operation->bulk_id));
    }
    if (operation->type != NULL && operation->id != NULL &&
        (outcome->status < 400 || operation->method != HTTP_POST))
        append_location(bulk, operation);
    if (outcome->status < 400 && operation->method != HTTP_DELETE) {
        resource_etag(outcome->version, etag);
        buf_puts(body, ",\"version\":");
        buf_json_string(body, etag, strlen(etag));
    }
    buf_printf(body, ",\"status\":\"%d\"", outcome->status);
    if (outcome->status >= 400) {
        buf_puts(body, ",\"response\":");
        error_append(body, &outcome->err);
    }
    buf_putc(body, '}');
}

int scim_bulk(struct scim_exchange *exchange, struct err *err)
{
    struct bulk bulk = {.exchange = exchange};
    struct buf *response = &exchange->response->body;
    CLEANUP(json_decrefp) json_t *body = NULL;
    bool first = true;

    if (scim_exchange_body(exchange, &body, err) < 0 ||
        bulk_plan_read(exchange->arena, exchange->tenant->schemas, &exchange->service->limits, body,
                       &bulk.plan, err) < 0)
        return -1;
    bulk.outcomes = arena_array(exchange->arena, bulk.plan.count, sizeof(*bulk.outcomes));
    run_all(&bulk);
    buf_puts(response, "{\"schemas\":[\"" BULK_RESPONSE_URN "\"],\"Operations\":[");
    for (size_t i = 0; i < bulk.plan.count; i++) {
        if (bulk.outcomes[i].status == 0)
            continue;
        buf_puts(response, first ? "" : ",");
        first = false;
        append_outcome(&bulk, i);
    }
    buf_puts(response, "]}");
    exchange->response->status = 200;
    exchange->response->content_type = MEDIA_TYPE_SCIM;
    return 0;
}
