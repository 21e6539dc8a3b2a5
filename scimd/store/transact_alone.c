#include "store/transact_alone.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/database.h"
#include "store/retry.h"

#define OUTCOME_WAIT_US 10000000 /* for a server that restarts, or has not noticed our absence */
#define PAUSE_RUNS_MAX 50        /* the longest pause between two questions: 0.1 s */

/* A transaction whose commit got no answer. */
struct missing {
    struct database *database;
    const char *origin;
    const char *id;
};

static int ask_outcome(struct session *session, const struct missing *missing,
                       enum outcome *outcome, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_STRING(missing->origin), VALUE_STRING(missing->id)};
    int more;

    if (session_query(session, session_dialect(session)->outcome, values, ARRAY_LENGTH(values),
                      &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *outcome = more > 0 ? (enum outcome)rows_integer(rows, 0) : OUTCOME_UNKNOWN;
    return 0;
}

/* OUTCOME_RUNNING also where nobody can be asked at the moment. */
static enum outcome look_once(const struct missing *missing, struct err *err)
{
    enum outcome outcome = OUTCOME_RUNNING;
    struct session *session = NULL;

    if (database_connect(missing->database, &session, err) < 0)
        return OUTCOME_RUNNING;
    if (ask_outcome(session, missing, &outcome, err) < 0)
        outcome = session_is_lost(session) ? OUTCOME_RUNNING : OUTCOME_UNKNOWN;
    database_disconnect(missing->database, session);
    return outcome;
}

static enum outcome look(const struct missing *missing, struct err *err)
{
    int64_t end_us = clock_monotonic_us() + OUTCOME_WAIT_US;
    enum outcome outcome = look_once(missing, err);

    for (int runs = 1; outcome == OUTCOME_RUNNING && clock_monotonic_us() < end_us; runs++) {
        retry_pause(runs < PAUSE_RUNS_MAX ? runs : PAUSE_RUNS_MAX);
        outcome = look_once(missing, err);
    }
    return outcome;
}

/* 0: it was committed; else *err says to run it again, or that nobody knows. */
static int resolve(const struct missing *missing, struct err *err)
{
    struct err asking = {0};

    switch (look(missing, &asking)) {
    case OUTCOME_COMMITTED:
        return 0;
    case OUTCOME_ROLLED_BACK: {
        struct err lost = *err;

        (void)err_set(err, ERR_RETRY, "the connection to the database was lost");
        return err_because(err, "%s", lost.cause);
    }
    case OUTCOME_RUNNING:
    case OUTCOME_UNKNOWN:
        break;
    }
    (void)err_set(err, ERR_UNAVAILABLE,
                  "the connection was lost during the commit, and whether it was stored is not "
                  "known: look before you try again");
    return err_because(err, "transaction %s: %s", missing->id, asking.cause);
}

static int commit(struct database *database, struct session *session, struct err *err)
{
    const struct missing missing = {.database = database,
                                    .origin = session_origin(session),
                                    .id = session_transaction_id(session)};

    if (session_commit(session, err) == 0)
        return 0;
    if (!session_is_lost(session) || session_dialect(session)->outcome == NULL)
        return -1;
    return resolve(&missing, err);
}

static int run_and_commit(struct database *database, struct session *session, store_work work,
                          void *argument, struct err *err)
{
    if (work(session, argument, err) < 0 || session_poison(session, err) < 0) {
        session_rollback(session);
        return -1;
    }
    return commit(database, session, err);
}

static void count(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

int transact_alone(struct store_scope scope, store_work work, void *argument, struct err *err)
{
    struct counters *counters = &scope.database->store->counters;
    struct session *session = NULL;
    int result;

    memset(err, 0, sizeof(*err));
    if (pool_acquire(scope.database, &session, err) < 0)
        return -1;
    session_set_tenant(session, scope.tenant);
    result = session_begin(session, scope.database->dialect->begin, err);
    if (result == 0) {
        result = run_and_commit(scope.database, session, work, argument, err);
        count(result == 0 ? &counters->commits : &counters->rollbacks);
    }
    if (result == 0)
        count(&counters->transactions);
    pool_release(scope.database, session);
    return result;
}
