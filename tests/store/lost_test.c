/* Connections that are lost at the worst moment: a work is stored once or not at all, and its
 * caller is told which. */
#include "store_fixture.h"

#include "proxy.h"
#include "store/database.h"

struct lost {
    struct fixture fixture;
    struct proxy proxy;
    pthread_t thread;
    char connection[512];
    const struct lost_case *expected;
    int runs;
};

static struct lost_case {
    const char *name;
    enum proxy_loss before_write;  /* what is lost in the first run: the statement ... */
    enum proxy_loss before_commit; /* ... or the commit */
    int runs;
} cases[] = {
    {"nothing",                                 LOSE_NOTHING, LOSE_NOTHING,       1},
    {"a statement",                             LOSE_REQUEST, LOSE_NOTHING,       2},
    {"a statement's answer",                    LOSE_ANSWER,  LOSE_NOTHING,       2},
    {"the commit",                              LOSE_NOTHING, LOSE_REQUEST,       2},
    {"the commit's answer",                     LOSE_NOTHING, LOSE_ANSWER,        1},
    {"the commit, and the server waits for it", LOSE_NOTHING, LOSE_REQUEST_STILL, 2},
};

static void lost_start(struct lost *lost)
{
    struct fixture *fixture = &lost->fixture;
    struct store_settings settings;

    fixture_start(fixture);
    store_close(fixture->store);
    assert_int_equal(proxy_start(&lost->proxy, getenv("SCIMD_TEST_CONNECTION"), &lost->thread), 0);
    settings = fixture_settings(fixture);
    (void)snprintf(lost->connection, sizeof(lost->connection), "%s;Server=127.0.0.1;Port=%d",
                   settings.connection, lost->proxy.listens_on);
    settings.connection = lost->connection;
    settings.busy_timeout_ms = 60000; /* a row may be locked until the server notices the loss */
    if (store_open(&settings, &fixture->store, &fixture->err) < 0 ||
        store_database(fixture->store, STORE_CONTROL, &fixture->scope.database, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
}

static void lost_stop(struct lost *lost)
{
    store_close(lost->fixture.store);
    lost->fixture.store = NULL;
    proxy_stop(&lost->proxy, lost->thread);
    fixture_stop(&lost->fixture);
}

static int write_and_lose(struct session *session, void *argument, struct err *err)
{
    struct lost *lost = argument;
    char sql[] = "UPDATE scimd_counter SET number = number + 1 WHERE name = 'tenant'";

    if (lost->runs++ > 0)
        lost->proxy.lets_go = true;
    else
        lost->proxy.loss = lost->expected->before_write;
    if (fixture_run_sql(session, sql, err) < 0)
        return -1;
    if (lost->runs == 1)
        lost->proxy.loss = lost->expected->before_commit;
    return 0;
}

/* The server holds what it waits for until somebody has asked what became of it. */
static void *let_go_when_asked(void *argument)
{
    struct lost *lost = argument;

    while (lost->proxy.connections < 2 && !lost->proxy.lets_go)
        (void)poll(NULL, 0, 1);
    lost->proxy.lets_go = true;
    return NULL;
}

static void is_stored_once(void **row)
{
    struct lost lost = {.expected = *row};
    struct fixture *fixture = &lost.fixture;
    pthread_t thread;

    if (!engine_is_postgresql())
        engine_skip("SQLite has no connection to lose");
    lost_start(&lost);
    assert_int_equal(pthread_create(&thread, NULL, let_go_when_asked, &lost), 0);
    if (store_transact(fixture->scope, write_and_lose, &lost, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
    lost.proxy.lets_go = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(lost.runs, lost.expected->runs);
    assert_int_equal(
        fixture_number(fixture, "SELECT number FROM scimd_counter WHERE name = 'tenant'"), 1);
    lost_stop(&lost);
}

static int ask_tenant(struct session *session, void *argument, struct err *err)
{
    struct lost *lost = argument;
    struct fixture_question question = {.sql = "SELECT 1"};

    if (lost->runs++ == 0)
        lost->proxy.loss = LOSE_ANSWER;
    return fixture_run_question(session, &question, err);
}

static void reads_run_again(void **state)
{
    struct lost lost = {0};

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("SQLite has no connection to lose");
    lost_start(&lost);
    assert_int_equal(store_read(lost.fixture.scope, ask_tenant, &lost, &lost.fixture.err), 0);
    assert_int_equal(lost.runs, 2);
    lost.runs = 0;
    assert_int_equal(store_read_snapshot(lost.fixture.scope, ask_tenant, &lost, &lost.fixture.err),
                     0);
    assert_int_equal(lost.runs, 2);
    lost_stop(&lost);
}

static void server_that_is_away_is_said(void **state)
{
    struct lost lost = {0};
    struct fixture *fixture = &lost.fixture;

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("SQLite has no connection to lose");
    lost_start(&lost);
    lost.proxy.refuses = true;
    assert_int_equal(store_read(fixture->scope, ask_tenant, &lost, &fixture->err), -1);
    assert_int_equal(fixture->err.code, ERR_UNAVAILABLE);
    assert_string_equal(fixture->err.detail, "cannot connect to the database server");
    assert_non_null(strstr(fixture->err.cause, "database control: "));
    assert_non_null(strstr(fixture->err.cause, "08001"));
    lost.proxy.refuses = false; /* and when it comes back, so do we */
    assert_int_equal(store_read(fixture->scope, ask_tenant, &lost, &fixture->err), 0);
    lost_stop(&lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_run_again),
        cmocka_unit_test(server_that_is_away_is_said),
    };

    return RUN_TABLE("lost", cases, is_stored_once) +
           cmocka_run_group_tests_name("lost reads", tests, NULL, NULL);
}
