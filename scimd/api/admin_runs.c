#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/admin_endpoints.h"
#include "api/source_view.h"
#include "base/cleanup.h"

#define RUNS_DEFAULT 50
#define RUNS_MAX 1000

int admin_run_list(struct admin_exchange *exchange, struct err *err)
{
    struct run_query query = {.tenant = http_parameter(exchange->request, "tenant"),
                              .source = http_parameter(exchange->request, "source")};
    const struct tenant_run *runs = NULL;
    int64_t limit = 0;
    size_t count = 0;
    json_t *list;

    if (admin_number(exchange, "before", 0, &query.before, err) < 0 ||
        admin_number(exchange, "limit", RUNS_DEFAULT, &limit, err) < 0)
        return -1;
    if (query.source != NULL && query.tenant == NULL)
        return err_set(err, ERR_INVALID_VALUE, "source: say whose, with tenant");
    query.limit = (size_t)(limit < 1 ? 1 : limit > RUNS_MAX ? RUNS_MAX : limit);
    if (tenants_run_list(exchange->service->tenants, exchange->arena, &query, &runs, &count, err) <
        0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, source_view_run_json(&runs[i]));
    return admin_answer(exchange, json_pack("{s:o}", "runs", list));
}

/* The run in the path, /v1/runs/ID; exchange->tenant becomes its tenant. */
static int find_run(struct admin_exchange *exchange, struct tenant_run *out, struct err *err)
{
    const char *text = exchange->request->segments[2];
    bool is_number = strspn(text, "0123456789") == strlen(text) && strlen(text) < 19;

    if (!is_number)
        return err_set(err, ERR_NOT_FOUND, "no run %.40s: runs have numbers", text);
    if (tenants_run_find(exchange->service->tenants, exchange->arena, NULL, strtoll(text, NULL, 10),
                         out, err) < 0)
        return err->code == ERR_NOT_FOUND ? err_set(err, ERR_NOT_FOUND, "no run %s", text) : -1;
    exchange->tenant = out->tenant;
    return 0;
}

int admin_run_show(struct admin_exchange *exchange, struct err *err)
{
    struct tenant_run run;

    if (find_run(exchange, &run, err) < 0)
        return -1;
    return admin_answer(exchange, source_view_run_json(&run));
}

/* A piece of its text; null behind the last. */
int admin_run_plan(struct admin_exchange *exchange, struct err *err)
{
    struct plan_piece piece = {0};
    struct tenant_run run;
    int64_t part = 0;

    if (admin_number(exchange, "part", 0, &part, err) < 0 || find_run(exchange, &run, err) < 0 ||
        tenants_plan_read(exchange->service->tenants, exchange->arena, &run, part, &piece, err) < 0)
        return -1;
    if (piece.text == NULL && part == 0)
        return err_set(err, ERR_NOT_FOUND, "run %" PRId64 " is %s and has no plan", run.row.id,
                       source_view_run_state(run.row.state));
    return admin_answer(
        exchange,
        json_pack("{s:I, s:I, s:s?, s:s?, s:o}", "run", (json_int_t)run.row.id, "part",
                  (json_int_t)part, "hash", run.row.hash[0] != '\0' ? run.row.hash : NULL,
                  "summary", run.row.summary, "text",
                  piece.text != NULL ? json_stringn(piece.text, piece.length) : json_null()));
}

static json_t *question(const struct tenant_run *run, const char *hash)
{
    return json_pack("{s:I, s:s*}", "run", (json_int_t)run->row.id, "hash", hash);
}

int admin_run_approve(struct admin_exchange *exchange, struct err *err)
{
    CLEANUP(json_decrefp) json_t *body = NULL;
    const char *hash = NULL;
    struct tenant_run run;

    if (find_run(exchange, &run, err) < 0 || admin_body(exchange, &body, err) < 0 ||
        admin_text(body, "hash", &hash, err) < 0)
        return -1;
    if (hash == NULL)
        return err_set(err, ERR_INVALID_VALUE, "hash: is required, and names the plan");
    return admin_ask(exchange, "run.approve", question(&run, hash), err);
}

int admin_run_reject(struct admin_exchange *exchange, struct err *err)
{
    struct tenant_run run;

    if (find_run(exchange, &run, err) < 0)
        return -1;
    return admin_ask(exchange, "run.reject", question(&run, NULL), err);
}

int admin_run_cancel(struct admin_exchange *exchange, struct err *err)
{
    struct tenant_run run;

    if (find_run(exchange, &run, err) < 0)
        return -1;
    return admin_ask(exchange, "run.cancel", question(&run, NULL), err);
}
