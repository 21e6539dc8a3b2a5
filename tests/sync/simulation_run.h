/* simulation_run.h - one seed played to its end: a directory with a history, a source with faults,
 * and the engine between it and a database. */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_RUN_H
#define SCIMD_TESTS_SYNC_SIMULATION_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "simulation_model.h"

struct fixture;

struct simulation_figures {
    int runs;
    int applied;
    int held;
    int failed;
    int approved;
    int pulls;
};

/* Plays it in the fixture's database, as a tenant of its own.  False: *words says what was wrong.
 * `verbose` tells on standard error what happens. */
bool simulation_play(struct fixture *fixture, uint64_t seed, bool verbose,
                     struct simulation_figures *figures, char words[MODEL_WORDS_BYTES]);

#endif
