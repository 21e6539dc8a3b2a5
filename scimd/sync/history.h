/* history.h - forgets runs that are old.  Internal to sync/. */
#ifndef SCIMD_SYNC_HISTORY_H
#define SCIMD_SYNC_HISTORY_H

struct sync_engine;

/* Drops the plans of old runs first, then the runs.  Logs what fails: there is a next time. */
void history_purge(struct sync_engine *engine);

#endif
