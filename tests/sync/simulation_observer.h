/* simulation_observer.h - the simplest reader of a connector: believes all it is told, keeps it in
 * memory.
 *
 * Of a source without faults it ends with what the source is.  That is how we know that the
 * simulated source keeps the contract, and that what the engine makes of it is the engine's. */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_OBSERVER_H
#define SCIMD_TESTS_SYNC_SIMULATION_OBSERVER_H

#include "simulation_source.h"

#define OBSERVER_CURSOR_BYTES 64

struct observer {
    const struct connector *connector;
    bool present[WORLD_NAMES];
    bool seen[WORLD_NAMES]; /* in the pass under way */
    int values[WORLD_NAMES][WORLD_VALUES];
    uint64_t members[WORLD_NAMES];
    uint64_t open[WORLD_NAMES]; /* parts of a set so far */
    char cursor[OBSERVER_CURSOR_BYTES];
    size_t cursor_length;
    int broken; /* changes that no source may tell */
};

/* Pulls to the source's end mark; `full` forgets the cursor. */
int observer_pull(struct observer *observer, bool full, struct err *err);
/* Has it what the world is?  *object is one that differs. */
bool observer_agrees(const struct observer *observer, const struct world *world, int *object);

#endif
