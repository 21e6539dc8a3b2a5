/* lease_rows.h - what the parts of lease have in common.  Internal to lease*.c. */
#ifndef SCIMD_SYNC_LEASE_ROWS_H
#define SCIMD_SYNC_LEASE_ROWS_H

#include <stdbool.h>

#include "sync/lease.h"

/* A run that changes the source's state: neither a rehearsal nor a single object. */
bool lease_moves(const struct run_row *run);

/* Writes the row without clearing what is wanted. */
int lease_leave(struct session *session, struct source_row *row, struct err *err);

#endif
