/* engine.h - which engine a test runs on: SCIMD_TEST_ENGINE (sqlite by default) and, for
 * PostgreSQL, SCIMD_TEST_CONNECTION, the connection string of a role that may create databases.
 *
 * Databases are called by the process, emptied after each test, and dropped at the end. */
#ifndef SCIMD_TESTS_ENGINE_H
#define SCIMD_TESTS_ENGINE_H

#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

#include "base/cleanup.h"
#include "store/dialect_postgresql.h"
#include "store/session_private.h"

#define ENGINE_DATABASES_MAX 16 /* of one test */
#define ENGINE_NAME_BYTES 64

struct engine {
    char prefix[16];
};

static inline bool engine_is_postgresql(void)
{
    const char *name = getenv("SCIMD_TEST_ENGINE");

    return name != NULL && strcmp(name, "postgresql") == 0;
}

/* Ends a test that is about another engine; the report shows why (tests/run). */
static inline void engine_skip(const char *reason)
{
    print_message("# not here: %s\n", reason);
    skip();
}

/* What a catalogue says of names is asked on SQLite's table, and of another one elsewhere. */
#define ENGINE_CATALOGUE "sqlite_master WHERE name"

/* The statement for the engine; `bytes` of `out` are enough. */
static inline const char *engine_sql(const char *sql, char *out, size_t bytes)
{
    const char *found = strstr(sql, ENGINE_CATALOGUE);

    if (found == NULL || !engine_is_postgresql())
        return sql;
    (void)snprintf(out, bytes, "%.*spg_class WHERE relname%s", (int)(found - sql), sql,
                   found + strlen(ENGINE_CATALOGUE));
    return out;
}

/* Completes the settings of a test. */
static inline void engine_choose(struct engine *engine, struct store_settings *settings)
{
    (void)snprintf(engine->prefix, sizeof(engine->prefix), "t%d_", (int)getpid());
    settings->engine = getenv("SCIMD_TEST_ENGINE");
    settings->connection = getenv("SCIMD_TEST_CONNECTION");
    settings->database_prefix = engine->prefix;
}

/* Sessions beside the store's, kept from test to test: connecting is what costs most. */
struct engine_sessions {
    SQLHENV environment;
    struct session *server;  /* in the maintenance database */
    struct session *control; /* in the one database that nearly every test has */
};

static inline struct engine_sessions *engine_sessions(void)
{
    static struct engine_sessions sessions;

    if (sessions.environment == NULL) {
        (void)SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &sessions.environment);
        (void)SQLSetEnvAttr(sessions.environment, SQL_ATTR_ODBC_VERSION,
                            (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0);
    }
    return &sessions;
}

/* The session in *kept, or a new one; NULL: *err. */
static inline struct session *engine_connect(const struct store_settings *settings,
                                             const char *database, struct session **kept,
                                             struct err *err)
{
    CLEANUP(buf_free) struct buf connection = {0};

    if (*kept != NULL && session_is_lost(*kept)) {
        session_close(*kept);
        *kept = NULL;
    }
    if (*kept != NULL)
        return *kept;
    buf_printf(&connection, "Driver=%s;%s;Database=%s", POSTGRESQL_DRIVER, settings->connection,
               database);
    (void)session_open(engine_sessions()->environment, &dialect_postgresql, settings,
                       connection.bytes, kept, err);
    return *kept;
}

/* Names of the test's databases; their number, or -1. */
static inline int engine_databases(const struct store_settings *settings,
                                   char names[ENGINE_DATABASES_MAX][ENGINE_NAME_BYTES],
                                   struct err *err)
{
    const struct value values[] = {VALUE_STRING(settings->database_prefix)};
    struct session *session = engine_connect(settings, "postgres", &engine_sessions()->server, err);
    struct rows *rows = NULL;
    int count = -1;

    if (session != NULL && session_query(session,
                                         "SELECT datname FROM pg_database WHERE "
                                         "starts_with(datname, CAST(? AS text))",
                                         values, 1, &rows, err) == 0)
        count = 0;
    while (count >= 0 && count < ENGINE_DATABASES_MAX && rows_next(rows, err) > 0)
        (void)snprintf(names[count++], ENGINE_NAME_BYTES, "%s", rows_borrow(rows, 0, NULL));
    rows_close(rows);
    return count;
}

static inline int engine_empty_by(struct session *session, struct err *err)
{
    if (session == NULL || session_run_text(session, "DROP SCHEMA public CASCADE", err) < 0)
        return -1;
    return session_run_text(session, "CREATE SCHEMA public", err);
}

static inline int engine_empty(const struct store_settings *settings, const char *name,
                               struct err *err)
{
    struct session *session = NULL;
    struct session **kept = &engine_sessions()->control;
    int result;

    if (strcmp(name + strlen(settings->database_prefix), STORE_CONTROL) == 0) {
        if (engine_empty_by(engine_connect(settings, name, kept, err), err) == 0)
            return 0;
        if (*kept == NULL || !session_is_lost(*kept)) /* else the test made another one */
            return -1;
        return engine_empty_by(engine_connect(settings, name, kept, err), err);
    }
    result = engine_empty_by(engine_connect(settings, name, &session, err), err);
    session_close(session);
    return result;
}

static inline int engine_drop(const struct store_settings *settings, const char *name,
                              struct err *err)
{
    return postgresql_remove(engine_sessions()->environment, settings,
                             name + strlen(settings->database_prefix), err);
}

/* Does it to all databases of the test.  0, or -1 and what failed on standard error. */
static inline int engine_each(const struct store_settings *settings,
                              int (*act)(const struct store_settings *, const char *, struct err *))
{
    char names[ENGINE_DATABASES_MAX][ENGINE_NAME_BYTES];
    struct err err = {0};
    int count = engine_databases(settings, names, &err);
    int result = count < 0 ? -1 : 0;

    for (int i = 0; i < count && result == 0; i++)
        result = act(settings, names[i], &err);
    if (result < 0)
        (void)fprintf(stderr, "databases of a test: %s (%s)\n", err.detail, err.cause);
    return result;
}

static inline void engine_stop(void)
{
    struct engine engine;
    struct engine_sessions *sessions = engine_sessions();
    struct store_settings settings = {.busy_timeout_ms = 5000};

    engine_choose(&engine, &settings);
    session_close(sessions->control);
    (void)engine_each(&settings, engine_drop);
    session_close(sessions->server);
    (void)SQLFreeHandle(SQL_HANDLE_ENV, sessions->environment);
    *sessions = (struct engine_sessions){0};
}

/* After a test, when its store is closed. */
static inline int engine_forget(const struct store_settings *settings)
{
    static bool stops;

    if (!engine_is_postgresql())
        return 0;
    if (!stops)
        stops = atexit(engine_stop) == 0;
    return engine_each(settings, engine_empty);
}

#endif
