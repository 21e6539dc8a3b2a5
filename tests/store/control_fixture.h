/* control_fixture.h - a control database with two tenants and sources of theirs, and what an act on
 * it says.
 *
 * Tenant 1 has the connection "scim" and the sources "ad" (AD) and "okta" (OKTA), tenant 2 the
 * source "ad" (FOREIGN). */
#ifndef SCIMD_TESTS_STORE_CONTROL_FIXTURE_H
#define SCIMD_TESTS_STORE_CONTROL_FIXTURE_H

#include "store_fixture.h"

#include "base/buf.h"
#include "store/control.h"
#include "store/sources.h"

#define AD 71
#define OKTA 72
#define FOREIGN 81

struct control_world {
    struct fixture fixture;
    struct buf text; /* what an act saw */
};

/* One act on a fresh world; `seen` is the text it leaves, or the error's detail. */
struct control_act {
    const char *name;
    int (*act)(struct session *session, struct control_world *world, struct err *err);
    const char *seen;
    enum err_code code; /* 0: succeeds */
};

static inline int control_insert_source(struct session *session, int tenant, int64_t id,
                                        const char *name, struct err *err)
{
    const struct source_row row = {.id = id,
                                   .tenant = tenant,
                                   .name = name,
                                   .type = name,
                                   .definition = "{}",
                                   .owned = "[]",
                                   .state = 1};

    return source_insert(session, &row, err);
}

static inline int control_fill(struct session *session, void *argument, struct err *err)
{
    static const char *const names[] = {"one", "two"};
    const struct connection_row connection = {
        .id = 1, .tenant = 1, .name = "scim", .profile = "auto"};
    int number = 0;

    (void)argument;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const struct tenant_row row = {
            .name = names[i], .state = TENANT_ACTIVE, .database = "db", .created_us = 1};

        if (control_tenant_insert(session, &row, &number, err) < 0)
            return -1;
    }
    return control_connection_insert(session, &connection, err) < 0 ||
                   control_insert_source(session, 1, OKTA, "okta", err) < 0 ||
                   control_insert_source(session, 1, AD, "ad", err) < 0 ||
                   control_insert_source(session, 2, FOREIGN, "ad", err) < 0
               ? -1
               : 0;
}

static inline void control_world_start(struct control_world *world)
{
    *world = (struct control_world){0};
    fixture_start(&world->fixture);
    world->fixture.scope.tenant = STORE_CONTROL_TENANT;
    fixture_transact(&world->fixture, control_fill, NULL);
}

static inline void control_world_stop(struct control_world *world)
{
    buf_free(&world->text);
    fixture_stop(&world->fixture);
}

struct control_acting {
    struct control_world *world;
    const struct control_act *row;
};

static inline int control_run_act(struct session *session, void *argument, struct err *err)
{
    struct control_acting *acting = argument;

    buf_reset(&acting->world->text);
    return acting->row->act(session, acting->world, err);
}

static inline void control_acts(void **state)
{
    const struct control_act *row = *state;
    struct control_world world;
    struct control_acting acting = {.world = &world, .row = row};
    struct err *err = &world.fixture.err;
    int result;

    control_world_start(&world);
    result = store_transact(world.fixture.scope, control_run_act, &acting, err);
    if (result < 0 && row->code == 0)
        fail_msg("%s (%s)", err->detail, err->cause);
    assert_int_equal(err->code, row->code);
    assert_string_equal(row->code == 0 ? buf_text(&world.text) : err->detail, row->seen);
    control_world_stop(&world);
}

#endif
