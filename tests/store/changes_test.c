/* The change log: written with the data, sealed in order, tied together by hashes. */
#include "store_fixture.h"

#include "store/changes.h"

static const struct change_row sample = {
    .at_us = 1735689600123456,
    .action = CHANGED_UPDATE,
    .type = 1,
    .resource_id = "0193-a",
    .actor = "okta",
    .request_id = "req-1",
    .forward = "[{\"op\":\"replace\",\"path\":\"title\",\"value\":\"\\u00e4 \\\"x\\\"\"}]",
    .reverse = "[]",
};

struct log {
    struct fixture *fixture;
    size_t count; /* rows to write, or that were read or sealed */
    size_t limit;
    int64_t position;
    int64_t broken;
    const struct change_row *rows;
    const int *tenants;
};

static int write_rows(struct session *session, void *argument, struct err *err)
{
    const struct log *log = argument;
    struct change_row row = sample;

    for (size_t i = 0; i < log->count; i++) {
        row.at_us = sample.at_us + (int64_t)i;
        if (changes_write(session, &row, err) < 0)
            return -1;
    }
    return 0;
}

static int seal(struct session *session, void *argument, struct err *err)
{
    struct log *log = argument;

    return changes_seal(session, log->limit, &log->count, err);
}

static int read_log(struct session *session, void *argument, struct err *err)
{
    struct log *log = argument;

    return changes_read(session, log->fixture->arena, log->position, log->limit, &log->rows,
                        &log->count, err);
}

static int verify(struct session *session, void *argument, struct err *err)
{
    struct log *log = argument;

    return changes_verify(session, log->position, &log->broken, err);
}

static int unsealed(struct session *session, void *argument, struct err *err)
{
    struct log *log = argument;

    return changes_unsealed_tenants(session, log->fixture->arena, &log->tenants, &log->count, err);
}

static void write_and_seal(struct fixture *fixture, size_t count)
{
    struct log log = {.fixture = fixture, .count = count, .limit = count};

    fixture_transact(fixture, write_rows, &log);
    fixture_transact(fixture, seal, &log);
    assert_int_equal(log.count, count);
}

static struct write_case {
    const char *name;
    size_t count;
} write_cases[] = {
    {"none", 0   },
    {"some", 5   },
    {"many", 2500},
};

static void comes_back_in_order(void **row)
{
    const struct write_case *expected = *row;
    struct fixture fixture;
    struct log log = {.fixture = &fixture, .count = expected->count, .limit = 10000};

    fixture_start(&fixture);
    fixture_transact(&fixture, write_rows, &log);
    assert_int_equal(store_read(fixture.scope, read_log, &log, &fixture.err), 0);
    assert_int_equal(log.count, 0); /* not sealed, not seen */
    fixture_transact(&fixture, seal, &log);
    assert_int_equal(log.count, expected->count);
    assert_int_equal(store_read(fixture.scope, read_log, &log, &fixture.err), 0);
    assert_int_equal(log.count, expected->count);
    for (size_t i = 0; i < log.count; i++) {
        assert_int_equal(log.rows[i].position, i + 1);
        assert_int_equal(log.rows[i].at_us, sample.at_us + (int64_t)i);
        assert_int_equal(log.rows[i].action, sample.action);
        assert_int_equal(log.rows[i].type, sample.type);
        assert_string_equal(log.rows[i].resource_id, sample.resource_id);
        assert_string_equal(log.rows[i].actor, sample.actor);
        assert_string_equal(log.rows[i].request_id, sample.request_id);
        assert_string_equal(log.rows[i].forward, sample.forward);
        assert_string_equal(log.rows[i].reverse, sample.reverse);
        assert_int_equal(strlen(log.rows[i].hash), DIGEST_HEX_BYTES - 1);
    }
    assert_int_equal(store_read(fixture.scope, verify, &log, &fixture.err), 0);
    assert_int_equal(log.broken, 0);
    fixture_stop(&fixture);
}

static void positions_go_on_without_a_gap(void **state)
{
    struct fixture fixture;
    struct log log = {.fixture = &fixture, .count = 7, .limit = 3};
    size_t sealed = 0;

    (void)state;
    fixture_start(&fixture);
    fixture_transact(&fixture, write_rows, &log);
    for (size_t i = 0; i < 4; i++) {
        fixture_transact(&fixture, seal, &log);
        sealed += log.count;
    }
    assert_int_equal(sealed, 7);
    assert_int_equal(log.count, 0);
    assert_int_equal(fixture_number(&fixture, "SELECT MAX(position) FROM scimd_seal"), 7);
    assert_int_equal(fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_change_unsealed"), 0);
    log.position = 5;
    log.limit = 10;
    assert_int_equal(store_read(fixture.scope, read_log, &log, &fixture.err), 0);
    assert_int_equal(log.count, 2);
    assert_int_equal(log.rows[0].position, 6);
    fixture_stop(&fixture);
}

static void tenants_have_logs_of_their_own(void **state)
{
    struct fixture fixture;
    struct log log = {.fixture = &fixture, .count = 2, .limit = 100};

    (void)state;
    fixture_start(&fixture);
    write_and_seal(&fixture, 3);
    fixture.scope.tenant = 2;
    fixture_transact(&fixture, write_rows, &log);
    assert_int_equal(store_read(fixture.scope, unsealed, &log, &fixture.err), 0);
    assert_int_equal(log.count, 1);
    assert_int_equal(log.tenants[0], 2);
    fixture_transact(&fixture, seal, &log);
    assert_int_equal(store_read(fixture.scope, read_log, &log, &fixture.err), 0);
    assert_int_equal(log.count, 2);
    assert_int_equal(log.rows[0].position, 1);
    assert_int_equal(store_read(fixture.scope, unsealed, &log, &fixture.err), 0);
    assert_int_equal(log.count, 0);
    fixture_stop(&fixture);
}

static struct tamper_case {
    const char *name;
    const char *sql;
    int64_t from;
    int64_t broken;
} tamper_cases[] = {
    {"nothing",                         "UPDATE scimd_change SET action = action",             1, 0   },
    {"an actor",
     "UPDATE scimd_change SET actor = 'x' WHERE pk = (SELECT pk FROM "
     "scimd_seal WHERE position = 5)",                                                         1, 5   },
    {"a text moved to the next column",
     "UPDATE scimd_change SET actor = 'okt', request_id = 'areq-1' WHERE pk = (SELECT pk FROM "
     "scimd_seal WHERE position = 2)",                                                         1, 2   },
    {"a time",
     "UPDATE scimd_change SET at_us = at_us + 1 WHERE pk = (SELECT pk FROM "
     "scimd_seal WHERE position = 1500)",                                                      1, 1500},
    {"a hash",                          "UPDATE scimd_seal SET hash = 'x' WHERE position = 7", 1, 7   },
    {"a row gone",
     "DELETE FROM scimd_change WHERE pk = (SELECT pk FROM scimd_seal WHERE "
     "position = 9)",                                                                          1, 9   },
    {"a seal gone",                     "DELETE FROM scimd_seal WHERE position = 9",           1, 9   },
    {"the first seal gone",             "DELETE FROM scimd_seal WHERE position = 1",           1, 1   },
    {"before where we look",
     "UPDATE scimd_change SET actor = 'x' WHERE pk = (SELECT pk FROM "
     "scimd_seal WHERE position = 5)",                                                         6, 0   },
    {"at where we look",
     "UPDATE scimd_change SET actor = 'x' WHERE pk = (SELECT pk FROM "
     "scimd_seal WHERE position = 6)",                                                         6, 6   },
    {"what we go on from",              "DELETE FROM scimd_seal WHERE position = 5",           6, 5   },
};

static void is_found_out(void **row)
{
    const struct tamper_case *expected = *row;
    struct fixture fixture;
    struct log log = {.fixture = &fixture, .position = expected->from, .broken = -1};

    fixture_start(&fixture);
    write_and_seal(&fixture, 2000);
    fixture_sql(&fixture, expected->sql);
    assert_int_equal(store_read(fixture.scope, verify, &log, &fixture.err), 0);
    assert_int_equal(log.broken, expected->broken);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_go_on_without_a_gap),
        cmocka_unit_test(tenants_have_logs_of_their_own),
    };

    return RUN_TABLE("changes", write_cases, comes_back_in_order) +
           RUN_TABLE("changes tampered with", tamper_cases, is_found_out) +
           cmocka_run_group_tests_name("changes sealed", tests, NULL, NULL);
}
