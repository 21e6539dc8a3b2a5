/* history.h - forgets runs and answers that are old.  Internal to sync/. */
#ifndef SCIMD_SYNC_HISTORY_H
#define SCIMD_SYNC_HISTORY_H

struct engine;

/* Drops the plans of old runs first, then the runs, and answers that nobody fetched.  Logs what
 * fails: there is a next time. */
void history_purge(struct engine *engine);

#endif
