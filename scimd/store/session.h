/* session.h - one ODBC connection: prepared statements, values in, rows out.  For store/ only.
 *
 * A failed statement poisons its transaction: it can only be rolled back (odbc trap: COMMIT may
 * "succeed" after nothing was stored).  Statements are prepared once per session and SQL text;
 * texts are literals or come from a bounded set.  Text is never cut: rows return complete values.
 *
 * Where engines differ, a text says {..} and the session writes what its engine wants, once, when
 * it prepares it (a brace is never anything else):
 *
 *   {limit}         at the end of an ordered query; one marker: rows at most
 *   {page}          the same; two markers: rows to skip, rows at most
 *   {lock}          after the name of a table whose rows are read for update ...
 *   {for update}    ... and at the end of that query
 *   {rows a bigint, b text}   a table j with these columns; one marker: a JSON array of objects,
 *                   [{"a": 1, "b": "x"}, ..]; absent and null read as NULL.  Types: bigint, text
 *   {text a bigint, b text}   one text of these columns or expressions with blanks between them: a
 *                   driver's price is by the cell
 *   {list text}     a table j with one column, item; one marker: a JSON array; or {list bigint}
 *   {etag column}   W/"n" of a version, as a text that compares by its bytes
 *   {blocks}        the table of blocks.h, with what is not merged into it yet
 */
#ifndef SCIMD_STORE_SESSION_H
#define SCIMD_STORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

#define SESSION_PARAMETERS_MAX 2000 /* markers in one statement; more corrupt some drivers */
#define SESSION_STATEMENTS_MAX 128  /* prepared and kept; the least recently used goes */
#define SESSION_COLUMNS_MAX 64      /* of one query */

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT };

struct value {
    enum value_kind kind;
    int64_t integer;
    const char *text; /* not owned; valid UTF-8 without NUL */
    size_t length;
    bool terminated; /* text[length] is NUL: saves the driver a copy */
};

#define VALUE_INT(number_) ((struct value){.kind = VALUE_INTEGER, .integer = (int64_t)(number_)})
#define VALUE_STRING(text_) value_string(text_)
#define VALUE_STRING_N(text_, length_)                                                             \
    ((struct value){.kind = VALUE_TEXT, .text = (text_), .length = (length_)})
struct value value_string(const char *text); /* NULL text: SQL NULL */

/* Do others' transactions run while this one does?  Then rows that two statements must agree on are
 * to be locked. */
bool session_has_rivals(const struct session *session);

/* Runs a statement that returns no rows; *affected (may be NULL) is the number of rows it touched.
 * Errors: ERR_UNIQUENESS (detail empty, cause names the constraint), ERR_RETRY, ERR_UNAVAILABLE,
 *         ERR_INTERNAL. */
int session_execute(struct session *session, const char *sql, const struct value *values,
                    size_t count, int64_t *affected, struct err *err);

/* Runs a query.  One result is open per session at a time: close it before the next statement. */
struct rows; /* belongs to the session */
int session_query(struct session *session, const char *sql, const struct value *values,
                  size_t count, struct rows **out, struct err *err);
/* 1: a row is there; 0: end; -1: *err. */
int rows_next(struct rows *rows, struct err *err);
bool rows_is_null(struct rows *rows, size_t column);    /* columns count from 0, in any order */
int64_t rows_integer(struct rows *rows, size_t column); /* NULL reads as 0 */
/* Copied into `arena`; NULL for SQL NULL.  `length` may be NULL. */
const char *rows_text(struct rows *rows, size_t column, struct arena *arena, size_t *length);
/* The same without the copy: lives until the next rows_next() or rows_close(). */
const char *rows_borrow(struct rows *rows, size_t column, size_t *length);
void rows_close(struct rows *rows);   /* NULL is allowed */
void rows_closep(struct rows **rows); /* for CLEANUP */

#endif
