/* limit.c - what libmicrohttpd and ODBC can do at best here: the yardstick of `make bench`.
 *
 *   limit DATABASE DOCUMENTS THREADS
 *
 * The same thread model, driver and durability as scimd, and nothing else: GET /select/N copies a
 * stored document of 1 KiB, POST /insert adds one row durably, GET /page reads the first hundred
 * documents and counts all.  Fills the database, prints its port on a line, and serves until
 * SIGTERM. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <sql.h>
#include <sqlext.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCUMENT_BYTES 1024
#define PAGE_ROWS 100
#define BODY_BYTES_MAX 65536

struct session {
    SQLHDBC connection;
    SQLHSTMT select;
    SQLHSTMT insert;
    SQLHSTMT count;
    SQLHSTMT page;
    SQLBIGINT key;
    char text[BODY_BYTES_MAX];
    SQLLEN text_length;
    SQLLEN key_length;
};

static SQLHENV environment;
static const char *database;
static _Thread_local struct session *own;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER; /* the driver sets pragmas on connect */
static _Atomic long next_row = 1L << 40;

static void require(SQLRETURN result, SQLSMALLINT kind, SQLHANDLE handle, const char *what)
{
    SQLCHAR state[6] = "";
    SQLCHAR message[256] = "";
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;

    if (SQL_SUCCEEDED(result) || result == SQL_NO_DATA)
        return;
    (void)SQLGetDiagRec(kind, handle, 1, state, &native, message, sizeof(message), &length);
    (void)fprintf(stderr, "limit: %s: %s %s\n", what, (const char *)state, (const char *)message);
    exit(1);
}

static void run(SQLHDBC connection, const char *sql)
{
    SQLHSTMT statement;

    require(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement), SQL_HANDLE_DBC, connection,
            sql);
    require(SQLExecDirect(statement, (SQLCHAR *)(uintptr_t)sql, SQL_NTS), SQL_HANDLE_STMT,
            statement, sql);
    (void)SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

static SQLHSTMT prepare(SQLHDBC connection, const char *sql)
{
    SQLHSTMT statement;

    require(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement), SQL_HANDLE_DBC, connection,
            sql);
    require(SQLPrepare(statement, (SQLCHAR *)(uintptr_t)sql, SQL_NTS), SQL_HANDLE_STMT, statement,
            sql);
    return statement;
}

static void bind_values(struct session *session, SQLHSTMT statement, SQLUSMALLINT count)
{
    (void)SQLBindParameter(statement, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0,
                           &session->key, 0, &session->key_length);
    if (count > 1)
        (void)SQLBindParameter(statement, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR,
                               BODY_BYTES_MAX, 0, session->text, 0, &session->text_length);
}

static struct session *connect_session(void)
{
    struct session *session = calloc(1, sizeof(*session));
    char text[1024];

    if (session == NULL)
        abort();
    (void)snprintf(text, sizeof(text),
                   "Driver=libsqlite3odbc.so;Database=%s;Timeout=5000;JournalMode=WAL;"
                   "SyncPragma=FULL;FKSupport=1;NoWCHAR=1",
                   database);
    require(SQLAllocHandle(SQL_HANDLE_DBC, environment, &session->connection), SQL_HANDLE_ENV,
            environment, "connect");
    require(SQLDriverConnect(session->connection, NULL, (SQLCHAR *)text, SQL_NTS, NULL, 0, NULL,
                             SQL_DRIVER_NOPROMPT),
            SQL_HANDLE_DBC, session->connection, "connect");
    return session;
}

static struct session *open_session(void)
{
    struct session *session = connect_session();

    session->select = prepare(session->connection, "SELECT doc FROM document WHERE pk = ?");
    session->insert = prepare(session->connection, "INSERT INTO row (pk, doc) VALUES (?, ?)");
    session->count = prepare(session->connection, "SELECT count(*) FROM document");
    session->page = prepare(session->connection,
                            "SELECT doc FROM document WHERE pk >= ? ORDER BY pk LIMIT 100");
    bind_values(session, session->select, 1);
    bind_values(session, session->insert, 2);
    bind_values(session, session->page, 1);
    return session;
}

static void fill(long documents)
{
    struct session *session = connect_session();
    SQLHSTMT insert;

    run(session->connection,
        "CREATE TABLE IF NOT EXISTS document (pk integer PRIMARY KEY, doc text NOT NULL)");
    run(session->connection,
        "CREATE TABLE IF NOT EXISTS row (pk integer PRIMARY KEY, doc text NOT NULL)");
    run(session->connection, "CREATE INDEX IF NOT EXISTS document_pk ON document (pk)");
    insert =
        prepare(session->connection, "INSERT OR REPLACE INTO document (pk, doc) VALUES (?, ?)");
    bind_values(session, insert, 2);
    memset(session->text, 'x', DOCUMENT_BYTES);
    session->text_length = DOCUMENT_BYTES;
    run(session->connection, "BEGIN IMMEDIATE");
    for (session->key = 1; session->key <= documents; session->key++)
        require(SQLExecute(insert), SQL_HANDLE_STMT, insert, "fill");
    run(session->connection, "COMMIT");
}

static size_t fetch_text(SQLHSTMT statement, char *room, size_t bytes)
{
    SQLLEN length = 0;

    require(SQLGetData(statement, 1, SQL_C_CHAR, room, (SQLLEN)bytes, &length), SQL_HANDLE_STMT,
            statement, "fetch");
    return (size_t)length;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, char *body,
                              size_t length)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result = MHD_queue_response(connection, status, response);

    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result select_one(struct MHD_Connection *connection, const char *key)
{
    char *body = malloc(DOCUMENT_BYTES * 2);
    size_t length = 0;

    own->key = strtol(key, NULL, 10);
    require(SQLExecute(own->select), SQL_HANDLE_STMT, own->select, "select");
    if (SQL_SUCCEEDED(SQLFetch(own->select)))
        length = fetch_text(own->select, body, DOCUMENT_BYTES * 2);
    (void)SQLFreeStmt(own->select, SQL_CLOSE);
    return answer(connection, length > 0 ? 200 : 404, body, length);
}

static enum MHD_Result page(struct MHD_Connection *connection, const char *from)
{
    char *body = malloc((PAGE_ROWS + 1) * (DOCUMENT_BYTES + 1));
    size_t length = 0;

    own->key = strtol(from, NULL, 10);
    require(SQLExecute(own->count), SQL_HANDLE_STMT, own->count, "count");
    if (SQL_SUCCEEDED(SQLFetch(own->count)))
        length = fetch_text(own->count, body, DOCUMENT_BYTES);
    (void)SQLFreeStmt(own->count, SQL_CLOSE);
    require(SQLExecute(own->page), SQL_HANDLE_STMT, own->page, "page");
    while (SQL_SUCCEEDED(SQLFetch(own->page)))
        length += fetch_text(own->page, body + length, DOCUMENT_BYTES + 1);
    (void)SQLFreeStmt(own->page, SQL_CLOSE);
    return answer(connection, 200, body, length);
}

static enum MHD_Result insert_one(struct MHD_Connection *connection, const char *body,
                                  size_t length)
{
    own->key = atomic_fetch_add(&next_row, 1);
    own->text_length = (SQLLEN)length;
    memcpy(own->text, body, length);
    require(SQLExecute(own->insert), SQL_HANDLE_STMT, own->insert, "insert");
    return answer(connection, 201, strdup("stored"), strlen("stored"));
}

struct upload {
    size_t length;
    char body[BODY_BYTES_MAX];
};

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    struct upload *upload = *state;

    (void)context;
    (void)version;
    if (own == NULL) {
        (void)pthread_mutex_lock(&opening);
        own = open_session();
        (void)pthread_mutex_unlock(&opening);
    }
    if (upload == NULL) {
        upload = malloc(strcmp(method, "POST") == 0 ? sizeof(*upload) : sizeof(upload->length));
        if (upload == NULL)
            abort();
        upload->length = 0;
        *state = upload;
        return MHD_YES;
    }
    if (*size > 0) {
        memcpy(upload->body + upload->length, data, *size);
        upload->length += *size;
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "POST") == 0)
        return insert_one(connection, upload->body, upload->length);
    return strncmp(url, "/select/", 8) == 0 ? select_one(connection, url + 8)
                                            : page(connection, url + strlen("/page/"));
}

static void finished(void *context, struct MHD_Connection *connection, void **state,
                     enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    free(*state);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct MHD_Daemon *daemon;
    sigset_t signals;
    int received;

    if (argc != 4)
        return (void)fputs("usage: limit DATABASE DOCUMENTS THREADS\n", stderr), 2;
    database = argv[1];
    (void)SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    (void)SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    fill(strtol(argv[2], NULL, 10));
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL,
                              MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE,
                              (unsigned)strtoul(argv[3], NULL, 10), MHD_OPTION_NOTIFY_COMPLETED,
                              finished, NULL, MHD_OPTION_END);
    if (daemon == NULL)
        return (void)fputs("limit: cannot listen\n", stderr), 1;
    (void)printf("%d\n", (int)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    (void)fflush(stdout);
    (void)sigwait(&signals, &received);
    MHD_stop_daemon(daemon);
    return 0;
}
