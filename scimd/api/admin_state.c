#include "api/admin_endpoints.h"
#include "base/clock.h"

/* Alive: a thread could answer. */
int admin_health(struct admin_exchange *exchange, struct err *err)
{
    (void)err;
    return admin_answer(exchange, json_pack("{s:s}", "status", "ok"));
}

static int touch(struct session *session, void *argument, struct err *err)
{
    return control_generation(session, argument, err);
}

/* Ready: the control database answers, and we are not about to go. */
int admin_ready(struct admin_exchange *exchange, struct err *err)
{
    struct store_scope scope = {.tenant = STORE_CONTROL_TENANT};
    int64_t generation = 0;

    if (atomic_load(&exchange->service->stopping))
        return err_set(err, ERR_UNAVAILABLE, "stopping");
    if (store_database(exchange->service->store, STORE_CONTROL, &scope.database, err) < 0 ||
        store_read(scope, touch, &generation, err) < 0)
        return -1;
    return admin_answer(exchange, json_pack("{s:s}", "status", "ready"));
}

int admin_metrics(struct admin_exchange *exchange, struct err *err)
{
    struct store_counters counters;

    (void)err;
    store_counters(exchange->service->store, &counters);
    metrics_append(&exchange->response->body, &exchange->service->metrics, &counters);
    exchange->response->status = 200;
    exchange->response->content_type = "text/plain; version=0.0.4";
    return 0;
}

int admin_status(struct admin_exchange *exchange, struct err *err)
{
    const struct tenant_row *rows = NULL;
    struct store_counters counters;
    size_t count = 0;

    if (tenants_list(exchange->service->tenants, exchange->arena, &rows, &count, err) < 0)
        return -1;
    store_counters(exchange->service->store, &counters);
    return admin_answer(
        exchange,
        json_pack("{s:s, s:o, s:I, s:{s:I, s:I, s:I}}", "version", SCIMD_VERSION, "started",
                  admin_time(exchange->service->metrics.started_us), "tenants", (json_int_t)count,
                  "store", "transactions", (json_int_t)counters.transactions, "commits",
                  (json_int_t)counters.commits, "sessions", (json_int_t)counters.sessions_open));
}
