/* database.h - one database from the inside: for store/'s own files.
 *
 * Readers share a pool of sessions.  Where there is one writer it has a session of its own, so that
 * readers who hold all of theirs can't keep a commit waiting; else writers share the pool. */
#ifndef SCIMD_STORE_DATABASE_H
#define SCIMD_STORE_DATABASE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/dialect.h"
#include "store/session_private.h"
#include "store/store.h"

#define DATABASE_NAME_MAX 63

struct counters {
    _Atomic uint64_t transactions;
    _Atomic uint64_t commits;
    _Atomic uint64_t rollbacks;
    _Atomic uint64_t retries;
    _Atomic uint64_t reads;
    _Atomic uint64_t sessions_open;
    _Atomic uint64_t waits;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    struct session *
        *idle;         /* owned; under lock; the last one in is the first one out: warm caches */
    size_t idle_count; /* under lock */
    size_t open;       /* under lock; lent ones included */
};

struct job; /* transact.c */

struct writer {
    pthread_mutex_t lock;
    struct job *first;             /* under lock; waiting jobs in order of arrival */
    struct job *last;              /* under lock */
    bool busy;                     /* under lock; somebody leads */
    struct session *session;       /* the leader's; NULL: to be opened */
    int64_t batch_us;              /* works that come later wait for the next commit */
    _Atomic uint64_t unmaintained; /* works committed since the last store_maintain() */
};

struct database {
    struct store *store;
    const struct dialect *dialect;
    char name[DATABASE_NAME_MAX + 1];
    char *connection_string; /* owned; may hold a password: never logged */
    struct pool pool;
    struct writer writer;
    struct database *next;
};

struct store {
    struct store_settings settings;
    char *texts[5]; /* owned; what settings points to */
    const struct dialect *dialect;
    void *environment; /* SQLHENV */
    pthread_mutex_t lock;
    struct database *databases; /* under lock */
    struct counters counters;
};

/* Opens and migrates.  Errors: ERR_UNAVAILABLE, ERR_CONFIGURATION; detail names the database. */
int database_open(struct store *store, const char *name, struct database **out, struct err *err);
void database_close(struct database *database); /* NULL is allowed */

/* Where `result` is -1 and the cause is the engine's, says which database it was. */
void database_name_cause(const struct database *database, int result, struct err *err);

/* Errors: ERR_INVALID_VALUE.  It becomes the name of a file, or of a server's database. */
int database_check_name(const char *name, struct err *err);

/* A new session of the database, counted. */
int database_connect(struct database *database, struct session **out, struct err *err);
void database_disconnect(struct database *database, struct session *session);

void pool_init(struct pool *pool, size_t sessions_max);
void pool_close(struct database *database);
/* Waits for a session.  Errors: what session_open() says. */
int pool_acquire(struct database *database, struct session **out, struct err *err);
void pool_release(struct database *database, struct session *session);
/* Takes a session that database_connect() gave, before anybody else uses the pool. */
void pool_adopt(struct database *database, struct session *session);

#endif
