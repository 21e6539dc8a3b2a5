#include "api/admin_endpoints.h"
#include "api/source_view.h"
#include "base/clock.h"

struct named_sources {
    struct source_metric *items;
    size_t count;
};

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

/* Every tenant's sources, in one read. */
struct every_source {
    struct arena *arena;
    const struct source_row *rows;
    size_t count;
    const struct run_tally *tallies;
    size_t tally_count;
};

static int read_sources(struct session *session, void *argument, struct err *err)
{
    struct every_source *every = argument;

    if (sources_list(session, every->arena, 0, &every->rows, &every->count, err) < 0)
        return -1;
    return runs_tally(session, every->arena, &every->tallies, &every->tally_count, err);
}

static void count_runs(const struct every_source *every, struct source_metric *source)
{
    for (size_t i = 0; i < every->tally_count; i++)
        if (every->tallies[i].source == source->row->id && every->tallies[i].state > 0 &&
            every->tallies[i].state < RUN_STATE_COUNT)
            source->runs[every->tallies[i].state] = every->tallies[i].count;
}

static const char *name_of(const struct tenant_row *tenants, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        if (tenants[i].number == number)
            return tenants[i].name;
    return NULL;
}

/* All sources whose tenants are in `tenants`, with their names. */
static int all_sources(struct admin_exchange *exchange, const struct tenant_row *tenants,
                       size_t tenant_count, struct named_sources *out, struct err *err)
{
    struct every_source every = {.arena = exchange->arena};
    struct store_scope scope = {.tenant = STORE_CONTROL_TENANT};

    if (store_database(exchange->service->store, STORE_CONTROL, &scope.database, err) < 0 ||
        store_read(scope, read_sources, &every, err) < 0)
        return -1;
    out->items = arena_array(exchange->arena, every.count, sizeof(*out->items));
    out->count = 0;
    for (size_t i = 0; i < every.count; i++) {
        const char *name = name_of(tenants, tenant_count, every.rows[i].tenant);
        if (name == NULL)
            continue;
        out->items[out->count] = (struct source_metric){.tenant = name, .row = &every.rows[i]};
        count_runs(&every, &out->items[out->count++]);
    }
    return 0;
}

/* Where the databases can't be read, the rest is still told. */
int admin_metrics(struct admin_exchange *exchange, struct err *err)
{
    const struct tenant_row *tenants = NULL;
    struct store_counters counters;
    struct named_sources sources = {0};
    size_t count = 0;

    store_counters(exchange->service->store, &counters);
    metrics_append(&exchange->response->body, &exchange->service->metrics, &counters);
    if (tenants_list(exchange->service->tenants, exchange->arena, &tenants, &count, err) == 0 &&
        all_sources(exchange, tenants, count, &sources, err) == 0)
        source_view_metrics(&exchange->response->body, sources.items, sources.count,
                            clock_now_us());
    exchange->response->status = 200;
    exchange->response->content_type = "text/plain; version=0.0.4";
    return 0;
}

int admin_status(struct admin_exchange *exchange, struct err *err)
{
    const struct tenant_row *rows = NULL;
    struct named_sources sources = {0};
    struct store_counters counters;
    size_t count = 0;
    json_t *list;

    if (tenants_list(exchange->service->tenants, exchange->arena, &rows, &count, err) < 0 ||
        all_sources(exchange, rows, count, &sources, err) < 0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < sources.count; i++)
        json_array_append_new(list,
                              source_view_json(sources.items[i].row, sources.items[i].tenant));
    store_counters(exchange->service->store, &counters);
    return admin_answer(exchange, json_pack("{s:s, s:o, s:I, s:{s:I, s:I, s:I}, s:o}", "version",
                                            SCIMD_VERSION, "started",
                                            admin_time(exchange->service->metrics.started_us),
                                            "tenants", (json_int_t)count, "store", "transactions",
                                            (json_int_t)counters.transactions, "commits",
                                            (json_int_t)counters.commits, "sessions",
                                            (json_int_t)counters.sessions_open, "sources", list));
}
