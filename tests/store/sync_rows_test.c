/* Where a source stands: fences, and sets that come in parts. */
#include "sync_fixture.h"

/* ---- the row ---- */

static void put_row(struct sync_world *world, const struct sync_row *row)
{
    buf_printf(&world->text, "%lld %lld %d %lld '%s' '%s' '%s' '%s'", (long long)row->fence,
               (long long)row->run, row->phase, (long long)row->page, row->cursor, row->pass_cursor,
               row->counters, row->doubt);
}

static int take(struct session *session, struct sync_world *world, int64_t fence, struct err *err)
{
    struct sync_row row;

    return sync_row_take(session, arena_of(world), AD, fence, &row, err);
}

static int put(struct session *session, int64_t source, int64_t fence, struct err *err)
{
    const struct sync_row row = {.fence = fence,
                                 .run = 2,
                                 .phase = 3,
                                 .page = 4,
                                 .cursor = "c",
                                 .pass_cursor = "p",
                                 .counters = "{\"n\":1}",
                                 .doubt = "d"};

    return sync_row_put(session, source, &row, err);
}

static int see(struct session *session, struct sync_world *world, struct err *err)
{
    struct sync_row row;

    if (sync_row_find(session, arena_of(world), AD, &row, err) < 0)
        return -1;
    put_row(world, &row);
    return 0;
}

static int not_there(struct session *session, struct sync_world *world, struct err *err)
{
    return see(session, world, err);
}

static int take_first(struct session *session, struct sync_world *world, struct err *err)
{
    struct sync_row row;

    if (sync_row_take(session, arena_of(world), AD, 5, &row, err) < 0)
        return -1;
    put_row(world, &row);
    return 0;
}

static int take_and_put(struct session *session, struct sync_world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 || put(session, AD, 5, err) < 0
               ? -1
               : see(session, world, err);
}

static int take_again(struct session *session, struct sync_world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 || take(session, world, 5, err) < 0
               ? -1
               : see(session, world, err);
}

static int take_later(struct session *session, struct sync_world *world, struct err *err)
{
    struct sync_row row;

    if (take_and_put(session, world, err) < 0 ||
        sync_row_take(session, arena_of(world), AD, 6, &row, err) < 0)
        return -1;
    buf_reset(&world->text);
    put_row(world, &row);
    return 0;
}

static int take_earlier(struct session *session, struct sync_world *world, struct err *err)
{
    return take(session, world, 6, err) < 0 ? -1 : take(session, world, 5, err);
}

static int put_after_a_later_lease(struct session *session, struct sync_world *world,
                                   struct err *err)
{
    return take(session, world, 5, err) < 0 || take(session, world, 6, err) < 0
               ? -1
               : put(session, AD, 5, err);
}

static int put_without_lease(struct session *session, struct sync_world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 ? -1 : put(session, AD, 6, err);
}

static int put_another_source(struct session *session, struct sync_world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 ? -1 : put(session, OKTA, 5, err);
}

/* ---- sets ---- */

static int put_set(struct session *session, struct sync_world *world, int64_t source,
                   const char *owner, struct err *err)
{
    int64_t *items = NULL;
    size_t count = 0;

    if (sync_set_read(session, source, owner, &items, &count, err) < 0)
        return -1;
    buf_putc(&world->text, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(&world->text, "%s%lld", i > 0 ? " " : "", (long long)items[i]);
    buf_putc(&world->text, ']');
    free(items);
    return 0;
}

static int write_sets(struct session *session, struct err *err)
{
    static const int64_t first[] = {5, 3, INT64_MAX};
    static const int64_t second[] = {9, 3, 1, 1};
    static const int64_t replaced[] = {77};

    return sync_set_put(session, AD, "", 2, replaced, 1, err) < 0 ||
                   sync_set_put(session, AD, "", 1, first, ARRAY_LENGTH(first), err) < 0 ||
                   sync_set_put(session, AD, "", 2, second, ARRAY_LENGTH(second), err) < 0 ||
                   sync_set_put(session, AD, "", 3, NULL, 0, err) < 0 ||
                   sync_set_put(session, AD, "g", 1, replaced, 1, err) < 0 ||
                   sync_set_put(session, OKTA, "", 1, replaced, 1, err) < 0
               ? -1
               : 0;
}

static int put_sets(struct session *session, struct sync_world *world, struct err *err)
{
    return put_set(session, world, AD, "", err) < 0 || put_set(session, world, AD, "g", err) < 0
               ? -1
               : put_set(session, world, OKTA, "", err);
}

static int sets(struct session *session, struct sync_world *world, struct err *err)
{
    return write_sets(session, err) < 0 ? -1 : put_sets(session, world, err);
}

static int drop_set(struct session *session, struct sync_world *world, struct err *err)
{
    return write_sets(session, err) < 0 || sync_set_drop(session, AD, "", err) < 0
               ? -1
               : put_sets(session, world, err);
}

static int drop_sets(struct session *session, struct sync_world *world, struct err *err)
{
    return write_sets(session, err) < 0 || sync_set_drop(session, AD, NULL, err) < 0
               ? -1
               : put_sets(session, world, err);
}

static int forget(struct session *session, struct sync_world *world, struct err *err)
{
    struct sync_row row;
    struct err gone = {0};

    if (stage(session, err) < 0 || write_sets(session, err) < 0 ||
        take(session, world, 1, err) < 0 || links_forget_source(session, AD, err) < 0 ||
        counts(session, world, err) < 0 || put_sets(session, world, err) < 0)
        return -1;
    if (sync_row_find(session, arena_of(world), AD, &row, &gone) == 0)
        return err_set(err, ERR_INTERNAL, "the row is still there");
    return gone.code == ERR_NOT_FOUND ? 0 : err_set(err, gone.code, "%s", gone.detail);
}

#define LOST "another replica runs this source now"

static struct sync_act acts[] = {
    {"a source that has not run",                  not_there,               "the source has not run yet",            ERR_NOT_FOUND   },
    {"the first lease makes the row",              take_first,              "5 0 0 0 '' '' '{}' ''",                 (enum err_code)0},
    {"all but the fence is written",               take_and_put,            "5 2 3 4 'c' 'p' '{\"n\":1}' 'd'",
     (enum err_code)0                                                                                                                },
    {"a lease takes it again",                     take_again,              "5 0 0 0 '' '' '{}' ''",                 (enum err_code)0},
    {"a later lease takes over what stands there", take_later,              "6 2 3 4 'c' 'p' '{\"n\":1}' 'd'",
     (enum err_code)0                                                                                                                },
    {"an earlier lease doesn't take it",           take_earlier,            LOST,                                    ERR_CONFLICT    },
    {"nor writes",                                 put_after_a_later_lease, LOST,                                    ERR_CONFLICT    },
    {"nor writes who took none",                   put_without_lease,       LOST,                                    ERR_CONFLICT    },
    {"nor writes another source's",                put_another_source,      LOST,                                    ERR_CONFLICT    },
    {"sets: ascending, each once",                 sets,                    "[1 3 5 9 9223372036854775807][77][77]", (enum err_code)0},
    {"drop one set",                               drop_set,                "[][77][77]",                            (enum err_code)0},
    {"drop a source's sets",                       drop_sets,               "[][][77]",                              (enum err_code)0},
    {"forget a source, and no other",              forget,                  " #0 0 1[][][77]",                       (enum err_code)0},
};

/* ---- several transactions ---- */

static int take_five(struct session *session, void *argument, struct err *err)
{
    return take(session, argument, 5, err);
}

static int take_six(struct session *session, void *argument, struct err *err)
{
    return take(session, argument, 6, err);
}

static int stage_with_five(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    return stage(session, err) < 0 ? -1 : put(session, AD, 5, err);
}

static void what_a_lost_lease_wrote_is_undone(void **state)
{
    struct sync_world world = {0};

    (void)state;
    fixture_start(&world.fixture);
    fixture_transact(&world.fixture, take_five, &world);
    fixture_transact(&world.fixture, stage_with_five, &world);
    assert_int_equal(fixture_number(&world.fixture, "SELECT COUNT(*) FROM scimd_staged"), 9);
    fixture_sql(&world.fixture, "DELETE FROM scimd_staged WHERE tenant_id = 1");
    fixture_transact(&world.fixture, take_six, &world);
    assert_int_equal(
        store_transact(world.fixture.scope, stage_with_five, &world, &world.fixture.err), -1);
    assert_int_equal(world.fixture.err.code, ERR_CONFLICT);
    assert_int_equal(fixture_number(&world.fixture, "SELECT COUNT(*) FROM scimd_staged"), 0);
    fixture_stop(&world.fixture);
}

static int write_all(struct session *session, void *argument, struct err *err)
{
    return write_sets(session, err) < 0 ? -1 : take(session, argument, 5, err);
}

/* Of another tenant, which has a lease of its own. */
static int see_nothing(struct session *session, void *argument, struct err *err)
{
    struct sync_world *world = argument;

    buf_reset(&world->text);
    return put_sets(session, world, err) < 0 || sync_set_drop(session, AD, NULL, err) < 0 ||
                   take(session, world, 4, err) < 0 || put(session, AD, 4, err) < 0
               ? -1
               : 0;
}

static int see_own(struct session *session, void *argument, struct err *err)
{
    struct sync_world *world = argument;

    buf_reset(&world->text);
    return put_sets(session, world, err) < 0 ? -1 : see(session, world, err);
}

static void other_tenants_have_no_part(void **state)
{
    struct sync_world world = {0};

    (void)state;
    fixture_start(&world.fixture);
    fixture_transact(&world.fixture, write_all, &world);
    world.fixture.scope.tenant = 2;
    fixture_transact(&world.fixture, see_nothing, &world);
    assert_string_equal(buf_text(&world.text), "[][][]");
    world.fixture.scope.tenant = 1;
    fixture_transact(&world.fixture, see_own, &world);
    assert_string_equal(buf_text(&world.text),
                        "[1 3 5 9 9223372036854775807][77][77]5 0 0 0 '' '' '{}' ''");
    buf_free(&world.text);
    fixture_stop(&world.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_lost_lease_wrote_is_undone),
        cmocka_unit_test(other_tenants_have_no_part),
    };

    return RUN_TABLE("sync rows", acts, sync_acts) +
           cmocka_run_group_tests_name("sync rows of several", tests, NULL, NULL);
}
