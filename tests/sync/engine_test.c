/* An engine over a store, with a source that is made of numbers. */
#include "table.h"

#include "sync/engine_fixture.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "scim/json.h"

#define SECOND_US INT64_C(1000000)

static struct bench {
    struct fixture f;
    struct replica one;
    struct replica two;
} bench;

/* ---- what time does ---- */

static void runs_what_is_due(struct bench *b)
{
    struct source_row row;
    struct run_row run;
    int64_t now_us = clock_now_us();

    assert_int_equal(fixture_source(&b->f, "corp", now_us - 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    row = fixture_row(&b->f, "corp");
    run = fixture_run(&b->f, "corp");
    assert_int_equal(row.state, SOURCE_IDLE);
    assert_int_equal(row.run, 0);
    assert_true(row.next_delta_us > now_us);
    assert_true(row.last_success_us >= now_us);
    assert_true(run.started_us >= now_us);
    assert_true(run.ended_us >= run.started_us);
    assert_int_equal(atomic_load(&fake.opened), 1);
}

static void leaves_what_is_not_due(struct bench *b)
{
    assert_int_equal(fixture_source(&b->f, "corp", clock_now_us() + 3600 * SECOND_US), 0);
    assert_int_equal(fixture_source(&b->f, "due", clock_now_us() - 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fixture_reaches(&b->f, "due", RUN_APPLIED));
    assert_int_equal(fixture_run(&b->f, "corp").id, 0);
}

struct want {
    const struct source_row *row;
    enum source_wanted wanted;
};

static int want_work(struct session *session, void *argument, struct err *err)
{
    const struct want *want = argument;

    return source_want(session, want->row->tenant, want->row->id, want->wanted, "somebody", err);
}

static struct store_scope control_of(struct fixture *f)
{
    struct store_scope control = {.tenant = STORE_CONTROL_TENANT};
    struct err err = {0};

    assert_int_equal(store_database(f->store, STORE_CONTROL, &control.database, &err), 0);
    return control;
}

static void runs_what_is_wanted(struct bench *b)
{
    struct source_row row;
    struct want want = {.row = &row, .wanted = WANTED_FULL};
    struct err err = {0};

    assert_int_equal(fixture_source(&b->f, "corp", INT64_MAX), 0);
    row = fixture_row(&b->f, "corp");
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_int_equal(store_transact(control_of(&b->f), want_work, &want, &err), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    assert_int_equal(fixture_run(&b->f, "corp").kind, RUN_KIND_FULL);
    assert_string_equal(fixture_run(&b->f, "corp").asked_by, "somebody");
    row = fixture_row(&b->f, "corp");
    assert_int_equal(row.wanted, WANTED_NOTHING);
    assert_true(row.last_full_us > 0);
}

static void never_runs_beside_itself(struct bench *b)
{
    struct source_row row;
    struct want want = {.row = &row, .wanted = WANTED_DELTA};
    struct err err = {0};

    atomic_store(&fake.shut, true);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    row = fixture_row(&b->f, "corp");
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_int_equal(replica_start(&b->f, "two", &b->two), 0);
    assert_true(fake_reaches(&fake.opened, 1));
    assert_int_equal(store_transact(control_of(&b->f), want_work, &want, &err), 0);
    fake_sleep(500); /* ten looks of each */
    assert_int_equal(atomic_load(&fake.opened), 1);
    atomic_store(&fake.shut, false);
    assert_true(fake_reaches(&fake.opened, 2)); /* what was wanted meanwhile */
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    assert_int_equal(atomic_load(&fake.most), 1);
}

/* ---- what fails ---- */

static void backs_off(struct bench *b, enum err_code code, int64_t first_s)
{
    struct source_row row;
    int64_t now_us = clock_now_us();
    int64_t wait_us;

    atomic_store(&fake.error, (int)code);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_FAILED));
    row = fixture_row(&b->f, "corp");
    wait_us = row.retry_us - now_us;
    assert_int_equal(row.state, SOURCE_BACKOFF);
    assert_int_equal(row.failures, 1);
    assert_true(wait_us >= first_s * SECOND_US);
    assert_true(wait_us <= first_s * SECOND_US * 5 / 4 + FAKE_PATIENCE_US);
    assert_string_equal(row.last_error, "the fake source is told to fail");
    assert_string_equal(fixture_run(&b->f, "corp").words, "the fake source is told to fail");
    fake_sleep(300);
    assert_int_equal(fixture_row(&b->f, "corp").failures, 1);
}

static void backs_off_where_it_is_away(struct bench *b)
{
    backs_off(b, ERR_SOURCE_UNAVAILABLE, BACKOFF_FIRST_S);
}

static void backs_off_longer_where_it_is_denied(struct bench *b)
{
    backs_off(b, ERR_SOURCE_DENIED, BACKOFF_DENIED_FIRST_S);
}

/* As where the tenant's schemas changed since it was stored. */
static void says_what_it_cannot_read(struct bench *b)
{
    struct source_row row = {.name = "corp",
                             .type = "ad",
                             .definition =
                                 "{\"name\":\"corp\",\"type\":\"ad\",\"settings\":{\"url\":"
                                 "\"x\"},\"mapping\":{\"nothing\":\"sn\"}}",
                             .owned = "[]",
                             .state = SOURCE_IDLE,
                             .next_full_us = INT64_MAX};
    int64_t id;
    struct err err = {0};

    assert_int_equal(tenants_source_put(b->f.tenants, &fixture_admin, "acme", &row, &id, &err), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_FAILED));
    assert_int_equal(fixture_row(&b->f, "corp").state, SOURCE_BACKOFF);
    assert_non_null(strstr(fixture_row(&b->f, "corp").last_error, "corp:1: mapping: nothing"));
    assert_int_equal(atomic_load(&fake.opened), 0);
}

/* ---- replicas that come and go ---- */

static void goes_on_after_a_stop(struct bench *b)
{
    struct source_row row;
    int64_t run;

    atomic_store(&fake.pages, 1000000);
    atomic_store(&fake.page_ms, 1);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fake_reaches(&fake.pulled, 5));
    replica_stop(&b->one);
    row = fixture_row(&b->f, "corp");
    run = row.run;
    assert_true(run != 0);
    assert_int_equal(row.lease_until_us, 0);
    assert_int_equal(fixture_run(&b->f, "corp").state, RUN_RUNNING);
    assert_int_equal(atomic_load(&fake.sessions), 0);

    atomic_store(&fake.pages, 1);
    assert_int_equal(replica_start(&b->f, "two", &b->two), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    assert_int_equal(fixture_run(&b->f, "corp").id, run);
    assert_true(fixture_row(&b->f, "corp").fence > row.fence);
}

struct stolen {
    struct source_row row;
    int64_t now_us;
    int64_t until_us;
    int64_t fence;
    bool taken;
};

static int expire_work(struct session *session, void *argument, struct err *err)
{
    const struct stolen *stolen = argument;

    return source_lease_renew(session, stolen->row.tenant, stolen->row.id, stolen->row.fence,
                              stolen->until_us, err);
}

static int steal_work(struct session *session, void *argument, struct err *err)
{
    struct stolen *stolen = argument;

    return source_lease(session, &stolen->row, "thief", stolen->now_us, stolen->until_us,
                        &stolen->fence, &stolen->taken, err);
}

/* A replica that began a run and was never heard of again. */
static void goes_on_after_a_death(struct bench *b)
{
    const struct lease_order order = {.kind = RUN_KIND_FULL, .now_us = clock_now_us()};
    struct lease lease = {.control = control_of(&b->f), .owner = "dead"};
    struct lease_begun begun;
    struct stolen expired;
    struct err err = {0};

    assert_int_equal(fixture_source(&b->f, "corp", INT64_MAX), 0);
    expired.row = fixture_row(&b->f, "corp");
    lease.tenant = expired.row.tenant;
    lease.source = expired.row.id;
    assert_int_equal(lease_begin(&lease, &order, b->f.arena, &begun, &err), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    fake_sleep(300);
    assert_int_equal(atomic_load(&fake.opened), 0);

    expired.row.fence = lease.fence;
    expired.until_us = clock_now_us() - 1;
    assert_int_equal(store_transact(lease.control, expire_work, &expired, &err), 0);
    assert_int_equal(fixture_source(&b->f, "other", 1), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    assert_int_equal(fixture_run(&b->f, "corp").kind, RUN_KIND_FULL);
    assert_int_equal(fixture_row(&b->f, "corp").fence, lease.fence + 1);
}

/* Whoever lost the lease ends its run and writes nothing. */
static void ends_without_a_lease(struct bench *b)
{
    struct stolen stolen;
    struct err err = {0};

    atomic_store(&fake.pages, 1000000);
    atomic_store(&fake.page_ms, 1);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fake_reaches(&fake.pulled, 5));
    stolen.row = fixture_row(&b->f, "corp");
    stolen.now_us = clock_now_us() + 2 * LEASE_S * SECOND_US;
    stolen.until_us = stolen.now_us + LEASE_S * SECOND_US;
    assert_int_equal(store_transact(control_of(&b->f), steal_work, &stolen, &err), 0);
    assert_true(stolen.taken);
    for (int i = 0; i < 1000 && atomic_load(&fake.sessions) > 0; i++)
        fake_sleep(20);
    assert_int_equal(atomic_load(&fake.sessions), 0);
    assert_int_equal(fixture_run(&b->f, "corp").state, RUN_RUNNING);
    assert_string_equal(fixture_row(&b->f, "corp").lease_owner, "thief");
    assert_int_equal(fixture_row(&b->f, "corp").fence, stolen.fence);
}

/* The canceller knows only the row. */
static void cancels_in_another_replica(struct bench *b)
{
    struct source_row row;
    struct lease_decision decision = {
        .event = RUN_EVENT_CANCEL, .by = "uid 7", .now_us = clock_now_us()};
    struct lease lease = {.control = control_of(&b->f)};
    enum run_state was;
    struct err err = {0};

    atomic_store(&fake.pages, 1000000);
    atomic_store(&fake.page_ms, 1);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fake_reaches(&fake.pulled, 5));
    row = fixture_row(&b->f, "corp");
    lease.tenant = row.tenant;
    lease.source = row.id;
    decision.run = row.run;
    assert_int_equal(lease_decide(&lease, &decision, &was, &err), 0);
    assert_int_equal(was, RUN_RUNNING);
    assert_true(fixture_reaches(&b->f, "corp", RUN_CANCELLED));
    assert_string_equal(fixture_run(&b->f, "corp").decided_by, "uid 7");
    assert_int_equal(atomic_load(&fake.sessions), 0);
}

/* ---- */

static struct engine_case {
    const char *name;
    void (*test)(struct bench *bench);
} cases[] = {
    {"runs what is due",                    runs_what_is_due                   },
    {"leaves what is not due",              leaves_what_is_not_due             },
    {"runs what is wanted",                 runs_what_is_wanted                },
    {"never runs beside itself",            never_runs_beside_itself           },
    {"backs off where the source is away",  backs_off_where_it_is_away         },
    {"backs off longer where it is denied", backs_off_longer_where_it_is_denied},
    {"says what it can't read",             says_what_it_cannot_read           },
    {"goes on after a stop",                goes_on_after_a_stop               },
    {"goes on after a replica's death",     goes_on_after_a_death              },
    {"ends without a lease",                ends_without_a_lease               },
    {"cancels in another replica",          cancels_in_another_replica         },
};

static void engine_does(void **state)
{
    const struct engine_case *expected = *state;

    fake_reset();
    bench = (struct bench){0};
    assert_int_equal(fixture_open(&bench.f), 0);
    expected->test(&bench);
    replica_stop(&bench.one);
    replica_stop(&bench.two);
    fixture_close(&bench.f);
}

int main(void)
{
    json_use_aborting_allocator();
    log_set_level(LOG_LEVEL_ERROR);
    return RUN_TABLE("engine", cases, engine_does);
}
