/* rows.h - the one open result of a session, read into cells that all its statements share.
 *
 * Columns are bound as text, which is what the drivers hold anyway; a value that doesn't fit its
 * cell is read again into a larger one. */
#ifndef SCIMD_STORE_ROWS_H
#define SCIMD_STORE_ROWS_H

#include "store/statement.h"

struct cell {
    SQLLEN indicator; /* the value's length, or SQL_NULL_DATA */
    char *bytes;      /* owned; NUL-terminated */
    size_t capacity;
};

struct rows {
    struct session *session;
    struct statement *statement; /* NULL: no result is open */
    const struct dialect *dialect;
    unsigned generation; /* of the cells' addresses; a statement bound to another one binds anew */
    struct cell cells[SESSION_COLUMNS_MAX];
};

/* The result of an executed statement is open then.  Errors: ERR_INTERNAL, too many columns. */
int rows_open(struct rows *rows, struct statement *statement, struct err *err);
void rows_free_cells(struct rows *rows);

#endif
