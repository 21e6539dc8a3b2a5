/* Where a source stands: fences, sets, staged changes in order, a plan's text. */
#include "store_fixture.h"

#include "base/buf.h"
#include "store/links.h"
#include "store/sync_rows.h"

#define AD 7
#define OKTA 8
#define MANY 1200

struct world {
    struct fixture fixture;
    struct buf text; /* what an act saw */
};

static struct arena *arena_of(struct world *world)
{
    return world->fixture.arena;
}

/* ---- the row ---- */

static void put_row(struct world *world, const struct sync_row *row)
{
    buf_printf(&world->text, "%lld %lld %d %lld '%s' '%s' '%s' '%s'", (long long)row->fence,
               (long long)row->run, row->phase, (long long)row->page, row->cursor, row->pass_cursor,
               row->counters, row->doubt);
}

static int take(struct session *session, struct world *world, int64_t fence, struct err *err)
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

static int see(struct session *session, struct world *world, struct err *err)
{
    struct sync_row row;

    if (sync_row_find(session, arena_of(world), AD, &row, err) < 0)
        return -1;
    put_row(world, &row);
    return 0;
}

static int not_there(struct session *session, struct world *world, struct err *err)
{
    return see(session, world, err);
}

static int take_first(struct session *session, struct world *world, struct err *err)
{
    struct sync_row row;

    if (sync_row_take(session, arena_of(world), AD, 5, &row, err) < 0)
        return -1;
    put_row(world, &row);
    return 0;
}

static int take_and_put(struct session *session, struct world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 || put(session, AD, 5, err) < 0
               ? -1
               : see(session, world, err);
}

static int take_again(struct session *session, struct world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 || take(session, world, 5, err) < 0
               ? -1
               : see(session, world, err);
}

static int take_later(struct session *session, struct world *world, struct err *err)
{
    struct sync_row row;

    if (take_and_put(session, world, err) < 0 ||
        sync_row_take(session, arena_of(world), AD, 6, &row, err) < 0)
        return -1;
    buf_reset(&world->text);
    put_row(world, &row);
    return 0;
}

static int take_earlier(struct session *session, struct world *world, struct err *err)
{
    return take(session, world, 6, err) < 0 ? -1 : take(session, world, 5, err);
}

static int put_after_a_later_lease(struct session *session, struct world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 || take(session, world, 6, err) < 0
               ? -1
               : put(session, AD, 5, err);
}

static int put_without_lease(struct session *session, struct world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 ? -1 : put(session, AD, 6, err);
}

static int put_another_source(struct session *session, struct world *world, struct err *err)
{
    return take(session, world, 5, err) < 0 ? -1 : put(session, OKTA, 5, err);
}

/* ---- sets ---- */

static int put_set(struct session *session, struct world *world, int64_t source, const char *owner,
                   struct err *err)
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

static int put_sets(struct session *session, struct world *world, struct err *err)
{
    return put_set(session, world, AD, "", err) < 0 || put_set(session, world, AD, "g", err) < 0
               ? -1
               : put_set(session, world, OKTA, "", err);
}

static int sets(struct session *session, struct world *world, struct err *err)
{
    return write_sets(session, err) < 0 ? -1 : put_sets(session, world, err);
}

static int drop_set(struct session *session, struct world *world, struct err *err)
{
    return write_sets(session, err) < 0 || sync_set_drop(session, AD, "", err) < 0
               ? -1
               : put_sets(session, world, err);
}

static int drop_sets(struct session *session, struct world *world, struct err *err)
{
    return write_sets(session, err) < 0 || sync_set_drop(session, AD, NULL, err) < 0
               ? -1
               : put_sets(session, world, err);
}

/* ---- staged changes ---- */

static void put_staged(struct world *world, const struct staged_row *row)
{
    buf_printf(&world->text, "%s%d:%s:%s/%d", world->text.length > 0 ? " " : "", (int)row->kind,
               row->source_id, row->member, row->object);
    if (row->fingerprint[0] != '\0')
        buf_printf(&world->text, "=%s", row->fingerprint);
    if (row->attributes != NULL)
        buf_printf(&world->text, "%s%s%s@%lld", row->attributes, row->document, row->refs,
                   (long long)row->due_us);
}

static int stage(struct session *session, struct err *err)
{
    static const char *const members[] = {"m2", "m1", "m2"};
    static const char *const again[] = {"m3", "m1", "x'); --"};
    static const struct staged_row first = {.kind = STAGED_UPSERT, .source_id = "a", .object = 1};
    static const struct staged_row over = {.kind = STAGED_UPSERT,
                                           .source_id = "a",
                                           .member = "",
                                           .object = 1,
                                           .fingerprint = "f",
                                           .attributes = "{\"a\":1}",
                                           .document = "{}",
                                           .refs = "[]",
                                           .due_us = 6};
    static const struct staged_row gone = {.kind = STAGED_REMOVE, .source_id = "b", .object = 2};

    return staged_put(session, AD, STAGED_LIVE, &gone, err) < 0 ||
                   staged_put(session, AD, STAGED_LIVE, &first, err) < 0 ||
                   staged_put(session, AD, STAGED_LIVE, &over, err) < 0 ||
                   staged_put(session, AD, 3, &gone, err) < 0 ||
                   staged_put(session, OKTA, STAGED_LIVE, &gone, err) < 0 ||
                   staged_put_members(session, AD, STAGED_LIVE, STAGED_MEMBER_REMOVE, "g", members,
                                      ARRAY_LENGTH(members), err) < 0 ||
                   staged_put_members(session, AD, STAGED_LIVE, STAGED_MEMBER_REMOVE, "g", again,
                                      ARRAY_LENGTH(again), err) < 0 ||
                   staged_put_members(session, AD, STAGED_LIVE, STAGED_MEMBER_REMOVE, "f", members,
                                      1, err) < 0
               ? -1
               : 0;
}

static int walk(struct session *session, struct world *world, int64_t source, int64_t plan,
                size_t limit, struct err *err)
{
    struct staged_place place = {0};
    const struct staged_row *rows = NULL;
    size_t count = 0;

    do {
        if (staged_walk(session, arena_of(world), source, plan, &place, limit, &rows, &count, err) <
            0)
            return -1;
        if (count > limit)
            return err_set(err, ERR_INTERNAL, "more than were asked for");
        for (size_t i = 0; i < count; i++)
            put_staged(world, &rows[i]);
        if (count > 0)
            place = (struct staged_place){(int)rows[count - 1].kind, rows[count - 1].source_id,
                                          rows[count - 1].member};
    } while (count > 0);
    return 0;
}

static int walk_at_once(struct session *session, struct world *world, struct err *err)
{
    return stage(session, err) < 0 ? -1 : walk(session, world, AD, STAGED_LIVE, 100, err);
}

static int walk_one_by_one(struct session *session, struct world *world, struct err *err)
{
    return stage(session, err) < 0 ? -1 : walk(session, world, AD, STAGED_LIVE, 1, err);
}

static int walk_by_three(struct session *session, struct world *world, struct err *err)
{
    return stage(session, err) < 0 ? -1 : walk(session, world, AD, STAGED_LIVE, 3, err);
}

static int find_staged(struct session *session, struct world *world, struct err *err)
{
    static const char *const ids[] = {"a", "b", "g"};
    struct staged_row row;
    bool found = false;

    if (stage(session, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
        if (staged_find(session, arena_of(world), AD, STAGED_LIVE, STAGED_UPSERT, ids[i], &row,
                        &found, err) < 0)
            return -1;
        if (found)
            put_staged(world, &row);
        else
            buf_puts(&world->text, " none");
    }
    return 0;
}

static int counts(struct session *session, struct world *world, struct err *err)
{
    int64_t live = 0;
    int64_t plan = 0;
    int64_t other = 0;

    if (staged_count(session, AD, STAGED_LIVE, &live, err) < 0 ||
        staged_count(session, AD, 3, &plan, err) < 0 ||
        staged_count(session, OKTA, STAGED_LIVE, &other, err) < 0)
        return -1;
    buf_printf(&world->text, " #%lld %lld %lld", (long long)live, (long long)plan,
               (long long)other);
    return 0;
}

static int drop_members(struct session *session, struct world *world, struct err *err)
{
    static const char *const members[] = {"m1", "none", "x'); --"};

    return stage(session, err) < 0 ||
                   staged_drop(session, AD, STAGED_LIVE, STAGED_MEMBER_REMOVE, "g", members,
                               ARRAY_LENGTH(members), err) < 0 ||
                   walk(session, world, AD, STAGED_LIVE, 100, err) < 0
               ? -1
               : counts(session, world, err);
}

static int drop_all(struct session *session, struct world *world, struct err *err)
{
    return stage(session, err) < 0 ||
                   staged_drop(session, AD, STAGED_LIVE, STAGED_MEMBER_REMOVE, "g", NULL, 0, err) <
                       0 ||
                   staged_drop(session, AD, STAGED_LIVE, STAGED_UPSERT, "b", NULL, 0, err) < 0 ||
                   walk(session, world, AD, STAGED_LIVE, 100, err) < 0
               ? -1
               : counts(session, world, err);
}

static int clear(struct session *session, struct world *world, struct err *err)
{
    return stage(session, err) < 0 || staged_clear(session, AD, STAGED_LIVE, err) < 0
               ? -1
               : counts(session, world, err);
}

static int forget(struct session *session, struct world *world, struct err *err)
{
    struct sync_row row;

    if (stage(session, err) < 0 || write_sets(session, err) < 0 || take(session, world, 1, err) < 0)
        return -1;
    if (links_forget_source(session, AD, err) < 0 || counts(session, world, err) < 0 ||
        put_sets(session, world, err) < 0)
        return -1;
    return sync_row_find(session, arena_of(world), AD, &row, err);
}

/* ---- a plan's text ---- */

static int put_text(struct session *session, struct world *world, int64_t run, int64_t part,
                    struct err *err)
{
    const char *text = NULL;
    size_t length = 0;

    if (plan_text_read(session, arena_of(world), run, part, &text, &length, err) < 0)
        return -1;
    buf_printf(&world->text, "%zu:%s ", length, text != NULL ? text : "none");
    return 0;
}

static int plan_text(struct session *session, struct world *world, struct err *err)
{
    if (plan_text_put(session, 1, 0, "firstX", 5, err) < 0 ||
        plan_text_put(session, 1, 1, "", 0, err) < 0 ||
        plan_text_put(session, 1, 0, "again", 5, err) < 0 ||
        plan_text_put(session, 2, 0, "other", 5, err) < 0 ||
        put_text(session, world, 1, 0, err) < 0 || put_text(session, world, 1, 1, err) < 0 ||
        put_text(session, world, 1, 2, err) < 0 || plan_text_drop(session, 1, err) < 0 ||
        put_text(session, world, 1, 0, err) < 0)
        return -1;
    return put_text(session, world, 2, 0, err);
}

#define UPSERT "1:a:/1=f{\"a\":1}{}[]@6"
#define GROUP_F "3:f:m2/2"
#define STAGED UPSERT " " GROUP_F " 3:g:m1/2 3:g:m2/2 3:g:m3/2 3:g:x'); --/2 4:b:/2"
#define LOST "another replica runs this source now"

static struct act_case {
    const char *name;
    int (*act)(struct session *session, struct world *world, struct err *err);
    const char *seen; /* or the error's detail */
    enum err_code code;
} act_cases[] = {
    {"a source that has not run",                  not_there,               "the source has not run yet",                          ERR_NOT_FOUND   },
    {"the first lease makes the row",              take_first,              "5 0 0 0 '' '' '{}' ''",                               (enum err_code)0},
    {"all but the fence is written",               take_and_put,            "5 2 3 4 'c' 'p' '{\"n\":1}' 'd'",
     (enum err_code)0                                                                                                                              },
    {"a lease takes it again",                     take_again,              "5 0 0 0 '' '' '{}' ''",                               (enum err_code)0},
    {"a later lease takes over what stands there", take_later,              "6 2 3 4 'c' 'p' '{\"n\":1}' 'd'",
     (enum err_code)0                                                                                                                              },
    {"an earlier lease doesn't take it",           take_earlier,            LOST,                                                  ERR_CONFLICT    },
    {"nor writes",                                 put_after_a_later_lease, LOST,                                                  ERR_CONFLICT    },
    {"nor writes who took none",                   put_without_lease,       LOST,                                                  ERR_CONFLICT    },
    {"nor writes another source's",                put_another_source,      LOST,                                                  ERR_CONFLICT    },
    {"sets: ascending, each once",                 sets,                    "[1 3 5 9 9223372036854775807][77][77]",               (enum err_code)0},
    {"drop one set",                               drop_set,                "[][77][77]",                                          (enum err_code)0},
    {"drop a source's sets",                       drop_sets,               "[][][77]",                                            (enum err_code)0},
    {"staged: all at once",                        walk_at_once,            STAGED,                                                (enum err_code)0},
    {"staged: one by one",                         walk_one_by_one,         STAGED,                                                (enum err_code)0},
    {"staged: three by three",                     walk_by_three,           STAGED,                                                (enum err_code)0},
    {"staged: find",                               find_staged,             UPSERT " none none",                                   (enum err_code)0},
    {"staged: drop members",                       drop_members,            UPSERT " " GROUP_F " 3:g:m2/2 3:g:m3/2 4:b:/2 #5 1 1",
     (enum err_code)0                                                                                                                              },
    {"staged: drop all of an id",                  drop_all,                UPSERT " " GROUP_F " 4:b:/2 #3 1 1",                   (enum err_code)0},
    {"staged: clear one plan",                     clear,                   " #0 1 1",                                             (enum err_code)0},
    {"forget a source",                            forget,                  "the source has not run yet",                          ERR_NOT_FOUND   },
    {"a plan's text",                              plan_text,               "5:again 0: 0:none 0:none 5:other ",                   (enum err_code)0},
};

struct act {
    struct world *world;
    const struct act_case *row;
};

static int run_act(struct session *session, void *argument, struct err *err)
{
    struct act *act = argument;

    buf_reset(&act->world->text);
    return act->row->act(session, act->world, err);
}

static void sees(void **state)
{
    const struct act_case *row = *state;
    struct world world = {0};
    struct act act = {.world = &world, .row = row};
    struct err *err = &world.fixture.err;
    int result;

    fixture_start(&world.fixture);
    result = store_transact(world.fixture.scope, run_act, &act, err);
    if (result < 0 && row->code == 0)
        fail_msg("%s (%s)", err->detail, err->cause);
    assert_int_equal(err->code, row->code);
    assert_string_equal(row->code == 0 ? buf_text(&world.text) : err->detail, row->seen);
    if (row->act == forget)
        assert_string_equal(buf_text(&world.text), " #0 0 1[][][77]");
    buf_free(&world.text);
    fixture_stop(&world.fixture);
}

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
    struct world world = {0};

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
    return stage(session, err) < 0 || write_sets(session, err) < 0 ||
                   take(session, argument, 5, err) < 0
               ? -1
               : plan_text_put(session, 1, 0, "x", 1, err);
}

static int see_nothing(struct session *session, void *argument, struct err *err)
{
    struct world *world = argument;

    buf_reset(&world->text);
    if (walk(session, world, AD, STAGED_LIVE, 100, err) < 0 || put_sets(session, world, err) < 0 ||
        put_text(session, world, 1, 0, err) < 0 || put(session, AD, 5, err) == 0)
        return -1;
    err->code = (enum err_code)0;
    return plan_text_drop(session, 1, err) < 0 || staged_clear(session, AD, STAGED_LIVE, err) < 0
               ? -1
               : sync_set_drop(session, AD, NULL, err);
}

static int see_own(struct session *session, void *argument, struct err *err)
{
    struct world *world = argument;

    buf_reset(&world->text);
    return counts(session, world, err) < 0 || put_sets(session, world, err) < 0
               ? -1
               : put_text(session, world, 1, 0, err);
}

static void other_tenants_have_no_part(void **state)
{
    struct world world = {0};

    (void)state;
    fixture_start(&world.fixture);
    fixture_transact(&world.fixture, write_all, &world);
    world.fixture.scope.tenant = 2;
    fixture_transact(&world.fixture, see_nothing, &world);
    assert_string_equal(buf_text(&world.text), "[][][]0:none ");
    world.fixture.scope.tenant = 1;
    fixture_transact(&world.fixture, see_own, &world);
    assert_string_equal(buf_text(&world.text), " #7 1 1[1 3 5 9 9223372036854775807][77][77]1:x ");
    buf_free(&world.text);
    fixture_stop(&world.fixture);
}

static int stage_many(struct session *session, void *argument, struct err *err)
{
    struct world *world = argument;
    const char *members[MANY];
    int64_t count = 0;

    for (size_t i = 0; i < MANY; i++)
        members[i] = arena_printf(arena_of(world), "m%zu", i);
    if (staged_put_members(session, AD, 9, STAGED_MEMBER_ADD, "g", members, MANY, err) < 0 ||
        staged_put_members(session, AD, 9, STAGED_MEMBER_ADD, "g", members, MANY, err) < 0 ||
        staged_count(session, AD, 9, &count, err) < 0)
        return -1;
    buf_reset(&world->text);
    buf_printf(&world->text, "%lld ", (long long)count);
    if (staged_drop(session, AD, 9, STAGED_MEMBER_ADD, "g", members, MANY - 1, err) < 0)
        return -1;
    return walk(session, world, AD, 9, 10, err);
}

static void more_members_than_a_chunk(void **state)
{
    struct world world = {0};

    (void)state;
    fixture_start(&world.fixture);
    fixture_transact(&world.fixture, stage_many, &world);
    assert_string_equal(buf_text(&world.text), "1200  2:g:m1199/2");
    buf_free(&world.text);
    fixture_stop(&world.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_lost_lease_wrote_is_undone),
        cmocka_unit_test(other_tenants_have_no_part),
        cmocka_unit_test(more_members_than_a_chunk),
    };

    return RUN_TABLE("sync rows", act_cases, sees) +
           cmocka_run_group_tests_name("sync rows of several", tests, NULL, NULL);
}
