/* simulation_world.h - a directory that doesn't exist: people, groups, and all they ever were.
 *
 * Every change is a version with a number, and the log of versions is the directory: what held at
 * any number can be asked, which is what tells a removal that was due from one that was not.  All
 * that happens follows from a seed.  Nothing here asserts. */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_WORLD_H
#define SCIMD_TESTS_SYNC_SIMULATION_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_OBJECTS 48  /* people and groups, gone ones too */
#define WORLD_OUTSIDERS 4 /* behind them: contacts and machines, which are only ever members */
#define WORLD_NAMES (WORLD_OBJECTS + WORLD_OUTSIDERS)
#define WORLD_VERSIONS 1024
#define WORLD_TEXT_BYTES 48
#define WORLD_NOBODY (-1)

/* A sequence that looks random and can be had again. */
struct world_random {
    uint64_t state;
};
uint64_t world_random_next(struct world_random *random);
int world_random_below(struct world_random *random, int limit); /* 0 to limit - 1 */
bool world_random_chance(struct world_random *random, int percent);

/* Numbers that stand for texts; 0: there is none. */
enum world_value {
    WORLD_LOGIN, /* of a group: its name */
    WORLD_GIVEN,
    WORLD_FAMILY,
    WORLD_MAIL,
    WORLD_TITLE,
    WORLD_ENABLED, /* WORLD_YES or WORLD_NO */
    WORLD_MANAGER, /* the object + 1 */
    WORLD_VALUES
};
enum { WORLD_YES = 1, WORLD_NO = 2 };

/* What an object is at a number. */
struct world_state {
    bool exists;
    bool present; /* exists, and is in scope */
    int values[WORLD_VALUES];
    uint64_t members; /* of a group: bits of objects and outsiders, whether present or not */
};

struct world_version {
    int object;
    int before; /* the object's version before this one; 0: none */
    struct world_state state;
    uint64_t said_again; /* members that came back into scope, so that the source names them anew */
    bool manager_said_again;
    bool silent; /* a reference ended with its target: not reported for itself */
};

struct world {
    struct world_random random;
    bool silent_ends; /* what points to an object ends with it without a word */
    int immortal;     /* never leaves and keeps its login: a canary, or under protection */
    int steady;       /* keeps its login, but may leave; WORLD_NOBODY: none */

    bool is_group[WORLD_NAMES];
    int count; /* objects so far */
    int seq;   /* number of the newest version; 0: the beginning */
    int fresh; /* the last number given to a text */
    struct world_version versions[WORLD_VERSIONS];
    int newest[WORLD_NAMES]; /* version of each object; 0: none */
};

/* People and groups of the first day. */
void world_begin(struct world *world, uint64_t seed);
/* One thing happens to somebody, if there is room for it. */
void world_happen(struct world *world);

/* Single things, for tests that want to know what happens. */
int world_add(struct world *world, bool is_group, int login);
void world_set(struct world *world, int object, enum world_value which, int value);
void world_join(struct world *world, int group, int member, bool joins);
void world_delete(struct world *world, int object);
void world_restore(struct world *world, int object);
void world_leave(struct world *world, int object); /* the scope */
void world_return(struct world *world, int object);

/* What it was after version `seq`; before its first one: all zero. */
const struct world_state *world_at(const struct world *world, int object, int seq);
const struct world_state *world_now(const struct world *world, int object);
/* What may be known of it in scope, where both ends are present. */
bool world_member_at(const struct world *world, int group, int member, int seq);
int world_manager_at(const struct world *world, int object, int seq); /* WORLD_NOBODY: none */
/* Was it present at each number from `first` to `last`? */
bool world_stayed(const struct world *world, int object, int first, int last);

/* "u07", "g12", "o49"; *object WORLD_NOBODY where the text is none. */
void world_name(const struct world *world, int object, char text[WORLD_TEXT_BYTES]);
int world_object(const char *text);
/* "title-17" and back; 0 where it is none. */
void world_text(enum world_value which, int value, char text[WORLD_TEXT_BYTES]);
int world_number(enum world_value which, const char *text);

/* One line for a log: what the version says. */
void world_describe(const struct world *world, int seq, char *text, size_t bytes);

#endif
