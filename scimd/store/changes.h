/* changes.h - the change log: rows written with the data, sealed in order afterwards.
 *
 * Serves explain, undo, events and deltas.  A row is written in the transaction of its data,
 * without a position.  The sealer gives rows, after commit, a gapless position per tenant and a
 * hash over the previous one; readers see sealed rows only, so a reader never skips a row that
 * committed late, and writers never queue for a counter. */
#ifndef SCIMD_STORE_CHANGES_H
#define SCIMD_STORE_CHANGES_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

enum change_action { CHANGED_CREATE = 1, CHANGED_UPDATE, CHANGED_DELETE, CHANGED_MEMBERS };

struct change_row {
    int64_t position; /* from 1; filled by changes_read() */
    int64_t at_us;
    enum change_action action;
    int type; /* resource_type.number */
    const char *resource_id;
    const char *actor;      /* connection's name, or "admin" */
    const char *request_id; /* or the run's */
    const char *forward;    /* SCIM PATCH operations as JSON text that lead from before to after */
    const char *reverse;    /* and back */
    char hash[DIGEST_HEX_BYTES];
};

int changes_write(struct session *session, const struct change_row *row, struct err *err);

/* A work's body for store_transact(): seals up to `limit` rows of the session's tenant in
 * commit-safe order. hash = SHA-256(previous hash, position and all columns, length-prefixed). */
int changes_seal(struct session *session, size_t limit, size_t *sealed, struct err *err);
/* Tenants of this database that have unsealed rows; not bound to the session's tenant. */
int changes_unsealed_tenants(struct session *session, struct arena *arena, const int **tenants,
                             size_t *count, struct err *err);

/* Rows after `position`, in order, at most `limit`. */
int changes_read(struct session *session, struct arena *arena, int64_t position, size_t limit,
                 const struct change_row **rows, size_t *count, struct err *err);
/* Recomputes the chain from `position` on; *broken is 0 or the first position whose hash is wrong.
 */
int changes_verify(struct session *session, int64_t position, int64_t *broken, struct err *err);

#endif
