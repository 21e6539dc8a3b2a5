/* control_names.h - connections and sources of a tenant share their names; for store/ only. */
#ifndef SCIMD_STORE_CONTROL_NAMES_H
#define SCIMD_STORE_CONTROL_NAMES_H

#include "base/err.h"
#include "store/store.h"

/* Locks the tenant, so that of two who take a name at once the later one sees the other.
 * Errors: ERR_CONFLICT, the name is that of a row in the other table. */
int control_name_for_connection(struct session *session, int tenant, const char *name,
                                struct err *err);
int control_name_for_source(struct session *session, int tenant, const char *name, struct err *err);

#endif
