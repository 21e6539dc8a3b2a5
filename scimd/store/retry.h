/* retry.h - running a work again after ERR_RETRY. */
#ifndef SCIMD_STORE_RETRY_H
#define SCIMD_STORE_RETRY_H

#include "store/store.h"

/* Whether to run again, after `runs` runs the last of which failed with *err: then it has waited a
 * while, longer each time and never as long as others.  Turns the last ERR_RETRY into
 * ERR_UNAVAILABLE. */
bool retry_wait(struct store *store, int runs, struct err *err);
/* A random time, longer after more runs. */
void retry_pause(int runs);

#endif
