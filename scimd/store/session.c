#include "store/session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/odbc_error.h"
#include "store/session_failed.h"
#include "store/session_state.h"

#define STATEMENT_SHOWN 80 /* bytes of a statement that an internal error names */

struct value value_string(const char *text)
{
    if (text == NULL)
        return (struct value){.kind = VALUE_NULL};
    return (struct value){
        .kind = VALUE_TEXT, .text = text, .length = strlen(text), .terminated = true};
}

int session_failed(struct session *session, struct failure failure, const struct err *err)
{
    if (session->in_transaction && !session->poisoned) {
        session->poisoned = true;
        session->poison = *err;
    }
    session->transaction_lost |= session->in_transaction && failure.transaction_lost;
    session->lost |= failure.connection_lost;
    return -1;
}

int session_no_memory(const char *what, struct err *err)
{
    (void)err_set(err, ERR_UNAVAILABLE, "the database driver cannot be used");
    return err_because(err, "SQLAllocHandle: no %s", what);
}

static int connect_session(struct session *session, void *environment,
                           const char *connection_string, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};

    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, environment, &session->connection)))
        return session_no_memory("connection", err);
    buf_puts(&text, connection_string);
    if (session->dialect->connect_timeout_s > 0)
        (void)SQLSetConnectAttr(session->connection, SQL_ATTR_LOGIN_TIMEOUT,
                                (SQLPOINTER)(uintptr_t)session->dialect->connect_timeout_s, 0);
    if (!SQL_SUCCEEDED(SQLDriverConnect(session->connection, NULL, (SQLCHAR *)text.bytes, SQL_NTS,
                                        NULL, 0, NULL, SQL_DRIVER_NOPROMPT))) {
        struct failure failure = odbc_error(session->dialect, SQL_HANDLE_DBC, session->connection,
                                            "SQLDriverConnect", err);
        struct err inner = *err;

        (void)err_set(err, ERR_UNAVAILABLE, "%s",
                      failure.code == ERR_INTERNAL ? "cannot connect; is its ODBC driver installed?"
                                                   : inner.detail);
        return err_because(err, "%s", inner.cause);
    }
    session->connected = true;
    return 0;
}

/* Where its transactions have their ids from. */
static int ask_origin(struct session *session, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const char *origin;
    int more;

    if (session->dialect->origin == NULL)
        return 0;
    if (session_query(session, session->dialect->origin, NULL, 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    origin = more > 0 ? rows_borrow(rows, 0, NULL) : NULL;
    (void)snprintf(session->origin, sizeof(session->origin), "%s", origin != NULL ? origin : "");
    return 0;
}

int session_open(void *environment, const struct dialect *dialect,
                 const struct store_settings *settings, const char *connection_string,
                 struct session **out, struct err *err)
{
    struct session *session = memory_calloc(1, sizeof(*session));

    session->dialect = dialect;
    session->rows.session = session;
    session->rows.dialect = dialect;
    session->rows.generation = 1;
    if (connect_session(session, environment, connection_string, err) < 0 ||
        dialect->set_up(session, settings, err) < 0 || ask_origin(session, err) < 0) {
        session_close(session);
        return -1;
    }
    *out = session;
    return 0;
}

void session_close(struct session *session)
{
    if (session == NULL)
        return;
    statement_cache_clear(&session->cache);
    rows_free_cells(&session->rows);
    if (session->control != NULL)
        (void)SQLFreeHandle(SQL_HANDLE_STMT, session->control);
    if (session->connected)
        (void)SQLDisconnect(session->connection);
    if (session->connection != NULL)
        (void)SQLFreeHandle(SQL_HANDLE_DBC, session->connection);
    free(session);
}

int store_session_tenant(const struct session *session)
{
    return session->tenant;
}

void session_set_tenant(struct session *session, int tenant)
{
    rows_close(&session->rows); /* that the work before may have forgotten */
    session->tenant = tenant;
}

int session_tell_tenant(struct session *session, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(session->tenant)};

    if (session->dialect->tell_tenant == NULL || session->told_tenant == session->tenant)
        return 0;
    if (session_query(session, session->dialect->tell_tenant, values, ARRAY_LENGTH(values), &rows,
                      err) < 0)
        return -1;
    session->told_tenant = session->tenant;
    return 0;
}

const char *session_transaction_id(const struct session *session)
{
    return session->transaction_id;
}

const char *session_origin(const struct session *session)
{
    return session->origin;
}

const struct dialect *session_dialect(const struct session *session)
{
    return session->dialect;
}

bool session_has_rivals(const struct session *session)
{
    return !session->dialect->combines;
}

bool session_is_lost(const struct session *session)
{
    return session->lost;
}

bool session_transaction_is_lost(const struct session *session)
{
    return session->transaction_lost;
}

int session_poison(const struct session *session, struct err *err)
{
    if (!session->poisoned)
        return 0;
    *err = session->poison;
    return -1;
}

/* The operator learns which statement it was. */
static void name_statement(const char *sql, struct err *err)
{
    struct err inner = *err;

    if (err->code == ERR_INTERNAL)
        (void)err_because(err, "%s in: %.*s", inner.cause, STATEMENT_SHOWN, sql);
}

int session_run(struct session *session, const char *sql, const struct value *values, size_t count,
                struct statement **out, struct err *err)
{
    struct failure failure = {0};
    struct statement *statement = NULL;
    SQLRETURN result;

    assert(session->rows.statement == NULL); /* one result is open at a time */
    if (statement_find(&session->cache, session->connection, session->dialect, sql, &statement,
                       &failure, err) < 0 ||
        statement_bind(statement, session->dialect, values, count, &failure, err) < 0) {
        name_statement(sql, err);
        return session_failed(session, failure, err);
    }
    result = SQLExecute(statement->handle);
    if (!SQL_SUCCEEDED(result) && result != SQL_NO_DATA) {
        failure =
            odbc_error(session->dialect, SQL_HANDLE_STMT, statement->handle, "SQLExecute", err);
        name_statement(sql, err);
        (void)SQLFreeStmt(statement->handle, SQL_CLOSE);
        return session_failed(session, failure, err);
    }
    *out = statement;
    return 0;
}

int session_query(struct session *session, const char *sql, const struct value *values,
                  size_t count, struct rows **out, struct err *err)
{
    struct statement *statement = NULL;

    if (session_poison(session, err) < 0 ||
        session_run(session, sql, values, count, &statement, err) < 0)
        return -1;
    if (rows_open(&session->rows, statement, err) < 0)
        return session_failed(session, (struct failure){.code = err->code}, err);
    *out = &session->rows;
    return 0;
}

static int count_by_query(struct session *session, int64_t *affected, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session, session->dialect->keep_count, NULL, 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *affected = more > 0 ? rows_integer(rows, 0) : 0;
    return 0;
}

int session_execute(struct session *session, const char *sql, const struct value *values,
                    size_t count, int64_t *affected, struct err *err)
{
    struct statement *statement = NULL;
    SQLLEN rows = 0;

    if (session_poison(session, err) < 0 ||
        session_run(session, sql, values, count, &statement, err) < 0)
        return -1;
    if (affected == NULL)
        return 0;
    if (statement->counts_by_query)
        return count_by_query(session, affected, err);
    if (!SQL_SUCCEEDED(SQLRowCount(statement->handle, &rows)))
        return session_failed(
            session,
            odbc_error(session->dialect, SQL_HANDLE_STMT, statement->handle, "SQLRowCount", err),
            err);
    *affected = rows;
    return 0;
}

int session_run_text(struct session *session, const char *sql, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    SQLHSTMT handle = NULL;
    SQLRETURN result;
    struct failure failure = {0};

    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, session->connection, &handle)))
        return session_no_memory("statement", err);
    buf_puts(&text, sql);
    result = SQLExecDirect(handle, (SQLCHAR *)text.bytes, SQL_NTS);
    if (!SQL_SUCCEEDED(result) && result != SQL_NO_DATA)
        failure = odbc_error(session->dialect, SQL_HANDLE_STMT, handle, "SQLExecDirect", err);
    (void)SQLFreeHandle(SQL_HANDLE_STMT, handle);
    return failure.code == 0 ? 0 : session_failed(session, failure, err);
}
