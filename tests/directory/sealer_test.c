#include "directory/sealer.h"

#include "directory_fixture.h"

#include "table.h"

#define INTERVAL_MS 1

static struct sealer_case {
    const char *name;
    int before; /* changes before the sealer starts, in an earlier life of the process */
    int during;
} cases[] = {
    {"nothing to seal",         0,  0 },
    {"what is announced",       0,  20},
    {"what a crash left",       20, 0 },
    {"both, in the same chain", 20, 20},
};

static int create_users(struct fixture *fixture, const char *prefix, int count)
{
    for (int i = 0; i < count; i++) {
        struct directory_result result = {0};
        struct err err = {0};
        const char *id = arena_printf(fixture->arena, "%s%d", prefix, i);
        const struct fixture_change change = {
            .verb = DIRECTORY_CREATE,
            .type = "User",
            .id = id,
            .body = arena_printf(fixture->arena, "{'userName':'%s'}", id)};

        if (fixture_apply(fixture, &change, fixture->arena, &result, &err) < 0)
            return fixture_failed("create", &err);
    }
    return 0;
}

static int restart(struct fixture *fixture)
{
    struct err err = {0};

    fixture_stop(fixture);
    if (fixture_start(fixture) < 0)
        return -1;
    return tenants_find(fixture->tenants, "acme", &fixture->tenant, &err);
}

static int verify_work(struct session *session, void *argument, struct err *err)
{
    return changes_verify(session, 0, argument, err);
}

static void seals_all(void **row)
{
    const struct sealer_case *expected = *row;
    const struct change_row *rows = NULL;
    struct sealer *sealer = NULL;
    struct fixture fixture;
    struct err err = {0};
    int64_t broken = -1;
    size_t count = 0;

    assert_int_equal(fixture_open(&fixture), 0);
    assert_int_equal(create_users(&fixture, "before", expected->before), 0);
    assert_int_equal(fixture_changes(&fixture, fixture.arena, false, &rows, &count), 0);
    assert_int_equal(count, 0); /* nobody sees what is not sealed */
    assert_int_equal(restart(&fixture), 0);

    assert_int_equal(sealer_start(fixture.tenants, INTERVAL_MS, &sealer, &err), 0);
    assert_int_equal(create_users(&fixture, "during", expected->during), 0);
    sealer_stop(sealer);

    assert_int_equal(fixture_changes(&fixture, fixture.arena, false, &rows, &count), 0);
    assert_int_equal(count, expected->before + expected->during);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(rows[i].position, i + 1);
    assert_int_equal(store_read(fixture.tenant->scope, verify_work, &broken, &err), 0);
    assert_int_equal(broken, 0);
    fixture_close(&fixture);
}

int main(void)
{
    sealer_stop(NULL);
    return RUN_TABLE("sealer", cases, seals_all);
}
