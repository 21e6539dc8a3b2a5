/* engine.h - which engine a test runs on: SCIMD_TEST_ENGINE (sqlite by default) and, for
 * PostgreSQL, SCIMD_TEST_CONNECTION, the connection string of a role that may create databases.
 *
 * A test's databases are called by the random end of its directory, and dropped with it. */
#ifndef SCIMD_TESTS_ENGINE_H
#define SCIMD_TESTS_ENGINE_H

#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Completes the settings of a test whose directory was made by mkdtemp(). */
static inline void engine_choose(struct engine *engine, const char *directory,
                                 struct store_settings *settings)
{
    (void)snprintf(engine->prefix, sizeof(engine->prefix), "t_%s_", strrchr(directory, '-') + 1);
    settings->engine = getenv("SCIMD_TEST_ENGINE");
    settings->connection = getenv("SCIMD_TEST_CONNECTION");
    settings->database_prefix = engine->prefix;
}

/* Names of the test's databases, without the prefix; their number, or -1. */
static inline int engine_databases(SQLHENV environment, const struct store_settings *settings,
                                   char names[ENGINE_DATABASES_MAX][ENGINE_NAME_BYTES],
                                   struct err *err)
{
    CLEANUP(buf_free) struct buf connection = {0};
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_STRING(settings->database_prefix),
                                   VALUE_STRING(settings->database_prefix)};
    struct session *session = NULL;
    int count = 0;

    buf_printf(&connection, "Driver=%s;%s;Database=postgres", POSTGRESQL_DRIVER,
               settings->connection);
    if (session_open(environment, &dialect_postgresql, settings, connection.bytes, &session, err) <
        0)
        return -1;
    if (session_query(session,
                      "SELECT substr(datname, length(CAST(? AS text)) + 1) FROM pg_database "
                      "WHERE starts_with(datname, CAST(? AS text))",
                      values, 2, &rows, err) < 0)
        count = -1;
    while (count >= 0 && count < ENGINE_DATABASES_MAX && rows_next(rows, err) > 0)
        (void)snprintf(names[count++], ENGINE_NAME_BYTES, "%s", rows_borrow(rows, 0, NULL));
    rows_close(rows);
    rows = NULL;
    session_close(session);
    return count;
}

/* 0, or -1 and what failed on standard error. */
static inline int engine_forget(const struct store_settings *settings)
{
    char names[ENGINE_DATABASES_MAX][ENGINE_NAME_BYTES];
    SQLHENV environment = NULL;
    struct err err = {0};
    int count;
    int result = 0;

    if (!engine_is_postgresql())
        return 0;
    (void)SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    (void)SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0);
    count = engine_databases(environment, settings, names, &err);
    result = count < 0 ? -1 : 0;
    for (int i = 0; i < count && result == 0; i++)
        result = postgresql_remove(environment, settings, names[i], &err);
    if (result < 0)
        (void)fprintf(stderr, "databases of a test remain: %s (%s)\n", err.detail, err.cause);
    (void)SQLFreeHandle(SQL_HANDLE_ENV, environment);
    return result;
}

#endif
