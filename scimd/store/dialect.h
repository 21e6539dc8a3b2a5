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

struct dialect {
    const char *name;
    const struct embedded_file *migrations; /* ends with a row whose name is NULL */
    const char *create_migrations;          /* the table scimd_migration, where it isn't there */

    /* transactions are text on every engine: SQLEndTran lies on some (README.md) */
    const char *begin;
    const char *begin_snapshot;
    const char *commit;
    const char *rollback;
    const char *savepoint;
    const char *release;
    const char *rollback_to; /* the savepoint is gone as well after `release` */

    const char *limit;
    const char *page;
    const char *lock;
    const char *for_update;
    const char *json_rows[3];          /* before, between and after the columns of {rows ..} */
    const char *json_column_bigint[2]; /* around a column's name */
    const char *json_column_text[2];
    const char *json_list_bigint;
    const char *json_list_text;

    /* Where the driver keeps prepared only what it takes for a query: what makes it take an INSERT,
     * UPDATE or DELETE for one, and the query for its number of rows.  NULL: no need. */
    const char *keep_prefix;
    const char *keep_count;

    /* Once for the process, before the first session; NULL: nothing to do. */
    void (*prepare)(void);
    /* Writes {text ..}: the items, "expression type" with commas between, as one text. */
    void (*text_of)(const char *items, size_t length, struct buf *out);

    /* Makes the database where that is a matter of files, and writes its connection string. */
    int (*locate)(const struct store_settings *settings, const char *name,
                  struct buf *connection_string, struct err *err);
    int (*remove)(const struct store_settings *settings, const char *name, struct err *err);
    /* Settings of a fresh session, and a check that commits are durable. */
    int (*set_up)(struct session *session, const struct store_settings *settings, struct err *err);
    struct failure (*classify)(const struct diagnostic *diagnostic);
    /* Housekeeping that would otherwise fall on a commit; *again: more has come meanwhile.  NULL:
     * there is none. */
    int (*maintain)(struct session *session, bool *again, struct err *err);
};

extern const struct dialect dialect_sqlite;

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
