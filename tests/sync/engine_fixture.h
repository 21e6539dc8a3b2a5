/* engine_fixture.h - engines that pull a directory made of numbers. */
#ifndef SCIMD_TESTS_SYNC_ENGINE_FIXTURE_H
#define SCIMD_TESTS_SYNC_ENGINE_FIXTURE_H

#include "directory/directory_fixture.h"
#include "sync/fake_source.h"

#include "directory/tenants_sources.h"
#include "sync/engine.h"
#include "sync/lease.h"
#include "sync/states.h"

static inline int fake_open_secret(void *context, int tenant, const char *name, const char *sealed,
                                   struct secret *out, struct err *err)
{
    (void)context;
    (void)tenant;
    (void)name;
    (void)err;
    secret_set(out, sealed, strlen(sealed));
    return 0;
}

/* ---- engines ---- */

struct replica {
    struct jobs *jobs;
    struct sync_engine *engine;
};

static inline int replica_start(struct fixture *f, const char *owner, struct replica *replica)
{
    const struct sync_engine_settings settings = {.store = f->store,
                                                  .tenants = f->tenants,
                                                  .jobs = jobs_new(f->tenants),
                                                  .connectors = fake_connectors,
                                                  .limits = scim_limits_default,
                                                  .owner = owner,
                                                  .runs_max = 3,
                                                  .history_days = 90,
                                                  .look_ms = 50,
                                                  .open_secret = fake_open_secret};
    struct err err = {0};

    replica->jobs = settings.jobs;
    if (sync_engine_start(&settings, &replica->engine, &err) < 0)
        return fixture_failed("sync_engine_start", &err);
    return 0;
}

static inline void replica_stop(struct replica *replica)
{
    sync_engine_stop(replica->engine);
    jobs_free(replica->jobs);
    *replica = (struct replica){0};
}

/* JSON with ' for "; *answer is the caller's. */
static inline int replica_ask(struct replica *replica, const char *kind, const char *request,
                              json_t **answer, struct err *err)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = json_loads(fixture_quoted(arena, request), 0, NULL);
    int result =
        jobs_ask(replica->jobs,
                 &(struct job_question){
                     .tenant = "acme", .kind = kind, .actor = &fixture_admin, .request = body},
                 answer, err);

    json_decref(body);
    arena_free(arena);
    return result;
}

/* ---- rows ---- */

/* As source.apply stores it, with times of our own. */
static inline int fixture_source(struct fixture *f, const char *name, int64_t next_us)
{
    char definition[256];
    struct source_row row = {.name = name,
                             .type = "ad",
                             .precedence = 100,
                             .definition = definition,
                             .owned = "[]",
                             .state = SOURCE_IDLE,
                             .next_delta_us = next_us,
                             .next_full_us = INT64_MAX,
                             .changed_us = 1};
    int64_t id;
    struct err err = {0};

    (void)snprintf(definition, sizeof(definition),
                   "{\"name\":\"%s\",\"type\":\"ad\",\"schedule\":\"every 1h\",\"full_schedule\":"
                   "\"never\",\"settings\":{\"url\":\"here\"}}",
                   name);
    if (tenants_source_put(f->tenants, &fixture_admin, "acme", &row, &id, &err) < 0)
        return fixture_failed("tenants_source_put", &err);
    return 0;
}

/* The row, in the fixture's arena; id 0: there is none. */
static inline struct source_row fixture_row(struct fixture *f, const char *name)
{
    struct source_row row = {0};
    struct err err = {0};

    if (tenants_source_find(f->tenants, f->arena, "acme", name, &row, &err) < 0)
        (void)fixture_failed("tenants_source_find", &err);
    return row;
}

/* The newest run of the source; id 0: there is none. */
static inline struct run_row fixture_run(struct fixture *f, const char *source)
{
    const struct run_query query = {.tenant = "acme", .source = source, .limit = 1};
    const struct tenant_run *runs = NULL;
    size_t count = 0;
    struct err err = {0};

    if (tenants_run_list(f->tenants, f->arena, &query, &runs, &count, &err) < 0)
        (void)fixture_failed("tenants_run_list", &err);
    return count > 0 ? runs[0].row : (struct run_row){0};
}

/* Whether the newest run comes to be in that state, and nobody has the source any more. */
static inline bool fixture_reaches(struct fixture *f, const char *source, enum run_state state)
{
    int64_t until_us = clock_monotonic_us() + FAKE_PATIENCE_US;
    bool reached = false;

    while (!reached && clock_monotonic_us() < until_us) {
        fake_sleep(10);
        reached = fixture_run(f, source).state == (int)state &&
                  (state == RUN_RUNNING || fixture_row(f, source).lease_until_us == 0);
    }
    return reached;
}

#endif
