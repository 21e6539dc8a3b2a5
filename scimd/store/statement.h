/* statement.h - prepared statements of one session: kept by their text, values bound in place.
 *
 * A marker's value lies in a struct that the driver reads at every execution: numbers and short
 * texts are stored there, so binding is a copy of a few bytes and no call.  Only a longer text is
 * bound anew, where it lies. */
#ifndef SCIMD_STORE_STATEMENT_H
#define SCIMD_STORE_STATEMENT_H

#include <sql.h>
#include <sqlext.h>

#include "store/dialect.h"
#include "store/session.h"

#define PARAMETER_INLINE_BYTES 80 /* ids and most keys fit */

struct parameter {
    enum { BOUND_NOT, BOUND_INTEGER, BOUND_INLINE, BOUND_ELSEWHERE } bound;
    SQLLEN indicator;
    int64_t integer;
    char text[PARAMETER_INLINE_BYTES];
};

struct statement {
    SQLHSTMT handle;
    char *sql; /* owned; as the caller wrote it */
    uint64_t hash;
    uint64_t last_used;
    struct parameter *parameters; /* owned */
    size_t parameter_count;
    size_t columns;         /* of its result; known after the first execution */
    unsigned bound_columns; /* generation of the cells its columns are bound to; 0: none */
    bool counts_by_query;   /* prepared with keep_prefix: the row count must be asked for */
};

#define STATEMENT_HINTS 256 /* where the text at an address was found last; a power of two */

struct statement_cache {
    struct statement statements[SESSION_STATEMENTS_MAX];
    size_t count;
    uint64_t uses;
    unsigned char hints[STATEMENT_HINTS];
};

/* The statement of that text, prepared if it isn't there.
 * Errors: what the driver says; ERR_INTERNAL for too many markers. */
int statement_find(struct statement_cache *cache, SQLHDBC connection, const struct dialect *dialect,
                   const char *sql, struct statement **out, struct failure *failure,
                   struct err *err);
int statement_bind(struct statement *statement, const struct dialect *dialect,
                   const struct value *values, size_t count, struct failure *failure,
                   struct err *err);
void statement_cache_clear(struct statement_cache *cache);

#endif
