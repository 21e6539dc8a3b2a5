/* simulation_picture.h - what a tenant's database holds, in the words of the simulated directory.
 */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_PICTURE_H
#define SCIMD_TESTS_SYNC_SIMULATION_PICTURE_H

#include "store/links.h"
#include "store/store.h"

#include "simulation_world.h"

#define PICTURE_PUSHED WORLD_NAMES /* the first place of people that a client pushed */
#define PICTURE_PLACES 64
#define PICTURE_PUSHED_MAX (PICTURE_PLACES - PICTURE_PUSHED)
#define PICTURE_PUSHED_NAME "pushed-%d" /* their userName */
#define PICTURE_NICK_NAME "Nick"        /* what a client writes into people of the source */

/* A resource. */
struct held {
    bool there;
    char id[40];
    int64_t version;
    bool active;
    bool nick;                /* has PICTURE_NICK_NAME */
    int values[WORLD_VALUES]; /* WORLD_MANAGER: the place + 1 */
    char manager[40];         /* its id; "": none */
    uint64_t members;         /* bits of places */
};

struct held_link {
    int state; /* enum link_state; 0: none */
    bool problem;
};

struct picture {
    struct held held[PICTURE_PLACES];
    struct held_link links[WORLD_NAMES];
    int64_t fence;   /* of the source's row, likewise ... */
    int phase;       /* enum run_phase */
    char fault[160]; /* what no such database may hold; "": nothing */
};

/* `before` saves reading what has the same version; NULL: none.
 * 0, or -1 with what failed on standard error. */
int picture_take(struct store_scope scope, int64_t source, const struct picture *before,
                 struct picture *out);

/* Are the resources the same, to the version?  *place is one that is not. */
bool picture_same(const struct picture *left, const struct picture *right, int *place);
/* On standard error, a line for each resource. */
void picture_print(const struct picture *picture, const struct world *world);
/* The place of the resource with that id; WORLD_NOBODY: none. */
int picture_find(const struct picture *picture, const char *id);

#endif
