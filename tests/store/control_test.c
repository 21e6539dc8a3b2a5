/* Rows of the control database. */
#include "store_fixture.h"

#include "base/buf.h"
#include "store/control.h"

struct control {
    struct fixture *fixture;
    const char *name;
    int number;
    int64_t time_us;
    struct tenant_row tenant;
    struct connection_row connection;
    struct token_row token;
    struct schema_row schema;
    const struct tenant_row *tenants;
    const struct connection_row *connections;
    const struct token_row *tokens;
    const struct schema_row *schemas;
    size_t count;
};

static int insert_tenant(struct session *session, void *argument, struct err *err)
{
    struct control *control = argument;
    const struct tenant_row row = {
        .name = control->name, .state = TENANT_ACTIVE, .database = "db", .created_us = 5};

    return control_tenant_insert(session, &row, &control->number, err);
}

static int insert_connection(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;
    const struct connection_row row = {.id = 77,
                                       .tenant = control->number,
                                       .name = control->name,
                                       .profile = "auto",
                                       .park_members = true,
                                       .created_us = 6};

    return control_connection_insert(session, &row, err);
}

static int insert_token(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;
    struct token_row row = {.id = control->name,
                            .tenant = control->number,
                            .connection = 77,
                            .name = "laptop",
                            .created_us = 7,
                            .expires_us = 8};

    (void)snprintf(row.hash, sizeof(row.hash), "abc");
    return control_token_insert(session, &row, err);
}

static int put_schema(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_schema_put(session, &control->schema, err);
}

static int read_all(struct session *session, void *argument, struct err *err)
{
    struct control *control = argument;
    struct arena *arena = control->fixture->arena;
    size_t count;

    if (control_tenants(session, arena, &control->tenants, &control->count, err) < 0 ||
        control_connections(session, arena, control->number, &control->connections, &count, err) <
            0 ||
        control_tokens(session, arena, control->number, &control->tokens, &count, err) < 0)
        return -1;
    return control_schemas(session, arena, control->number, &control->schemas, &count, err);
}

static int find_tenant(struct session *session, void *argument, struct err *err)
{
    struct control *control = argument;

    return control_tenant_find(session, control->fixture->arena, control->name, &control->tenant,
                               err);
}

static int find_token(struct session *session, void *argument, struct err *err)
{
    struct control *control = argument;

    return control_token_find(session, control->fixture->arena, control->name, &control->token,
                              err);
}

static int suspend_tenant(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_tenant_set_state(session, control->number, TENANT_SUSPENDED, err);
}

static int delete_tenant(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_tenant_delete(session, control->number, err);
}

static int purge(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    return control_tenant_purge(session, err);
}

static int delete_connection(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_connection_delete(session, control->number, control->name, err);
}

static int update_connection(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_connection_update(session, &control->connection, err);
}

static int delete_token(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_token_delete(session, control->number, control->name, err);
}

static int delete_schema(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_schema_delete(session, control->number, control->name, err);
}

static int touch_token(struct session *session, void *argument, struct err *err)
{
    const struct control *control = argument;

    return control_token_touch(session, control->name, control->time_us, err);
}

static int audit(struct session *session, void *argument, struct err *err)
{
    const struct audit_row row = {
        .at_us = 1, .actor = "uid 0", .action = "tenant.create", .target = "acme"};

    (void)argument;
    return control_audit(session, &row, err);
}

static int generation(struct session *session, void *argument, struct err *err)
{
    struct control *control = argument;

    return control_generation(session, &control->time_us, err);
}

static int raise_generation(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    return control_generation_raise(session, err);
}

/* Tenant 1 "acme" with connection "scim" (77) and token "t1". */
static void start(struct fixture *fixture, struct control *control)
{
    fixture_start(fixture);
    *control = (struct control){.fixture = fixture, .name = "acme"};
    fixture_transact(fixture, insert_tenant, control);
    control->name = "scim";
    fixture_transact(fixture, insert_connection, control);
    control->name = "t1";
    fixture_transact(fixture, insert_token, control);
}

static struct refused_case {
    const char *name;
    store_work work;
    const char *argument; /* the name it works on */
    int number;           /* the tenant it works on */
    enum err_code code;
    const char *detail;
} refused_cases[] = {
    {"tenant's name taken",          insert_tenant,     "acme", 1,  ERR_CONFLICT,
     "tenant \"acme\" exists already"                                                                           },
    {"connection's name taken",      insert_connection, "scim", 1,  ERR_CONFLICT,
     "connection \"scim\" exists already"                                                                       },
    {"token's id taken",             insert_token,      "t1",   1,  ERR_CONFLICT,  "token \"t1\" exists already"},
    {"no such tenant",               find_tenant,       "x",    1,  ERR_NOT_FOUND, "there is no tenant \"x\""   },
    {"no such token",                find_token,        "x",    1,  ERR_NOT_FOUND, "there is no such token"     },
    {"suspend: no such tenant",      suspend_tenant,    "",     99, ERR_NOT_FOUND,
     "there is no tenant number 99"                                                                             },
    {"delete: no such tenant",       delete_tenant,     "",     99, ERR_NOT_FOUND,
     "there is no tenant number 99"                                                                             },
    {"delete: no such connection",   delete_connection, "x",    1,  ERR_NOT_FOUND,
     "there is no connection \"x\""                                                                             },
    {"delete: another's connection", delete_connection, "scim", 2,  ERR_NOT_FOUND,
     "there is no connection \"scim\""                                                                          },
    {"update: no such connection",   update_connection, "",     1,  ERR_NOT_FOUND,
     "there is no connection \"y\""                                                                             },
    {"delete: another's token",      delete_token,      "t1",   2,  ERR_NOT_FOUND, "there is no token \"t1\""   },
    {"delete: no such schema",       delete_schema,     "x",    1,  ERR_NOT_FOUND, "there is no schema \"x\""   },
};

static void is_refused(void **row)
{
    const struct refused_case *expected = *row;
    struct fixture fixture;
    struct control control;

    start(&fixture, &control);
    control.name = expected->argument;
    control.number = expected->number;
    control.connection =
        (struct connection_row){.id = 1, .tenant = 1, .name = "y", .profile = "auto"};
    assert_int_equal(store_transact(fixture.scope, expected->work, &control, &fixture.err), -1);
    assert_int_equal(fixture.err.code, expected->code);
    assert_string_equal(fixture.err.detail, expected->detail);
    fixture_stop(&fixture);
}

static void rows_come_back_as_they_were_written(void **state)
{
    struct fixture fixture;
    struct control control;

    (void)state;
    start(&fixture, &control);
    assert_int_equal(control.number, 1);
    control.schema = (struct schema_row){
        .tenant = 1, .name = "car.json", .document = "{\"a\":1}rest", .length = 7, .created_us = 9};
    fixture_transact(&fixture, put_schema, &control);
    assert_int_equal(store_read(fixture.scope, read_all, &control, &fixture.err), 0);
    assert_int_equal(control.count, 1);
    assert_string_equal(control.tenants[0].name, "acme");
    assert_int_equal(control.tenants[0].state, TENANT_ACTIVE);
    assert_string_equal(control.tenants[0].database, "db");
    assert_int_equal(control.tenants[0].created_us, 5);
    assert_int_equal(control.connections[0].id, 77);
    assert_string_equal(control.connections[0].profile, "auto");
    assert_null(control.connections[0].seen);
    assert_null(control.connections[0].tolerances);
    assert_true(control.connections[0].park_members);
    assert_string_equal(control.tokens[0].id, "t1");
    assert_int_equal(control.tokens[0].connection, 77);
    assert_string_equal(control.tokens[0].hash, "abc");
    assert_int_equal(control.tokens[0].expires_us, 8);
    assert_int_equal(control.tokens[0].last_used_us, 0);
    assert_string_equal(control.schemas[0].document, "{\"a\":1}");
    assert_int_equal(control.schemas[0].length, 7);
    fixture_stop(&fixture);
}

static void changes_are_kept(void **state)
{
    struct fixture fixture;
    struct control control;

    (void)state;
    start(&fixture, &control);
    control.connection = (struct connection_row){
        .id = 77, .tenant = 1, .profile = "okta", .seen = "entra", .tolerances = "{\"x\":2}"};
    fixture_transact(&fixture, update_connection, &control);
    control.name = "t1";
    control.time_us = 50;
    fixture_transact(&fixture, touch_token, &control);
    control.time_us = 40; /* a replica that is late */
    fixture_transact(&fixture, touch_token, &control);
    control.schema = (struct schema_row){.tenant = 1, .name = "a", .document = "1", .length = 1};
    fixture_transact(&fixture, put_schema, &control);
    control.schema.document = "2";
    fixture_transact(&fixture, put_schema, &control);
    fixture_transact(&fixture, suspend_tenant, &control);
    assert_int_equal(store_read(fixture.scope, read_all, &control, &fixture.err), 0);
    assert_int_equal(control.tenants[0].state, TENANT_SUSPENDED);
    assert_string_equal(control.connections[0].profile, "okta");
    assert_string_equal(control.connections[0].seen, "entra");
    assert_string_equal(control.connections[0].tolerances, "{\"x\":2}");
    assert_false(control.connections[0].park_members);
    assert_int_equal(control.tokens[0].last_used_us, 50);
    assert_string_equal(control.schemas[0].document, "2");
    fixture_stop(&fixture);
}

static void tenant_goes_with_all_its_rows_and_its_number_stays_used(void **state)
{
    static const char *const rows[] = {
        "INSERT INTO scimd_source (id, tenant, name, type, precedence, definition, owned, state, "
        "wanted, next_delta_us, next_full_us, retry_us, failures, last_success_us, last_full_us, "
        "run, held_run, lease_until_us, fence, created_us, changed_us) VALUES (7, 1, 'ad', 'ad', "
        "1, '', '', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
        "INSERT INTO scimd_run (id, tenant, source, kind, dry, state, started_us, ended_us, "
        "counters) VALUES (1, 1, 7, 1, 0, 1, 0, 0, '')",
        "INSERT INTO scimd_job (id, tenant, kind, actor, request_id, request, state, taken_us, "
        "created_us) VALUES (1, 1, 'x', '', '', '', 1, 0, 0)",
        "INSERT INTO scimd_secret (tenant, name, sealed, changed_us) VALUES (1, 'x', '', 0)",
    };
    struct fixture fixture;
    struct control control;

    (void)state;
    start(&fixture, &control);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        fixture_sql(&fixture, rows[i]);
    fixture_transact(&fixture, delete_tenant, &control);
    assert_int_equal(fixture_number(&fixture, "SELECT (SELECT COUNT(*) FROM scimd_token) + (SELECT "
                                              "COUNT(*) FROM scimd_connection) + (SELECT COUNT(*) "
                                              "FROM scimd_tenant)"),
                     0);
    assert_int_equal(fixture_number(&fixture, "SELECT (SELECT COUNT(*) FROM scimd_source) + "
                                              "(SELECT COUNT(*) FROM scimd_run) + (SELECT "
                                              "COUNT(*) FROM scimd_job) + (SELECT COUNT(*) FROM "
                                              "scimd_secret)"),
                     0);
    control.name = "acme";
    fixture_transact(&fixture, insert_tenant, &control);
    assert_int_equal(control.number, 2);
    fixture_stop(&fixture);
}

static void connection_goes_with_its_tokens(void **state)
{
    struct fixture fixture;
    struct control control;

    (void)state;
    start(&fixture, &control);
    control.name = "scim";
    fixture_transact(&fixture, delete_connection, &control);
    assert_int_equal(fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_token"), 0);
    fixture_stop(&fixture);
}

/* What is left of each tenant, in every table that has a tenant_id: a new table is found by itself.
 */
static int count_left(struct session *session, void *argument, struct err *err)
{
    struct control *control = argument;
    CLEANUP(buf_free) struct buf sql = {0};
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (fixture_see_all(session, err) < 0 ||
        session_query(session,
                      engine_is_postgresql()
                          ? "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON "
                            "a.attrelid = c.oid WHERE c.relkind = 'r' AND a.attname = 'tenant_id'"
                          : "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE "
                            "'%tenant_id int%'",
                      NULL, 0, &rows, err) < 0)
        return -1;
    for (control->count = 0; (more = rows_next(rows, err)) > 0; control->count++)
        buf_printf(&sql, "%s SELECT COUNT(DISTINCT tenant_id) AS n, MIN(tenant_id) AS t FROM %s",
                   sql.length == 0 ? "SELECT SUM(n) FROM (" : " UNION ALL",
                   rows_borrow(rows, 0, NULL));
    buf_puts(&sql, ") x WHERE t = 2");
    rows_close(rows);
    if (more < 0 || session_query(session, sql.bytes, NULL, 0, &rows, err) < 0 ||
        rows_next(rows, err) < 0)
        return -1;
    control->time_us = rows_integer(rows, 0);
    return 0;
}

/* One of each table, for two tenants. */
static const char *const purged_rows[] = {
    "INSERT INTO scimd_resource (pk, tenant_id, rtype, id, version, created_us, modified_us, "
    "document_bytes, document) VALUES (1, 1, 1, 'a', 1, 0, 0, 0, ''), (2, 2, 1, 'a', 1, 0, 0, "
    "0, ''), (3, 1, 2, 'b', 1, 0, 0, 0, ''), (4, 2, 2, 'b', 1, 0, 0, 0, '')",
    "INSERT INTO scimd_user (pk, tenant_id, id, user_name, user_name_key) VALUES (1, 1, 'a', "
    "'a', 'a'), (2, 2, 'a', 'a', 'a')",
    "INSERT INTO scimd_user_value (tenant_id, pk, attr, idx, is_primary) VALUES (1, 1, 1, 0, "
    "0), "
    "(2, 2, 1, 0, 0)",
    "INSERT INTO scimd_group (pk, tenant_id, id) VALUES (3, 1, 'b'), (4, 2, 'b')",
    "INSERT INTO scimd_attribute (tenant_id, pk, path, elem, rtype) VALUES (1, 1, 5, 0, 1), "
    "(2, "
    "2, 5, 0, 1)",
    "INSERT INTO scimd_unique (tenant_id, path, skey, pk) VALUES (1, 5, 'x', 1), (2, 5, 'x', "
    "2)",
    "INSERT INTO scimd_member (tenant_id, group_pk, member_pk, mtype) VALUES (1, 3, 1, 1), (2, "
    "4, 2, 1)",
    "INSERT INTO scimd_member_parked (tenant_id, group_pk, member_id) VALUES (1, 3, 'x'), (2, "
    "4, "
    "'x')",
    "INSERT INTO scimd_meta (tenant_id, name, number) VALUES (1, 'fold', 1), (2, 'fold', 1)",
    "INSERT INTO scimd_change (pk, tenant_id, at_us, action, rtype, resource_id, actor, "
    "request_id, forward, reverse) VALUES (1, 1, 0, 1, 1, 'a', 'a', 'a', '', ''), (2, 2, 0, 1, "
    "1, 'a', 'a', 'a', '', '')",
    "INSERT INTO scimd_seal (tenant_id, position, pk, hash) VALUES (1, 1, 1, ''), (2, 1, 2, "
    "'')",
    "INSERT INTO scimd_link (pk, tenant_id, source, source_id, object, state, resource_pk, "
    "fingerprint, due_us, gone_us, tries) VALUES (1, 1, 7, 'a', 1, 1, 1, '', 0, 0, 0), (2, 2, "
    "7, 'a', 1, 1, 2, '', 0, 0, 0)",
    "INSERT INTO scimd_link_wait (tenant_id, source, owner, path, target) VALUES (1, 7, 1, 0, "
    "'b'), (2, 7, 2, 0, 'b')",
    "INSERT INTO scimd_sync (tenant_id, source, fence, run, phase, page, cursor_text, "
    "pass_cursor, counters, doubt) VALUES (1, 7, 1, 0, 0, 0, '', '', '', ''), (2, 7, 1, 0, "
    "0, 0, '', '', '', '')",
    "INSERT INTO scimd_sync_set (tenant_id, source, owner, part, items) VALUES (1, 7, '', 1, "
    "'[]'), (2, 7, '', 1, '[]')",
    "INSERT INTO scimd_staged (tenant_id, source, plan, kind, source_id, member, object, "
    "fingerprint, due_us) VALUES (1, 7, 0, 4, 'a', '', 1, '', 0), (2, 7, 0, 4, 'a', '', 1, "
    "'', 0)",
    "INSERT INTO scimd_plan (tenant_id, run, part, content) VALUES (1, 1, 0, ''), (2, 2, 0, "
    "'')",
};

static void purge_leaves_other_tenants_alone(void **state)
{
    struct fixture fixture;
    struct control control;

    (void)state;
    start(&fixture, &control);
    /* the database's own */
    fixture_sql_of_all(&fixture, "DELETE FROM scimd_meta WHERE tenant_id = 0");
    for (size_t i = 0; i < ARRAY_LENGTH(purged_rows); i++)
        fixture_sql_of_all(&fixture, purged_rows[i]);
    if (engine_is_postgresql()) /* filled by triggers elsewhere */
        fixture_sql_of_all(&fixture,
                           "INSERT INTO scimd_block (tenant_id, rtype, first_pk, n, last_pk) "
                           "VALUES (1, 1, 1, 1, 1), (2, 1, 2, 1, 2)");
    fixture_transact(&fixture, count_left, &control);
    assert_int_equal(control.time_us, 0); /* tenant 1 is in every table */
    fixture_transact(&fixture, purge, NULL);
    fixture_transact(&fixture, count_left, &control);
    assert_true(control.count >= 19);
    assert_int_equal(control.time_us, control.count); /* tenant 2 alone is in every table */
    fixture_stop(&fixture);
}

static void audit_and_generation_are_written(void **state)
{
    struct fixture fixture;
    struct control control;
    int64_t before;

    (void)state;
    start(&fixture, &control);
    assert_int_equal(store_read(fixture.scope, generation, &control, &fixture.err), 0);
    before = control.time_us;
    fixture_transact(&fixture, raise_generation, NULL);
    fixture_transact(&fixture, audit, NULL);
    assert_int_equal(store_read(fixture.scope, generation, &control, &fixture.err), 0);
    assert_int_equal(control.time_us, before + 1);
    assert_int_equal(fixture_number(&fixture, "SELECT COUNT(*) FROM scimd_audit WHERE action = "
                                              "'tenant.create' AND target = 'acme'"),
                     1);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_they_were_written),
        cmocka_unit_test(changes_are_kept),
        cmocka_unit_test(tenant_goes_with_all_its_rows_and_its_number_stays_used),
        cmocka_unit_test(connection_goes_with_its_tokens),
        cmocka_unit_test(purge_leaves_other_tenants_alone),
        cmocka_unit_test(audit_and_generation_are_written),
    };

    return RUN_TABLE("control refuses", refused_cases, is_refused) +
           cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
