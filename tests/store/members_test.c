/* Memberships: rows, parked references, nesting with cycles. */
#include "population.h"

#define USER_SCHEMA "{\"schemas\":[\"" SCHEMA_URN_USER "\"],"
#define GROUP_SCHEMA "{\"schemas\":[\"" SCHEMA_URN_GROUP "\"],"
#define NAMES_MAX 8

/* The world of all rows: users u1 (displayName "One"), u2, u3; groups g1 to g4.  g1 holds u1 and
 * g2; g2 holds u2 and g3; g3 holds g1: a cycle; g4 holds nobody; "later" is parked in g1 and g4. */
struct world {
    struct population population;
    struct resource_row users[3];
    struct resource_row groups[4];
};

static void world_start(struct world *world)
{
    struct population *population = &world->population;
    static const char *const ids[] = {"u1", "u2", "u3"};
    static const char *const group_ids[] = {"g1", "g2", "g3", "g4"};
    static const struct {
        size_t group;
        const char *member;
    } joins[] = {
        {0, "u1"   },
        {0, "g2"   },
        {1, "u2"   },
        {1, "g3"   },
        {2, "g1"   },
        {0, "later"},
        {3, "later"}
    };
    char text[256];

    population_start(population);
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
        (void)snprintf(text, sizeof(text), USER_SCHEMA "\"userName\":\"name-%s\"%s}", ids[i],
                       i == 0 ? ",\"displayName\":\"One\"" : "");
        world->users[i] = population_add(population, population->user, ids[i], text);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(group_ids); i++) {
        (void)snprintf(text, sizeof(text), GROUP_SCHEMA "\"displayName\":\"Group %zu\"}", i + 1);
        world->groups[i] = population_add(population, population->group, group_ids[i], text);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(joins); i++)
        (void)population_add_member(population, world->groups[joins[i].group].pk, joins[i].member);
}

static const char *joined(struct arena *arena, const struct member_ids *ids)
{
    const char *text = "";

    for (size_t i = 0; i < ids->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "", ids->ids[i]);
    return text;
}

/* A call on one group (0: g1), and what it says. */
static struct change_case {
    const char *name;
    enum { ADD, REMOVE, KEEP, UNKNOWN } call;
    size_t group;
    const char *names[NAMES_MAX];
    const char *changed;
    const char *parked;
    int64_t rows; /* scimd_member and scimd_member_parked, of all groups, afterwards */
} change_cases[] = {
    {"add one",                          ADD,     3, {"u3"},                      "u3",          "",                                  8},
    {"add what is there",                ADD,     0, {"u1"},                      "",            "",                                  7},
    {"add some",                         ADD,     0, {"u1", "u3", "g4"},          "u3 g4",       "",                                  9},
    {"add unknown: parked",              ADD,     3, {"nobody"},                  "nobody",      "nobody",                            8},
    {"park once",                        ADD,     3, {"later"},                   "",            "",                                  7},
    {"add none",                         ADD,     3, {NULL},                      "",            "",                                  7},
    {"add itself",                       ADD,     3, {"g4"},                      "g4",          "",                                  8},
    {"injection is an id",
     ADD,                                         3,
     {"x'); DELETE FROM scimd_member; --"},
     "x'); DELETE FROM scimd_member; --",                                                        "x'); DELETE FROM scimd_member; --",
     8                                                                                                                                 },
    {"quotes are part of an id",         ADD,     3, {"\"]"},                     "\"]",         "\"]",                               8},
    {"remove one",                       REMOVE,  0, {"u1"},                      "u1",          "",                                  6},
    {"remove who is none",               REMOVE,  0, {"u3", "nobody"},            "",            "",                                  7},
    {"remove a parked one",              REMOVE,  0, {"later"},                   "later",       "",                                  6},
    {"remove some",                      REMOVE,  0, {"later", "u1", "u2", "g2"}, "u1 g2 later", "",                                  4},
    {"keep one",                         KEEP,    0, {"u1"},                      "g2",          "",                                  6},
    {"keep all members: parked ones go", KEEP,    0, {"u1", "g2"},                "later",       "",                                  6},
    {"keep none",                        KEEP,    0, {NULL},                      "u1 g2",       "",                                  5},
    {"unknown ones",                     UNKNOWN, 0, {"u1", "x", "g1", "later"},  "x later",     "",                                  7},
};

struct change {
    struct world *world;
    const struct change_case *row;
    struct member_ids changed;
    struct member_ids parked;
};

static int run_change(struct session *session, void *argument, struct err *err)
{
    struct change *change = argument;
    struct arena *arena = change->world->population.fixture.arena;
    int64_t group = change->world->groups[change->row->group].pk;
    struct member_name names[NAMES_MAX];
    struct member_list list = {.items = names, .present = true};

    while (list.count < NAMES_MAX && change->row->names[list.count] != NULL) {
        names[list.count] = (struct member_name){.value = change->row->names[list.count]};
        list.count++;
    }
    switch (change->row->call) {
    case ADD:
        return members_add(session, arena, group, &list, &change->changed, &change->parked, err);
    case REMOVE:
        return members_remove(session, arena, group, &list, &change->changed, err);
    case KEEP:
        return members_remove_others(session, arena, group, list.count > 0 ? &list : NULL,
                                     &change->changed, err);
    case UNKNOWN:
        break;
    }
    return members_unknown(session, arena, &list, &change->changed, err);
}

static void changes_members(void **state)
{
    const struct change_case *row = *state;
    struct world world;
    struct change change = {.world = &world, .row = row};
    struct fixture *fixture = &world.population.fixture;

    world_start(&world);
    fixture_transact(fixture, run_change, &change);
    assert_string_equal(joined(fixture->arena, &change.changed), row->changed);
    assert_string_equal(joined(fixture->arena, &change.parked), row->parked);
    assert_int_equal(fixture_number(fixture, "SELECT COUNT(*) FROM scimd_member") +
                         fixture_number(fixture, "SELECT COUNT(*) FROM scimd_member_parked"),
                     row->rows);
    population_stop(&world.population);
}

/* What is read of the world, as text. */
static struct read_case {
    const char *name;
    enum { MEMBERS_OF, GROUPS_OF } call;
    const char *id;
    size_t limit; /* of a page: all pages are read */
    const char *answer;
} read_cases[] = {
    {"members",                         MEMBERS_OF, "g1", 10, "u1 User One, g2 Group Group 2"      },
    {"members in pages",                MEMBERS_OF, "g1", 1,  "u1 User One, g2 Group Group 2"      },
    {"a member without displayName",    MEMBERS_OF, "g2", 10, "u2 User name-u2, g3 Group Group 3"  },
    {"parked ones are shown to nobody", MEMBERS_OF, "g4", 10, ""                                   },
    {"groups through a cycle",          GROUPS_OF,  "u1", 0,  "g1 direct, g2 indirect, g3 indirect"},
    {"direct is said where it is both", GROUPS_OF,  "u2", 0,  "g1 indirect, g2 direct, g3 indirect"},
    {"no groups",                       GROUPS_OF,  "u3", 0,  ""                                   },
};

struct reading {
    struct world *world;
    const struct read_case *row;
    const char *text;
};

static int64_t pk_of(const struct world *world, const char *id)
{
    size_t number = (size_t)(id[1] - '1');

    return id[0] == 'u' ? world->users[number].pk : world->groups[number].pk;
}

static void add_to(struct reading *reading, const char *id, const char *first, const char *second)
{
    reading->text = arena_printf(reading->world->population.fixture.arena, "%s%s%s %s%s%s",
                                 reading->text, reading->text[0] != '\0' ? ", " : "", id, first,
                                 second[0] != '\0' ? " " : "", second);
}

static int read_members(struct session *session, struct reading *reading, struct err *err)
{
    const struct member_row *members = NULL;
    size_t count = 0;
    int64_t after = 0;

    do {
        if (members_page(session, reading->world->population.fixture.arena,
                         pk_of(reading->world, reading->row->id), after, reading->row->limit,
                         &members, &count, err) < 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            add_to(reading, members[i].id, members[i].type, members[i].display);
            after = members[i].pk;
        }
    } while (count == reading->row->limit);
    return 0;
}

static int run_reading(struct session *session, void *argument, struct err *err)
{
    struct reading *reading = argument;
    const struct membership *groups = NULL;
    size_t count = 0;

    reading->text = "";
    if (reading->row->call == MEMBERS_OF)
        return read_members(session, reading, err);
    if (members_groups_of(session, reading->world->population.fixture.arena,
                          pk_of(reading->world, reading->row->id), &groups, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        add_to(reading, groups[i].id, groups[i].direct ? "direct" : "indirect", "");
    return 0;
}

static void reads_memberships(void **state)
{
    const struct read_case *row = *state;
    struct world world;
    struct reading reading = {.world = &world, .row = row};
    struct fixture *fixture = &world.population.fixture;

    world_start(&world);
    if (store_read(fixture->scope, run_reading, &reading, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
    assert_string_equal(reading.text, row->answer);
    population_stop(&world.population);
}

/* A parked one comes; a member goes. */
static struct life_case {
    const char *name;
    bool device;      /* what comes is of a tenant's type, which no group holds */
    const char *goes; /* NULL: "later" comes */
    const char *groups;
    const char *question;
    int64_t answer;
} life_cases[] = {
    {"a user that was parked comes",         false, NULL, "g1 g4",
     "SELECT COUNT(*) FROM scimd_member WHERE mtype = 1",                                                      4},
    {"its reference is not parked any more", false, NULL, "g1 g4",
     "SELECT COUNT(*) FROM scimd_member_parked",                                                               0},
    {"a device of that id does not",         true,  NULL, "",      "SELECT COUNT(*) FROM scimd_member_parked", 2},
    {"a user goes",                          false, "u1", "g1",    "SELECT COUNT(*) FROM scimd_member",        4},
    {"its group has a new version",          false, "u1", "g1",
     "SELECT COUNT(*) FROM scimd_resource WHERE id = 'g1' AND version = 2",                                    1},
    {"other groups have none",               false, "u1", "g1",
     "SELECT COUNT(*) FROM scimd_resource WHERE version > 1",                                                  1},
    {"a group goes, and its members",        false, "g1", "g3",    "SELECT COUNT(*) FROM scimd_member",        2},
    {"and its parked ones",                  false, "g1", "g3",    "SELECT COUNT(*) FROM scimd_member_parked", 1},
    {"one in no group goes",                 false, "u3", "",      "SELECT COUNT(*) FROM scimd_member",        5},
};

struct life {
    struct world *world;
    const struct life_case *row;
    int64_t pk;
    struct member_ids groups;
};

static int run_life(struct session *session, void *argument, struct err *err)
{
    struct life *life = argument;
    struct arena *arena = life->world->population.fixture.arena;
    const int64_t *groups = NULL;
    size_t count = 0;

    if (life->row->goes != NULL)
        return members_detach(session, arena, life->pk, POPULATION_TIME_US, &life->groups, err);
    if (members_attach(session, arena, "later", life->pk, &groups, &count, err) < 0)
        return -1;
    life->groups.ids = arena_array(arena, count + 1, sizeof(const char *));
    life->groups.count = count;
    for (size_t i = 0; i < count; i++) {
        for (size_t g = 0; g < ARRAY_LENGTH(life->world->groups); g++) {
            if (life->world->groups[g].pk == groups[i])
                life->groups.ids[i] = life->world->groups[g].id;
        }
    }
    return 0;
}

static void follows_resources(void **state)
{
    const struct life_case *row = *state;
    struct world world;
    struct life life = {.world = &world, .row = row};
    struct population *population = &world.population;

    world_start(&world);
    if (row->goes != NULL)
        life.pk = pk_of(&world, row->goes);
    else if (row->device)
        life.pk = population_add(population, population->device, "later",
                                 "{\"schemas\":[\"urn:example:scim:schemas:2.0:Device\"],"
                                 "\"name\":\"d\"}")
                      .pk;
    else
        life.pk = population_add(population, population->user, "later",
                                 USER_SCHEMA "\"userName\":\"later\"}")
                      .pk;
    fixture_transact(&population->fixture, run_life, &life);
    assert_string_equal(joined(population->fixture.arena, &life.groups), row->groups);
    assert_int_equal(fixture_number(&population->fixture, row->question), row->answer);
    population_stop(population);
}

#define MANY (2 * MEMBERS_CHUNK + 1) /* in three statements */

static int run_many(struct session *session, void *argument, struct err *err)
{
    struct world *world = argument;
    struct arena *arena = world->population.fixture.arena;
    struct member_name *names = arena_array(arena, MANY, sizeof(*names));
    const struct member_list list = {.items = names, .count = MANY, .present = true};
    struct member_ids changed;
    struct member_ids parked;
    size_t removed = 0;

    for (size_t i = 0; i < MANY; i++)
        names[i].value = arena_printf(arena, "many-%zu", i);
    if (members_add(session, arena, world->groups[3].pk, &list, &changed, &parked, err) < 0)
        return -1;
    if (changed.count != MANY || parked.count != MANY)
        return err_set(err, ERR_INTERNAL, "added %zu, parked %zu", changed.count, parked.count);
    do {
        if (members_remove_others(session, arena, world->groups[3].pk, NULL, &changed, err) < 0)
            return -1;
        removed += changed.count;
    } while (changed.count > 0);
    return removed == MANY + 1 ? 0 : err_set(err, ERR_INTERNAL, "removed %zu", removed);
}

static void works_in_chunks(void **state)
{
    struct world world;

    (void)state;
    world_start(&world);
    fixture_transact(&world.population.fixture, run_many, &world);
    population_stop(&world.population);
}

static struct many_case {
    const char *name;
} many_cases[] = {{"more names than one statement takes"}};

int main(void)
{
    int failed = RUN_TABLE("members_change", change_cases, changes_members);

    failed += RUN_TABLE("members_read", read_cases, reads_memberships);
    failed += RUN_TABLE("members_life", life_cases, follows_resources);
    failed += RUN_TABLE("members_many", many_cases, works_in_chunks);
    return failed;
}
