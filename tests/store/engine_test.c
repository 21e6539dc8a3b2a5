/* Choosing an engine and finding its server: what is wrong is said, and never the password. */
#include <pthread.h>

#include "store_fixture.h"

#define SECRET "opensesame"
#define OPENERS 4

/* psqlODBC loses 8 bytes with some connections that end while the database is being made. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:psqlodbcw.so";
}

static struct refused_case {
    const char *name;
    const char *engine;
    const char *added;  /* to the connection string of the test; NULL: there is none at all */
    const char *prefix; /* of databases' names */
    enum err_code code;
    const char *detail; /* part of it */
    const char *cause;  /* part of it */
} refused_cases[] = {
    {"unknown engine",          "oracle",     NULL,                                   NULL,             ERR_CONFIGURATION,
     "there is no database engine \"oracle\"",                                     ""                              },
    {"no connection string",    "postgresql", NULL,                                   NULL,             ERR_CONFIGURATION,
     "database control: no connection string says where the PostgreSQL server is", ""                              },
    {"wrong password",          "postgresql", ";Pwd=" SECRET,                         NULL,             ERR_UNAVAILABLE,
     "database control: cannot connect to the database server",                    "password authentication failed"},
    {"nobody listens",          "postgresql", ";Server=127.0.0.1;Port=1;Pwd=" SECRET, NULL,             ERR_UNAVAILABLE,
     "database control: cannot connect to the database server",                    "08001"                         },
    {"a prefix with a quote",   "postgresql", "",                                     "a\"b_",          ERR_CONFIGURATION,
     "letters, digits, _ and - only: a\"b_control",                                ""                              },
    {"a prefix with a keyword", "postgresql", "",                                     "a;Uid=postgres", ERR_CONFIGURATION,
     "letters, digits, _ and - only",                                              ""                              },
    {"a prefix without end",    "postgresql", "",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",                        ERR_CONFIGURATION,
     "the prefix of databases' names is too long",                                 ""                              },
};

static void is_refused(void **row)
{
    const struct refused_case *expected = *row;
    const char *given = getenv("SCIMD_TEST_CONNECTION");
    struct store_settings settings = {.state_directory = "/nonexistent",
                                      .engine = expected->engine,
                                      .database_prefix = expected->prefix,
                                      .busy_timeout_ms = 200};
    struct store *store = NULL;
    struct err err = {0};
    char connection[512];

    if (expected->added != NULL && !engine_is_postgresql())
        engine_skip("there is no server to ask");
    (void)snprintf(connection, sizeof(connection), "%s%s", given != NULL ? given : "",
                   expected->added != NULL ? expected->added : "");
    settings.connection = expected->added != NULL ? connection : NULL;
    assert_int_equal(store_open(&settings, &store, &err), -1);
    assert_int_equal(err.code, expected->code);
    assert_non_null(strstr(err.detail, expected->detail));
    assert_non_null(strstr(err.cause, expected->cause));
    assert_null(strstr(err.detail, SECRET));
    assert_null(strstr(err.cause, SECRET));
}

struct opener {
    struct fixture *fixture;
    pthread_barrier_t *start;
    struct err err;
    int result;
    pthread_t thread;
};

static void *open_store(void *argument)
{
    struct opener *opener = argument;
    struct fixture fixture = *opener->fixture;
    struct store_settings settings = fixture_settings(&fixture);
    struct store *store = NULL;
    struct database *database = NULL;

    settings.busy_timeout_ms = 60000;
    (void)pthread_barrier_wait(opener->start);
    opener->result = store_open(&settings, &store, &opener->err);
    if (opener->result == 0)
        opener->result = store_database(store, "acme", &database, &opener->err);
    store_close(store);
    return NULL;
}

/* Replicas that start at the same moment make and migrate the same databases. */
static void many_start_at_once(void **state)
{
    struct fixture fixture;
    struct opener openers[OPENERS];
    pthread_barrier_t start;

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("SQLite's files have one process");
    fixture_start(&fixture);
    store_close(fixture.store); /* its databases are there; they go, to be made by those below */
    fixture.store = NULL;
    engine_stop();
    (void)pthread_barrier_init(&start, NULL, OPENERS);
    for (size_t i = 0; i < OPENERS; i++) {
        openers[i] = (struct opener){.fixture = &fixture, .start = &start};
        assert_int_equal(pthread_create(&openers[i].thread, NULL, open_store, &openers[i]), 0);
    }
    for (size_t i = 0; i < OPENERS; i++)
        assert_int_equal(pthread_join(openers[i].thread, NULL), 0);
    (void)pthread_barrier_destroy(&start);
    for (size_t i = 0; i < OPENERS; i++)
        if (openers[i].result < 0)
            fail_msg("%s (%s)", openers[i].err.detail, openers[i].err.cause);
    fixture_open_store(&fixture);
    assert_int_equal(fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_counter"), 3);
    fixture_stop(&fixture);
}

static int64_t count_databases(struct fixture *fixture)
{
    char sql[128];

    (void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM pg_database WHERE datname = '%sacme'",
                   fixture->engine.prefix);
    return fixture_number(fixture, sql);
}

static void database_is_made_and_dropped(void **state)
{
    struct fixture fixture;
    struct database *database = NULL;

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("a database is a file on SQLite");
    fixture_start(&fixture);
    assert_int_equal(store_database(fixture.store, "acme", &database, &fixture.err), 0);
    assert_int_equal(count_databases(&fixture), 1);
    assert_int_equal(store_remove_database(fixture.store, "acme", &fixture.err), 0);
    assert_int_equal(count_databases(&fixture), 0);
    assert_int_equal(store_remove_database(fixture.store, "acme", &fixture.err), 0);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_start_at_once),
        cmocka_unit_test(database_is_made_and_dropped),
    };

    return RUN_TABLE("engine refuses", refused_cases, is_refused) +
           cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
