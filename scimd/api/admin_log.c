#include <time.h>

#include "api/admin_endpoints.h"
#include "base/clock.h"
#include "store/changes.h"

#define LOG_ROWS_MAX 1000
#define LOG_WAIT_MAX_S 25 /* a long poll occupies a thread of the admin listener */
#define LOG_POLL_MS 100

struct log_query {
    struct arena *arena;
    int64_t after;
    size_t limit;
    const struct change_row *rows;
    size_t count;
};

static int read_rows(struct session *session, void *argument, struct err *err)
{
    struct log_query *query = argument;

    return changes_read(session, query->arena, query->after, query->limit, &query->rows,
                        &query->count, err);
}

static json_t *parsed(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    return value != NULL ? value : json_null();
}

static const char *action_name(enum change_action action)
{
    static const char *const names[] = {[CHANGED_CREATE] = "create",
                                        [CHANGED_UPDATE] = "update",
                                        [CHANGED_DELETE] = "delete",
                                        [CHANGED_MEMBERS] = "members"};

    return names[action];
}

static json_t *row_json(const struct tenant *tenant, const struct change_row *row)
{
    const struct resource_type *type = schema_set_type_by_number(tenant->schemas, row->type);

    return json_pack("{s:I, s:o, s:s, s:s?, s:s, s:s?, s:s?, s:o, s:o, s:s}", "position",
                     (json_int_t)row->position, "at", admin_time(row->at_us), "action",
                     action_name(row->action), "type", type != NULL ? type->name : NULL, "id",
                     row->resource_id, "actor", row->actor, "request", row->request_id, "forward",
                     parsed(row->forward), "reverse", parsed(row->reverse), "hash", row->hash);
}

/* Reads; with nothing there, looks again until the wait is over. */
static int read_or_wait(const struct admin_exchange *exchange, struct store_scope scope,
                        struct log_query *query, int64_t wait_s, struct err *err)
{
    const struct timespec pause = {.tv_nsec = LOG_POLL_MS * 1000000L};
    int64_t deadline_us = clock_monotonic_us() + wait_s * 1000000;

    for (;;) {
        if (store_read(scope, read_rows, query, err) < 0)
            return -1;
        if (query->count > 0 || clock_monotonic_us() >= deadline_us ||
            atomic_load(&exchange->service->stopping))
            return 0;
        (void)nanosleep(&pause, NULL);
    }
}

static int read_parameters(const struct admin_exchange *exchange, struct log_query *query,
                           int64_t *wait_s, struct err *err)
{
    int64_t limit = 0;

    if (admin_number(exchange, "after", 0, &query->after, err) < 0 ||
        admin_number(exchange, "limit", LOG_ROWS_MAX, &limit, err) < 0 ||
        admin_number(exchange, "wait", 0, wait_s, err) < 0)
        return -1;
    query->limit = (size_t)(limit < 1 || limit > LOG_ROWS_MAX ? LOG_ROWS_MAX : limit);
    *wait_s = *wait_s > LOG_WAIT_MAX_S ? LOG_WAIT_MAX_S : *wait_s;
    return 0;
}

int admin_log(struct admin_exchange *exchange, struct err *err)
{
    struct log_query query = {.arena = exchange->arena};
    struct tenant *tenant = NULL;
    int64_t wait_s = 0;
    json_t *list;
    int result;

    if (read_parameters(exchange, &query, &wait_s, err) < 0 ||
        tenants_find(exchange->service->tenants, exchange->tenant, &tenant, err) < 0)
        return -1;
    result = wait_s > 0 ? admin_wait_begin(exchange, err) : 0;
    if (result == 0) {
        result = read_or_wait(exchange, tenant->scope, &query, wait_s, err);
        if (wait_s > 0)
            admin_wait_end(exchange);
    }
    if (result < 0) {
        tenant_release(tenant);
        return -1;
    }
    list = json_array();
    for (size_t i = 0; i < query.count; i++)
        json_array_append_new(list, row_json(tenant, &query.rows[i]));
    tenant_release(tenant);
    return admin_answer(exchange, json_pack("{s:o}", "changes", list));
}
