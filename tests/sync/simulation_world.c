#include "simulation_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(object) (UINT64_C(1) << (object))
#define ROOM 80 /* versions that one thing may make: each object refers to another */

static const struct world_state nothing;

/* ---- chance ---- */

uint64_t world_random_next(struct world_random *random)
{
    uint64_t mixed = random->state += UINT64_C(0x9e3779b97f4a7c15); /* SplitMix64 */

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

int world_random_below(struct world_random *random, int limit)
{
    return (int)(world_random_next(random) % (uint64_t)limit);
}

bool world_random_chance(struct world_random *random, int percent)
{
    return world_random_below(random, 100) < percent;
}

/* ---- what was ---- */

const struct world_state *world_at(const struct world *world, int object, int seq)
{
    int version = world->newest[object];

    while (version > seq)
        version = world->versions[version].before;
    return version > 0 ? &world->versions[version].state : &nothing;
}

const struct world_state *world_now(const struct world *world, int object)
{
    return world_at(world, object, world->seq);
}

bool world_member_at(const struct world *world, int group, int member, int seq)
{
    const struct world_state *state = world_at(world, group, seq);

    return state->present && (state->members & BIT(member)) != 0 &&
           world_at(world, member, seq)->present;
}

int world_manager_at(const struct world *world, int object, int seq)
{
    const struct world_state *state = world_at(world, object, seq);
    int manager = state->values[WORLD_MANAGER] - 1;

    return state->present && manager >= 0 && world_at(world, manager, seq)->present ? manager
                                                                                    : WORLD_NOBODY;
}

bool world_stayed(const struct world *world, int object, int first, int last)
{
    if (!world_at(world, object, first)->present)
        return false;
    for (int i = first + 1; i <= last; i++)
        if (world->versions[i].object == object && !world->versions[i].state.present)
            return false;
    return true;
}

/* ---- texts ---- */

static const char *const value_words[WORLD_VALUES] = {
    [WORLD_LOGIN] = "Login",     [WORLD_GIVEN] = "Zo\xc3\xab",        [WORLD_FAMILY] = "Family",
    [WORLD_MAIL] = "mail",       [WORLD_TITLE] = "Title \"of\" some", [WORLD_ENABLED] = "enabled",
    [WORLD_MANAGER] = "manager",
};

void world_name(const struct world *world, int object, char text[WORLD_TEXT_BYTES])
{
    char letter = world->is_group[object] ? 'g' : 'u';

    (void)snprintf(text, WORLD_TEXT_BYTES, "%c%02d", object < WORLD_OBJECTS ? letter : 'o', object);
}

int world_object(const char *text)
{
    char *end;
    long object;

    if (text == NULL || text[0] == '\0' || strchr("ugo", text[0]) == NULL)
        return WORLD_NOBODY;
    object = strtol(text + 1, &end, 10);
    if (end == text + 1 || *end != '\0' || object < 0 || object >= WORLD_NAMES)
        return WORLD_NOBODY;
    return (int)object;
}

void world_text(enum world_value which, int value, char text[WORLD_TEXT_BYTES])
{
    (void)snprintf(text, WORLD_TEXT_BYTES, "%s-%d", value_words[which], value);
}

int world_number(enum world_value which, const char *text)
{
    size_t length = strlen(value_words[which]);

    if (text == NULL || strncmp(text, value_words[which], length) != 0 || text[length] != '-')
        return 0;
    return atoi(text + length + 1);
}

void world_describe(const struct world *world, int seq, char *text, size_t bytes)
{
    const struct world_version *version = &world->versions[seq];
    const struct world_state *state = &version->state;
    char name[WORLD_TEXT_BYTES];

    world_name(world, version->object, name);
    (void)snprintf(
        text, bytes, "%d %s%s%s%s values %d %d %d %d %d %d %d members %llx again %llx", seq, name,
        state->exists ? "" : " gone", state->exists && !state->present ? " out of scope" : "",
        version->silent ? " silent" : "", state->values[0], state->values[1], state->values[2],
        state->values[3], state->values[4], state->values[5], state->values[6],
        (unsigned long long)state->members, (unsigned long long)version->said_again);
}

/* ---- what happens ---- */

static struct world_version *append(struct world *world, int object)
{
    const struct world_state *state = world_now(world, object);
    struct world_version *version;

    if (world->seq + 1 >= WORLD_VERSIONS)
        abort(); /* world_happen() keeps room */
    version = &world->versions[++world->seq];
    *version =
        (struct world_version){.object = object, .before = world->newest[object], .state = *state};
    world->newest[object] = world->seq;
    return version;
}

/* ---- single things ---- */

int world_add(struct world *world, bool is_group, int login)
{
    int object = world->count++;
    struct world_version *version;

    world->is_group[object] = is_group;
    version = append(world, object);
    version->state.exists = true;
    version->state.present = true;
    version->state.values[WORLD_LOGIN] = login != 0 ? login : ++world->fresh;
    version->state.values[WORLD_ENABLED] = is_group ? 0 : WORLD_YES;
    return object;
}

void world_set(struct world *world, int object, enum world_value which, int value)
{
    append(world, object)->state.values[which] = value;
}

void world_join(struct world *world, int group, int member, bool joins)
{
    struct world_version *version = append(world, group);

    if (joins)
        version->state.members |= BIT(member);
    else
        version->state.members &= ~BIT(member);
}

void world_delete(struct world *world, int object)
{
    /* the end of what was out of scope is not told, so what pointed to it has to be */
    bool silent = world->silent_ends && world_now(world, object)->present;
    struct world_version *version = append(world, object);

    version->state.exists = false;
    version->state.present = false;
    version->state.members = 0;
    version->state.values[WORLD_MANAGER] = 0;
    for (int i = 0; i < world->count; i++) {
        const struct world_state *state = world_now(world, i);

        if ((state->members & BIT(object)) != 0) {
            version = append(world, i);
            version->state.members &= ~BIT(object);
            version->silent = silent;
        } else if (state->values[WORLD_MANAGER] == object + 1) {
            version = append(world, i);
            version->state.values[WORLD_MANAGER] = 0;
            version->silent = silent;
        }
    }
}

static bool login_is_taken(const struct world *world, int login, bool of_groups)
{
    for (int i = 0; i < world->count; i++)
        if (world->is_group[i] == of_groups && world_now(world, i)->exists &&
            world_now(world, i)->values[WORLD_LOGIN] == login)
            return true;
    return false;
}

void world_restore(struct world *world, int object)
{
    struct world_version *version = append(world, object);

    if (login_is_taken(world, version->state.values[WORLD_LOGIN], world->is_group[object]))
        version->state.values[WORLD_LOGIN] = ++world->fresh;
    version->state.exists = true;
    version->state.present = true;
}

void world_leave(struct world *world, int object)
{
    append(world, object)->state.present = false;
}

void world_return(struct world *world, int object)
{
    struct world_version *version = append(world, object);

    version->state.present = true;
    for (int i = 0; i < world->count; i++) {
        const struct world_state *state = world_now(world, i);

        if ((state->members & BIT(object)) != 0)
            append(world, i)->said_again = BIT(object);
        else if (state->values[WORLD_MANAGER] == object + 1)
            append(world, i)->manager_said_again = true;
    }
}

/* ---- by chance ---- */

enum who { PERSON, GROUP, ANYBODY };

/* Somebody of that kind who exists or doesn't; WORLD_NOBODY: there is none. */
static int pick(struct world *world, enum who who, bool exists)
{
    int first = world_random_below(&world->random, world->count);

    for (int i = 0; i < world->count; i++) {
        int object = (first + i) % world->count;

        if (who != ANYBODY && world->is_group[object] != (who == GROUP))
            continue;
        if (world_now(world, object)->exists == exists)
            return object;
    }
    return WORLD_NOBODY;
}

static bool has_room(const struct world *world)
{
    return world->count < WORLD_OBJECTS;
}

static void come(struct world *world)
{
    bool is_group = world_random_chance(&world->random, 25);

    if (!has_room(world))
        return;
    (void)world_add(world, is_group, 0);
    if (is_group)
        return;
    for (int which = WORLD_GIVEN; which <= WORLD_TITLE; which++)
        if (world_random_chance(&world->random, 60))
            world->versions[world->seq].state.values[which] = ++world->fresh;
    if (world_random_chance(&world->random, 10))
        world->versions[world->seq].state.values[WORLD_ENABLED] = WORLD_NO;
}

/* Another object by the name of one that is gone. */
static void come_anew(struct world *world)
{
    int gone = pick(world, ANYBODY, false);

    if (gone == WORLD_NOBODY || !has_room(world) ||
        login_is_taken(world, world_now(world, gone)->values[WORLD_LOGIN], world->is_group[gone]))
        return;
    (void)world_add(world, world->is_group[gone], world_now(world, gone)->values[WORLD_LOGIN]);
}

static void change(struct world *world)
{
    int object = pick(world, PERSON, true);

    if (object != WORLD_NOBODY)
        world_set(world, object,
                  (enum world_value)(WORLD_GIVEN + world_random_below(&world->random, 4)),
                  ++world->fresh);
}

static void blank(struct world *world)
{
    int object = pick(world, PERSON, true);
    enum world_value which =
        (enum world_value)(WORLD_GIVEN + world_random_below(&world->random, 4));

    if (object != WORLD_NOBODY && world_now(world, object)->values[which] != 0)
        world_set(world, object, which, 0);
}

static void rename_somebody(struct world *world)
{
    int object = pick(world, ANYBODY, true);

    if (object != WORLD_NOBODY && object != world->immortal && object != world->steady)
        world_set(world, object, WORLD_LOGIN, ++world->fresh);
}

static void switch_somebody(struct world *world)
{
    int object = pick(world, PERSON, true);

    if (object != WORLD_NOBODY && object != world->immortal)
        world_set(world, object, WORLD_ENABLED,
                  WORLD_YES + WORLD_NO - world_now(world, object)->values[WORLD_ENABLED]);
}

static void choose_manager(struct world *world)
{
    int object = pick(world, PERSON, true);
    int manager = pick(world, PERSON, true);

    if (object == WORLD_NOBODY || manager == object)
        return;
    world_set(world, object, WORLD_MANAGER,
              world_random_chance(&world->random, 80) ? manager + 1 : 0);
}

static void go(struct world *world)
{
    int object = pick(world, ANYBODY, true);

    if (object != WORLD_NOBODY && object != world->immortal)
        world_delete(world, object);
}

static void come_back(struct world *world)
{
    int object = pick(world, ANYBODY, false);

    if (object == WORLD_NOBODY ||
        (object == world->steady &&
         login_is_taken(world, world_now(world, object)->values[WORLD_LOGIN], false)))
        return; /* it would have to come back under another login */
    world_restore(world, object);
}

static void move(struct world *world)
{
    int object = pick(world, ANYBODY, true);

    if (object == WORLD_NOBODY || object == world->immortal)
        return;
    if (world_now(world, object)->present)
        world_leave(world, object);
    else
        world_return(world, object);
}

static int pick_member(struct world *world)
{
    if (world_random_chance(&world->random, 10))
        return WORLD_OBJECTS + world_random_below(&world->random, WORLD_OUTSIDERS);
    return pick(world, world_random_chance(&world->random, 20) ? GROUP : PERSON, true);
}

static void join(struct world *world)
{
    int group = pick(world, GROUP, true);
    int times = 1 + world_random_below(&world->random, 3);

    for (int i = 0; group != WORLD_NOBODY && i < times; i++) {
        int member = pick_member(world);

        if (member != WORLD_NOBODY && member != group)
            world_join(world, group, member, true);
    }
}

static void part(struct world *world)
{
    int group = pick(world, GROUP, true);
    int first = world_random_below(&world->random, WORLD_NAMES);

    for (int i = 0; group != WORLD_NOBODY && i < WORLD_NAMES; i++) {
        int member = (first + i) % WORLD_NAMES;

        if ((world_now(world, group)->members & BIT(member)) == 0)
            continue;
        world_join(world, group, member, false);
        return;
    }
}

static const struct {
    int weight;
    void (*happens)(struct world *world);
} things[] = {
    {14, come           },
    {6,  come_anew      },
    {14, change         },
    {6,  blank          },
    {6,  rename_somebody},
    {6,  switch_somebody},
    {6,  choose_manager },
    {9,  go             },
    {6,  come_back      },
    {8,  move           },
    {20, join           },
    {8,  part           },
};

void world_happen(struct world *world)
{
    size_t count = sizeof(things) / sizeof(things[0]);
    int total = 0;
    int drawn;

    if (world->seq + ROOM >= WORLD_VERSIONS)
        return;
    for (size_t i = 0; i < count; i++)
        total += things[i].weight;
    drawn = world_random_below(&world->random, total);
    for (size_t i = 0; i < count; i++) {
        if (drawn < things[i].weight) {
            things[i].happens(world);
            return;
        }
        drawn -= things[i].weight;
    }
}

void world_begin(struct world *world, uint64_t seed)
{
    int times;

    *world =
        (struct world){.random = {seed * UINT64_C(0xd1342543de82ef95) + 1}, .steady = WORLD_NOBODY};
    world->silent_ends = world_random_chance(&world->random, 50);
    world->immortal = world_add(world, false, 0);
    if (world_random_chance(&world->random, 30))
        world->steady = world_add(world, false, 0);
    (void)world_add(world, true, 0);
    times = 2 + world_random_below(&world->random, 10);
    for (int i = 0; i < times; i++)
        come(world);
    times = world_random_below(&world->random, 8);
    for (int i = 0; i < times; i++)
        join(world);
}
