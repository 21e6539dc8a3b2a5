/* Databases, transactions that share commits, reads. */
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

#include "store_fixture.h"

#include "store/database.h"

#define THREADS 32
#define ROUNDS 50

static const char insert_sql[] = "INSERT INTO scimd_counter (name, number) VALUES (?, 1)";

static int insert_name(struct session *session, const char *name, struct err *err)
{
    const struct value values[] = {VALUE_STRING(name)};

    return session_execute(session, insert_sql, values, 1, NULL, err);
}

/* ---- many threads ---- */

struct worker {
    struct fixture *fixture;
    int number;
    int round;
    int failures;
    store_work work;
    pthread_t thread;
};

static int raise_counter(struct session *session, void *argument, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct worker *worker = argument;
    struct value values[1];

    if (store_session_tenant(session) != worker->number)
        return err_set(err, ERR_INTERNAL, "another's tenant");
    if (session_query(session,
                      "SELECT number FROM scimd_counter{lock} WHERE name = 'tenant'{for update}",
                      NULL, 0, &rows, err) < 0 ||
        rows_next(rows, err) != 1)
        return -1;
    values[0] = VALUE_INT(rows_integer(rows, 0) + 1); /* lost if two ran at once */
    rows_close(rows);
    return session_execute(session, "UPDATE scimd_counter SET number = ? WHERE name = 'tenant'",
                           values, 1, NULL, err);
}

/* Writes, then fails in every second round. */
static int insert_or_fail(struct session *session, void *argument, struct err *err)
{
    const struct worker *worker = argument;
    char name[32];

    (void)snprintf(name, sizeof(name), "w%d-%d", worker->number, worker->round);
    if (insert_name(session, name, err) < 0)
        return -1;
    return worker->round % 2 == 0 ? 0 : err_set(err, ERR_CONFLICT, "%s", name);
}

static void *work_many_times(void *argument)
{
    struct worker *worker = argument;
    struct store_scope scope = {worker->fixture->scope.database, worker->number};

    for (worker->round = 0; worker->round < ROUNDS; worker->round++) {
        struct err err = {0};

        if (store_transact(scope, worker->work, worker, &err) < 0) {
            char name[32];

            (void)snprintf(name, sizeof(name), "w%d-%d", worker->number, worker->round);
            if (err.code == ERR_CONFLICT && strcmp(err.detail, name) == 0)
                worker->failures++;
            else
                worker->failures += ROUNDS; /* somebody else's error */
        }
    }
    return NULL;
}

static void run_workers(struct fixture *fixture, store_work work, int failures_expected)
{
    static struct worker workers[THREADS];

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.fixture = fixture, .number = i, .work = work};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work_many_times, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(workers[i].failures, failures_expected);
}

static void no_update_is_lost_and_commits_are_shared(void **state)
{
    struct fixture fixture;
    struct store_counters counters;

    (void)state;
    fixture_start(&fixture);
    run_workers(&fixture, raise_counter, 0);
    assert_int_equal(
        fixture_number(&fixture, "SELECT number FROM scimd_counter WHERE name = 'tenant'"),
        THREADS * ROUNDS);
    store_counters(fixture.store, &counters);
    assert_int_equal(counters.transactions, THREADS * ROUNDS);
    if (!engine_is_postgresql())
        assert_true(counters.commits < counters.transactions);
    fixture_stop(&fixture);
}

static void failing_works_harm_nobody(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_start(&fixture);
    run_workers(&fixture, insert_or_fail, ROUNDS / 2);
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_counter WHERE name LIKE 'w%'"),
        THREADS * ROUNDS / 2);
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_counter WHERE name LIKE 'w%1'"), 0);
    fixture_stop(&fixture);
}

/* ---- two works in one transaction ---- */

enum second_does { SECOND_SUCCEEDS, SECOND_FAILS, SECOND_BREAKS_RULE, SECOND_FILLS_DISK };

struct pair {
    struct fixture *fixture;
    enum second_does second_does;
    pthread_t second;
    int first_runs;
    int second_result;
    struct err second_err;
};

static int second_work(struct session *session, void *argument, struct err *err)
{
    const struct pair *pair = argument;
    const struct value values[] = {VALUE_INT(4 * 1024 * 1024)};

    if (insert_name(session, "second", err) < 0)
        return -1;
    switch (pair->second_does) {
    case SECOND_FAILS:
        return err_set(err, ERR_NOT_FOUND, "mine");
    case SECOND_BREAKS_RULE:
        return insert_name(session, "tenant", err);
    case SECOND_FILLS_DISK:
        if (session_run_text(session, "PRAGMA max_page_count = 100", err) < 0)
            return -1;
        return session_execute(session,
                               "INSERT INTO scimd_meta (tenant_id, name, number) "
                               "VALUES (1, hex(zeroblob(?)), 0)",
                               values, 1, NULL, err);
    case SECOND_SUCCEEDS:
    default:
        return 0;
    }
}

static void *run_second(void *argument)
{
    struct pair *pair = argument;

    pair->second_result =
        store_transact(pair->fixture->scope, second_work, pair, &pair->second_err);
    return NULL;
}

/* Writes, and returns when the second one waits: so both are in one batch. */
static int first_work(struct session *session, void *argument, struct err *err)
{
    struct pair *pair = argument;
    struct writer *writer = &pair->fixture->scope.database->writer;
    bool queued = false;

    if (session_run_text(session, "PRAGMA max_page_count = 1000000", err) < 0 ||
        insert_name(session, "first", err) < 0)
        return -1;
    if (pair->first_runs++ > 0)
        return 0;
    if (pthread_create(&pair->second, NULL, run_second, pair) != 0)
        return err_set(err, ERR_INTERNAL, "no thread");
    while (!queued) {
        (void)sched_yield();
        (void)pthread_mutex_lock(&writer->lock);
        queued = writer->first != NULL;
        (void)pthread_mutex_unlock(&writer->lock);
    }
    return 0;
}

static struct pair_case {
    const char *name;
    enum second_does second_does;
    enum err_code second_code; /* 0: succeeds */
    int first_runs;
    int rows;
} pair_cases[] = {
    {"both succeed",                           SECOND_SUCCEEDS,    (enum err_code)0, 1, 2},
    {"second fails after writing",             SECOND_FAILS,       ERR_NOT_FOUND,    1, 1},
    {"second's statement fails",               SECOND_BREAKS_RULE, ERR_UNIQUENESS,   1, 1},
    {"second ends the transaction: disk full", SECOND_FILLS_DISK,  ERR_UNAVAILABLE,  2, 1},
};

static void share_one_commit(void **row)
{
    const struct pair_case *expected = *row;
    struct fixture fixture;
    struct pair pair = {.fixture = &fixture, .second_does = expected->second_does};
    struct store_counters before;
    struct store_counters after;

    if (engine_is_postgresql()) /* nothing is combined */
        engine_skip("PostgreSQL combines no commits");
    fixture_start(&fixture);
    fixture.scope.database->writer.batch_us = INT64_MAX / 2; /* the second may take its time */
    store_counters(fixture.store, &before);
    fixture_transact(&fixture, first_work, &pair);
    assert_int_equal(pthread_join(pair.second, NULL), 0);
    store_counters(fixture.store, &after);
    assert_int_equal(pair.second_result, expected->second_code == 0 ? 0 : -1);
    assert_int_equal(pair.second_err.code, expected->second_code);
    if (expected->second_code == ERR_UNAVAILABLE)
        assert_string_equal(pair.second_err.detail, "the disk is full");
    assert_int_equal(pair.first_runs, expected->first_runs);
    assert_int_equal(after.commits - before.commits, 1);
    assert_int_equal(after.transactions - before.transactions, expected->rows);
    assert_int_equal(fixture_number(&fixture,
                                    "SELECT COUNT(*) FROM scimd_counter WHERE name IN ('first', "
                                    "'second')"),
                     expected->rows);
    fixture_stop(&fixture);
}

/* ---- errors and retries ---- */

struct attempts {
    int fail_first; /* so many runs end in ERR_RETRY */
    int runs;
};

static int fail_at_first(struct session *session, void *argument, struct err *err)
{
    struct attempts *attempts = argument;

    if (insert_name(session, "tried", err) < 0)
        return -1;
    return attempts->runs++ < attempts->fail_first ? err_set(err, ERR_RETRY, "again") : 0;
}

static struct retry_case {
    const char *name;
    int fail_first;
    int result;
    int runs;
} retry_cases[] = {
    {"at once",          0,                     0,  1                },
    {"in the third run", 2,                     0,  3                },
    {"in the last run",  STORE_RETRIES_MAX - 1, 0,  STORE_RETRIES_MAX},
    {"never",            STORE_RETRIES_MAX,     -1, STORE_RETRIES_MAX},
};

static void succeeds_after_retries(void **row)
{
    const struct retry_case *expected = *row;
    struct fixture fixture;
    struct attempts attempts = {.fail_first = expected->fail_first};

    fixture_start(&fixture);
    assert_int_equal(store_transact(fixture.scope, fail_at_first, &attempts, &fixture.err),
                     expected->result);
    assert_int_equal(attempts.runs, expected->runs);
    if (expected->result < 0)
        assert_int_equal(fixture.err.code, ERR_UNAVAILABLE);
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_counter WHERE name = 'tried'"),
        expected->result == 0 ? 1 : 0);
    fixture_stop(&fixture);
}

static int write_read_only(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    return session_run_text(session,
                            engine_is_postgresql() ? "SET TRANSACTION READ ONLY"
                                                   : "PRAGMA query_only = 1",
                            err) < 0
               ? -1
               : insert_name(session, "never", err);
}

static void read_only_is_said(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_start(&fixture);
    assert_int_equal(store_transact(fixture.scope, write_read_only, NULL, &fixture.err), -1);
    assert_int_equal(fixture.err.code, ERR_UNAVAILABLE);
    assert_string_equal(fixture.err.detail, "the database is read-only");
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_counter WHERE name = 'never'"), 0);
    fixture_stop(&fixture);
}

static int transact_elsewhere(struct session *session, void *argument, struct err *err)
{
    struct fixture *other = argument;
    char sql[] = "UPDATE scimd_counter SET number = 1";

    if (fixture_run_sql(session, sql, err) < 0)
        return -1;
    assert_int_equal(store_transact(other->scope, fixture_run_sql, sql, &other->err), -1);
    return 0;
}

/* A second store on the same files is what another process would be. */
static void lock_of_another_process_is_said(void **state)
{
    struct fixture fixture;
    struct fixture other;

    (void)state;
    fixture_start(&fixture);
    other = fixture;
    fixture_open_store(&other);
    fixture_transact(&fixture, transact_elsewhere, &other);
    assert_int_equal(other.err.code, ERR_UNAVAILABLE);
    assert_string_equal(other.err.detail, "the database is locked by another process");
    fixture_sql(&other, "UPDATE scimd_counter SET number = 1");
    store_close(other.store);
    fixture_stop(&fixture);
}

/* ---- reads ---- */

static int read_while_writing(struct session *session, void *argument, struct err *err)
{
    struct fixture *fixture = argument;
    struct fixture_question question = {.sql = "SELECT COUNT(*) FROM scimd_counter"};
    int64_t before;

    if (fixture_run_question(session, &question, err) < 0)
        return -1;
    before = question.answer;
    fixture_sql(fixture, "INSERT INTO scimd_counter (name, number) VALUES ('meanwhile', 1)");
    if (fixture_run_question(session, &question, err) < 0)
        return -1;
    return question.answer == before ? 0 : err_set(err, ERR_CONFLICT, "seen");
}

/* Readers hold every session, and a commit goes through all the same. */
static void snapshot_sees_one_moment_and_readers_do_not_hold_up_commits(void **state)
{
    struct fixture fixture;
    struct store_settings settings;

    (void)state;
    fixture_start(&fixture);
    store_close(fixture.store);
    settings = fixture_settings(&fixture);
    settings.sessions_max = engine_is_postgresql() ? 2 : 1; /* a writer has its own elsewhere */
    assert_int_equal(store_open(&settings, &fixture.store, &fixture.err), 0);
    assert_int_equal(
        store_database(fixture.store, STORE_CONTROL, &fixture.scope.database, &fixture.err), 0);
    assert_int_equal(store_read_snapshot(fixture.scope, read_while_writing, &fixture, &fixture.err),
                     0);
    fixture_sql(&fixture, "DELETE FROM scimd_counter WHERE name = 'meanwhile'");
    assert_int_equal(store_read(fixture.scope, read_while_writing, &fixture, &fixture.err), -1);
    assert_int_equal(fixture.err.code, ERR_CONFLICT);
    fixture_stop(&fixture);
}

#define SETTING(name) "SELECT CAST(setting AS int) FROM pg_settings WHERE name = '" name "'"

static struct setting_case {
    const char *name; /* and the question */
    int64_t value;
    bool postgresql;
} setting_cases[] = {
    {"PRAGMA synchronous",                                                                    2,     false},
    {"PRAGMA foreign_keys",                                                                   1,     false},
    {"PRAGMA cache_size",                                                                     -512,  false},
    {"PRAGMA temp_store",                                                                     2,     false},
    {"PRAGMA wal_autocheckpoint",                                                             16000, false},
    {SETTING("lock_timeout"),                                                                 200,   true },
    {"SELECT COUNT(*) FROM pg_settings WHERE name = 'jit' AND setting = 'off'",               1,     true },
    {"SELECT COUNT(*) FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'on'", 1,
     true                                                                                                 },
    {"SELECT CAST(current_setting('scimd.tenant') AS int)",                                   1,     true },
};

static void is_set_in_every_session(void **row)
{
    const struct setting_case *expected = *row;
    struct fixture fixture;
    struct fixture_question question = {.sql = expected->name};

    if (expected->postgresql != engine_is_postgresql())
        engine_skip("a setting of the other engine");
    fixture_start(&fixture);
    assert_int_equal(fixture_number(&fixture, expected->name), expected->value);
    fixture_transact(&fixture, fixture_run_question, &question);
    assert_int_equal(question.answer, expected->value);
    fixture_stop(&fixture);
}

/* ---- databases ---- */

static struct name_case {
    const char *name;
    const char *database;
    bool good;
} name_cases[] = {
    {"plain",      "acme",                                                             true },
    {"digits",     "7-eleven",                                                         true },
    {"empty",      "",                                                                 false},
    {"upper case", "Acme",                                                             false},
    {"dot",        "a.b",                                                              false},
    {"parent",     "..",                                                               false},
    {"slash",      "a/b",                                                              false},
    {"dash first", "-a",                                                               false},
    {"dash last",  "a-",                                                               false},
    {"semicolon",  "a;b",                                                              false},
    {"64 letters", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
};

static void is_a_database_name(void **row)
{
    const struct name_case *expected = *row;
    struct fixture fixture;
    struct database *database = NULL;
    struct database *again = NULL;

    fixture_start(&fixture);
    assert_int_equal(store_database(fixture.store, expected->database, &database, &fixture.err),
                     expected->good ? 0 : -1);
    if (expected->good) {
        assert_int_equal(store_database(fixture.store, expected->database, &again, &fixture.err),
                         0);
        assert_ptr_equal(database, again);
    } else {
        assert_int_equal(fixture.err.code, ERR_INVALID_VALUE);
    }
    fixture_stop(&fixture);
}

static unsigned mode_of(const struct fixture *fixture, const char *name)
{
    char path[128];
    struct stat status;

    (void)snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
    return stat(path, &status) == 0 ? status.st_mode & 0777U : 0;
}

static void files_are_for_us_alone_and_go_with_the_database(void **state)
{
    struct fixture fixture;
    struct store_scope control;

    (void)state;
    if (engine_is_postgresql())
        engine_skip("a database is a file on SQLite only");
    fixture_start(&fixture);
    control = fixture.scope;
    assert_int_equal(store_database(fixture.store, "acme", &fixture.scope.database, &fixture.err),
                     0);
    fixture_sql(&fixture, "INSERT INTO scimd_meta (tenant_id, name, number) VALUES (1, 'x', 1)");
    assert_int_equal(mode_of(&fixture, "control.db"), 0600);
    assert_int_equal(mode_of(&fixture, "control.db-wal"), 0600);
    assert_int_equal(mode_of(&fixture, "tenants"), 0700);
    assert_int_equal(mode_of(&fixture, "tenants/acme.db"), 0600);
    assert_int_equal(mode_of(&fixture, "tenants/acme.db-wal"), 0600);
    assert_int_equal(store_remove_database(fixture.store, "acme", &fixture.err), 0);
    assert_int_equal(mode_of(&fixture, "tenants/acme.db"), 0);
    assert_int_equal(mode_of(&fixture, "tenants/acme.db-wal"), 0);
    assert_int_equal(store_remove_database(fixture.store, STORE_CONTROL, &fixture.err), -1);
    fixture.scope = control;
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_meta WHERE tenant_id = 1"), 0);
    fixture_stop(&fixture);
}

static void tenant_database_has_no_control_tables(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_start(&fixture);
    assert_int_equal(store_database(fixture.store, "acme", &fixture.scope.database, &fixture.err),
                     0);
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'scimd_tenant'"),
        0);
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'scim_users'"),
        1);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_update_is_lost_and_commits_are_shared),
        cmocka_unit_test(failing_works_harm_nobody),
        cmocka_unit_test(read_only_is_said),
        cmocka_unit_test(lock_of_another_process_is_said),
        cmocka_unit_test(snapshot_sees_one_moment_and_readers_do_not_hold_up_commits),
        cmocka_unit_test(files_are_for_us_alone_and_go_with_the_database),
        cmocka_unit_test(tenant_database_has_no_control_tables),
    };

    return RUN_TABLE("store pairs", pair_cases, share_one_commit) +
           RUN_TABLE("store retries", retry_cases, succeeds_after_retries) +
           RUN_TABLE("store settings", setting_cases, is_set_in_every_session) +
           RUN_TABLE("store names", name_cases, is_a_database_name) +
           cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
