/* Links of a source's objects. */
#include "links_fixture.h"

#define MANY 1000

static void put_link(struct links_world *world, const struct link_row *row)
{
    buf_printf(&world->text, "%s%lld%s:%s%d%d", world->text.length > 0 ? " " : "",
               (long long)row->pk, row->source_id != NULL ? row->source_id : "",
               row->resource_id != NULL ? row->resource_id : "", row->object, (int)row->state);
    if (row->due_us != 0 || row->gone_us != 0 || row->tries != 0)
        buf_printf(&world->text, "/%lld/%lld/%d", (long long)row->due_us, (long long)row->gone_us,
                   row->tries);
    if (row->fingerprint[0] != '\0')
        buf_printf(&world->text, "=%s", row->fingerprint);
    if (row->problem != NULL)
        buf_printf(&world->text, "!%s", row->problem);
    if (row->attributes != NULL)
        buf_printf(&world->text, " %s%s%s", row->attributes, row->document, row->refs);
}

static void put_links(struct links_world *world, const struct link_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_link(world, &rows[i]);
}

static int find(struct session *session, struct links_world *world, bool whole, struct err *err)
{
    static const char *const ids[] = {"g", "none", "a", "b", "x'); DELETE FROM scimd_link; --",
                                      "a"};
    struct link_row rows[ARRAY_LENGTH(ids)];

    if (links_find(session, arena_of(world), AD, ids, ARRAY_LENGTH(ids), whole, rows, err) < 0)
        return -1;
    put_links(world, rows, ARRAY_LENGTH(ids));
    return 0;
}

static int find_heads(struct session *session, struct links_world *world, struct err *err)
{
    return find(session, world, false, err);
}

static int find_whole(struct session *session, struct links_world *world, struct err *err)
{
    return find(session, world, true, err);
}

static int find_nothing(struct session *session, struct links_world *world, struct err *err)
{
    return links_find(session, arena_of(world), AD, NULL, 0, false, NULL, err);
}

static int put_pk(struct session *session, struct links_world *world, int64_t source, int64_t pk,
                  struct err *err)
{
    struct link_row row;

    if (links_find_pk(session, arena_of(world), source, pk, &row, err) < 0)
        return -1;
    put_link(world, &row);
    return 0;
}

static int find_pk(struct session *session, struct links_world *world, struct err *err)
{
    return put_pk(session, world, AD, 1, err);
}

static int find_pk_of_another_source(struct session *session, struct links_world *world,
                                     struct err *err)
{
    return put_pk(session, world, AD, 6, err);
}

static int of_resource(struct session *session, struct links_world *world, struct err *err)
{
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (links_of_resource(session, arena_of(world), world->users[0].pk, &links, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        buf_printf(&world->text, "(%lld)", (long long)links[i].source);
        put_link(world, &links[i].row);
    }
    return 0;
}

static int of_no_resource(struct session *session, struct links_world *world, struct err *err)
{
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (links_of_resource(session, arena_of(world), 0, &links, &count, err) < 0)
        return -1;
    buf_printf(&world->text, "%zu", count);
    return 0;
}

static int insert_taken(struct session *session, struct links_world *world, struct err *err)
{
    const struct link_row row = {.pk = 9, .source_id = "a", .object = 1, .state = LINK_LIVE};

    (void)world;
    return links_insert(session, AD, &row, 1, err);
}

static int update(struct session *session, struct links_world *world, struct err *err)
{
    const struct link_row row = {.pk = 2,
                                 .state = LINK_LIVE,
                                 .resource_pk = world->users[1].pk,
                                 .fingerprint = "f2",
                                 .attributes = "{}",
                                 .document = "{}",
                                 .refs = "[]",
                                 .due_us = 5,
                                 .gone_us = 6,
                                 .tries = 7};

    return links_update(session, AD, &row, err) < 0 ? -1 : put_pk(session, world, AD, 2, err);
}

static int update_head(struct session *session, struct links_world *world, struct err *err)
{
    const struct link_row row = {.pk = 1, .state = LINK_GONE, .gone_us = 6, .problem = "p"};

    return links_update(session, AD, &row, err) < 0 ? -1 : put_pk(session, world, AD, 1, err);
}

static int update_of_another_source(struct session *session, struct links_world *world,
                                    struct err *err)
{
    const struct link_row row = {.pk = 6, .state = LINK_GONE};

    (void)world;
    return links_update(session, AD, &row, err);
}

static int walk_to_the_end(struct session *session, struct links_world *world, int64_t source,
                           struct err *err)
{
    const struct link_row *rows = NULL;
    size_t count = 0;
    int64_t pk = 0;

    do {
        if (links_walk(session, arena_of(world), source, pk, &rows, &count, err) < 0)
            return -1;
        put_links(world, rows, count);
        pk = count > 0 ? rows[count - 1].pk : pk;
    } while (count > 0);
    return 0;
}

static int walk(struct session *session, struct links_world *world, struct err *err)
{
    return walk_to_the_end(session, world, AD, err);
}

static int count_waits(struct session *session, struct links_world *world, int64_t source,
                       int64_t owner, struct err *err)
{
    const struct link_wait *waits = NULL;
    size_t count = 0;

    if (link_waits_of(session, arena_of(world), source, owner, &waits, &count, err) < 0)
        return -1;
    buf_printf(&world->text, " %zu waits", count);
    return 0;
}

static int remove_link(struct session *session, struct links_world *world, struct err *err)
{
    static const char *const targets[] = {"x"};

    if (link_waits_add(session, AD, 3, 0, targets, 1, err) < 0 ||
        link_waits_add(session, OKTA, 3, 0, targets, 1, err) < 0 ||
        links_delete(session, AD, 3, err) < 0 || links_delete(session, OKTA, 1, err) < 0 ||
        walk(session, world, err) < 0 || count_waits(session, world, AD, 3, err) < 0)
        return -1;
    return count_waits(session, world, OKTA, 3, err);
}

static int due(struct session *session, struct links_world *world, int64_t now_us, size_t limit,
               struct err *err)
{
    const struct link_row *rows = NULL;
    size_t count = 0;

    if (links_due(session, arena_of(world), AD, now_us, limit, &rows, &count, err) < 0)
        return -1;
    put_links(world, rows, count);
    return 0;
}

static int due_soon(struct session *session, struct links_world *world, struct err *err)
{
    return due(session, world, 20, 10, err);
}

static int due_first(struct session *session, struct links_world *world, struct err *err)
{
    return due(session, world, 100, 1, err);
}

static int problems(struct session *session, struct links_world *world, struct err *err)
{
    const struct link_row trouble = {.pk = 5, .state = LINK_EXPECTED, .problem = "late"};
    const struct link_row *rows = NULL;
    size_t count = 1;

    if (links_update(session, AD, &trouble, err) < 0)
        return -1;
    for (int64_t pk = 0; count > 0; pk = count > 0 ? rows[0].pk : 0) {
        if (links_problems(session, arena_of(world), AD, pk, 1, &rows, &count, err) < 0)
            return -1;
        put_links(world, rows, count);
    }
    return 0;
}

static int tally(struct session *session, struct links_world *world, struct err *err)
{
    struct links_tally counts = {0};
    int64_t members = 0;

    if (links_tally(session, AD, &counts, err) < 0 ||
        links_tally_members(session, AD, &members, err) < 0)
        return -1;
    buf_printf(&world->text, "%lld users %lld groups %lld members", (long long)counts.users,
               (long long)counts.groups, (long long)members);
    return 0;
}

static int tally_nothing(struct session *session, struct links_world *world, struct err *err)
{
    if (links_forget_source(session, AD, err) < 0)
        return -1;
    return tally(session, world, err);
}

#define TEXTS " {\"n\":\"\\u0000 \\\" ' \xc3\xa4\"}{}[]"
#define A "1a:u111=f1"
#define B "2b:12/20/0/3!no name"
#define G "3g:g121/10/0/0=f3"
#define H "4h:g224/50/40/0"
#define I "5i:23"

static struct links_act acts[] = {
    {"find heads, in their order",          find_heads,                G " 0:00 " A " " B " 0:00 " A,             (enum err_code)0},
    {"find whole",                          find_whole,                G " 0:00 " A TEXTS " " B " 0:00 " A TEXTS, (enum err_code)0},
    {"find nothing",                        find_nothing,              "",                                        (enum err_code)0},
    {"find by key",                         find_pk,                   A TEXTS,                                   (enum err_code)0},
    {"a key of another source",             find_pk_of_another_source, "there is no such link",                   ERR_NOT_FOUND   },
    {"of a resource, whatever source",      of_resource,
     "(7) " A TEXTS "(8)"
     " 6a:u111",                                                                                                  (enum err_code)0},
    {"no resource has no links",            of_no_resource,            "0",                                       (enum err_code)0},
    {"one link an object",                  insert_taken,              "",                                        ERR_UNIQUENESS  },
    {"update",                              update,                    "2b:u211/5/6/7=f2 {}{}[]",                 (enum err_code)0},
    {"a head leaves the texts",             update_head,               "1a:14/0/6/0!p" TEXTS,                     (enum err_code)0},
    {"update what another source has",      update_of_another_source,  "there is no such link",
     ERR_NOT_FOUND                                                                                                                },
    {"walk in order of keys",               walk,                      A " " B " " G " " H " " I,                 (enum err_code)0},
    {"delete of this source alone",         remove_link,               A " " B " " H " " I " 0 waits 1 waits",
     (enum err_code)0                                                                                                             },
    {"due, oldest first",                   due_soon,                  G " " B,                                   (enum err_code)0},
    {"due, at most",                        due_first,                 G,                                         (enum err_code)0},
    {"problems, page by page",              problems,                  B " 5i:23!late",                           (enum err_code)0},
    {"live ones by object, and members",    tally,                     "1 users 1 groups 1 members",              (enum err_code)0},
    {"none are left of a forgotten source", tally_nothing,             "0 users 0 groups 0 members",
     (enum err_code)0                                                                                                             },
};

/* ---- other tenants, and many ---- */

static int walk_ad(struct session *session, void *argument, struct err *err)
{
    struct links_world *world = argument;

    buf_reset(&world->text);
    return walk_to_the_end(session, world, AD, err);
}

static int touch_all(struct session *session, void *argument, struct err *err)
{
    const struct link_row row = {.pk = 1, .state = LINK_GONE};

    (void)argument;
    if (links_update(session, AD, &row, err) == 0)
        return err_set(err, ERR_INTERNAL, "updated another tenant's link");
    return links_delete(session, AD, 3, err) < 0 ? -1 : links_forget_source(session, AD, err);
}

static void other_tenants_have_no_part(void **state)
{
    struct links_world world;
    struct fixture *fixture = &world.population.fixture;

    (void)state;
    links_world_start(&world);
    fixture->scope.tenant = 2;
    fixture_transact(fixture, walk_ad, &world);
    assert_string_equal(buf_text(&world.text), "");
    fixture_transact(fixture, touch_all, NULL);
    fixture->scope.tenant = 1;
    fixture_transact(fixture, walk_ad, &world);
    assert_string_equal(buf_text(&world.text), A " " B " " G " " H " " I);
    links_world_stop(&world);
}

/* More than a chunk, in an order of source ids that is not that of keys. */
static int insert_many(struct session *session, void *argument, struct err *err)
{
    struct links_world *world = argument;
    const size_t count = MANY + 200;
    struct link_row *rows = arena_array(arena_of(world), count, sizeof(*rows));

    for (size_t i = 0; i < count; i++)
        rows[i] = (struct link_row){.pk = 1000 + (int64_t)i,
                                    .source_id = arena_printf(arena_of(world), "n%zu", count - i),
                                    .object = RESOURCE_TYPE_USER,
                                    .state = LINK_LIVE};
    return links_insert(session, OKTA, rows, count, err);
}

static int check_many(struct session *session, void *argument, struct err *err)
{
    struct links_world *world = argument;
    struct link_row rows[MANY];
    const char *ids[MANY];
    const struct link_row *page = NULL;
    size_t count = 0;

    for (size_t i = 0; i < MANY; i++)
        ids[i] = arena_printf(arena_of(world), "n%zu", i + 1);
    if (links_find(session, arena_of(world), OKTA, ids, MANY, false, rows, err) < 0)
        return -1;
    buf_reset(&world->text);
    for (size_t i = 0; i < MANY; i++)
        if (rows[i].pk != 1000 + MANY + 200 - 1 - (int64_t)i)
            buf_printf(&world->text, "find %zu ", i);
    if (links_walk(session, arena_of(world), OKTA, 999, &page, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (page[i].pk != 1000 + (int64_t)i)
            buf_printf(&world->text, "walk %zu ", i);
    buf_printf(&world->text, "%zu", count);
    if (links_walk(session, arena_of(world), OKTA, page[count - 1].pk, &page, &count, err) < 0)
        return -1;
    buf_printf(&world->text, " %zu", count);
    return 0;
}

static void more_than_a_chunk(void **state)
{
    struct links_world world;
    struct fixture *fixture = &world.population.fixture;

    (void)state;
    links_world_start(&world);
    fixture_transact(fixture, insert_many, &world);
    fixture_transact(fixture, check_many, &world);
    assert_string_equal(buf_text(&world.text), "1000 200");
    links_world_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_tenants_have_no_part),
        cmocka_unit_test(more_than_a_chunk),
    };

    return RUN_TABLE("links", acts, links_acts) +
           cmocka_run_group_tests_name("links of many", tests, NULL, NULL);
}
