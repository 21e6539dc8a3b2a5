/* Runs and their plans, for the administration. */
#include "base/cleanup.h"
#include "directory/tenants_cache.h"
#include "directory/tenants_sources.h"
#include "store/sync_rows.h"

struct naming {
    const struct tenant_row *tenants;
    size_t count;
};

static int read_names(struct session *session, struct arena *arena, struct naming *out,
                      struct err *err)
{
    return control_tenants(session, arena, &out->tenants, &out->count, err);
}

static const char *name_of(const struct naming *naming, int number)
{
    for (size_t i = 0; i < naming->count; i++) {
        if (naming->tenants[i].number == number)
            return naming->tenants[i].name;
    }
    return ""; /* rows are read in one snapshot, and a run refers to its tenant */
}

/* Numbers behind names; 0 for NULL. */
static int resolve(struct session *session, struct arena *arena, const struct run_query *query,
                   int *tenant, int64_t *source, struct err *err)
{
    struct tenant_row row;
    struct source_row found;

    *tenant = 0;
    *source = 0;
    if (query->tenant == NULL)
        return 0;
    if (admin_find_tenant(session, arena, query->tenant, &row, err) < 0)
        return -1;
    *tenant = row.number;
    if (query->source == NULL)
        return 0;
    if (source_find(session, arena, row.number, query->source, &found, err) < 0)
        return err->code == ERR_NOT_FOUND
                   ? err_set(err, ERR_NOT_FOUND, "tenant \"%s\" has no source \"%.64s\"",
                             query->tenant, query->source)
                   : -1;
    *source = found.id;
    return 0;
}

struct listing {
    struct arena *arena;
    const struct run_query *query;
    struct tenant_run *runs;
    size_t count;
};

static int list_work(struct session *session, void *argument, struct err *err)
{
    struct listing *listing = argument;
    struct naming naming = {0};
    const struct run_row *rows = NULL;
    int64_t source;
    int tenant;

    if (resolve(session, listing->arena, listing->query, &tenant, &source, err) < 0 ||
        read_names(session, listing->arena, &naming, err) < 0 ||
        runs_list(session, listing->arena, tenant, source, listing->query->before,
                  listing->query->limit, &rows, &listing->count, err) < 0)
        return -1;
    listing->runs = arena_array(listing->arena, listing->count, sizeof(*listing->runs));
    for (size_t i = 0; i < listing->count; i++)
        listing->runs[i] =
            (struct tenant_run){.tenant = name_of(&naming, rows[i].tenant), .row = rows[i]};
    return 0;
}

int tenants_run_list(struct tenants *tenants, struct arena *arena, const struct run_query *query,
                     const struct tenant_run **out, size_t *count, struct err *err)
{
    struct listing listing = {.arena = arena, .query = query};

    if (tenants_read(tenants, list_work, &listing, err) < 0)
        return -1;
    *out = listing.runs;
    *count = listing.count;
    return 0;
}

struct finding {
    struct arena *arena;
    const char *tenant;
    int64_t id;
    struct tenant_run run;
};

static int find_work(struct session *session, void *argument, struct err *err)
{
    struct finding *finding = argument;
    struct naming naming = {0};
    int64_t source;
    int tenant;

    if (resolve(session, finding->arena, &(struct run_query){.tenant = finding->tenant}, &tenant,
                &source, err) < 0 ||
        run_find(session, finding->arena, tenant, finding->id, &finding->run.row, err) < 0 ||
        read_names(session, finding->arena, &naming, err) < 0)
        return -1;
    finding->run.tenant = name_of(&naming, finding->run.row.tenant);
    return 0;
}

int tenants_run_find(struct tenants *tenants, struct arena *arena, const char *tenant, int64_t id,
                     struct tenant_run *out, struct err *err)
{
    struct finding finding = {.arena = arena, .tenant = tenant, .id = id};

    if (tenants_read(tenants, find_work, &finding, err) < 0)
        return -1;
    *out = finding.run;
    return 0;
}

struct plan_reading {
    struct arena *arena;
    int64_t run;
    int64_t part;
    struct plan_piece piece;
};

static int plan_work(struct session *session, void *argument, struct err *err)
{
    struct plan_reading *reading = argument;

    return plan_text_read(session, reading->arena, reading->run, reading->part,
                          &reading->piece.text, &reading->piece.length, err);
}

int tenants_plan_read(struct tenants *tenants, struct arena *arena, const struct tenant_run *run,
                      int64_t part, struct plan_piece *out, struct err *err)
{
    struct plan_reading reading = {.arena = arena, .run = run->row.id, .part = part};
    struct tenant *tenant = NULL;
    int result;

    if (tenants_find(tenants, run->tenant, &tenant, err) < 0)
        return -1;
    result = store_read(tenant->scope, plan_work, &reading, err);
    tenant_release(tenant);
    if (result == 0)
        *out = reading.piece;
    return result;
}
