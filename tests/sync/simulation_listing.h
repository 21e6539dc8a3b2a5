/* simulation_listing.h - what the simulated source has to tell, as changes in some order. */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_LISTING_H
#define SCIMD_TESTS_SYNC_SIMULATION_LISTING_H

#include "simulation_source.h"

#define LISTING_MAX 2048

struct listed {
    struct change change;
    int step;         /* place in the listing; strictly increasing */
    uint64_t order;   /* random, but for changes that must keep theirs */
    uint64_t touches; /* objects it says something of */
    enum { REPEAT_NEVER, REPEAT_AT_ONCE, REPEAT_LATER } repeat;
};

struct listing {
    const struct source *source;
    struct world_random random; /* the same for every page of a pull */
    struct arena *arena;
    json_t *held; /* array: owns what changes borrow */
    struct listed items[LISTING_MAX];
    int count;
};

/* Of a full pass, as things stand at `seq`. */
void listing_pass(struct listing *listing, const struct source_pass *pass, int seq);
/* What became of all that changed after `from`, up to `to`. */
void listing_delta(struct listing *listing, int from, int to);
/* One object as it is now. */
void listing_object(struct listing *listing, int object);

#endif
