/* session_state.h - a session from the inside; for session.c and session_transaction.c. */
#ifndef SCIMD_STORE_SESSION_STATE_H
#define SCIMD_STORE_SESSION_STATE_H

#include "store/rows.h"
#include "store/session_private.h"

#define TRANSACTION_ID_BYTES 24
#define ORIGIN_BYTES 32

struct session {
    const struct dialect *dialect;
    SQLHDBC connection;
    bool connected;
    int tenant;
    int told_tenant; /* what the engine knows outside of transactions */
    char transaction_id[TRANSACTION_ID_BYTES];
    char origin[ORIGIN_BYTES];
    SQLHSTMT control; /* for texts of transactions that are not prepared; NULL: not yet */
    bool in_transaction;
    bool poisoned;         /* a statement of the open transaction failed, with `poison` */
    bool transaction_lost; /* savepoints don't help */
    bool lost;
    struct err poison;
    struct statement_cache cache;
    struct rows rows;
};

/* The statement of that text with its values, executed. */
int session_run(struct session *session, const char *sql, const struct value *values, size_t count,
                struct statement **out, struct err *err);
/* The driver had no room for a handle: `what`. */
int session_no_memory(const char *what, struct err *err);

#endif
