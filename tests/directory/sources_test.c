/* Sources, runs and secrets as administration and the write path see them. */
#include "directory/tenants_sources.h"

#include "base/id.h"
#include "directory/tenants_cache.h"
#include "directory_fixture.h"
#include "store/links.h"
#include "store/sync_rows.h"

#include "table.h"

#define PAUSED 6 /* of sync/states.h, which is above */
#define IDLE 1
#define NEVER INT64_MAX

static struct source_row row_of(const char *name, int precedence, const char *owned)
{
    return (struct source_row){.name = name,
                               .type = "ad",
                               .precedence = precedence,
                               .definition = "{}",
                               .owned = owned,
                               .state = IDLE,
                               .next_delta_us = NEVER,
                               .next_full_us = NEVER,
                               .created_us = 1,
                               .changed_us = 5};
}

/* The source's id; 0 with the code in *error where it was refused. */
static int64_t put(struct fixture *f, const char *tenant, const struct source_row *row,
                   struct err *err)
{
    int64_t id = 0;

    *err = (struct err){0};
    return tenants_source_put(f->tenants, &fixture_admin, tenant, row, &id, err) < 0 ? 0 : id;
}

static int64_t put_simply(struct fixture *f, const char *name)
{
    const struct source_row row = row_of(name, 10, "[]");
    struct err err = {0};
    int64_t id = put(f, "acme", &row, &err);

    return id != 0 ? id : fixture_failed(name, &err);
}

/* Names and what they own: "b:userName,members a:". */
static const char *seen(struct fixture *f, const char *name)
{
    struct tenant *tenant = NULL;
    struct buf text = {0};
    struct err err = {0};
    const char *result;

    if (tenants_find(f->tenants, name, &tenant, &err) < 0)
        return err.detail[0] != '\0' ? arena_strdup(f->arena, err.detail) : "?";
    for (size_t i = 0; i < tenant->source_count; i++) {
        const struct tenant_source *source = &tenant->sources[i];

        buf_printf(&text, "%s%s:", i > 0 ? " " : "", source->name);
        for (size_t k = 0; k < source->owned_count; k++)
            buf_printf(&text, "%s%s", k > 0 ? "," : "", source->owned[k]);
    }
    result = arena_strdup(f->arena, buf_text(&text));
    buf_free(&text);
    tenant_release(tenant);
    return result;
}

static void are_known_to_their_tenant(struct fixture *f)
{
    const struct source_row c = row_of("c", 20, "[\"title\"]");
    const struct source_row b = row_of("b", 10, "[\"userName\", \"members\"]");
    const struct source_row a = row_of("a", 20, "[]");
    const struct source_row damaged = row_of("d", 30, "no list");
    const struct source_row *rows = NULL;
    struct source_row found;
    struct err err = {0};
    size_t count = 0;

    assert_int_equal(f->tenant->source_count, 0);
    assert_int_not_equal(put(f, "acme", &c, &err), 0);
    assert_int_not_equal(put(f, "acme", &b, &err), 0);
    assert_int_not_equal(put(f, "acme", &a, &err), 0);
    assert_int_not_equal(put(f, "acme", &damaged, &err), 0);
    assert_string_equal(seen(f, "acme"), "b:userName,members a: c:title d:");
    assert_int_equal(f->tenant->source_count, 0); /* a held tenant never changes */

    assert_int_equal(tenants_source_list(f->tenants, f->arena, "acme", &rows, &count, &err), 0);
    assert_int_equal(count, 4);
    assert_string_equal(rows[0].name, "b");
    assert_string_equal(rows[1].name, "a");
    assert_string_equal(rows[3].name, "d");
    assert_int_equal(tenants_source_find(f->tenants, f->arena, "acme", "c", &found, &err), 0);
    assert_int_equal(found.precedence, 20);
    assert_int_equal(found.created_us, 5);
    assert_int_equal(found.tenant, f->tenant->number);
    assert_int_equal(tenants_source_find(f->tenants, f->arena, "acme", "x", &found, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.detail, "\"x\""));
    assert_int_equal(tenants_source_list(f->tenants, f->arena, "x", &rows, &count, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void are_redefined_under_their_id(struct fixture *f)
{
    struct source_row row = row_of("corp-ad", 10, "[\"title\"]");
    struct source_row found;
    struct err err = {0};
    int64_t id = put(f, "acme", &row, &err);

    assert_int_not_equal(id, 0);
    row.precedence = 7;
    row.owned = "[\"userName\"]";
    row.definition = "{\"name\":\"corp-ad\"}";
    row.changed_us = 9;
    assert_int_equal(put(f, "acme", &row, &err), id);
    assert_string_equal(seen(f, "acme"), "corp-ad:userName");
    assert_int_equal(tenants_source_find(f->tenants, f->arena, "acme", "corp-ad", &found, &err), 0);
    assert_int_equal(found.id, id);
    assert_int_equal(found.precedence, 7);
    assert_string_equal(found.definition, row.definition);
    assert_int_equal(found.created_us, 5);
    assert_int_equal(found.changed_us, 9);
}

static void names_are_checked(struct fixture *f)
{
    static const struct {
        const char *tenant;
        const char *name;
        enum err_code code;
    } refused[] = {
        {"acme",  "scim", ERR_CONFLICT     }, /* a connection's */
        {"acme",  "A b",  ERR_INVALID_VALUE},
        {"acme",  "",     ERR_INVALID_VALUE},
        {"other", "ad",   ERR_NOT_FOUND    },
    };
    struct err err = {0};

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const struct source_row row = row_of(refused[i].name, 10, "[]");

        assert_int_equal(put(f, refused[i].tenant, &row, &err), 0);
        assert_int_equal(err.code, refused[i].code);
    }
    assert_string_equal(seen(f, "acme"), "");
    assert_true(put_simply(f, "corp-ad") > 0);
    assert_int_equal(
        tenants_connection_set(f->tenants, &fixture_admin, "acme", "corp-ad", NULL, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
}

static void state_changes_from_what_it_was(struct fixture *f)
{
    const struct source_step pause = {.action = "source.pause", .from = IDLE, .to = PAUSED};
    struct source_row found;
    struct err err = {0};

    assert_true(put_simply(f, "ad") > 0);
    assert_int_equal(
        tenants_source_set_state(f->tenants, &fixture_admin, "acme", "ad", &pause, &err), 0);
    assert_int_equal(tenants_source_find(f->tenants, f->arena, "acme", "ad", &found, &err), 0);
    assert_int_equal(found.state, PAUSED);
    assert_int_equal(
        tenants_source_set_state(f->tenants, &fixture_admin, "acme", "ad", &pause, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(
        tenants_source_set_state(f->tenants, &fixture_admin, "acme", "x", &pause, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void another_replica_hears_of_them(struct fixture *f)
{
    struct tenants *replica = NULL;
    const struct source_row row = row_of("ad", 10, "[\"title\"]");
    struct err err = {0};
    int64_t id = 0;

    assert_string_equal(seen(f, "acme"), "");
    assert_int_equal(tenants_open(f->store, &replica, &err), 0);
    assert_int_equal(tenants_source_put(replica, &fixture_admin, "acme", &row, &id, &err), 0);
    assert_string_equal(seen(f, "acme"), "");             /* not asked yet */
    atomic_store(&f->tenants->checked_us, INT64_MIN / 2); /* TENANTS_REFRESH_S later */
    assert_string_equal(seen(f, "acme"), "ad:title");
    tenants_close(replica);
}

/* ---- runs, and what is in the tenant's database ---- */

struct pulled {
    struct fixture *fixture;
    int64_t source;
    int64_t runs[2];
    int64_t links; /* live ones */
    const char *plan;
};

static int insert_runs(struct session *session, void *argument, struct err *err)
{
    struct pulled *pulled = argument;

    for (int i = 0; i < 2; i++) {
        struct run_row row = {.tenant = pulled->fixture->tenant->number,
                              .source = pulled->source,
                              .kind = RUN_KIND_FULL,
                              .state = 1,
                              .started_us = 10 + i,
                              .counters = "{}",
                              .asked_by = "uid 0"};

        if (run_insert(session, &row, &pulled->runs[i], err) < 0)
            return -1;
        row.id = pulled->runs[i];
        memset(row.hash, 'a', sizeof(row.hash) - 1);
        if (run_update(session, &row, err) < 0)
            return -1;
    }
    return 0;
}

static int insert_pulled(struct session *session, void *argument, struct err *err)
{
    const struct pulled *pulled = argument;
    struct resource_row user = {0};

    if (resources_find(session, pulled->fixture->arena, RESOURCE_TYPE_USER, "u1", false, &user,
                       err) < 0 ||
        links_insert(session, pulled->source,
                     &(struct link_row){.pk = id_new_key(),
                                        .source_id = "s1",
                                        .object = RESOURCE_TYPE_USER,
                                        .state = LINK_LIVE,
                                        .resource_pk = user.pk},
                     1, err) < 0)
        return -1;
    return plan_text_put(session, pulled->runs[1], 0, "two users", 9, err);
}

static int read_pulled(struct session *session, void *argument, struct err *err)
{
    struct pulled *pulled = argument;
    struct links_tally tally = {0};
    size_t length = 0;

    if (links_tally(session, pulled->source, &tally, err) < 0)
        return -1;
    pulled->links = tally.users;
    return plan_text_read(session, pulled->fixture->arena, pulled->runs[1], 0, &pulled->plan,
                          &length, err);
}

/* A source "ad" with two runs, a linked user and a plan; 0 or -1. */
static int pull(struct fixture *f, struct pulled *pulled)
{
    const struct fixture_change change = {DIRECTORY_CREATE, "User", "u1", "{'userName':'anna'}", 0};
    struct store_scope control = {.tenant = STORE_CONTROL_TENANT};
    struct directory_result result = {0};
    struct err err = {0};

    *pulled = (struct pulled){.fixture = f, .source = put_simply(f, "ad")};
    if (fixture_apply(f, &change, f->arena, &result, &err) < 0 ||
        store_database(f->store, STORE_CONTROL, &control.database, &err) < 0 ||
        store_transact(control, insert_runs, pulled, &err) < 0 ||
        store_transact(f->tenant->scope, insert_pulled, pulled, &err) < 0)
        return fixture_failed("pull", &err);
    return 0;
}

static void runs_are_found(struct fixture *f)
{
    struct run_query query = {.limit = 10};
    const struct tenant_run *runs = NULL;
    struct tenant_run run;
    struct plan_piece piece = {0};
    struct pulled pulled;
    struct err err = {0};
    size_t count = 0;

    assert_int_equal(tenants_create(f->tenants, &fixture_admin, "other", NULL, &err), 0);
    assert_int_equal(pull(f, &pulled), 0);
    assert_true(put_simply(f, "okta") > 0);
    assert_int_equal(tenants_run_list(f->tenants, f->arena, &query, &runs, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(runs[0].row.id, pulled.runs[1]);
    assert_string_equal(runs[0].tenant, "acme");
    assert_string_equal(runs[0].row.source_name, "ad");
    query.before = pulled.runs[1];
    assert_int_equal(tenants_run_list(f->tenants, f->arena, &query, &runs, &count, &err), 0);
    assert_int_equal(count, 1);
    query = (struct run_query){.tenant = "acme", .source = "okta", .limit = 10};
    assert_int_equal(tenants_run_list(f->tenants, f->arena, &query, &runs, &count, &err), 0);
    assert_int_equal(count, 0);
    query.source = "x";
    assert_int_equal(tenants_run_list(f->tenants, f->arena, &query, &runs, &count, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);

    assert_int_equal(tenants_run_find(f->tenants, f->arena, NULL, pulled.runs[1], &run, &err), 0);
    assert_string_equal(run.tenant, "acme");
    assert_int_equal(tenants_plan_read(f->tenants, f->arena, &run, 0, &piece, &err), 0);
    assert_int_equal(piece.length, 9);
    assert_memory_equal(piece.text, "two users", 9);
    assert_int_equal(tenants_plan_read(f->tenants, f->arena, &run, 1, &piece, &err), 0);
    assert_null(piece.text);
    assert_int_equal(tenants_run_find(f->tenants, f->arena, "other", pulled.runs[1], &run, &err),
                     -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void deletion_leaves_resources(struct fixture *f)
{
    struct fixture_reading reading = {.arena = f->arena, .id = "u1", .type = RESOURCE_TYPE_USER};
    struct tenant_run run;
    struct pulled pulled;
    struct err err = {0};

    assert_int_equal(pull(f, &pulled), 0);
    assert_int_equal(store_read(f->tenant->scope, read_pulled, &pulled, &err), 0);
    assert_int_equal(pulled.links, 1);
    assert_non_null(pulled.plan);
    assert_int_equal(tenants_source_delete(f->tenants, &fixture_admin, "acme", "ad", &err), 0);
    assert_string_equal(seen(f, "acme"), "");
    assert_int_equal(store_read(f->tenant->scope, read_pulled, &pulled, &err), 0);
    assert_int_equal(pulled.links, 0);
    assert_null(pulled.plan);
    assert_int_equal(store_read(f->tenant->scope, fixture_read_work, &reading, &err), 0);
    assert_int_equal(tenants_run_find(f->tenants, f->arena, NULL, pulled.runs[0], &run, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(tenants_source_delete(f->tenants, &fixture_admin, "acme", "ad", &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void tenants_go_with_all_they_have(struct fixture *f)
{
    struct pulled pulled;
    struct err err = {0};

    assert_int_equal(pull(f, &pulled), 0);
    assert_int_equal(
        tenants_secret_put(f->tenants, &fixture_admin, "acme", "ad", "v1.sealed", &err), 0);
    tenant_release(f->tenant);
    f->tenant = NULL;
    assert_int_equal(tenants_delete(f->tenants, &fixture_admin, "acme", &err), 0);
}

static void secrets_come_and_go(struct fixture *f)
{
    const struct stored_secret *secrets = NULL;
    const char *sealed = NULL;
    struct err err = {0};
    size_t count = 0;

    assert_int_equal(tenants_create(f->tenants, &fixture_admin, "other", NULL, &err), 0);
    assert_int_equal(tenants_secret_put(f->tenants, &fixture_admin, "acme", "ad", "v1.first", &err),
                     0);
    assert_int_equal(
        tenants_secret_put(f->tenants, &fixture_admin, "acme", "ad", "v1.second", &err), 0);
    assert_int_equal(tenants_secret_list(f->tenants, f->arena, "acme", &secrets, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_string_equal(secrets[0].name, "ad");
    assert_true(secrets[0].changed_us > 0);
    assert_int_equal(tenants_secret_read(f->tenants, f->arena, "acme", "ad", &sealed, &err), 0);
    assert_string_equal(sealed, "v1.second");
    assert_int_equal(tenants_secret_read(f->tenants, f->arena, "other", "ad", &sealed, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(tenants_secret_delete(f->tenants, &fixture_admin, "other", "ad", &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(tenants_secret_delete(f->tenants, &fixture_admin, "acme", "ad", &err), 0);
    assert_int_equal(tenants_secret_read(f->tenants, f->arena, "acme", "ad", &sealed, &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(tenants_secret_put(f->tenants, &fixture_admin, "acme", "A b", "v1.x", &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
}

static struct flow {
    const char *name;
    void (*run)(struct fixture *fixture);
} flows[] = {
    {"sources are known to their tenant",    are_known_to_their_tenant     },
    {"sources are redefined under their id", are_redefined_under_their_id  },
    {"names are checked",                    names_are_checked             },
    {"a state changes from what it was",     state_changes_from_what_it_was},
    {"another replica hears of them",        another_replica_hears_of_them },
    {"runs and plans are found",             runs_are_found                },
    {"a deletion leaves resources",          deletion_leaves_resources     },
    {"a tenant goes with all it has",        tenants_go_with_all_they_have },
    {"secrets come and go",                  secrets_come_and_go           },
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
    return RUN_TABLE("sources", flows, flows_well);
}
