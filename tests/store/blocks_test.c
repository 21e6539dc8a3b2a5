/* Totals and places of start indexes, while rows come and go. */
#include "store_fixture.h"

#include "base/buf.h"
#include "store/blocks.h"

#define ROWS 3000

struct question {
    int type;
    int64_t skip;
    int64_t total;
    int64_t pk;
    int64_t rest;
};

static int insert_rows(struct session *session, void *argument, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)),
                                   VALUE_STRING(argument)};

    return session_execute(
        session,
        "INSERT INTO scimd_resource (pk, tenant_id, rtype, id, version, "
        "created_us, modified_us, document_bytes, document) SELECT j.item, ?, 1, "
        "'id' || j.item, 1, 0, 0, 2, '' FROM {list bigint}",
        values, ARRAY_LENGTH(values), NULL, err);
}

static void insert_range(struct fixture *fixture, int64_t first, int64_t last, int64_t step)
{
    CLEANUP(buf_free) struct buf json = {0};

    for (int64_t pk = first; pk <= last; pk += step) {
        buf_putc(&json, json.length == 0 ? '[' : ',');
        buf_int(&json, pk);
    }
    buf_putc(&json, ']');
    fixture_transact(fixture, insert_rows, json.bytes);
}

static int ask(struct session *session, void *argument, struct err *err)
{
    struct question *question = argument;

    return blocks_total(session, question->type, &question->total, err) < 0
               ? -1
               : blocks_seek(session, question->type, question->skip, &question->pk,
                             &question->rest, err);
}

/* The row that `skip` others precede, found both ways. */
static void check_seek(struct fixture *fixture, int64_t skip)
{
    struct question question = {.type = 1, .skip = skip};
    char sql[160];
    int64_t expected;

    assert_int_equal(store_read(fixture->scope, ask, &question, &fixture->err), 0);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT pk FROM scimd_resource ORDER BY pk LIMIT 1 OFFSET %lld",
                   (long long)skip);
    expected = fixture_number(fixture, sql);
    (void)snprintf(sql, sizeof(sql),
                   "SELECT pk FROM scimd_resource WHERE pk >= %lld ORDER BY pk LIMIT 1 OFFSET %lld",
                   (long long)question.pk, (long long)question.rest);
    assert_int_equal(fixture_number(fixture, sql), expected);
}

static void check(struct fixture *fixture, int64_t rows)
{
    struct question question = {.type = 1};

    assert_int_equal(store_read(fixture->scope, ask, &question, &fixture->err), 0);
    assert_int_equal(question.total, rows);
    assert_int_equal(fixture_number(fixture, "SELECT COUNT(*) FROM scimd_resource"), rows);
    for (int64_t skip = 0; skip < rows; skip += 97)
        check_seek(fixture, skip);
    check_seek(fixture, rows);
    check_seek(fixture, rows + 1000000);
}

static int merge(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    return blocks_merge(session, err);
}

static struct block_case {
    const char *name;
    struct {
        int64_t first;
        int64_t last;
        int64_t step;
    } inserts[3];
    const char *deletes; /* NULL: none */
    int64_t rows;
} block_cases[] = {
    {"none",               {{0}},                                       NULL,                                         0          },
    {"one",                {{7, 7, 1}},                                 NULL,                                         1          },
    {"in order",           {{1, ROWS, 1}},                              NULL,                                         ROWS       },
    {"before all others",  {{1001, 1000 + ROWS, 1}, {1, 1000, 1}},      NULL,                                         ROWS + 1000},
    {"in between",         {{2, 2 * ROWS, 2}, {1, 2 * ROWS, 2}},        NULL,                                         2 * ROWS   },
    {"backwards",          {{-ROWS, -1, 1}, {-2 * ROWS, -ROWS - 1, 1}}, NULL,                                         2 * ROWS   },
    {"first ones deleted",
     {{1, ROWS, 1}},
     "DELETE FROM scimd_resource WHERE pk <= 1500",                                                                   ROWS - 1500},
    {"last ones deleted",  {{1, ROWS, 1}},                              "DELETE FROM scimd_resource WHERE pk > 1500", 1500       },
    {"middle deleted",
     {{1, ROWS, 1}},
     "DELETE FROM scimd_resource WHERE pk BETWEEN 500 AND 2499",                                                      1000       },
    {"all deleted",        {{1, ROWS, 1}},                              "DELETE FROM scimd_resource WHERE pk > 0",    0          },
};

/* Counts that are merged or not, at every moment between the steps: bit n of `merges` says it of
 * the moment after step n. */
static void settle(struct fixture *fixture, unsigned merges, unsigned step)
{
    if ((merges >> step & 1) != 0)
        fixture_transact(fixture, merge, NULL);
}

static void count_and_find_with(const struct block_case *expected, unsigned merges)
{
    struct fixture fixture;
    unsigned step = 0;

    fixture_start(&fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(expected->inserts) && expected->inserts[i].step != 0; i++) {
        insert_range(&fixture, expected->inserts[i].first, expected->inserts[i].last,
                     expected->inserts[i].step);
        settle(&fixture, merges, step++);
    }
    if (expected->deletes != NULL)
        fixture_sql(&fixture, expected->deletes);
    settle(&fixture, merges, step++);
    check(&fixture, expected->rows);
    if (expected->deletes != NULL) { /* and they come again */
        insert_range(&fixture, 2 * ROWS, 3 * ROWS, 1);
        settle(&fixture, merges, step++);
        check(&fixture, expected->rows + ROWS + 1);
    }
    fixture_stop(&fixture);
}

static void count_and_find(void **row)
{
    static const unsigned merges[] = {0, 5, 15};
    size_t ways = engine_is_postgresql() ? ARRAY_LENGTH(merges) : 1;

    for (size_t i = 0; i < ways; i++)
        count_and_find_with(*row, merges[i]);
}

static void blocks_stay_small_and_tenants_apart(void **state)
{
    struct fixture fixture;
    struct question question = {.type = 1};

    (void)state;
    fixture_start(&fixture);
    insert_range(&fixture, 1, ROWS, 1);
    fixture_transact(&fixture, merge, NULL);
    assert_int_equal(fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_block"), 3);
    assert_int_equal(fixture_number(&fixture, "SELECT MAX(n) FROM scimd_block"), 1024);
    fixture.scope.tenant = 2;
    assert_int_equal(store_read(fixture.scope, ask, &question, &fixture.err), 0);
    assert_int_equal(question.total, 0);
    question = (struct question){.type = 2};
    fixture.scope.tenant = 1;
    assert_int_equal(store_read(fixture.scope, ask, &question, &fixture.err), 0);
    assert_int_equal(question.total, 0);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(blocks_stay_small_and_tenants_apart)};

    return RUN_TABLE("blocks", block_cases, count_and_find) +
           cmocka_run_group_tests_name("blocks of tenants", tests, NULL, NULL);
}
