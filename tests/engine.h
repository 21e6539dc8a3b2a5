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

static inline struct session *engine_connect(SQLHENV environment,
                                             const struct store_settings *settings,
                                             const char *database, struct err *err)
{
    CLEANUP(buf_free) struct buf connection = {0};
    struct session *session = NULL;

    buf_printf(&connection, "Driver=%s;%s;Database=%s", POSTGRESQL_DRIVER, settings->connection,
               database);
    (void)session_open(environment, &dialect_postgresql, settings, connection.bytes, &session, err);
    return session;
}

/* Names of the test's databases; their number, or -1. */
static inline int engine_databases(SQLHENV environment, const struct store_settings *settings,
                                   char names[ENGINE_DATABASES_MAX][ENGINE_NAME_BYTES],
                                   struct err *err)
{
    const struct value values[] = {VALUE_STRING(settings->database_prefix)};
    struct session *session = engine_connect(environment, settings, "postgres", err);
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
    session_close(session);
    return count;
}

static inline int engine_empty(SQLHENV environment, const struct store_settings *settings,
                               const char *name, struct err *err)
{
    struct session *session = engine_connect(environment, settings, name, err);
    int result = -1;

    if (session != NULL && session_run_text(session, "DROP SCHEMA public CASCADE", err) == 0)
        result = session_run_text(session, "CREATE SCHEMA public", err);
    session_close(session);
    return result;
}

static inline int engine_drop(SQLHENV environment, const struct store_settings *settings,
                              const char *name, struct err *err)
{
    return postgresql_remove(environment, settings, name + strlen(settings->database_prefix), err);
}

/* Does it to all databases of the test.  0, or -1 and what failed on standard error. */
static inline int engine_each(const struct store_settings *settings,
                              int (*act)(SQLHENV, const struct store_settings *, const char *,
                                         struct err *))
{
    char names[ENGINE_DATABASES_MAX][ENGINE_NAME_BYTES];
    SQLHENV environment = NULL;
    struct err err = {0};
    int count;
    int result;

    (void)SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    (void)SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0);
    count = engine_databases(environment, settings, names, &err);
    result = count < 0 ? -1 : 0;
    for (int i = 0; i < count && result == 0; i++)
        result = act(environment, settings, names[i], &err);
    if (result < 0)
        (void)fprintf(stderr, "databases of a test: %s (%s)\n", err.detail, err.cause);
    (void)SQLFreeHandle(SQL_HANDLE_ENV, environment);
    return result;
}

static inline void engine_stop(void)
{
    struct engine engine;
    struct store_settings settings = {.busy_timeout_ms = 5000};

    engine_choose(&engine, &settings);
    (void)engine_each(&settings, engine_drop);
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
