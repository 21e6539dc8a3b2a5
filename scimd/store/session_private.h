/* session_private.h - a session's life, its transactions and its dialect: for store/'s pool,
 * transactions, migrations and what differs by engine.  What works may use is session.h. */
#ifndef SCIMD_STORE_SESSION_PRIVATE_H
#define SCIMD_STORE_SESSION_PRIVATE_H

#include "store/dialect.h"
#include "store/session.h"

/* Connects and sets up.  `environment` is a SQLHENV; the connection string may hold a password and
 * is never logged.
 * Errors: ERR_UNAVAILABLE or what dialect->set_up says. */
int session_open(void *environment, const struct dialect *dialect,
                 const struct store_settings *settings, const char *connection_string,
                 struct session **out, struct err *err);
void session_close(struct session *session); /* NULL is allowed */

/* Before each work. */
void session_set_tenant(struct session *session, int tenant);
/* Lets the engine know the tenant, for statements outside of a transaction. */
int session_tell_tenant(struct session *session, struct err *err);
const struct dialect *session_dialect(const struct session *session);
bool session_is_lost(const struct session *session); /* to be closed, not used again */
/* The open transaction was or must be ended as a whole: savepoints don't help. */
bool session_transaction_is_lost(const struct session *session);

/* Runs a text once, without preparing or keeping it: DDL, settings. */
int session_run_text(struct session *session, const char *sql, struct err *err);

/* Under which the open transaction, or the last one, can be found again ("" where it can't), and
 * where that id is valid: dialect->outcome. */
const char *session_transaction_id(const struct session *session);
const char *session_origin(const struct session *session);

/* dialect->begin or begin_snapshot. */
int session_begin(struct session *session, const char *begin, struct err *err);
/* Fails, and rolls back, where a statement of the transaction has failed. */
int session_commit(struct session *session, struct err *err);
void session_rollback(struct session *session);
int session_savepoint(struct session *session, struct err *err);
int session_release(struct session *session, struct err *err);
/* The transaction is sound again unless session_transaction_is_lost() after it. */
void session_rollback_to_savepoint(struct session *session);
/* The error that poisoned the transaction.  0: none did. */
int session_poison(const struct session *session, struct err *err);

#endif
