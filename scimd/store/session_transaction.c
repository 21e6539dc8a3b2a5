/* Transactions of a session: texts on every engine, as SQLEndTran() lies on some. */
#include <assert.h>

#include "base/cleanup.h"
#include "store/odbc_error.h"
#include "store/session_failed.h"
#include "store/session_state.h"

/* The first column of the last result's only row.  The results of all texts before it are empty. */
static bool read_last_result(SQLHSTMT handle, char *answer, size_t bytes)
{
    SQLSMALLINT columns = 0;
    SQLLEN length = 0;

    while (SQL_SUCCEEDED(SQLNumResultCols(handle, &columns)) && columns == 0)
        if (!SQL_SUCCEEDED(SQLMoreResults(handle)))
            return false;
    return columns > 0 && SQL_SUCCEEDED(SQLFetch(handle)) &&
           SQL_SUCCEEDED(SQLGetData(handle, 1, SQL_C_CHAR, answer, (SQLLEN)bytes, &length));
}

/* Runs a text of a transaction as it is; its result is open then. */
static int run_directly(struct session *session, const char *sql, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    SQLRETURN result;

    if (session->control == NULL &&
        !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, session->connection, &session->control)))
        return session_no_memory("statement", err);
    buf_puts(&text, sql);
    result = SQLExecDirect(session->control, (SQLCHAR *)text.bytes, SQL_NTS);
    if (SQL_SUCCEEDED(result) || result == SQL_NO_DATA)
        return 0;
    (void)session_failed(
        session,
        odbc_error(session->dialect, SQL_HANDLE_STMT, session->control, "SQLExecDirect", err), err);
    (void)SQLFreeStmt(session->control, SQL_CLOSE);
    return -1;
}

/* A text of a transaction that answers nothing. */
static int run_control(struct session *session, const char *sql, struct err *err)
{
    struct statement *statement = NULL;

    if (!session->dialect->direct)
        return session_run(session, sql, NULL, 0, &statement, err);
    if (run_directly(session, sql, err) < 0)
        return -1;
    (void)SQLFreeStmt(session->control, SQL_CLOSE);
    return 0;
}

/* Begins, names the tenant and learns the id in one round trip. */
static int begin_named(struct session *session, const char *begin, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    bool known;

    session->dialect->write_begin(begin, session->tenant, &text);
    if (run_directly(session, text.bytes, err) < 0)
        return -1;
    known = read_last_result(session->control, session->transaction_id,
                             sizeof(session->transaction_id));
    (void)SQLFreeStmt(session->control, SQL_CLOSE);
    if (known)
        return 0;
    session->lost = true; /* nobody knows how far it came */
    (void)err_set(err, ERR_INTERNAL, "internal error");
    return err_because(err, "the transaction has no id: %s", text.bytes);
}

int session_begin(struct session *session, const char *begin, struct err *err)
{
    assert(!session->in_transaction);
    if (session->dialect->write_begin != NULL) {
        if (begin_named(session, begin, err) < 0)
            return -1;
    } else if (run_control(session, begin, err) < 0) {
        return -1;
    }
    session->in_transaction = true;
    return 0;
}

void session_rollback(struct session *session)
{
    struct err ignored = {0};
    bool ended_already = session->transaction_lost;

    session->in_transaction = false;
    session->poisoned = false;
    session->transaction_lost = false;
    /* where the engine has ended the transaction, there is none to roll back */
    if (run_control(session, session->dialect->rollback, &ignored) < 0)
        session->lost |= !ended_already;
}

int session_commit(struct session *session, struct err *err)
{
    if (session_poison(session, err) < 0 ||
        run_control(session, session->dialect->commit, err) < 0) {
        session_rollback(session);
        return -1;
    }
    session->in_transaction = false;
    return 0;
}

int session_savepoint(struct session *session, struct err *err)
{
    return run_control(session, session->dialect->savepoint, err);
}

int session_release(struct session *session, struct err *err)
{
    return run_control(session, session->dialect->release, err);
}

void session_rollback_to_savepoint(struct session *session)
{
    struct err ignored = {0};

    if (session->transaction_lost)
        return;
    session->poisoned = false;
    if (run_control(session, session->dialect->rollback_to, &ignored) < 0 ||
        session_release(session, &ignored) < 0)
        session->transaction_lost = true;
}
