/* store.h - databases, and the only two ways into one: a transaction and a read.
 *
 * Only store/ knows ODBC and SQL; nothing above it knows which engine it is.  A session is bound to
 * one tenant for as long as a work has it, and every statement binds that number: no function takes
 * a tenant.
 *
 * On SQLite, which has one writer, transactions are combined: the thread that gets the write lock
 * runs every waiting work in a savepoint of its own, commits once (one fsync for all), then wakes
 * the others.  On PostgreSQL they run side by side, READ COMMITTED: a work locks the row that it
 * changes ({for update}); unique indexes, foreign keys of memberships and locks of arrival
 * (members.h) catch what two works could do to each other, and the later one runs again. */
#ifndef SCIMD_STORE_STORE_H
#define SCIMD_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;    /* all databases of this process */
struct database; /* one database: engine, session pool, writers' queue */
struct session;  /* one connection, lent to one work at a time */

#define STORE_CONTROL "control" /* the name of the control database */
#define STORE_CONTROL_TENANT 0  /* its tenant number */
#define STORE_RETRIES_MAX 5     /* runs of one work after ERR_RETRY, with jitter */

struct store_settings {
    const char *engine; /* "sqlite" (also NULL) or "postgresql" */
    const char
        *state_directory; /* SQLite files live here: control.db, tenants/NAME.db; must exist */
    size_t sessions_max;  /* sessions a database may have at once; a caller waits for one */
    size_t cache_kib;     /* SQLite: page cache of a session */
    int busy_timeout_ms;  /* how long to wait for another's lock */

    /* PostgreSQL.  Texts are copied by store_open(); NULL means the default.
     * connection: the server and who we are, as an ODBC connection string without Driver, Database,
     * Protocol and ConnSettings: "Server=db1;Port=5432;Uid=scimd;Pwd={secret};SSLmode=verify-full;
     * pqopt={sslrootcert=/etc/scimd/db.pem}".  A brace in a value is doubled.  Never logged. */
    const char *connection;
    /* Before a database's name: "scimd_" makes scimd_control, scimd_acme. */
    const char *database_prefix;
    /* Where to connect for CREATE and DROP DATABASE: "postgres". */
    const char *maintenance_database;
    /* A role that owns the tables; we must be a member of it, without inheriting its rights.  NULL:
     * we own them ourselves.  Row-level security holds either way. */
    const char *owner;
};

/* Where a work runs. */
struct store_scope {
    struct database *database;
    int tenant; /* bound into every statement */
};

/* A unit of work.  It may run again (ERR_RETRY, a lost connection before commit) and in another
 * thread than its caller's, which waits: so it computes from its argument and the rows it reads,
 * and writes only to what its argument owns, each time from the beginning. */
typedef int (*store_work)(struct session *session, void *argument, struct err *err);

/* Opens the control database: creates and migrates it where needed.
 * Errors: ERR_UNAVAILABLE or ERR_CONFIGURATION; detail names database and what to do. */
int store_open(const struct store_settings *settings, struct store **out, struct err *err);
void store_close(struct store *store); /* nothing may be running; NULL is allowed */

/* The database of that name (STORE_CONTROL, or a tenant's), created and migrated at first use;
 * lives until store_close() or store_remove_database().  Names are [a-z0-9-], checked here as well.
 */
int store_database(struct store *store, const char *name, struct database **out, struct err *err);
/* Housekeeping that would otherwise fall on commits; to be called now and then by a thread that
 * nobody waits for.  Cheap where there is nothing to do. */
int store_maintain(struct database *database, struct err *err);
/* Closes a tenant's database and deletes its files, or drops it.  Nothing may be running on it. */
int store_remove_database(struct store *store, const char *name, struct err *err);

/* Runs `work` and returns after its commit is durable, or after its rollback with the work's error.
 * Where the connection was lost during the commit, the server is asked what became of the
 * transaction, by its id; it is never guessed.
 * Errors: the work's; ERR_UNAVAILABLE (database down, disk full, read-only): nothing was written,
 *         unless its detail says that the outcome is not known: the server did not come back in
 *         time, or another one took over that may not have received the commit. */
int store_transact(struct store_scope scope, store_work work, void *argument, struct err *err);

/* Runs `work` on a session without a transaction: each statement sees its own moment. */
int store_read(struct store_scope scope, store_work work, void *argument, struct err *err);
/* The same with all statements in one snapshot. */
int store_read_snapshot(struct store_scope scope, store_work work, void *argument, struct err *err);

int store_session_tenant(const struct session *session);

/* For /metrics and `scimctl status`. */
struct store_counters {
    uint64_t transactions; /* works committed */
    uint64_t commits;      /* commits that carried them */
    uint64_t rollbacks;
    uint64_t retries;
    uint64_t reads;
    uint64_t sessions_open;
    uint64_t waits; /* times a caller found no free session */
};
void store_counters(struct store *store, struct store_counters *out);

#endif
