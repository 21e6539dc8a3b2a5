/* dialect_postgresql.h - where PostgreSQL's databases are, and as whom we use them; for the
 * dialect's own files. */
#ifndef SCIMD_STORE_DIALECT_POSTGRESQL_H
#define SCIMD_STORE_DIALECT_POSTGRESQL_H

#include "store/dialect.h"

#define POSTGRESQL_DRIVER "psqlodbcw.so" /* found by the loader: no odbcinst.ini is needed */

int postgresql_locate(const struct store_settings *settings, const char *name,
                      struct buf *connection_string, struct err *err);
int postgresql_create(void *environment, const struct store_settings *settings, const char *name,
                      const struct err *refused, struct err *err);
int postgresql_remove(void *environment, const struct store_settings *settings, const char *name,
                      struct err *err);
int postgresql_become_owner(struct session *session, const struct store_settings *settings,
                            struct err *err);
int postgresql_resign(struct session *session, const struct store_settings *settings,
                      struct err *err);
int postgresql_check(struct session *session, struct err *err);

#endif
