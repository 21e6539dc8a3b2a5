/* What a work sees of a session: values in, rows out, errors as ours. */
#include "store_fixture.h"

#define LONG_TEXT_BYTES ((size_t)1024 * 1024)

static const char *long_text(char *text)
{
    for (size_t i = 0; i + 2 < LONG_TEXT_BYTES; i += 2)
        memcpy(text + i, "\xc3\xa4", 2);
    text[LONG_TEXT_BYTES - 2] = '\0';
    return text;
}

struct echo {
    struct fixture *fixture;
    struct value value;
    const char *text; /* what came back */
    size_t length;
    int64_t integer;
    bool is_null;
};

static int echo_value(struct session *session, void *argument, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    struct echo *echo = argument;
    const struct value values[] = {VALUE_INT(7), echo->value, VALUE_STRING("after")};

    if (session_query(session, "SELECT ?, ?, ?", values, 3, &rows, err) < 0 ||
        rows_next(rows, err) != 1)
        return -1;
    assert_string_equal(rows_text(rows, 2, echo->fixture->arena, NULL), "after");
    assert_int_equal(rows_integer(rows, 0), 7);
    echo->is_null = rows_is_null(rows, 1);
    echo->integer = rows_integer(rows, 1);
    echo->text = rows_text(rows, 1, echo->fixture->arena, &echo->length);
    assert_int_equal(rows_next(rows, err), 0);
    return 0;
}

static struct value_case {
    const char *name;
    struct value value;
    const char *text;
    int64_t integer;
} value_cases[] = {
    {"null",                   {.kind = VALUE_NULL},                                NULL,  0        },
    {"zero",                   {.kind = VALUE_INTEGER, .integer = 0},               "0",   0        },
    {"largest integer",
     {.kind = VALUE_INTEGER, .integer = INT64_MAX},
     "9223372036854775807",                                                                INT64_MAX},
    {"smallest integer",
     {.kind = VALUE_INTEGER, .integer = INT64_MIN},
     "-9223372036854775808",                                                               INT64_MIN},
    {"empty text",             {.kind = VALUE_TEXT, .text = "", .length = 0},       "",    0        },
    {"text, not terminated",   {.kind = VALUE_TEXT, .text = "abcdef", .length = 3}, "abc", 0        },
    {"umlaut and emoji",
     {.kind = VALUE_TEXT, .text = "\xc3\xa4\xf0\x9f\x98\x80", .length = 6},
     "\xc3\xa4\xf0\x9f\x98\x80",                                                           0        },
    {"text of 200 bytes, cut",
     {.kind = VALUE_TEXT,
      .text = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
              "234567890123456789 rest",
      .length = 100},
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
     "234567890123456789",                                                                 123456789},
};

static void comes_back_as_it_was(void **row)
{
    const struct value_case *expected = *row;
    struct fixture fixture;
    struct echo echo = {.fixture = &fixture, .value = expected->value};

    fixture_start(&fixture);
    fixture_transact(&fixture, echo_value, &echo);
    assert_int_equal(echo.is_null, expected->text == NULL);
    if (expected->text != NULL) {
        assert_string_equal(echo.text, expected->text);
        assert_int_equal(echo.length, strlen(expected->text));
    }
    if (expected->value.kind == VALUE_INTEGER)
        assert_int_equal(echo.integer, expected->integer);
    fixture_stop(&fixture);
}

/* The same statement with every kind of value in turn: no binding may stay behind. */
static void bindings_follow_the_kind(void **state)
{
    static char text[LONG_TEXT_BYTES];
    struct fixture fixture;
    const struct value values[] = {
        VALUE_INT(1),       VALUE_STRING("short"),
        VALUE_STRING(NULL), VALUE_STRING(long_text(text)),
        VALUE_INT(2),       VALUE_STRING(long_text(text)),
        VALUE_STRING(NULL), VALUE_STRING("short"),
    };

    (void)state;
    fixture_start(&fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        struct echo echo = {.fixture = &fixture, .value = values[i]};

        fixture_transact(&fixture, echo_value, &echo);
        assert_int_equal(echo.is_null, values[i].kind == VALUE_NULL);
        if (values[i].kind == VALUE_TEXT) {
            assert_int_equal(echo.length, values[i].length);
            assert_string_equal(echo.text, values[i].text);
        } else {
            assert_int_equal(echo.integer, values[i].integer);
        }
    }
    fixture_stop(&fixture);
}

static int read_growing_values(struct session *session, void *argument, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    size_t *sum = argument;
    int more;

    if (session_query(
            session,
            engine_is_postgresql()
                ? "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i * 2 FROM n WHERE i < 300000)"
                  " SELECT i, substr(repeat('ab', i), 1, i), i FROM n"
                : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i * 2 FROM n WHERE i < "
                  "300000) SELECT i, substr(replace(hex(zeroblob(i)), '00', 'ab'), 1, i), i FROM n",
            NULL, 0, &rows, err) < 0)
        return -1;
    for (*sum = 0; (more = rows_next(rows, err)) == 1;) {
        size_t length = 0;
        const char *text = rows_borrow(rows, 1, &length);

        assert_int_equal(length, rows_integer(rows, 0));
        assert_int_equal(strlen(text), length);
        assert_int_equal(strspn(text, "ab"), length);
        assert_int_equal(rows_integer(rows, 2), rows_integer(rows, 0));
        *sum += length;
    }
    return more;
}

static void values_that_grow_are_never_cut(void **state)
{
    struct fixture fixture;
    size_t sum = 0;

    (void)state;
    fixture_start(&fixture);
    fixture_transact(&fixture, read_growing_values, &sum);
    assert_int_equal(sum, (1 << 20) - 1);
    fixture_transact(&fixture, read_growing_values, &sum); /* cells have shrunk meanwhile */
    assert_int_equal(sum, (1 << 20) - 1);
    fixture_stop(&fixture);
}

static int use_json(struct session *session, void *argument, struct err *err)
{
    const struct value values[] = {VALUE_STRING(
        "[{\"name\":\"a\",\"number\":9007199254740993},{\"name\":\"b\",\"number\":2}]")};
    const struct value names[] = {VALUE_STRING("[\"b\",\"c\"]")};
    int64_t *affected = argument;

    if (session_execute(session,
                        "INSERT INTO scimd_counter (name, number) SELECT j.name, j.number FROM "
                        "{rows name text, number bigint} WHERE 1 = 1",
                        values, 1, &affected[0], err) < 0)
        return -1;
    return session_execute(
        session, "DELETE FROM scimd_counter WHERE name IN (SELECT j.item FROM {list text})", names,
        1, &affected[1], err);
}

static void json_is_rows(void **state)
{
    struct fixture fixture;
    int64_t affected[2] = {0};

    (void)state;
    fixture_start(&fixture);
    fixture_transact(&fixture, use_json, affected);
    assert_int_equal(affected[0], 2);
    assert_int_equal(affected[1], 1);
    assert_true(fixture_number(&fixture, "SELECT number FROM scimd_counter WHERE name = 'a'") ==
                9007199254740993);
    fixture_stop(&fixture);
}

static int page_through(struct session *session, void *argument, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_STRING("[10,20,30,40,50]"), VALUE_INT(1), VALUE_INT(2)};
    int64_t *sum = argument;
    int more;

    if (session_query(session, "SELECT j.item FROM {list bigint} ORDER BY j.item {page}", values, 3,
                      &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) == 1)
        *sum += rows_integer(rows, 0);
    return more;
}

static void page_skips_then_limits(void **state)
{
    struct fixture fixture;
    int64_t sum = 0;

    (void)state;
    fixture_start(&fixture);
    fixture_transact(&fixture, page_through, &sum);
    assert_int_equal(sum, 50);
    fixture_stop(&fixture);
}

static struct error_case {
    const char *name;
    const char *sql;
    enum err_code code;
    const char *cause;      /* part of it, on SQLite ... */
    const char *postgresql; /* ... and there */
} error_cases[] = {
    {"unique key",              "INSERT INTO scimd_counter (name, number) VALUES ('tenant', 1)", ERR_UNIQUENESS,
     "scimd_counter.name",                                                                                                                    "scimd_counter_pkey"},
    {"unique index",
     "INSERT INTO scimd_tenant (number, name, state, database_name, created_us) "
     "VALUES (1, 'a', 1, 'a', 0), (2, 'a', 1, 'a', 0)",                                          ERR_UNIQUENESS, "scimd_tenant.name",         "scimd_tenant_name" },
    {"not null",                "INSERT INTO scimd_counter (name, number) VALUES ('x', NULL)",   ERR_INTERNAL,
     "NOT NULL",                                                                                                                              "not-null"          },
    {"foreign key",             "INSERT INTO scimd_tenant_schema VALUES (99, 'x', '', 0)",       ERR_INTERNAL,
     "FOREIGN KEY",                                                                                                                           "foreign key"       },
    {"syntax",                  "SELEC 1",                                                       ERR_INTERNAL,   "syntax error",              "42601"             },
    {"no such table",           "SELECT 1 FROM nowhere",                                         ERR_INTERNAL,   "no such table",             "42P01"             },
    {"the statement is named",  "SELECT 1 FROM nowhere",                                         ERR_INTERNAL,   "in: SELECT 1 FROM nowhere",
     "in: SELECT 1 FROM nowhere"                                                                                                                                  },
    {"the database is named",   "SELECT 1 FROM nowhere",                                         ERR_INTERNAL,
     "database control: ",                                                                                                                    "database control: "},
    {"unknown token",           "SELECT 1 FROM {table}",                                         ERR_INTERNAL,   "unknown token",             "unknown token"     },
    {"token not closed",        "SELECT 1 FROM {page",                                           ERR_INTERNAL,   "unknown token",             "unknown token"     },
    {"rows of an unknown type", "SELECT 1 FROM {rows a blob}",                                   ERR_INTERNAL,   "unknown token",
     "unknown token"                                                                                                                                              },
    {"markers without values",  "SELECT ?",                                                      ERR_INTERNAL,   "0 values for 1 markers",
     "0 values for 1 markers"                                                                                                                                     },
};

static void becomes_our_error(void **row)
{
    const struct error_case *expected = *row;
    struct fixture fixture;
    char sql[256];

    fixture_start(&fixture);
    (void)snprintf(sql, sizeof(sql), "%s", expected->sql);
    assert_int_equal(store_transact(fixture.scope, fixture_run_sql, sql, &fixture.err), -1);
    assert_int_equal(fixture.err.code, expected->code);
    assert_non_null(
        strstr(fixture.err.cause, engine_is_postgresql() ? expected->postgresql : expected->cause));
    assert_null(strstr(fixture.err.cause, "Key (")); /* a value, for no log to see */
    assert_string_equal(fixture.err.detail,
                        expected->code == ERR_UNIQUENESS ? "" : "internal error");
    fixture_sql(&fixture, "INSERT INTO scimd_counter (name, number) VALUES ('y', 1)");
    fixture_stop(&fixture);
}

static int overlook_failure(struct session *session, void *argument, struct err *err)
{
    struct err ignored = {0};

    (void)argument;
    if (session_execute(session, "INSERT INTO scimd_counter (name, number) VALUES ('z', 1)", NULL,
                        0, NULL, err) < 0)
        return -1;
    (void)session_execute(session, "INSERT INTO scimd_counter (name, number) VALUES ('tenant', 1)",
                          NULL, 0, NULL, &ignored);
    assert_int_equal(
        session_execute(session, "UPDATE scimd_counter SET number = 5", NULL, 0, NULL, &ignored),
        -1);
    assert_int_equal(ignored.code, ERR_UNIQUENESS);
    return 0;
}

static void failed_statement_poisons_its_transaction(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_start(&fixture);
    assert_int_equal(store_transact(fixture.scope, overlook_failure, NULL, &fixture.err), -1);
    assert_int_equal(fixture.err.code, ERR_UNIQUENESS);
    assert_int_equal(
        fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_counter WHERE name = 'z'"), 0);
    fixture_sql(&fixture, "INSERT INTO scimd_counter (name, number) VALUES ('z', 1)");
    fixture_stop(&fixture);
}

static int count_touched(struct session *session, void *argument, struct err *err)
{
    int64_t *touched = argument;

    if (session_execute(session, "UPDATE scimd_counter SET number = number + 1", NULL, 0,
                        &touched[0], err) < 0 ||
        session_execute(session, "UPDATE scimd_counter SET number = 0 WHERE name = 'none'", NULL, 0,
                        &touched[1], err) < 0)
        return -1;
    return session_execute(session, "DELETE FROM scimd_counter", NULL, 0, &touched[2], err);
}

static void touched_rows_are_counted(void **state)
{
    struct fixture fixture;
    int64_t touched[3] = {-1, -1, -1};

    (void)state;
    fixture_start(&fixture);
    fixture_transact(&fixture, count_touched, touched);
    assert_int_equal(touched[0], 3); /* tenant, generation, run */
    assert_int_equal(touched[1], 0);
    assert_int_equal(touched[2], 3);
    fixture_stop(&fixture);
}

/* More texts than are kept, at one address: the least recently used go, none is taken for another.
 */
static int run_many_texts(struct session *session, void *argument, struct err *err)
{
    char sql[64];

    (void)argument;
    for (int i = 0; i < 3 * SESSION_STATEMENTS_MAX; i++) {
        CLEANUP(rows_closep) struct rows *rows = NULL;

        (void)snprintf(sql, sizeof(sql), "SELECT %d", i % (2 * SESSION_STATEMENTS_MAX));
        if (session_query(session, sql, NULL, 0, &rows, err) < 0 || rows_next(rows, err) != 1)
            return -1;
        assert_int_equal(rows_integer(rows, 0), i % (2 * SESSION_STATEMENTS_MAX));
    }
    return 0;
}

static void statements_are_kept_in_bounds(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_start(&fixture);
    fixture_transact(&fixture, run_many_texts, NULL);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bindings_follow_the_kind),
        cmocka_unit_test(values_that_grow_are_never_cut),
        cmocka_unit_test(json_is_rows),
        cmocka_unit_test(page_skips_then_limits),
        cmocka_unit_test(failed_statement_poisons_its_transaction),
        cmocka_unit_test(touched_rows_are_counted),
        cmocka_unit_test(statements_are_kept_in_bounds),
    };

    return RUN_TABLE("session values", value_cases, comes_back_as_it_was) +
           RUN_TABLE("session errors", error_cases, becomes_our_error) +
           cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
