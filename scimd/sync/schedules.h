/* schedules.h - schedules of stored definitions, read once.  Internal to sync/. */
#ifndef SCIMD_SYNC_SCHEDULES_H
#define SCIMD_SYNC_SCHEDULES_H

#include "store/sources.h"
#include "sync/due.h"

struct schedules;

struct schedules *schedules_new(void);
void schedules_free(struct schedules *schedules); /* NULL is allowed */

/* Fills schedule and full_schedule of `out` for its row; both live until schedules_sweep().  What
 * can't be read is NULL: the run says what is wrong. */
void schedules_find(struct schedules *schedules, struct due_source *out);
/* Forgets sources that were not asked for since the last sweep. */
void schedules_sweep(struct schedules *schedules);

#endif
