/* secret_rows.h - secrets of tenants, sealed (auth/seal.h); nothing here can open them.
 *
 * Called from works on the control scope (control.h). */
#ifndef SCIMD_STORE_SECRET_ROWS_H
#define SCIMD_STORE_SECRET_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

int stored_secret_put(struct session *session, int tenant, const char *name, const char *sealed,
                      int64_t changed_us, struct err *err);
int stored_secret_read(struct session *session, struct arena *arena, int tenant, const char *name,
                       const char **sealed, struct err *err); /* ERR_NOT_FOUND names it */
struct stored_secret {
    const char *name;
    int64_t changed_us;
};
int stored_secret_names(struct session *session, struct arena *arena, int tenant,
                        const struct stored_secret **out, size_t *count, struct err *err);
int stored_secret_delete(struct session *session, int tenant, const char *name,
                         struct err *err); /* ERR_NOT_FOUND */

#endif
