/* Rows of sources and their leases. */
#include <pthread.h>

#include "control_fixture.h"

#define THREADS 4

static const struct source_row full = {.id = 90,
                                       .tenant = 2,
                                       .name = "full",
                                       .type = "entra",
                                       .precedence = 3,
                                       .definition = "{\"a\":\"\xc3\xa4\"}",
                                       .owned = "[\"title\"]",
                                       .state = 4,
                                       .wanted = WANTED_DELTA,
                                       .wanted_by = "uid 0",
                                       .next_delta_us = INT64_MAX,
                                       .next_full_us = 6,
                                       .retry_us = 7,
                                       .failures = 8,
                                       .last_success_us = 9,
                                       .last_full_us = 10,
                                       .last_error = "down",
                                       .run = 11,
                                       .held_run = 12,
                                       .lease_owner = "r1",
                                       .lease_until_us = 13,
                                       .fence = 14,
                                       .created_us = 15,
                                       .changed_us = 16};

static const char *text_of(const char *text)
{
    return text != NULL ? text : "-";
}

static void put_source(struct control_world *world, const struct source_row *row)
{
    buf_printf(&world->text, "%lld %d %s %s %d %s %s|%d %d %s|%lld %lld %lld %d|%lld %lld %s|",
               (long long)row->id, row->tenant, row->name, row->type, row->precedence,
               row->definition, row->owned, row->state, (int)row->wanted, text_of(row->wanted_by),
               (long long)row->next_delta_us, (long long)row->next_full_us,
               (long long)row->retry_us, row->failures, (long long)row->last_success_us,
               (long long)row->last_full_us, text_of(row->last_error));
    buf_printf(&world->text, "%lld %lld|%s %lld %lld|%lld %lld", (long long)row->run,
               (long long)row->held_run, text_of(row->lease_owner), (long long)row->lease_until_us,
               (long long)row->fence, (long long)row->created_us, (long long)row->changed_us);
}

static int read_ad(struct session *session, struct control_world *world, struct source_row *row,
                   struct err *err)
{
    return source_find_id(session, world->fixture.arena, 1, AD, row, err);
}

static int see_ad(struct session *session, struct control_world *world, struct err *err)
{
    struct source_row row;

    if (read_ad(session, world, &row, err) < 0)
        return -1;
    put_source(world, &row);
    return 0;
}

static int whole_row(struct session *session, struct control_world *world, struct err *err)
{
    struct source_row row;

    if (source_insert(session, &full, err) < 0 ||
        source_find(session, world->fixture.arena, 2, "full", &row, err) < 0)
        return -1;
    put_source(world, &row);
    return 0;
}

static int find_in_another_tenant(struct session *session, struct control_world *world,
                                  struct err *err)
{
    struct source_row row;

    return source_find(session, world->fixture.arena, 2, "okta", &row, err);
}

static int find_id_in_another_tenant(struct session *session, struct control_world *world,
                                     struct err *err)
{
    struct source_row row;

    return source_find_id(session, world->fixture.arena, 2, AD, &row, err);
}

static int name_of_a_source(struct session *session, struct control_world *world, struct err *err)
{
    (void)world;
    return control_insert_source(session, 1, 99, "ad", err);
}

static int name_of_a_connection(struct session *session, struct control_world *world,
                                struct err *err)
{
    (void)world;
    return control_insert_source(session, 1, 99, "scim", err);
}

static int name_of_a_foreign_connection(struct session *session, struct control_world *world,
                                        struct err *err)
{
    (void)world;
    return control_insert_source(session, 2, 99, "scim", err);
}

static int connection_like_a_source(struct session *session, struct control_world *world,
                                    struct err *err)
{
    const struct connection_row row = {.id = 2, .tenant = 1, .name = "okta", .profile = "auto"};

    (void)world;
    return control_connection_insert(session, &row, err);
}

static int list(struct session *session, struct control_world *world, int tenant, struct err *err)
{
    const struct source_row *rows = NULL;
    size_t count = 0;

    if (sources_list(session, world->fixture.arena, tenant, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&world->text, "%d/%s ", rows[i].tenant, rows[i].name);
    return 0;
}

static int list_all(struct session *session, struct control_world *world, struct err *err)
{
    return list(session, world, 0, err);
}

static int list_one(struct session *session, struct control_world *world, struct err *err)
{
    return list(session, world, 1, err);
}

static int redefine(struct session *session, struct control_world *world, struct err *err)
{
    struct source_row row = full;

    row.id = AD;
    row.tenant = 1;
    return source_redefine(session, &row, err) < 0 ? -1 : see_ad(session, world, err);
}

static int redefine_in_another_tenant(struct session *session, struct control_world *world,
                                      struct err *err)
{
    struct source_row row = full;

    (void)world;
    row.id = AD;
    return source_redefine(session, &row, err);
}

static int delete_with_runs(struct session *session, struct control_world *world, struct err *err)
{
    static const char run[] =
        "INSERT INTO scimd_run (id, tenant, source, kind, dry, state, started_us, ended_us, "
        "counters) VALUES (1, 1, 71, 1, 0, 1, 0, 0, '')";

    if (session_execute(session, run, NULL, 0, NULL, err) < 0 ||
        source_delete(session, 1, AD, err) < 0)
        return -1;
    return list(session, world, 0, err);
}

static int delete_in_another_tenant(struct session *session, struct control_world *world,
                                    struct err *err)
{
    (void)world;
    return source_delete(session, 2, AD, err);
}

static int set_state(struct session *session, struct control_world *world, struct err *err)
{
    struct source_row row;

    if (source_set_state(session, 1, AD, 1, 6, err) < 0 || read_ad(session, world, &row, err) < 0)
        return -1;
    buf_printf(&world->text, "%d", row.state);
    return 0;
}

static int set_state_that_changed(struct session *session, struct control_world *world,
                                  struct err *err)
{
    (void)world;
    return source_set_state(session, 1, AD, 2, 6, err);
}

static int set_state_in_another_tenant(struct session *session, struct control_world *world,
                                       struct err *err)
{
    (void)world;
    return source_set_state(session, 2, AD, 1, 6, err);
}

static int want(struct session *session, struct control_world *world, struct err *err)
{
    static const enum source_wanted wishes[] = {WANTED_DELTA, WANTED_FULL, WANTED_DELTA,
                                                WANTED_NOTHING};
    static const char *const by[] = {"a", "b", "c", NULL};
    struct source_row row;

    for (size_t i = 0; i < ARRAY_LENGTH(wishes); i++) {
        if (source_want(session, 1, AD, wishes[i], by[i], err) < 0 ||
            read_ad(session, world, &row, err) < 0)
            return -1;
        buf_printf(&world->text, "%d%s ", (int)row.wanted, text_of(row.wanted_by));
    }
    return 0;
}

static int want_in_another_tenant(struct session *session, struct control_world *world,
                                  struct err *err)
{
    (void)world;
    return source_want(session, 2, AD, WANTED_FULL, "a", err);
}

/* ---- leases ---- */

/* Reads the row and asks for the lease from 100 to 200, at `now_us`. */
static int lease(struct session *session, struct control_world *world, int64_t now_us,
                 struct err *err)
{
    struct source_row row;
    int64_t fence = -1;
    bool taken = false;

    if (read_ad(session, world, &row, err) < 0 ||
        source_lease(session, &row, "me", now_us, now_us + 100, &fence, &taken, err) < 0)
        return -1;
    buf_printf(&world->text, "%s%lld ", taken ? "taken" : "no", (long long)fence);
    return 0;
}

static int lease_twice(struct session *session, struct control_world *world, struct err *err)
{
    return lease(session, world, 100, err) < 0 || lease(session, world, 199, err) < 0
               ? -1
               : lease(session, world, 200, err);
}

static int lease_by_an_old_row(struct session *session, struct control_world *world,
                               struct err *err)
{
    struct source_row old;
    int64_t fence = -1;
    bool taken = true;

    if (read_ad(session, world, &old, err) < 0 || lease(session, world, 100, err) < 0 ||
        source_lease(session, &old, "me", 500, 600, &fence, &taken, err) < 0)
        return -1;
    buf_printf(&world->text, "%d ", taken);
    if (read_ad(session, world, &old, err) < 0 || source_set_state(session, 1, AD, 1, 6, err) < 0 ||
        source_lease(session, &old, "me", 500, 600, &fence, &taken, err) < 0)
        return -1;
    buf_printf(&world->text, "%d", taken);
    return 0;
}

static int renew(struct session *session, struct control_world *world, struct err *err)
{
    return lease(session, world, 100, err) < 0 ||
                   source_lease_renew(session, 1, AD, 1, 300, err) < 0 ||
                   lease(session, world, 250, err) < 0
               ? -1
               : lease(session, world, 300, err);
}

static int renew_what_was_lost(struct session *session, struct control_world *world,
                               struct err *err)
{
    return lease(session, world, 100, err) < 0 || lease(session, world, 200, err) < 0
               ? -1
               : source_lease_renew(session, 1, AD, 1, 300, err);
}

static int renew_in_another_tenant(struct session *session, struct control_world *world,
                                   struct err *err)
{
    return lease(session, world, 100, err) < 0 ? -1
                                               : source_lease_renew(session, 2, AD, 1, 300, err);
}

/* What a run that took WANTED_DELTA leaves, with this fence. */
static int leave(struct session *session, int tenant, int64_t fence, int64_t until_us,
                 struct err *err)
{
    struct source_row row = full;

    row.id = AD;
    row.tenant = tenant;
    row.fence = fence;
    row.lease_until_us = until_us;
    return source_leave(session, &row, err);
}

static int leave_and_see(struct session *session, struct control_world *world, struct err *err)
{
    return source_want(session, 1, AD, WANTED_DELTA, "a", err) < 0 ||
                   lease(session, world, 100, err) < 0 || leave(session, 1, 1, 0, err) < 0
               ? -1
               : see_ad(session, world, err);
}

static int leave_again(struct session *session, struct control_world *world, struct err *err)
{
    return lease(session, world, 100, err) < 0 || leave(session, 1, 1, 0, err) < 0
               ? -1
               : leave(session, 1, 1, 0, err);
}

static int leave_and_stay(struct session *session, struct control_world *world, struct err *err)
{
    return lease(session, world, 100, err) < 0 ||
                   source_want(session, 1, AD, WANTED_FULL, "a", err) < 0 ||
                   leave(session, 1, 1, 300, err) < 0
               ? -1
               : see_ad(session, world, err);
}

static int renew_what_was_left(struct session *session, struct control_world *world,
                               struct err *err)
{
    return lease(session, world, 100, err) < 0 || leave(session, 1, 1, 0, err) < 0
               ? -1
               : source_lease_renew(session, 1, AD, 1, 300, err);
}

static int leave_what_was_lost(struct session *session, struct control_world *world,
                               struct err *err)
{
    return lease(session, world, 100, err) < 0 || lease(session, world, 200, err) < 0
               ? -1
               : leave(session, 1, 1, 0, err);
}

static int leave_in_another_tenant(struct session *session, struct control_world *world,
                                   struct err *err)
{
    return lease(session, world, 100, err) < 0 ? -1 : leave(session, 2, 1, 0, err);
}

#define NONE "there is no such source"
#define LOST "the lease of the source was lost"
#define MOVED "the source's state has changed meanwhile"
#define OK (enum err_code)0
#define TIMES "9223372036854775807 6"

static struct control_act acts[] = {
    {"a row comes back as it was written",              whole_row,
     "90 2 full entra 3 {\"a\":\"\xc3\xa4\"} [\"title\"]|4 1 uid 0|" TIMES
     " 7 8|9 10 down|11 12|r1 13 14|15 16",                                                                              OK           },
    {"find in another tenant",                          find_in_another_tenant,       "there is no source \"okta\"",
     ERR_NOT_FOUND                                                                                                                    },
    {"find by id in another tenant",                    find_id_in_another_tenant,    NONE,                              ERR_NOT_FOUND},
    {"the name of a source",                            name_of_a_source,             "source \"ad\" exists already",    ERR_CONFLICT },
    {"the name of a connection",                        name_of_a_connection,         "a connection is called \"scim\"",
     ERR_CONFLICT                                                                                                                     },
    {"the name of another tenant's connection",         name_of_a_foreign_connection, "",                                OK           },
    {"a connection with a source's name",               connection_like_a_source,     "a source is called \"okta\"",
     ERR_CONFLICT                                                                                                                     },
    {"list all",                                        list_all,                     "1/ad 1/okta 2/ad ",               OK           },
    {"list a tenant's",                                 list_one,                     "1/ad 1/okta ",                    OK           },
    {"redefine",                                        redefine,
     "71 1 ad entra 3 {\"a\":\"\xc3\xa4\"} [\"title\"]|1 1 uid 0|" TIMES
     " 0 0|0 0 -|0 0|- 0 0|0 16",                                                                                        OK           },
    {"redefine another tenant's",                       redefine_in_another_tenant,   NONE,                              ERR_NOT_FOUND},
    {"delete with its runs",                            delete_with_runs,             "1/okta 2/ad ",                    OK           },
    {"delete another tenant's",                         delete_in_another_tenant,     NONE,                              ERR_NOT_FOUND},
    {"set the state",                                   set_state,                    "6",                               OK           },
    {"set a state that has changed",                    set_state_that_changed,       MOVED,                             ERR_CONFLICT },
    {"set the state of another tenant's",               set_state_in_another_tenant,  MOVED,                             ERR_CONFLICT },
    {"a delta doesn't take a full run back",            want,                         "1a 2b 2b 0- ",                    OK           },
    {"want another tenant's",                           want_in_another_tenant,       NONE,                              ERR_NOT_FOUND},
    {"one has the lease, until it ends",                lease_twice,                  "taken1 no-1 taken2 ",             OK           },
    {"no lease by a row that is old",                   lease_by_an_old_row,          "taken1 0 0",                      OK           },
    {"renew",                                           renew,                        "taken1 no-1 taken2 ",             OK           },
    {"renew what was lost",                             renew_what_was_lost,          LOST,                              ERR_CONFLICT },
    {"renew what was left",                             renew_what_was_left,          LOST,                              ERR_CONFLICT },
    {"renew another tenant's",                          renew_in_another_tenant,      LOST,                              ERR_CONFLICT },
    {"leave: what the run took is cleared",             leave_and_see,
     "taken1 71 1 ad ad 0 {} []|4 0 -|" TIMES " 7 8|9 10 down|11 12|- 0 1|0 0",                                          OK           },
    {"leave: what came meanwhile stays, and the lease", leave_and_stay,
     "taken1 71 1 ad ad 0 {} []|4 2 a|" TIMES " 7 8|9 10 down|11 12|r1 300 1|0 0",                                       OK           },
    {"leave again, as long as nobody took it",          leave_again,                  "taken1 ",                         OK           },
    {"leave what was lost",                             leave_what_was_lost,          LOST,                              ERR_CONFLICT },
    {"leave another tenant's",                          leave_in_another_tenant,      LOST,                              ERR_CONFLICT },
};

/* ---- several at once ---- */

struct racer {
    struct control_world *world;
    struct arena *arena;
    pthread_t thread;
    bool taken;
    int result;
};

static int race_work(struct session *session, void *argument, struct err *err)
{
    struct racer *racer = argument;
    struct source_row row;
    int64_t fence = 0;

    if (source_find_id(session, racer->arena, 1, AD, &row, err) < 0)
        return -1;
    return source_lease(session, &row, "racer", 100, 200, &fence, &racer->taken, err);
}

static void *race(void *argument)
{
    struct racer *racer = argument;
    struct err err = {0};

    racer->result = store_transact(racer->world->fixture.scope, race_work, racer, &err);
    return NULL;
}

static void one_of_several_has_the_lease(void **state)
{
    struct control_world world;
    struct racer racers[THREADS];
    int taken = 0;
    int failed = 0;

    (void)state;
    control_world_start(&world);
    for (size_t i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.world = &world, .arena = arena_new(ARENA_BLOCK_BYTES)};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(racers[i].thread, NULL);
        taken += racers[i].taken;
        failed += racers[i].result;
        arena_free(racers[i].arena);
    }
    assert_int_equal(failed, 0);
    assert_int_equal(taken, 1);
    assert_int_equal(fixture_number(&world.fixture, "SELECT fence FROM scimd_source WHERE id = 71"),
                     1);
    control_world_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_of_several_has_the_lease)};

    return RUN_TABLE("sources", acts, control_acts) +
           cmocka_run_group_tests_name("leases", tests, NULL, NULL);
}
