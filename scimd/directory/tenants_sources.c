#include "directory/tenants_sources.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/id.h"
#include "directory/tenants_cache.h"
#include "store/links.h"
#include "store/sync_rows.h"

#define RUNS_CHUNK 1000

struct source_change {
    const char *tenant;
    const char *name;
    const struct source_row *row;   /* put */
    const struct source_step *step; /* state */
    int number;
    int64_t id;
};

/* The tenant's number and, where there is one, the source. */
static int find_source(struct session *session, struct arena *arena, struct source_change *change,
                       struct source_row *out, struct err *err)
{
    struct tenant_row tenant;

    if (admin_find_tenant(session, arena, change->tenant, &tenant, err) < 0)
        return -1;
    change->number = tenant.number;
    if (source_find(session, arena, tenant.number, change->name, out, err) < 0)
        return err->code == ERR_NOT_FOUND
                   ? err_set(err, ERR_NOT_FOUND, "tenant \"%s\" has no source \"%.64s\"",
                             change->tenant, change->name)
                   : -1;
    change->id = out->id;
    return 0;
}

static int put_body(struct session *session, struct arena *arena, void *argument, struct err *err)
{
    struct source_change *change = argument;
    struct source_row row = *change->row;
    struct source_row stored;
    struct err missing = {0};

    change->number = 0;
    if (find_source(session, arena, change, &stored, &missing) < 0) {
        if (missing.code != ERR_NOT_FOUND || change->number == 0) {
            *err = missing;
            return -1;
        }
        change->id = id_new_key();
        row.created_us = row.changed_us;
    }
    row.id = change->id;
    row.tenant = change->number;
    return missing.code == ERR_NOT_FOUND ? source_insert(session, &row, err)
                                         : source_redefine(session, &row, err);
}

int tenants_source_put(struct tenants *tenants, const struct admin_actor *actor, const char *tenant,
                       const struct source_row *row, int64_t *id, struct err *err)
{
    struct source_change change = {.tenant = tenant, .name = row->name, .row = row};

    if (admin_check_name("a source's name", row->name, err) < 0 ||
        admin_change_part(tenants,
                          &(struct admin_change){.actor = actor,
                                                 .action = "source.put",
                                                 .body = put_body,
                                                 .argument = &change,
                                                 .number = &change.number},
                          tenant, row->name, err) < 0)
        return -1;
    *id = change.id;
    return 0;
}

/* Runs whose plans stand in the tenant's database, of all the source's. */
struct planned_runs {
    struct arena *arena;
    struct buf ids; /* int64_t each */
};

static int collect_plans(struct session *session, const struct source_row *source,
                         struct planned_runs *planned, struct err *err)
{
    const struct run_row *rows = NULL;
    size_t count = 0;
    int64_t before = 0;

    buf_reset(&planned->ids);
    do {
        arena_reset(planned->arena);
        if (runs_list(session, planned->arena, source->tenant, source->id, before, RUNS_CHUNK,
                      &rows, &count, err) < 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            before = rows[i].id;
            if (rows[i].hash[0] != '\0')
                buf_append(&planned->ids, &rows[i].id, sizeof(rows[i].id));
        }
    } while (count == RUNS_CHUNK);
    return 0;
}

struct deletion {
    struct source_change source;
    struct planned_runs planned;
};

static int delete_body(struct session *session, struct arena *arena, void *argument,
                       struct err *err)
{
    struct deletion *deletion = argument;
    struct source_row row;

    if (find_source(session, arena, &deletion->source, &row, err) < 0 ||
        collect_plans(session, &row, &deletion->planned, err) < 0)
        return -1;
    return source_delete(session, deletion->source.number, deletion->source.id, err);
}

static int forget_work(struct session *session, void *argument, struct err *err)
{
    const struct deletion *deletion = argument;
    const int64_t *runs = (const void *)deletion->planned.ids.bytes;

    for (size_t i = 0; i < deletion->planned.ids.length / sizeof(*runs); i++) {
        if (plan_text_drop(session, runs[i], err) < 0)
            return -1;
    }
    return links_forget_source(session, deletion->source.id, err);
}

/* First the control rows: from then on no run gets a lease.  What a crash between the two leaves in
 * the tenant's database belongs to a number that nobody has again. */
static int delete_source(struct tenants *tenants, const struct admin_actor *actor,
                         struct tenant *tenant, struct deletion *deletion, struct err *err)
{
    if (admin_change_part(tenants,
                          &(struct admin_change){.actor = actor,
                                                 .action = "source.delete",
                                                 .body = delete_body,
                                                 .argument = deletion,
                                                 .number = &deletion->source.number},
                          tenant->name, deletion->source.name, err) < 0)
        return -1;
    return store_transact(tenant->scope, forget_work, deletion, err);
}

int tenants_source_delete(struct tenants *tenants, const struct admin_actor *actor,
                          const char *tenant, const char *name, struct err *err)
{
    struct deletion deletion = {
        .source = {.tenant = tenant, .name = name}
    };
    struct tenant *held = NULL;
    int result;

    if (tenants_find(tenants, tenant, &held, err) < 0)
        return -1;
    deletion.planned.arena = arena_new(ARENA_BLOCK_BYTES);
    result = delete_source(tenants, actor, held, &deletion, err);
    buf_free(&deletion.planned.ids);
    arena_free(deletion.planned.arena);
    tenant_release(held);
    return result;
}

static int state_body(struct session *session, struct arena *arena, void *argument, struct err *err)
{
    struct source_change *change = argument;
    struct source_row row;

    if (find_source(session, arena, change, &row, err) < 0)
        return -1;
    return source_set_state(session, change->number, change->id, change->step->from,
                            change->step->to, err);
}

int tenants_source_set_state(struct tenants *tenants, const struct admin_actor *actor,
                             const char *tenant, const char *name, const struct source_step *step,
                             struct err *err)
{
    struct source_change change = {.tenant = tenant, .name = name, .step = step};

    return admin_change_part(tenants,
                             &(struct admin_change){.actor = actor,
                                                    .action = step->action,
                                                    .body = state_body,
                                                    .argument = &change,
                                                    .number = &change.number},
                             tenant, name, err);
}

struct listing {
    struct arena *arena;
    const char *tenant;
    const struct source_row *rows;
    size_t count;
};

static int list_sources(struct session *session, void *argument, struct err *err)
{
    struct listing *listing = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, listing->arena, listing->tenant, &tenant, err) < 0)
        return -1;
    return sources_list(session, listing->arena, tenant.number, &listing->rows, &listing->count,
                        err);
}

int tenants_source_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const struct source_row **out, size_t *count, struct err *err)
{
    struct listing listing = {.arena = arena, .tenant = tenant};
    struct source_row *rows;

    if (tenants_read(tenants, list_sources, &listing, err) < 0)
        return -1;
    rows = arena_array(arena, listing.count, sizeof(*rows));
    for (size_t i = 0; i < listing.count; i++)
        rows[i] = listing.rows[i];
    qsort(rows, listing.count, sizeof(*rows), source_by_precedence);
    *out = rows;
    *count = listing.count;
    return 0;
}

struct finding {
    struct arena *arena;
    struct source_change source;
    struct source_row *out;
};

static int find_work(struct session *session, void *argument, struct err *err)
{
    struct finding *finding = argument;

    return find_source(session, finding->arena, &finding->source, finding->out, err);
}

int tenants_source_find(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const char *name, struct source_row *out, struct err *err)
{
    struct source_row row = {0};
    struct finding finding = {
        .arena = arena, .source = {.tenant = tenant, .name = name},
             .out = &row
    };

    if (tenants_read(tenants, find_work, &finding, err) < 0)
        return -1;
    *out = row;
    return 0;
}
