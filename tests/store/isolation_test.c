/* Many tenants in one database, on an engine with row-level security: statements that have lost
 * their tenant still see and touch the rows of one tenant alone.
 *
 * The whole test is linked so that every statement of the store passes here before it is prepared
 * (tests/CMakeLists.txt), and loses each condition on tenant_id while `stripping` is set. */
#include <stdatomic.h>

#include "population.h"
#include "pull.h"

#include "store/changes.h"

#define FIRST_TENANT 1
#define OTHER_TENANT 2

static _Atomic bool stripping;
static _Atomic int stripped; /* conditions so far */

int __real_dialect_expand(const struct dialect *dialect, const char *sql, struct buf *out,
                          struct err *err);
int __wrap_dialect_expand(const struct dialect *dialect, const char *sql, struct buf *out,
                          struct err *err);

static size_t length_of_name(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz_.");
}

/* `tenant_id = ?` keeps its marker, `a.tenant_id = b.tenant_id` has none. */
static void strip(const char *sql, struct buf *out)
{
    static const char column[] = "tenant_id = ";

    while (*sql != '\0') {
        size_t name = length_of_name(sql);
        size_t end = name + strlen(" = ");
        bool found = name >= strlen("tenant_id") &&
                     strncmp(sql + name - strlen("tenant_id"), column, strlen(column)) == 0;

        if (found && sql[end] == '?') {
            buf_puts(out, "CAST(? AS bigint) IS NOT NULL");
            sql += end + 1;
        } else if (found) {
            buf_puts(out, "1 = 1");
            sql += end + length_of_name(sql + end);
        } else {
            buf_append(out, sql, name > 0 ? name : 1);
            sql += name > 0 ? name : 1;
        }
        stripped += found;
    }
}

int __wrap_dialect_expand(const struct dialect *dialect, const char *sql, struct buf *out,
                          struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};

    if (!stripping)
        return __real_dialect_expand(dialect, sql, out, err);
    strip(sql, &text);
    return __real_dialect_expand(dialect, text.bytes, out, err);
}

/* The same ids in both tenants, so that a foreign row could be taken for one's own. */
static void populate(struct population *population, int tenant, const char *name)
{
    struct arena *arena = population->fixture.arena;
    struct resource_row user;
    struct resource_row group;

    population->fixture.scope.tenant = tenant;
    user = population_add(population, population->user, "u1",
                          arena_printf(arena,
                                       "{\"schemas\":[\"" SCHEMA_URN_USER "\"],\"userName\":\"%s\","
                                       "\"title\":\"%s\",\"nickName\":\"%s\","
                                       "\"emails\":[{\"value\":\"%s@x\"}]}",
                                       name, name, name, name));
    group = population_add(
        population, population->group, "g1",
        arena_printf(arena, "{\"schemas\":[\"" SCHEMA_URN_GROUP "\"],\"displayName\":\"%s\"}",
                     name));
    (void)population_add_member(population, group.pk, "u1");
    (void)population_add_member(population, group.pk, "parked");
    fixture_transact(&population->fixture, pull_write,
                     &(struct pull){.name = name, .user = user.pk, .group = group.pk});
}

static int write_change(struct session *session, void *argument, struct err *err)
{
    const struct change_row row = {.action = CHANGED_CREATE,
                                   .type = 1,
                                   .resource_id = "u1",
                                   .actor = argument,
                                   .request_id = "r",
                                   .forward = "[]",
                                   .reverse = "[]"};
    size_t sealed = 0;

    return changes_write(session, &row, err) < 0 ? -1 : changes_seal(session, 10, &sealed, err);
}

/* ---- what a tenant sees ---- */

struct view {
    struct population *population;
    struct buf text;
};

static void put_row(struct view *view, const struct resource_row *row)
{
    buf_printf(&view->text, "%s %.*s\n", row->id, (int)row->document_length,
               row->document != NULL ? row->document : "");
}

static int put_found(void *context, const struct resource_row *row, struct err *err)
{
    (void)err;
    put_row(context, row);
    return 0;
}

static int see_search(struct session *session, struct view *view, const char *filter,
                      struct err *err)
{
    struct arena *arena = view->population->fixture.arena;
    const struct filter_reader reader = {.type = view->population->user,
                                         .limits = &scim_limits_default};
    struct search_part part = {.type = reader.type};
    const struct search search = {
        .parts = &part, .part_count = 1, .start_index = 1, .count = 10, .documents = true};
    struct search_result result = {0};

    if (filter != NULL &&
        filter_parse(&reader, arena, filter, strlen(filter), &part.filter, err) < 0)
        return -1;
    if (search_run(session, arena, &search, put_found, view, &result, err) < 0)
        return -1;
    buf_printf(&view->text, "%s: %lld\n", filter != NULL ? filter : "all", (long long)result.total);
    return 0;
}

static int see_resources(struct session *session, struct view *view, struct err *err)
{
    struct arena *arena = view->population->fixture.arena;
    const struct membership *groups = NULL;
    const struct member_row *members = NULL;
    struct resource_row user;
    struct resource_row group;
    size_t count = 0;

    if (resources_find(session, arena, 1, "u1", false, &user, err) < 0 ||
        resources_find(session, arena, 2, "g1", false, &group, err) < 0)
        return -1;
    put_row(view, &user);
    put_row(view, &group);
    if (members_groups_of(session, arena, user.pk, &groups, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&view->text, "in %s %s\n", groups[i].id, groups[i].display);
    if (members_page(session, arena, group.pk, 0, 10, &members, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&view->text, "has %s %s\n", members[i].id, members[i].display);
    return 0;
}

static int see_changes(struct session *session, struct view *view, struct err *err)
{
    const struct change_row *changes = NULL;
    size_t count = 0;

    if (changes_read(session, view->population->fixture.arena, 0, 10, &changes, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&view->text, "%lld %s\n", (long long)changes[i].position, changes[i].actor);
    return 0;
}

static void put_links(struct view *view, const struct link_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(&view->text, "%lld %s %lld %s %s %s\n", (long long)rows[i].pk, rows[i].source_id,
                   (long long)rows[i].resource_pk,
                   rows[i].resource_id != NULL ? rows[i].resource_id : "",
                   rows[i].problem != NULL ? rows[i].problem : "",
                   rows[i].document != NULL ? rows[i].document : "");
}

static int see_links(struct session *session, struct view *view, struct err *err)
{
    struct arena *arena = view->population->fixture.arena;
    const struct link_row *rows = NULL;
    struct link_row row;
    struct links_tally tally;
    int64_t members = 0;
    size_t count = 0;

    if (links_find(session, arena, SOURCE, (const char *const[]){"a"}, 1, true, &row, err) < 0)
        return -1;
    put_links(view, &row, 1);
    if (links_find_pk(session, arena, SOURCE, 1, &row, err) < 0)
        return -1;
    put_links(view, &row, 1);
    if (links_walk(session, arena, SOURCE, 0, &rows, &count, err) < 0)
        return -1;
    put_links(view, rows, count);
    if (links_due(session, arena, SOURCE, 9, 9, &rows, &count, err) < 0)
        return -1;
    put_links(view, rows, count);
    if (links_problems(session, arena, SOURCE, 0, 9, &rows, &count, err) < 0)
        return -1;
    put_links(view, rows, count);
    if (links_tally(session, SOURCE, &tally, err) < 0 ||
        links_tally_members(session, SOURCE, &members, err) < 0)
        return -1;
    buf_printf(&view->text, "%lld %lld %lld\n", (long long)tally.users, (long long)tally.groups,
               (long long)members);
    return 0;
}

static int see_references(struct session *session, struct view *view, struct err *err)
{
    struct arena *arena = view->population->fixture.arena;
    const struct link_wait *waits = NULL;
    const struct resource_link *links = NULL;
    const char *const *groups = NULL;
    struct link_row row;
    size_t count = 0;

    if (link_waits_of(session, arena, SOURCE, 1, &waits, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&view->text, "waits for %s\n", waits[i].target);
    if (link_waits_for(session, arena, SOURCE, (const char *const[]){"first", "other"}, 2, &waits,
                       &count, err) < 0)
        return -1;
    buf_printf(&view->text, "%zu wait\n", count);
    if (links_find_pk(session, arena, SOURCE, 1, &row, err) < 0 ||
        links_of_resource(session, arena, row.resource_pk, &links, &count, err) < 0)
        return -1;
    buf_printf(&view->text, "%zu links\n", count);
    if (link_groups_of(session, arena, SOURCE, row.resource_pk, &groups, &count, err) < 0)
        return -1;
    buf_printf(&view->text, "%zu groups\n", count);
    return 0;
}

static int see_runs(struct session *session, struct view *view, struct err *err)
{
    struct arena *arena = view->population->fixture.arena;
    const struct staged_place place = {0};
    const struct staged_row *staged = NULL;
    const char *text = NULL;
    struct sync_row row;
    int64_t *items = NULL;
    int64_t total = 0;
    size_t count = 0;
    size_t length = 0;

    if (sync_row_find(session, arena, SOURCE, &row, err) < 0 ||
        plan_text_read(session, arena, 1, 0, &text, &length, err) < 0 ||
        staged_count(session, SOURCE, STAGED_LIVE, &total, err) < 0)
        return -1;
    buf_printf(&view->text, "fence %lld plan %s staged %lld\n", (long long)row.fence, text,
               (long long)total);
    if (staged_walk(session, arena, SOURCE, STAGED_LIVE, &place, 9, &staged, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&view->text, "staged %s\n", staged[i].document);
    if (sync_set_read(session, SOURCE, "", &items, &count, err) < 0)
        return -1;
    buf_printf(&view->text, "%zu items\n", count);
    free(items);
    return 0;
}

static int see_pull(struct session *session, struct view *view, struct err *err)
{
    return see_links(session, view, err) < 0 || see_references(session, view, err) < 0
               ? -1
               : see_runs(session, view, err);
}

static int see_all(struct session *session, void *argument, struct err *err)
{
    static const char *const filters[] = {
        NULL,
        "userName pr",
        "title co \"o\"",
        "nickName pr and emails.value ew \"x\"",
        "not (title eq \"first\")",
        "groups.display pr",
    };
    struct view *view = argument;

    buf_reset(&view->text);
    for (size_t i = 0; i < ARRAY_LENGTH(filters); i++)
        if (see_search(session, view, filters[i], err) < 0)
            return -1;
    return see_resources(session, view, err) < 0 || see_changes(session, view, err) < 0
               ? -1
               : see_pull(session, view, err);
}

/* Sees with statements as they are, or stripped; sessions of their own, as statements are kept. */
static const char *see(struct population *population, int tenant, bool strip_them)
{
    struct fixture *fixture = &population->fixture;
    struct view view = {.population = population};
    const char *text;

    store_close(fixture->store);
    stripping = false;
    fixture_open_store(fixture);
    fixture->scope.tenant = tenant;
    stripping = strip_them;
    if (store_read(fixture->scope, see_all, &view, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
    stripping = false;
    text = arena_strdup(fixture->arena, view.text.bytes);
    buf_free(&view.text);
    return text;
}

static void two_tenants(struct population *population)
{
    struct fixture *fixture = &population->fixture;
    char first[] = "first";
    char other[] = "other";

    population_start(population);
    populate(population, FIRST_TENANT, first);
    fixture_transact(fixture, write_change, first);
    populate(population, OTHER_TENANT, other);
    fixture_transact(fixture, write_change, other);
}

static void stripped_statements_see_no_foreign_row(void **state)
{
    struct population population;
    const char *whole;

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("SQLite has no row-level security");
    two_tenants(&population);
    for (int tenant = FIRST_TENANT; tenant <= OTHER_TENANT; tenant++) {
        whole = see(&population, tenant, false);
        assert_non_null(strstr(whole, tenant == FIRST_TENANT ? "first" : "other"));
        stripped = 0;
        assert_string_equal(see(&population, tenant, true), whole);
        assert_true(stripped > 50);
    }
    population_stop(&population);
}

/* ---- what it can do, without any condition ---- */

static struct attack_case {
    const char *name;
    const char *sql;    /* by tenant 1 */
    enum err_code code; /* 0: runs, and touches nothing of tenant 2 */
} attack_cases[] = {
    {"delete members",        "DELETE FROM scimd_member",                        (enum err_code)0},
    {"delete the change log", "DELETE FROM scimd_change",                        (enum err_code)0},
    {"change documents",      "UPDATE scimd_resource SET document = ''",         (enum err_code)0},
    {"change typed columns",  "UPDATE scimd_user SET title = 'mine'",            (enum err_code)0},
    {"change through a view",
     "UPDATE scimd_user SET title = 'x' WHERE id IN (SELECT id FROM "
     "scim_users)",                                                              (enum err_code)0},
    {"give a row away",       "UPDATE scimd_user SET tenant_id = 2, pk = 5",     ERR_UNAVAILABLE },
    {"delete links",          "DELETE FROM scimd_link",                          (enum err_code)0},
    {"change staged rows",    "UPDATE scimd_staged SET document = 'mine'",       (enum err_code)0},
    {"take over a source",    "UPDATE scimd_sync SET fence = 1000",              (enum err_code)0},
    {"insert for another",
     "INSERT INTO scimd_meta (tenant_id, name, number) VALUES (2, 'theirs', 1)", ERR_UNAVAILABLE },
};

static const char fingerprint[] =
    "SELECT COUNT(*) + 10 * (SELECT COUNT(*) FROM scimd_member WHERE tenant_id = 2) + 100 * "
    "(SELECT "
    "COUNT(*) FROM scimd_change WHERE tenant_id = 2) + 1000 * (SELECT COUNT(*) FROM scimd_user "
    "WHERE tenant_id = 2 AND title = 'other') + 10000 * (SELECT COUNT(*) FROM scimd_link WHERE "
    "tenant_id = 2) + 100000 * (SELECT COUNT(*) FROM scimd_staged WHERE tenant_id = 2 AND "
    "document = 'other') + 1000000 * (SELECT COUNT(*) FROM scimd_sync WHERE tenant_id = 2 AND "
    "fence < 1000) FROM scimd_resource WHERE tenant_id = 2 AND "
    "document LIKE '%other%'";

static void touches_no_foreign_row(void **row)
{
    const struct attack_case *expected = *row;
    struct population population;
    struct fixture *fixture = &population.fixture;
    char sql[256];
    int64_t before;

    if (!engine_is_postgresql())
        engine_skip("SQLite has no row-level security");
    two_tenants(&population);
    before = fixture_number(fixture, fingerprint);
    assert_int_equal(before, 1121112);
    fixture->scope.tenant = FIRST_TENANT;
    (void)snprintf(sql, sizeof(sql), "%s", expected->sql);
    assert_int_equal(store_transact(fixture->scope, fixture_run_sql, sql, &fixture->err),
                     expected->code == 0 ? 0 : -1);
    assert_int_equal(fixture->err.code, expected->code);
    fixture->scope.tenant = OTHER_TENANT;
    assert_int_equal(fixture_number(fixture, fingerprint), before);
    population_stop(&population);
}

/* A table without a policy would be open to all: a new one is found by itself. */
static void every_table_of_tenants_is_protected(void **state)
{
    struct fixture fixture;

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("SQLite has no row-level security");
    fixture_start(&fixture);
    assert_int_equal(
        fixture_number(&fixture,
                       "SELECT COUNT(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                       "WHERE c.relkind = 'r' AND a.attname = 'tenant_id' AND NOT ("
                       "c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM "
                       "pg_policy p WHERE p.polrelid = c.oid))"),
        0);
    fixture_stop(&fixture);
}

static int clear_setting(struct session *session, void *argument, struct err *err)
{
    return session_run_text(session, "SELECT set_config('scimd.tenant', '', true)", err) < 0
               ? -1
               : fixture_run_question(session, argument, err);
}

static void who_names_no_tenant_sees_nothing(void **state)
{
    struct population population;
    struct fixture_question question = {
        .sql = "SELECT (SELECT COUNT(*) FROM scimd_resource) + (SELECT COUNT(*) FROM scim_users) + "
               "(SELECT COUNT(*) FROM scim_changes)",
        .answer = -1};

    (void)state;
    if (!engine_is_postgresql())
        engine_skip("SQLite has no row-level security");
    two_tenants(&population);
    fixture_transact(&population.fixture, clear_setting, &question);
    assert_int_equal(question.answer, 0);
    population_stop(&population);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stripped_statements_see_no_foreign_row),
        cmocka_unit_test(every_table_of_tenants_is_protected),
        cmocka_unit_test(who_names_no_tenant_sees_nothing),
    };

    return RUN_TABLE("isolation attacks", attack_cases, touches_no_foreign_row) +
           cmocka_run_group_tests_name("isolation", tests, NULL, NULL);
}
