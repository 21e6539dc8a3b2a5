/* Staged changes in their order, and a plan's text. */
#include "sync_fixture.h"

#define MANY 1200 /* more than a statement takes */

static void put_staged(struct sync_world *world, const struct staged_row *row)
{
    buf_printf(&world->text, "%s%d:%s:%s/%d", world->text.length > 0 ? " " : "", (int)row->kind,
               row->source_id, row->member, row->object);
    if (row->fingerprint[0] != '\0')
        buf_printf(&world->text, "=%s", row->fingerprint);
    if (row->attributes != NULL)
        buf_printf(&world->text, "%s%s%s@%lld", row->attributes, row->document, row->refs,
                   (long long)row->due_us);
}

static int walk(struct session *session, struct sync_world *world, int64_t source, int64_t plan,
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

static int walk_at_once(struct session *session, struct sync_world *world, struct err *err)
{
    return stage(session, err) < 0 ? -1 : walk(session, world, AD, STAGED_LIVE, 100, err);
}

static int walk_one_by_one(struct session *session, struct sync_world *world, struct err *err)
{
    return stage(session, err) < 0 ? -1 : walk(session, world, AD, STAGED_LIVE, 1, err);
}

static int walk_by_three(struct session *session, struct sync_world *world, struct err *err)
{
    return stage(session, err) < 0 ? -1 : walk(session, world, AD, STAGED_LIVE, 3, err);
}

static int find_staged(struct session *session, struct sync_world *world, struct err *err)
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

static int drop_members(struct session *session, struct sync_world *world, struct err *err)
{
    static const char *const members[] = {"m1", "none", "x'); --"};

    return stage(session, err) < 0 ||
                   staged_drop(session, AD, STAGED_LIVE, STAGED_MEMBER_REMOVE, "g", members,
                               ARRAY_LENGTH(members), err) < 0 ||
                   walk(session, world, AD, STAGED_LIVE, 100, err) < 0
               ? -1
               : counts(session, world, err);
}

static int drop_all(struct session *session, struct sync_world *world, struct err *err)
{
    return stage(session, err) < 0 ||
                   staged_drop(session, AD, STAGED_LIVE, STAGED_MEMBER_REMOVE, "g", NULL, 0, err) <
                       0 ||
                   staged_drop(session, AD, STAGED_LIVE, STAGED_UPSERT, "b", NULL, 0, err) < 0 ||
                   walk(session, world, AD, STAGED_LIVE, 100, err) < 0
               ? -1
               : counts(session, world, err);
}

static int clear(struct session *session, struct sync_world *world, struct err *err)
{
    return stage(session, err) < 0 || staged_clear(session, AD, STAGED_LIVE, err) < 0
               ? -1
               : counts(session, world, err);
}

/* ---- a plan's text ---- */

static int put_text(struct session *session, struct sync_world *world, int64_t run, int64_t part,
                    struct err *err)
{
    const char *text = NULL;
    size_t length = 0;

    if (plan_text_read(session, arena_of(world), run, part, &text, &length, err) < 0)
        return -1;
    buf_printf(&world->text, "%zu:%s ", length, text != NULL ? text : "none");
    return 0;
}

static int plan_text(struct session *session, struct sync_world *world, struct err *err)
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

static struct sync_act acts[] = {
    {"staged: all at once",       walk_at_once,    STAGED,                                                (enum err_code)0},
    {"staged: one by one",        walk_one_by_one, STAGED,                                                (enum err_code)0},
    {"staged: three by three",    walk_by_three,   STAGED,                                                (enum err_code)0},
    {"staged: find",              find_staged,     UPSERT " none none",                                   (enum err_code)0},
    {"staged: drop members",      drop_members,    UPSERT " " GROUP_F " 3:g:m2/2 3:g:m3/2 4:b:/2 #5 1 1",
     (enum err_code)0                                                                                                     },
    {"staged: drop all of an id", drop_all,        UPSERT " " GROUP_F " 4:b:/2 #3 1 1",                   (enum err_code)0},
    {"staged: clear one plan",    clear,           " #0 1 1",                                             (enum err_code)0},
    {"a plan's text",             plan_text,       "5:again 0: 0:none 0:none 5:other ",                   (enum err_code)0},
};

static int write_all(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    return stage(session, err) < 0 ? -1 : plan_text_put(session, 1, 0, "x", 1, err);
}

static int see_nothing(struct session *session, void *argument, struct err *err)
{
    struct sync_world *world = argument;

    buf_reset(&world->text);
    return walk(session, world, AD, STAGED_LIVE, 100, err) < 0 ||
                   put_text(session, world, 1, 0, err) < 0 || plan_text_drop(session, 1, err) < 0 ||
                   staged_drop(session, AD, STAGED_LIVE, STAGED_UPSERT, "a", NULL, 0, err) < 0
               ? -1
               : staged_clear(session, AD, STAGED_LIVE, err);
}

static int see_own(struct session *session, void *argument, struct err *err)
{
    struct sync_world *world = argument;

    buf_reset(&world->text);
    return counts(session, world, err) < 0 ? -1 : put_text(session, world, 1, 0, err);
}

static void other_tenants_have_no_part(void **state)
{
    struct sync_world world = {0};

    (void)state;
    fixture_start(&world.fixture);
    fixture_transact(&world.fixture, write_all, &world);
    world.fixture.scope.tenant = 2;
    fixture_transact(&world.fixture, see_nothing, &world);
    assert_string_equal(buf_text(&world.text), "0:none ");
    world.fixture.scope.tenant = 1;
    fixture_transact(&world.fixture, see_own, &world);
    assert_string_equal(buf_text(&world.text), " #7 1 11:x ");
    buf_free(&world.text);
    fixture_stop(&world.fixture);
}

static int stage_many(struct session *session, void *argument, struct err *err)
{
    struct sync_world *world = argument;
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
    struct sync_world world = {0};

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
        cmocka_unit_test(other_tenants_have_no_part),
        cmocka_unit_test(more_members_than_a_chunk),
    };

    return RUN_TABLE("staged changes", acts, sync_acts) +
           cmocka_run_group_tests_name("staged changes of many", tests, NULL, NULL);
}
