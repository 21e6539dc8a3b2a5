/* search_query.h - a SELECT in the making: its text, and the values of its markers in step.
 *
 * Nothing that came from a client is ever part of the text: it goes in by markers.  Internal to
 * store/search*. */
#ifndef SCIMD_STORE_SEARCH_QUERY_H
#define SCIMD_STORE_SEARCH_QUERY_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/session.h"

struct query {
    struct session *session;
    struct arena *arena;
    struct buf sql;
    struct value *values; /* in the arena */
    size_t count;
    size_t capacity;
    size_t tables; /* named sub-queries so far */
};

void query_begin(struct query *query, struct session *session, struct arena *arena);
void query_end(struct query *query); /* for CLEANUP */

void query_puts(struct query *query, const char *sql);
/* A value whose marker stands in a text given to query_puts(). */
void query_bind(struct query *query, struct value value);
void query_bind_tenant(struct query *query);
void query_bind_text(struct query *query, const char *text, size_t length);
void query_bind_integer(struct query *query, int64_t number);

/* Opens a named sub-query, "nN", with columns pk and, where `pairs`, elem; it must be closed before
 * the next one is opened, and all of them before the main SELECT begins.  Flat text instead of
 * nested parentheses: the parser of SQLite has a stack of a hundred. */
size_t query_open_table(struct query *query, bool pairs);
void query_close_table(struct query *query);
/* "SELECT pk FROM nN", or "SELECT pk, elem FROM nN". */
void query_select_table(struct query *query, size_t table, bool pairs);

/* Errors: ERR_INVALID_FILTER where the filter needs more markers than a statement may have. */
int query_run(struct query *query, struct rows **out, struct err *err);
/* The number in the first column of the only row. */
int query_number(struct query *query, int64_t *out, struct err *err);

#endif
