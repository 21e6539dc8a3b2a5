/* phases.h - the phases of a run behind PULL.  Internal to sync/.
 *
 * Each works in turns and says how it ended; what it did is committed. */
#ifndef SCIMD_SYNC_PHASES_H
#define SCIMD_SYNC_PHASES_H

#include "sync/health.h"
#include "sync/turn.h"

/* sweep.c: a full pass that has caught up: is it to be believed, and what did it not show?  *health
 * is bad: nothing was staged, and what the pass had staged is forgotten.  `words` has room. */
int sweep_pass(struct sync *sync, enum health *health, char *words, size_t bytes, struct err *err);
/* Links whose time has come. */
int sweep_due(struct sync *sync, struct err *err);
/* Objects that were refused, once more: removals may have made room for them. */
int sweep_refused(struct sync *sync, struct err *err);

/* judge.c: what is staged as a plan, and whether it may be carried out.  A plan to be held is
 * written as text. */
struct judgement {
    bool empty; /* nothing is staged */
    bool held;
    char words[512];
    char hash[DIGEST_HEX_BYTES];
    char summary[512];
};
int judge_staged(struct sync *sync, struct judgement *out, struct err *err);

/* carry_out.c: what is staged, piece by piece. */
int carry_out_staged(struct sync *sync, struct err *err);

#endif
