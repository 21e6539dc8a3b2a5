/* References that wait for their targets, and members as a source's group has them. */
#include "links_fixture.h"

/* ---- waits ---- */

static void put_waits(struct links_world *world, const struct link_wait *waits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(&world->text, "%s%lld/%lld:%s", world->text.length > 0 ? " " : "",
                   (long long)waits[i].owner, (long long)waits[i].path, waits[i].target);
}

static int add_waits(struct session *session, struct err *err)
{
    static const char *const first[] = {"x", "y", "x"};
    static const char *const again[] = {"y", "z"};
    static const char *const reference[] = {"x"};

    return link_waits_add(session, AD, 3, 0, first, ARRAY_LENGTH(first), err) < 0 ||
                   link_waits_add(session, AD, 3, 0, again, ARRAY_LENGTH(again), err) < 0 ||
                   link_waits_add(session, AD, 1, 99, reference, 1, err) < 0 ||
                   link_waits_add(session, OKTA, 6, 0, reference, 1, err) < 0
               ? -1
               : 0;
}

static int put_waits_of(struct session *session, struct links_world *world, int64_t owner,
                        struct err *err)
{
    const struct link_wait *waits = NULL;
    size_t count = 0;

    if (link_waits_of(session, arena_of(world), AD, owner, &waits, &count, err) < 0)
        return -1;
    put_waits(world, waits, count);
    return 0;
}

static int waits_of(struct session *session, struct links_world *world, struct err *err)
{
    return add_waits(session, err) < 0 ? -1 : put_waits_of(session, world, 3, err);
}

static int waits_for(struct session *session, struct links_world *world, struct err *err)
{
    static const char *const targets[] = {"z", "none", "x", "x"};
    const struct link_wait *waits = NULL;
    size_t count = 0;

    if (add_waits(session, err) < 0 ||
        link_waits_for(session, arena_of(world), AD, targets, ARRAY_LENGTH(targets), &waits, &count,
                       err) < 0)
        return -1;
    put_waits(world, waits, count);
    return 0;
}

static int drop_waits(struct session *session, struct links_world *world, struct err *err)
{
    static const char *const targets[] = {"z", "none", "x"};

    if (add_waits(session, err) < 0 ||
        link_waits_drop(session, AD, 3, 0, targets, ARRAY_LENGTH(targets), err) < 0 ||
        put_waits_of(session, world, 3, err) < 0)
        return -1;
    return put_waits_of(session, world, 1, err);
}

static int drop_all_waits(struct session *session, struct links_world *world, struct err *err)
{
    if (add_waits(session, err) < 0 || link_waits_drop(session, AD, 3, 0, NULL, 0, err) < 0 ||
        link_waits_drop(session, AD, 1, 98, NULL, 0, err) < 0 ||
        put_waits_of(session, world, 3, err) < 0)
        return -1;
    return put_waits_of(session, world, 1, err);
}

/* ---- members ---- */

static int member_keys(struct session *session, struct links_world *world, struct err *err)
{
    int64_t *keys = NULL;
    size_t count = 0;
    const char *ids[4] = {0};

    if (link_member_keys(session, world->groups[1].pk, &keys, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&world->text, "%s ", keys[i] == world->users[i].pk ? "key" : "other");
    free(keys);
    const int64_t asked[] = {world->users[1].pk, 1, world->groups[0].pk, world->users[1].pk};
    if (link_resource_ids(session, arena_of(world), asked, ARRAY_LENGTH(asked), ids, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        buf_printf(&world->text, "%s ", ids[i] != NULL ? ids[i] : "-");
    return 0;
}

static int no_member_keys(struct session *session, struct links_world *world, struct err *err)
{
    int64_t *keys = NULL;
    size_t count = 9;

    if (link_member_keys(session, world->users[0].pk, &keys, &count, err) < 0)
        return -1;
    buf_printf(&world->text, "%zu", count);
    free(keys);
    return 0;
}

static int groups_of(struct session *session, struct links_world *world, struct err *err)
{
    const char *const *ids = NULL;
    size_t count = 0;

    for (int64_t source = AD; source <= OKTA; source++) {
        if (link_groups_of(session, arena_of(world), source, world->users[0].pk, &ids, &count,
                           err) < 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            buf_printf(&world->text, "%lld:%s ", (long long)source, ids[i]);
    }
    return 0;
}

static struct links_act acts[] = {
    {"what an owner waits for, each once",     waits_of,       "3/0:x 3/0:y 3/0:z",   (enum err_code)0},
    {"who waits, by owner and path",           waits_for,      "1/99:x 3/0:x 3/0:z",  (enum err_code)0},
    {"drop some waits",                        drop_waits,     "3/0:y 1/99:x",        (enum err_code)0},
    {"drop all waits of a path",               drop_all_waits, "1/99:x",              (enum err_code)0},
    {"members by key, ids in the keys' order", member_keys,    "key key u2 - g1 u2 ",
     (enum err_code)0                                                                                 },
    {"no members",                             no_member_keys, "0",                   (enum err_code)0},
    {"groups that the source has, not gone",   groups_of,      "7:g1 ",               (enum err_code)0},
};

int main(void)
{
    return RUN_TABLE("waits and members", acts, links_acts);
}
