/* run_state.h - a run between its transactions: what is stored of it, and who is told.  Internal to
 * sync/. */
#ifndef SCIMD_SYNC_RUN_STATE_H
#define SCIMD_SYNC_RUN_STATE_H

#include "sync/turn.h"

#define PAGE_PARTS INT64_C(1000000000) /* numbers of a page's changes among those of a run */

/* Takes the source's row under our fence: a run that was cut goes on, another begins.
 * Errors: ERR_CONFLICT. */
int sync_begin(struct sync *sync, struct err *err);
/* A full pass from its beginning: what an earlier one has shown and staged is forgotten. */
int sync_begin_pass(struct sync *sync, struct err *err);
/* With the data of a turn.  Of a dry run nothing is stored. */
int sync_save(struct turn *turn, struct err *err);
/* The phase alone. */
int sync_enter(struct sync *sync, enum run_phase phase, struct err *err);

/* Tells of the progress.  -1: the run has to end here, *err is ERR_CONFLICT and `left` is set. */
int sync_report(struct sync *sync, struct err *err);

#endif
