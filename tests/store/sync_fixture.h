/* sync_fixture.h - a database where a source's runs write, and what an act on it says. */
#ifndef SCIMD_TESTS_STORE_SYNC_FIXTURE_H
#define SCIMD_TESTS_STORE_SYNC_FIXTURE_H

#include "store_fixture.h"

#include "base/buf.h"
#include "scim/schema.h"
#include "store/links.h"
#include "store/sync_rows.h"

#define AD 7
#define OKTA 8

struct sync_world {
    struct fixture fixture;
    struct buf text; /* what an act saw */
};

static inline struct arena *arena_of(struct sync_world *world)
{
    return world->fixture.arena;
}

/* One act on a fresh world; `seen` is the text it leaves, or the error's detail. */
struct sync_act {
    const char *name;
    int (*act)(struct session *session, struct sync_world *world, struct err *err);
    const char *seen;
    enum err_code code; /* 0: succeeds */
};

struct sync_acting {
    struct sync_world *world;
    const struct sync_act *row;
};

static inline int sync_run_act(struct session *session, void *argument, struct err *err)
{
    struct sync_acting *acting = argument;

    buf_reset(&acting->world->text);
    return acting->row->act(session, acting->world, err);
}

static inline void sync_acts(void **state)
{
    const struct sync_act *row = *state;
    struct sync_world world = {0};
    struct sync_acting acting = {.world = &world, .row = row};
    struct err *err = &world.fixture.err;
    int result;

    fixture_start(&world.fixture);
    result = store_transact(world.fixture.scope, sync_run_act, &acting, err);
    if (result < 0 && row->code == 0)
        fail_msg("%s (%s)", err->detail, err->cause);
    assert_int_equal(err->code, row->code);
    assert_string_equal(row->code == 0 ? buf_text(&world.text) : err->detail, row->seen);
    buf_free(&world.text);
    fixture_stop(&world.fixture);
}

/* Rows of AD: an object to write, wholly (after a first try), one to remove, memberships to remove
 * of the groups f and g; one more to remove of AD's plan 3, and of OKTA. */
static inline int stage(struct session *session, struct err *err)
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

static inline int counts(struct session *session, struct sync_world *world, struct err *err)
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

#endif
