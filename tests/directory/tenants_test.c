/* Tenants as administration and requests see them. */
#include "directory/tenants.h"

#include <pthread.h>
#include <sched.h>

#include "directory/tenants_cache.h"
#include "directory_fixture.h"

#include "table.h"

static struct name_case {
    const char *name; /* the tenant's */
    enum err_code error;
} names[] = {
    {"a",                                                                0                },
    {"acme-1",                                                           0                },
    {"0",                                                                0                },
    {"012345678901234567890123456789012345678901234567890123456789012",  0                },
    {"0123456789012345678901234567890123456789012345678901234567890123", ERR_INVALID_VALUE},
    {"",                                                                 ERR_INVALID_VALUE},
    {"-a",                                                               ERR_INVALID_VALUE},
    {"a-",                                                               ERR_INVALID_VALUE},
    {"Acme",                                                             ERR_INVALID_VALUE},
    {"a.b",                                                              ERR_INVALID_VALUE},
    {"../a",                                                             ERR_INVALID_VALUE},
    {"\303\244",                                                         ERR_INVALID_VALUE},
    {"admin",                                                            ERR_INVALID_VALUE},
    {"healthz",                                                          ERR_INVALID_VALUE},
    {"readyz",                                                           ERR_INVALID_VALUE},
    {"metrics",                                                          ERR_INVALID_VALUE},
    {"control",                                                          ERR_INVALID_VALUE},
    {"acme",                                                             ERR_CONFLICT     },
};

static void checks_names(void **row)
{
    const struct name_case *expected = *row;
    struct fixture fixture;
    struct tenant *tenant = NULL;
    struct err err = {0};
    int result;

    assert_int_equal(fixture_open(&fixture), 0);
    result = tenants_create(fixture.tenants, &fixture_admin, expected->name, NULL, &err);
    assert_int_equal(result, expected->error == 0 ? 0 : -1);
    if (result < 0)
        assert_int_equal(err.code, expected->error);
    else
        assert_int_equal(tenants_find(fixture.tenants, expected->name, &tenant, &err), 0);
    tenant_release(tenant);
    fixture_close(&fixture);
}

static int find_state(struct fixture *fixture, const char *name)
{
    struct tenant *tenant = NULL;
    struct err err = {0};
    int state;

    if (tenants_find(fixture->tenants, name, &tenant, &err) < 0)
        return -(int)err.code;
    state = (int)tenant->state;
    tenant_release(tenant);
    return state;
}

static void is_suspended_and_resumed(struct fixture *f)
{
    struct err err = {0};

    assert_int_equal(find_state(f, "acme"), TENANT_ACTIVE);
    assert_int_equal(tenants_set_state(f->tenants, &fixture_admin, "acme", TENANT_SUSPENDED, &err),
                     0);
    assert_int_equal(find_state(f, "acme"), TENANT_SUSPENDED);
    assert_int_equal(tenants_set_state(f->tenants, &fixture_admin, "acme", TENANT_ACTIVE, &err), 0);
    assert_int_equal(find_state(f, "acme"), TENANT_ACTIVE);
    assert_int_equal(find_state(f, "other"), -ERR_NOT_FOUND);
    assert_int_equal(tenants_set_state(f->tenants, &fixture_admin, "other", TENANT_ACTIVE, &err),
                     -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.detail, "other"));
    assert_int_equal(tenants_set_state(f->tenants, &fixture_admin, "acme", TENANT_DELETING, &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
}

static void a_held_one_never_changes(struct fixture *f)
{
    struct tenant *fresh = NULL;
    struct err err = {0};

    assert_int_equal(f->tenant->connection_count, 1);
    assert_string_equal(f->tenant->connections[0]->name, "scim");
    assert_int_equal(
        tenants_connection_set(f->tenants, &fixture_admin, "acme", "scim", "strict", &err), 0);
    assert_int_equal(
        tenants_connection_set(f->tenants, &fixture_admin, "acme", "okta", "okta", &err), 0);
    assert_int_equal(f->tenant->connections[0]->profile, PROFILE_AUTO);
    assert_int_equal(f->tenant->connection_count, 1);
    assert_int_equal(tenants_find(f->tenants, "acme", &fresh, &err), 0);
    assert_int_equal(fresh->connection_count, 2);
    assert_int_equal(tenant_connection(fresh, f->tenant->connections[0]->id)->profile,
                     PROFILE_STRICT);
    assert_false(tenant_connection(fresh, f->tenant->connections[0]->id)->park_members);
    assert_null(tenant_connection(fresh, 1));
    tenant_release(fresh);
}

static void connections_are_checked(struct fixture *f)
{
    struct err err = {0};

    assert_int_equal(
        tenants_connection_set(f->tenants, &fixture_admin, "acme", "x", "exchange", &err), -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
    assert_non_null(strstr(err.detail, "exchange"));
    assert_int_equal(tenants_connection_set(f->tenants, &fixture_admin, "acme", "A b", NULL, &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
    assert_int_equal(tenants_connection_delete(f->tenants, &fixture_admin, "acme", "x", &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(tenants_connection_set(f->tenants, &fixture_admin, "acme", "x", NULL, &err),
                     0);
    assert_int_equal(tenants_connection_delete(f->tenants, &fixture_admin, "acme", "x", &err), 0);
}

static int create_user(struct fixture *f, struct tenant *tenant, const char *id, const char *name)
{
    struct tenant *own = f->tenant;
    struct directory_result result = {0};
    struct err err = {0};
    int status;

    f->tenant = tenant;
    status = fixture_apply(
        f,
        &(struct fixture_change){.verb = DIRECTORY_CREATE,
                                 .type = "User",
                                 .id = id,
                                 .body = arena_printf(f->arena, "{'userName':'%s'}", name)},
        f->arena, &result, &err);
    f->tenant = own;
    return status < 0 ? -(int)err.code : 0;
}

/* 1 where the tenant sees a user of that id. */
static int sees_user(struct fixture *f, const struct tenant *tenant, const char *id)
{
    struct fixture_reading reading = {.arena = f->arena, .id = id, .type = RESOURCE_TYPE_USER};
    struct err err = {0};

    if (store_read(tenant->scope, fixture_read_work, &reading, &err) == 0)
        return 1;
    return err.code == ERR_NOT_FOUND ? 0 : -1;
}

static void two_in_one_database_are_strangers(struct fixture *f)
{
    struct tenant *one = NULL;
    struct tenant *other = NULL;
    struct err err = {0};

    assert_int_equal(tenants_create(f->tenants, &fixture_admin, "one", STORE_CONTROL, &err), 0);
    assert_int_equal(tenants_create(f->tenants, &fixture_admin, "other", STORE_CONTROL, &err), 0);
    assert_int_equal(tenants_find(f->tenants, "one", &one, &err), 0);
    assert_int_equal(tenants_find(f->tenants, "other", &other, &err), 0);
    assert_ptr_equal(one->scope.database, other->scope.database);
    assert_int_equal(create_user(f, one, "u1", "anna"), 0);
    assert_int_equal(sees_user(f, other, "u1"), 0);
    assert_int_equal(create_user(f, other, "u2", "anna"), 0);
    assert_int_equal(create_user(f, other, "u1", "bert"), 0);
    assert_int_equal(create_user(f, other, "u3", "ANNA"), -ERR_UNIQUENESS);

    tenant_release(one);
    assert_int_equal(tenants_delete(f->tenants, &fixture_admin, "one", &err), 0);
    assert_int_equal(find_state(f, "one"), -ERR_NOT_FOUND);
    assert_int_equal(sees_user(f, other, "u1"), 1);
    assert_int_equal(sees_user(f, other, "u2"), 1);
    tenant_release(other);
}

static void a_deleted_name_begins_anew(struct fixture *f)
{
    struct tenant *tenant = NULL;
    struct err err = {0};
    int number = f->tenant->number;

    assert_int_equal(create_user(f, f->tenant, "u1", "anna"), 0);
    tenant_release(f->tenant);
    f->tenant = NULL;
    assert_int_equal(tenants_delete(f->tenants, &fixture_admin, "acme", &err), 0);
    assert_int_equal(find_state(f, "acme"), -ERR_NOT_FOUND);
    assert_int_equal(tenants_delete(f->tenants, &fixture_admin, "acme", &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);

    assert_int_equal(tenants_create(f->tenants, &fixture_admin, "acme", NULL, &err), 0);
    assert_int_equal(tenants_find(f->tenants, "acme", &tenant, &err), 0);
    assert_int_not_equal(tenant->number, number);
    assert_int_equal(sees_user(f, tenant, "u1"), 0);
    assert_int_equal(create_user(f, tenant, "u1", "anna"), 0);
    tenant_release(tenant);
}

struct deleting {
    struct fixture *fixture;
    int result;
};

static void *delete_acme(void *argument)
{
    struct deleting *deleting = argument;
    struct err err = {0};

    deleting->result = tenants_delete(deleting->fixture->tenants, &fixture_admin, "acme", &err);
    return NULL;
}

static void deletion_waits_for_requests(struct fixture *f)
{
    struct deleting deleting = {.fixture = f, .result = 1};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, delete_acme, &deleting), 0);
    while (find_state(f, "acme") != -ERR_NOT_FOUND)
        (void)sched_yield();
    assert_int_equal(create_user(f, f->tenant, "u1", "anna"), 0); /* ours goes on */
    assert_int_equal(sees_user(f, f->tenant, "u1"), 1);
    tenant_release(f->tenant);
    f->tenant = NULL;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(deleting.result, 0);
}

static int add_token(struct fixture *f, const char *id, const char *connection)
{
    struct token_row row = {.id = id, .name = "n", .created_us = 1, .expires_us = 9};
    struct err err = {0};

    memset(row.hash, 'a', sizeof(row.hash) - 1);
    if (tenants_token_create(f->tenants, &fixture_admin, "acme", &row, connection, &err) < 0)
        return -(int)err.code;
    return 0;
}

static int find_token(struct fixture *f, const char *id, struct token_entry *out)
{
    struct err err = {0};

    return tenants_token(f->tenants, id, out, &err) < 0 ? -(int)err.code : 0;
}

/* What was asked once, also in vain, costs no statement again. */
static void assert_cached(struct fixture *f, const char *id, int expected)
{
    struct store_counters before;
    struct store_counters after;
    struct token_entry entry = {0};

    assert_int_equal(find_token(f, id, &entry), expected);
    store_counters(f->store, &before);
    assert_int_equal(find_token(f, id, &entry), expected);
    store_counters(f->store, &after);
    assert_int_equal(after.reads, before.reads);
}

static void tokens_come_and_go(struct fixture *f)
{
    struct token_entry entry = {0};
    struct err err = {0};

    assert_cached(f, "t1", -ERR_NOT_FOUND);
    assert_int_equal(add_token(f, "t1", "nobody"), -ERR_NOT_FOUND);
    assert_int_equal(add_token(f, "t1", "scim"), 0);
    assert_cached(f, "t1", 0);
    assert_int_equal(find_token(f, "t1", &entry), 0);
    assert_int_equal(entry.tenant, f->tenant->number);
    assert_int_equal(entry.connection, f->tenant->connections[0]->id);
    assert_int_equal(entry.expires_us, 9);
    assert_int_equal(entry.hash[0], 'a');
    assert_int_equal(tenants_token_revoke(f->tenants, &fixture_admin, "acme", "t2", &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(tenants_token_revoke(f->tenants, &fixture_admin, "acme", "t1", &err), 0);
    assert_int_equal(find_token(f, "t1", &entry), -ERR_NOT_FOUND);
    assert_int_equal(find_token(f, "0123456789012345678901234567890123456789", &entry),
                     -ERR_NOT_FOUND);
}

static void the_use_of_a_token_is_kept(struct fixture *f)
{
    const int64_t now_us = INT64_C(1000000000000);
    const struct token_row *rows = NULL;
    struct token_entry entry = {0};
    struct err err = {0};
    size_t count = 0;

    assert_int_equal(add_token(f, "t1", "scim"), 0);
    assert_int_equal(find_token(f, "t1", &entry), 0);
    tenants_token_used(f->tenants, "t1", now_us);
    tenants_token_used(f->tenants, "t1", now_us + 1);
    assert_int_equal(tenants_token_list(f->tenants, f->arena, "acme", &rows, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].id, "t1");
    assert_int_equal(rows[0].last_used_us, now_us);
}

static int restart(struct fixture *f)
{
    struct err err = {0};

    fixture_stop(f);
    if (fixture_start(f) < 0)
        return -1;
    return tenants_find(f->tenants, "acme", &f->tenant, &err);
}

static void assert_totals(struct fixture *f, const char *expected, const char *seen)
{
    const struct connection_row *rows = NULL;
    struct err err = {0};
    size_t count = 0;

    assert_int_equal(tenants_connection_list(f->tenants, f->arena, "acme", &rows, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].tolerances, expected);
    if (seen != NULL)
        assert_string_equal(rows[0].seen, seen);
}

static void tolerances_are_counted_for_good(struct fixture *f)
{
    struct tolerance_use use = {.count = {[TOLERANCE_BOOLEAN_STRING] = 2}};
    struct err err = {0};

    connection_count(f->tenant->connections[0], &use);
    assert_totals(f, "{\"boolean-string\":2}", NULL);
    connection_count(f->tenant->connections[0], &use);
    atomic_store(&f->tenant->connections[0]->seen, PROFILE_OKTA);
    assert_int_equal(restart(f), 0); /* flushed on close */
    assert_int_equal(f->tenant->connections[0]->tolerances[TOLERANCE_BOOLEAN_STRING], 4);
    assert_int_equal(f->tenant->connections[0]->seen, PROFILE_OKTA);
    assert_totals(f, "{\"boolean-string\":4}", "okta");

    /* counted on a tenant that was replaced meanwhile */
    assert_int_equal(
        tenants_connection_set(f->tenants, &fixture_admin, "acme", "scim", "okta", &err), 0);
    connection_count(f->tenant->connections[0], &use);
    tenant_release(f->tenant);
    f->tenant = NULL;
    assert_totals(f, "{\"boolean-string\":6}", "okta");
}

static void another_replica_is_heard(struct fixture *f)
{
    struct tenants *replica = NULL;
    struct tenant *tenant = NULL;
    struct err err = {0};

    assert_int_equal(tenants_open(f->store, &replica, &err), 0);
    assert_int_equal(tenants_create(replica, &fixture_admin, "fresh", STORE_CONTROL, &err), 0);
    assert_int_equal(find_state(f, "fresh"), -ERR_NOT_FOUND); /* not asked yet */
    atomic_store(&f->tenants->checked_us, INT64_MIN / 2);     /* TENANTS_REFRESH_S later */
    assert_int_equal(find_state(f, "fresh"), TENANT_ACTIVE);
    assert_int_equal(tenants_find(replica, "fresh", &tenant, &err), 0);
    tenant_release(tenant);
    tenants_close(replica);
}

static struct flow {
    const char *name;
    void (*run)(struct fixture *fixture);
} flows[] = {
    {"a tenant is suspended and resumed", is_suspended_and_resumed         },
    {"a held tenant never changes",       a_held_one_never_changes         },
    {"connections are checked",           connections_are_checked          },
    {"two tenants in one database",       two_in_one_database_are_strangers},
    {"a deleted name begins anew",        a_deleted_name_begins_anew       },
    {"a deletion waits for requests",     deletion_waits_for_requests      },
    {"tokens come and go",                tokens_come_and_go               },
    {"the use of a token is kept",        the_use_of_a_token_is_kept       },
    {"tolerances are counted for good",   tolerances_are_counted_for_good  },
    {"another replica's change is heard", another_replica_is_heard         },
};

static void flows_well(void **row)
{
    const struct flow *flow = *row;
    struct fixture fixture;

    assert_int_equal(fixture_open(&fixture), 0);
    flow->run(&fixture);
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("tenants' names", names, checks_names) |
           RUN_TABLE("tenants", flows, flows_well);
}
