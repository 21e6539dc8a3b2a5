/* Schemas come up to date, or the program says why not. */
#include <fcntl.h>

#include "store_fixture.h"

#include "store/migrate.h"

#define FILES_MAX 4

/* The control database has the product's files already; those are listed as they are. */
static struct migrate_case {
    const char *name;
    struct embedded_file files[FILES_MAX]; /* after the product's own */
    enum err_code code;                    /* 0: succeeds */
    const char *detail;                    /* part of it */
    const char *question;
    int64_t answer;
} migrate_cases[] = {
    {"nothing new",                                    {{0}},                                        (enum err_code)0, NULL, "SELECT MAX(version) FROM scimd_migration",            6 },
    {"one file, statements over several lines",
     {{"0095_tenant_a.sql",
       "-- is it ? this; one\nCREATE TABLE a (\n  n int\n);\n\nINSERT INTO a\n"
       "VALUES (1), (2);\nINSERT INTO a VALUES (3);\n",
       0}},
     (enum err_code)0,
     NULL,                                                                                                                   "SELECT COUNT(*) FROM a",
     3                                                                                                                                                                                },
    {"semicolons inside a line don't end a statement",
     {{"0095_tenant_a.sql", "CREATE TABLE a (n text);\nINSERT INTO a VALUES (';x');\n", 0}},
     (enum err_code)0,
     NULL,                                                                                                                   "SELECT COUNT(*) FROM a WHERE n = ';x'",
     1                                                                                                                                                                                },
    {"last statement without a line end",
     {{"0095_control_a.sql", "CREATE TABLE a (n int);\nINSERT INTO a VALUES (7);", 0}},
     (enum err_code)0,
     NULL,                                                                                                                   "SELECT n FROM a",
     7                                                                                                                                                                                },
    {"other scopes are left out",
     {{"0095_other_a.sql", "CREATE TABLE a (n int);\n", 0}},
     (enum err_code)0,
     NULL,                                                                                                                   "SELECT COUNT(*) FROM sqlite_master WHERE name = 'a'",
     0                                                                                                                                                                                },
    {"a file that fails leaves nothing",
     {{"0095_tenant_a.sql", "CREATE TABLE a (n int);\nINSERT INTO b VALUES (1);\n", 0}},
     ERR_INTERNAL,                                                                                                     "",
     "SELECT COUNT(*) FROM sqlite_master WHERE name = 'a'",                                                                                                                         0 },
    {"files before it stay",
     {{"0095_tenant_a.sql", "CREATE TABLE a (n int);\n", 0}, {"0096_tenant_b.sql", "CREATE;\n", 0}},
     ERR_INTERNAL,                                                                                                     "",
     "SELECT MAX(version) FROM scimd_migration",                                                                                                                                    95},
};

static const struct embedded_file *with_product_files(const struct migrate_case *row,
                                                      struct arena *arena)
{
    struct embedded_file *files = arena_array(arena, 32, sizeof(*files));
    size_t count = 0;

    for (const struct embedded_file *file = engine_is_postgresql() ? embedded_sql_postgresql
                                                                   : embedded_sql_sqlite;
         file->name != NULL; file++)
        files[count++] = *file;
    for (size_t i = 0; i < FILES_MAX && row->files[i].name != NULL; i++) {
        files[count] = row->files[i];
        files[count].length = strlen(files[count].text);
        count++;
    }
    return files;
}

static int run_migrate(struct session *session, void *argument, struct err *err)
{
    return migrate(session, argument, true, err);
}

static void migrates(void **row)
{
    const struct migrate_case *expected = *row;
    struct fixture fixture;
    union {
        const struct embedded_file *files;
        void *argument;
    } files;

    fixture_start(&fixture);
    files.files = with_product_files(expected, fixture.arena);
    assert_int_equal(store_read(fixture.scope, run_migrate, files.argument, &fixture.err),
                     expected->code == 0 ? 0 : -1);
    assert_int_equal(fixture.err.code, expected->code);
    if (expected->detail != NULL)
        assert_non_null(strstr(fixture.err.detail, expected->detail));
    assert_int_equal(fixture_number(&fixture, expected->question), expected->answer);
    if (expected->code == 0) /* and again without harm */
        assert_int_equal(store_read(fixture.scope, run_migrate, files.argument, &fixture.err), 0);
    assert_int_equal(fixture_number(&fixture, expected->question), expected->answer);
    fixture_stop(&fixture);
}

static struct refuse_case {
    const char *name;
    const char *sql; /* done to the database before it is opened again */
    const char *detail;
} refuse_cases[] = {
    {"newer than the program",
     "INSERT INTO scimd_migration (version, name, checksum, applied_us) VALUES (9999, 'x', 'x', 0)",  "database control: its schema has version 9999, this program knows 6"},
    {"another content",                "UPDATE scimd_migration SET checksum = 'x' WHERE version = 2",
     "migration 0002_tenant_resources.sql was applied with another content"                                                                                                },
    {"keys folded by another version", "UPDATE scimd_meta SET number = 99 WHERE name = 'fold'",
     "database control: its keys were folded by version 99"                                                                                                                },
    {"one missing in between",         "DELETE FROM scimd_migration WHERE version = 3",
     "migration 0003_tenant_changes.sql is missing"                                                                                                                        },
};

static void is_refused(void **row)
{
    const struct refuse_case *expected = *row;
    struct fixture fixture;
    struct store_settings settings;

    fixture_start(&fixture);
    settings = fixture_settings(&fixture);
    fixture_sql_of_all(&fixture, expected->sql);
    store_close(fixture.store);
    fixture.store = NULL;
    assert_int_equal(store_open(&settings, &fixture.store, &fixture.err), -1);
    assert_int_equal(fixture.err.code, ERR_CONFIGURATION);
    assert_non_null(strstr(fixture.err.detail, expected->detail));
    fixture_stop(&fixture);
}

static void other_files_are_refused(void **state)
{
    struct fixture fixture;
    struct store_settings settings;
    char path[128];
    FILE *file;

    (void)state;
    if (engine_is_postgresql())
        engine_skip("a database is a file on SQLite only");
    fixture_start(&fixture);
    settings = fixture_settings(&fixture);
    store_close(fixture.store);
    fixture.store = NULL;
    (void)snprintf(path, sizeof(path), "%s/control.db", fixture.directory);
    file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        (void)fputs("this is a letter to a friend\n", file);
    (void)fclose(file);
    assert_int_equal(store_open(&settings, &fixture.store, &fixture.err), -1);
    assert_int_equal(fixture.err.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(fixture.err.detail, "database control: the file is not a database"));
    fixture_stop(&fixture);
}

static void missing_directory_is_named(void **state)
{
    struct fixture fixture;
    struct store_settings settings = {.state_directory = "/nonexistent/scimd", .sessions_max = 1};
    struct store *store = NULL;

    (void)state;
    fixture_start(&fixture);
    assert_int_equal(store_open(&settings, &store, &fixture.err), -1);
    assert_int_equal(fixture.err.code, ERR_CONFIGURATION);
    assert_non_null(strstr(fixture.err.detail, "/nonexistent/scimd/control.db"));
    settings.state_directory = "/tmp/a;Driver=evil";
    assert_int_equal(store_open(&settings, &store, &fixture.err), -1);
    assert_non_null(strstr(fixture.err.detail, "semicolon"));
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(missing_directory_is_named),
    };

    return RUN_TABLE("migrate", migrate_cases, migrates) +
           RUN_TABLE("migrate refuses", refuse_cases, is_refused) +
           cmocka_run_group_tests_name("migrate files", tests, NULL, NULL);
}
