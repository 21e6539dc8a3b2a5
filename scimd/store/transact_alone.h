/* transact_alone.h - a transaction of its own for a work, where the engine lets them run side by
 * side; for store/transact.c. */
#ifndef SCIMD_STORE_TRANSACT_ALONE_H
#define SCIMD_STORE_TRANSACT_ALONE_H

#include "store/store.h"

/* One run of the work, on a session of the pool.
 * Errors: the work's; ERR_RETRY: nothing was written, run it again; ERR_UNAVAILABLE. */
int transact_alone(struct store_scope scope, store_work work, void *argument, struct err *err);

#endif
