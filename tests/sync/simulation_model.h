/* simulation_model.h - what a run may do to a tenant's database, and what must be there in the end.
 *
 * The rules of the product, told anew without the engine: nothing goes unless the source said so,
 * or a pass that can be believed didn't show it; nothing goes in a run that failed or waits; more
 * than the guard allows goes only with approval. */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_MODEL_H
#define SCIMD_TESTS_SYNC_SIMULATION_MODEL_H

#include "sync/run.h"

#include "simulation_picture.h"
#include "simulation_source.h"

#define MODEL_WORDS_BYTES 512

/* What the administrator wants. */
struct model_policy {
    enum source_removal removal;
    bool deletes_later; /* delete_after: the day comes in the end */
    bool adopts;        /* match: userName, too */
    struct guard_settings guard;
    int canary;    /* WORLD_NOBODY: none */
    int protected; /* likewise */
};

struct model {
    const struct world *world;
    struct model_policy policy;
    char words[MODEL_WORDS_BYTES]; /* the first thing that is wrong; "": all is well */

    /* Since when a fact that the database holds must have been true at the source, at least once:
     * numbers of versions. */
    int confirmed; /* of all facts */
    int present[PICTURE_PLACES];
    int enabled[PICTURE_PLACES];
    int values[PICTURE_PLACES][WORLD_VALUES];
    int members[PICTURE_PLACES][PICTURE_PLACES];
    uint64_t lied;    /* objects that a pass left out, believably */
    uint64_t brought; /* objects that ever had a resource */
};

/* A run as it went. */
struct model_run {
    enum run_state state;
    bool dry;
    bool approved;
    bool applied; /* it came to writing what was staged */
    struct source_told told;
};

/* After each run.  False: *model->words says what is wrong. */
bool model_check(struct model *model, const struct picture *before, const struct picture *after,
                 const struct model_run *run);
/* simulation_end.c: after healthy runs, all approved, of a source at rest. */
bool model_check_end(struct model *model, const struct picture *end);

/* "u07"; for messages, of which one has four names at most. */
const char *model_name(const struct model *model, int place);
/* Named in the source file by its login, whoever has that now? */
bool model_protects(const struct model *model, const struct held *held);
/* Says it, once.  Returns false. */
bool model_fail(struct model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
