/* A report names what is wrong with a database, and leaves it as it is. */
#include "store_fixture.h"

#include "store/inspect.h"

/* On the tests' own server commits need not survive a power failure; that is to be reported. */
static size_t expected_of_server(struct fixture *fixture)
{
    if (!engine_is_postgresql())
        return 0;
    return (size_t)fixture_number(fixture, "SELECT CASE current_setting('fsync') WHEN 'on' "
                                           "THEN 0 ELSE 1 END");
}

static const struct report_problem *find_problem(const struct report *report, const char *what)
{
    for (size_t i = 0; i < report->problem_count; i++)
        if (strstr(report->problems[i].what, what) != NULL)
            return &report->problems[i];
    return NULL;
}

static struct inspect_case {
    const char *name;
    const char *sql;     /* done to the control database before; NULL: nothing */
    const char *problem; /* part of it; NULL: there is none */
    const char *cause;   /* part of it; NULL: there is none */
    int schema;
    int keys;
} cases[] = {
    {"sound",                          NULL,                                                          NULL,                                                NULL,              6,    1 },
    {"behind is not wrong",            "DELETE FROM scimd_migration WHERE version = 6",               NULL,                                                NULL,              5,    1 },
    {"newer than the program",
     "INSERT INTO scimd_migration (version, name, checksum, applied_us) VALUES (9999, 'x', 'x', 0)",  "its schema has version 9999, this program knows 6", NULL,              9999, 1 },
    {"one missing in between",         "DELETE FROM scimd_migration WHERE version = 3",
     "migration 0003_tenant_changes.sql is missing",                                                                                                       NULL,              6,    1 },
    {"another content",                "UPDATE scimd_migration SET checksum = 'x' WHERE version = 2",
     "migration 0002_tenant_resources.sql was applied with another content",                                                                               NULL,              6,    1 },
    {"keys folded by another version", "UPDATE scimd_meta SET number = 99 WHERE name = 'fold'",
     "its keys were folded by version 99",                                                                                                                 NULL,              6,    99},
    {"no version of the keys",         "DELETE FROM scimd_meta WHERE name = 'fold'",
     "its keys were folded by version 0",                                                                                                                  NULL,              6,    0 },
    {"a table is gone",                "ALTER TABLE scimd_migration RENAME TO somebodys",
     "its tables were changed by hand, or are not scimd's",                                                                                                "scimd_migration", 0,    1 },
};

static void is_reported(void **row)
{
    const struct inspect_case *expected = *row;
    const struct report_problem *problem;
    struct fixture fixture;
    struct report report = {0};

    fixture_start(&fixture);
    if (expected->sql != NULL)
        fixture_sql_of_all(&fixture, expected->sql);
    assert_int_equal(
        store_inspect(fixture.store, STORE_CONTROL, fixture.arena, &report, &fixture.err), 0);
    assert_string_equal(report.engine, engine_is_postgresql() ? "postgresql" : "sqlite");
    assert_non_null(report.server);
    assert_non_null(strstr(report.server, engine_is_postgresql() ? "PostgreSQL 1" : "SQLite 3."));
    assert_int_equal(report.schema, expected->schema);
    assert_int_equal(report.schema_known, 6);
    assert_int_equal(report.keys, expected->keys);
    assert_int_equal(report.keys_known, 1);
    assert_int_equal(report.setting_count, 3);
    assert_int_equal(report.problem_count,
                     expected_of_server(&fixture) + (expected->problem != NULL ? 1 : 0));
    if (expected->problem != NULL) {
        problem = find_problem(&report, expected->problem);
        assert_non_null(problem);
        if (problem == NULL) /* as said; for the compiler */
            return;
        assert_int_equal(problem->cause != NULL, expected->cause != NULL);
        if (expected->cause != NULL)
            assert_non_null(strstr(problem->cause, expected->cause));
    }
    fixture_stop(&fixture);
}

/* One problem doesn't hide another. */
static void all_is_reported(void **state)
{
    struct fixture fixture;
    struct report report = {0};

    (void)state;
    fixture_start(&fixture);
    fixture_sql_of_all(&fixture, "DELETE FROM scimd_migration WHERE version = 3");
    fixture_sql_of_all(&fixture, "UPDATE scimd_meta SET number = 99 WHERE name = 'fold'");
    assert_int_equal(
        store_inspect(fixture.store, STORE_CONTROL, fixture.arena, &report, &fixture.err), 0);
    assert_non_null(find_problem(&report, "is missing"));
    assert_non_null(find_problem(&report, "folded by version 99"));
    fixture_stop(&fixture);
}

static void missing_database_is_not_made(void **state)
{
    struct fixture fixture;
    struct database *database = NULL;
    struct report report = {0};

    (void)state;
    fixture_start(&fixture);
    for (int i = 0; i < 2; i++) { /* once more: the first time didn't make it */
        assert_int_equal(store_inspect(fixture.store, "acme", fixture.arena, &report, &fixture.err),
                         0);
        assert_null(report.server);
        assert_int_equal(report.problem_count, 1);
        assert_non_null(strstr(report.problems[0].what, engine_is_postgresql()
                                                            ? "cannot connect to the database"
                                                            : "tenants/acme.db: the database's "
                                                              "file is gone"));
        assert_non_null(report.problems[0].cause);
    }
    assert_int_equal(store_database(fixture.store, "acme", &database, &fixture.err), 0);
    assert_int_equal(store_inspect(fixture.store, "acme", fixture.arena, &report, &fixture.err), 0);
    assert_int_equal(report.problem_count, expected_of_server(&fixture));
    assert_int_equal(report.schema, 6);
    assert_int_equal(report.schema_known, 6);
    fixture_stop(&fixture);
}

static void names_are_checked(void **state)
{
    static const char *const names[] = {"", "../control", "a;Driver=evil", "Acme", "-a", "a-"};
    struct fixture fixture;
    struct report report = {0};

    (void)state;
    fixture_start(&fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        assert_int_equal(
            store_inspect(fixture.store, names[i], fixture.arena, &report, &fixture.err), -1);
        assert_int_equal(fixture.err.code, ERR_INVALID_VALUE);
    }
    fixture_stop(&fixture);
}

/* What the server promises is asked of the server. */
static void forgetful_server_is_named(void **state)
{
    struct fixture fixture;
    const struct report_problem *problem;
    struct report report = {0};

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("a session that forgets is not opened");
    fixture_start(&fixture);
    if (expected_of_server(&fixture) == 0) {
        fixture_stop(&fixture);
        engine_skip("this server has fsync");
    }
    assert_int_equal(
        store_inspect(fixture.store, STORE_CONTROL, fixture.arena, &report, &fixture.err), 0);
    problem = find_problem(&report, "fsync is off, not on: commits are lost");
    assert_non_null(problem);
    assert_string_equal(report.settings[0].name, "fsync");
    assert_string_equal(report.settings[0].value, "off");
    assert_string_equal(report.settings[2].name, "synchronous_commit");
    assert_string_equal(report.settings[2].value, "on");
    fixture_stop(&fixture);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(all_is_reported),
        cmocka_unit_test(missing_database_is_not_made),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(forgetful_server_is_named),
    };

    return RUN_TABLE("inspect", cases, is_reported) +
           cmocka_run_group_tests_name("inspect more", others, NULL, NULL);
}
