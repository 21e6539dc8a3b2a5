/* dialect.h - what one engine wants differently: texts, errors, where its databases are.
 *
 * A new engine is one row of this kind and its files below schemas/sql; nothing else in store/ may
 * assume an engine. */
#ifndef SCIMD_STORE_DIALECT_H
#define SCIMD_STORE_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/embedded.h"
#include "base/err.h"
#include "store/store.h"

/* What a driver says about a failure. */
struct diagnostic {
    char state[6];
    int native;
    char message[256];
};

/* What that means for us. */
struct failure {
    enum err_code code;
    const char *detail;    /* for the client; "" where there is nothing to say */
    bool transaction_lost; /* the engine may have ended the transaction: all of it must be undone */
    bool connection_lost;  /* the session is of no use any more */
};

/* A setting of the server that keeps what was acknowledged. */
struct dialect_promise {
    const char *name;   /* "fsync" */
    const char *sql;    /* a query for its value */
    const char *values; /* that keep it, with blanks between */
    const char *risk;   /* with any other */
};

enum outcome { OUTCOME_ROLLED_BACK, OUTCOME_COMMITTED, OUTCOME_RUNNING, OUTCOME_UNKNOWN };

struct dialect {
    const char *name;                       /* as in store_settings.engine */
    const struct embedded_file *migrations; /* ends with a row whose name is NULL */
    const char *create_migrations;          /* the table scimd_migration, where it isn't there */
    const char *lock_migrations;            /* one process at a time; NULL: files need none */
    const char *unlock_migrations;

    /* One writer at a time: works of all threads are combined into few commits.  Else transactions
     * run side by side, and works lock what they must not lose. */
    bool combines;

    /* transactions are text on every engine: SQLEndTran lies on some (README.md) */
    const char *begin;
    const char *begin_snapshot;
    const char *commit;
    const char *rollback;
    const char *savepoint;
    const char *release;
    const char *rollback_to; /* the savepoint is gone as well after `release` */
    bool direct;             /* these texts must not be prepared: the driver would lose track */
    /* Writes `begin` so that it also names the tenant, and answers one row with the transaction's
     * id ("" where it has none).  NULL: `begin` alone. */
    void (*write_begin)(const char *begin, int tenant, struct buf *out);
    /* Names the tenant (one marker) outside of transactions.  NULL: the engine guards no rows. */
    const char *tell_tenant;
    /* Where a session's transactions have their ids from: the answer goes with the id. */
    const char *origin;
    /* What became of a transaction (markers: origin, id): an enum outcome.  NULL: a commit that
     * failed is none. */
    const char *outcome;

    const char *limit;
    const char *page;
    const char *lock;
    const char *for_update;
    const char *json_rows[3];          /* before, between and after the columns of {rows ..} */
    const char *json_column_bigint[3]; /* before, between two times, and after a column's name; */
    const char *json_column_text[3];   /* between NULL: one time */
    const char *json_list_bigint;
    const char *json_list_text;
    const char *etag[2]; /* around the column of {etag ..} */
    const char *blocks;
    /* Where writers leave counts beside the blocks: what takes those of a tenant (one marker) in,
     * and what forgets them.  NULL: they don't. */
    const char *merge_blocks;
    const char *forget_blocks;

    /* Where the driver keeps prepared only what it takes for a query: what makes it take an INSERT,
     * UPDATE or DELETE for one, and the query for its number of rows.  NULL: no need. */
    const char *keep_prefix;
    const char *keep_count;

    unsigned connect_timeout_s;             /* 0: connecting can't hang */
    const char *server;                     /* a query for its name and version */
    const struct dialect_promise *promises; /* ends with a row whose name is NULL */

    /* Once for the process, before the first session; NULL: nothing to do. */
    void (*prepare)(void);
    /* Writes {text ..}: the items, "expression type" with commas between, as one text. */
    void (*text_of)(const char *items, size_t length, struct buf *out);

    /* Fails where files tell that there is no such database.  NULL: connecting tells. */
    int (*find)(const struct store_settings *settings, const char *name, struct err *err);
    /* Makes the database where that is a matter of files, and writes its connection string. */
    int (*locate)(const struct store_settings *settings, const char *name,
                  struct buf *connection_string, struct err *err);
    /* After connecting failed with *refused: makes the database on the server if it is not there,
     * so that connecting again is worth it (`environment` is a SQLHENV).  NULL: locate() did. */
    int (*create)(void *environment, const struct store_settings *settings, const char *name,
                  const struct err *refused, struct err *err);
    int (*remove)(void *environment, const struct store_settings *settings, const char *name,
                  struct err *err);
    /* Before and after a session migrates: as whom.  NULL: nothing to do. */
    int (*become_owner)(struct session *session, const struct store_settings *settings,
                        struct err *err);
    int (*resign)(struct session *session, const struct store_settings *settings, struct err *err);
    /* Settings of a fresh session, and a check that commits are durable. */
    int (*set_up)(struct session *session, const struct store_settings *settings, struct err *err);
    /* Once for a database: is the server one that we can trust?  NULL: nothing to ask. */
    int (*check)(struct session *session, struct err *err);
    struct failure (*classify)(const struct diagnostic *diagnostic);
    /* Housekeeping that would otherwise fall on a commit; *again: more has come meanwhile.  NULL:
     * there is none. */
    int (*maintain)(struct session *session, bool *again, struct err *err);
};

extern const struct dialect dialect_sqlite;
extern const struct dialect dialect_postgresql;

/* The dialect of that name (NULL: the default); NULL: there is none. */
const struct dialect *dialect_named(const char *name);

/* Takes the next item off a list with commas, and its last word, the type.  False at the end. */
struct dialect_item {
    const char *expression;
    size_t length;
    bool is_text; /* else bigint */
};
bool dialect_next_item(const char **items, const char *end, struct dialect_item *out);

/* Writes `sql` for the engine: {..} as session.h says.  Errors: ERR_INTERNAL, unknown {..}. */
int dialect_expand(const struct dialect *dialect, const char *sql, struct buf *out,
                   struct err *err);

#endif
