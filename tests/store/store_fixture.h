/* store_fixture.h - a store of its own for one test, on the engine that is tested (engine.h). */
#ifndef SCIMD_TESTS_STORE_FIXTURE_H
#define SCIMD_TESTS_STORE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "table.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "store/session.h"
#include "store/store.h"

struct fixture {
    char directory[64];
    struct engine engine;
    struct store *store;
    struct store_scope scope; /* the control database, which holds the tenants' tables too */
    struct arena *arena;
    struct err err;
};

static inline struct store_settings fixture_settings(struct fixture *fixture)
{
    struct store_settings settings = {.state_directory = fixture->directory,
                                      .sessions_max = 4,
                                      .cache_kib = 512,
                                      .busy_timeout_ms = 200};

    engine_choose(&fixture->engine, &settings);
    return settings;
}

static inline void fixture_open_store(struct fixture *fixture)
{
    struct store_settings settings = fixture_settings(fixture);

    if (store_open(&settings, &fixture->store, &fixture->err) < 0 ||
        store_database(fixture->store, STORE_CONTROL, &fixture->scope.database, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
    fixture->scope.tenant = 1;
}

static inline void fixture_start(struct fixture *fixture)
{
    memset(fixture, 0, sizeof(*fixture));
    (void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/scimd-store-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    fixture->arena = arena_new(ARENA_BLOCK_BYTES);
    fixture_open_store(fixture);
}

static inline void fixture_stop(struct fixture *fixture)
{
    char command[96];
    struct store_settings settings = fixture_settings(fixture);

    store_close(fixture->store);
    assert_int_equal(engine_forget(&settings), 0);
    arena_free(fixture->arena);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", fixture->directory);
    assert_int_equal(system(command), 0);
}

/* A transaction that has to succeed. */
static inline void fixture_transact(struct fixture *fixture, store_work work, void *argument)
{
    if (store_transact(fixture->scope, work, argument, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
}

static inline int fixture_run_sql(struct session *session, void *argument, struct err *err)
{
    return session_execute(session, argument, NULL, 0, NULL, err);
}

static inline void fixture_sql(struct fixture *fixture, const char *sql)
{
    char text[1024];

    (void)snprintf(text, sizeof(text), "%s", sql);
    fixture_transact(fixture, fixture_run_sql, text);
}

/* For a work that looks after several tenants: row-level security must not hide the others. */
static inline int fixture_see_all(struct session *session, struct err *err)
{
    return engine_is_postgresql()
               ? session_run_text(session, "SELECT set_config('scimd.tenant', 'all', true)", err)
               : 0;
}

static inline int fixture_run_sql_of_all(struct session *session, void *argument, struct err *err)
{
    return fixture_see_all(session, err) < 0
               ? -1
               : session_execute(session, argument, NULL, 0, NULL, err);
}

static inline void fixture_sql_of_all(struct fixture *fixture, const char *sql)
{
    char text[1024];

    (void)snprintf(text, sizeof(text), "%s", sql);
    fixture_transact(fixture, fixture_run_sql_of_all, text);
}

struct fixture_question {
    const char *sql;
    int64_t answer;
};

static inline int fixture_run_question(struct session *session, void *argument, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    struct fixture_question *question = argument;
    int more;

    if (session_query(session, question->sql, NULL, 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more > 0)
        question->answer = rows_integer(rows, 0);
    return more < 0 ? -1 : 0;
}

/* The first number that the query answers. */
static inline int64_t fixture_number(struct fixture *fixture, const char *sql)
{
    char text[256];
    struct fixture_question question = {.sql = engine_sql(sql, text, sizeof(text)), .answer = -1};

    if (store_read(fixture->scope, fixture_run_question, &question, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
    return question.answer;
}

#endif
