/* links_fixture.h - a tenant with two sources, and what an act on it says.
 *
 * Users u1 and u2, groups g1 (u1) and g2 (u1, u2); links of the source AD, in order of pk:
 *   1 a  user, live, of u1, whole         4 h  group, gone, of g2, due 50
 *   2 b  user, refused: no name, due 20   5 i  group, expected
 *   3 g  group, live, of g1, due 10       6 a  of the source OKTA: user, live, of u1 */
#ifndef SCIMD_TESTS_STORE_LINKS_FIXTURE_H
#define SCIMD_TESTS_STORE_LINKS_FIXTURE_H

#include "population.h"

#include "base/buf.h"
#include "store/links.h"

#define AD 7
#define OKTA 8

struct links_world {
    struct population population;
    struct resource_row users[2];
    struct resource_row groups[2];
    struct buf text; /* what an act saw */
};

static inline int links_fill(struct session *session, void *argument, struct err *err)
{
    const struct links_world *world = argument;
    const struct link_row rows[] = {
        {.pk = 1,
         .source_id = "a",
         .object = RESOURCE_TYPE_USER,
         .state = LINK_LIVE,
         .resource_pk = world->users[0].pk,
         .fingerprint = "f1",
         .attributes = "{\"n\":\"\\u0000 \\\" ' \xc3\xa4\"}",
         .document = "{}",
         .refs = "[]"},
        {.pk = 2,
         .source_id = "b",
         .object = RESOURCE_TYPE_USER,
         .state = LINK_REFUSED,
         .due_us = 20,
         .tries = 3,
         .problem = "no name"},
        {.pk = 3,
         .source_id = "g",
         .object = RESOURCE_TYPE_GROUP,
         .state = LINK_LIVE,
         .resource_pk = world->groups[0].pk,
         .fingerprint = "f3",
         .due_us = 10},
        {.pk = 4,
         .source_id = "h",
         .object = RESOURCE_TYPE_GROUP,
         .state = LINK_GONE,
         .resource_pk = world->groups[1].pk,
         .due_us = 50,
         .gone_us = 40},
        {.pk = 5, .source_id = "i",                                  .object = RESOURCE_TYPE_GROUP, .state = LINK_EXPECTED           },
    };
    const struct link_row other = {.pk = 6,
                                   .source_id = "a",
                                   .object = RESOURCE_TYPE_USER,
                                   .state = LINK_LIVE,
                                   .resource_pk = world->users[0].pk};

    return links_insert(session, AD, rows, ARRAY_LENGTH(rows), err) < 0
               ? -1
               : links_insert(session, OKTA, &other, 1, err);
}

static inline void links_world_start(struct links_world *world)
{
    struct population *population = &world->population;

    *world = (struct links_world){0};
    population_start(population);
    for (int i = 0; i < 2; i++) {
        world->users[i] =
            population_add(population, population->user, i == 0 ? "u1" : "u2",
                           i == 0 ? "{\"schemas\":[\"" SCHEMA_URN_USER "\"],\"userName\":\"u1\"}"
                                  : "{\"schemas\":[\"" SCHEMA_URN_USER "\"],\"userName\":\"u2\"}");
        world->groups[i] =
            population_add(population, population->group, i == 0 ? "g1" : "g2",
                           "{\"schemas\":[\"" SCHEMA_URN_GROUP "\"],\"displayName\":\"g\"}");
    }
    (void)population_add_member(population, world->groups[0].pk, "u1");
    (void)population_add_member(population, world->groups[1].pk, "u2");
    (void)population_add_member(population, world->groups[1].pk, "u1");
    fixture_transact(&population->fixture, links_fill, world);
}

static inline void links_world_stop(struct links_world *world)
{
    buf_free(&world->text);
    population_stop(&world->population);
}

static inline struct arena *arena_of(struct links_world *world)
{
    return world->population.fixture.arena;
}

/* One act on a fresh world; `seen` is the text it leaves, or the error's detail. */
struct links_act {
    const char *name;
    int (*act)(struct session *session, struct links_world *world, struct err *err);
    const char *seen;
    enum err_code code; /* 0: succeeds */
};

struct links_acting {
    struct links_world *world;
    const struct links_act *row;
};

static inline int links_run_act(struct session *session, void *argument, struct err *err)
{
    struct links_acting *acting = argument;

    buf_reset(&acting->world->text);
    return acting->row->act(session, acting->world, err);
}

static inline void links_acts(void **state)
{
    const struct links_act *row = *state;
    struct links_world world;
    struct links_acting acting = {.world = &world, .row = row};
    struct err *err = &world.population.fixture.err;
    int result;

    links_world_start(&world);
    result = store_transact(world.population.fixture.scope, links_run_act, &acting, err);
    if (result < 0 && row->code == 0)
        fail_msg("%s (%s)", err->detail, err->cause);
    assert_int_equal(err->code, row->code);
    assert_string_equal(row->code == 0 ? buf_text(&world.text) : err->detail, row->seen);
    links_world_stop(&world);
}

#endif
