/* migrate.h - brings a database's schema up to what this program knows: forward only.
 *
 * Files are called NNNN_SCOPE_what.sql; SCOPE is "control" or "tenant".  Each is applied in one
 * transaction and recorded in scimd_migration with the SHA-256 of its text. */
#ifndef SCIMD_STORE_MIGRATE_H
#define SCIMD_STORE_MIGRATE_H

#include <stdbool.h>

#include "base/embedded.h"
#include "base/err.h"
#include "store/store.h"

/* `files` are in order of version and end with a row whose name is NULL.  A control database gets
 * both scopes (tenants may live in it), others the tenant's only.
 * Errors: ERR_CONFIGURATION for a database newer than this program and for a file that was changed
 *         after it was applied; ERR_UNAVAILABLE. */
int migrate(struct session *session, const struct embedded_file *files, bool control,
            struct err *err);

/* The same, but nothing is applied: what is missing at the end is no error.  ERR_CONFIGURATION. */
int migrate_check(struct session *session, const struct embedded_file *files, bool control,
                  struct err *err);
/* The newest version among the files, and among those that were applied (0: none). */
int migrate_known(const struct embedded_file *files, bool control);
int migrate_applied(struct session *session, int *version, struct err *err);

#endif
