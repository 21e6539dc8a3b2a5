#include <string.h>

#include "store/database.h"
#include "store/retry.h"

/* One run of a work that only reads, in a transaction where `begin` is given. */
static int run_work(struct store_scope scope, const char *begin, store_work work, void *argument,
                    struct err *err)
{
    struct session *session = NULL;
    int result = 0;

    if (pool_acquire(scope.database, &session, err) < 0)
        return -1;
    session_set_tenant(session, scope.tenant);
    result = begin != NULL ? session_begin(session, begin, err) : session_tell_tenant(session, err);
    if (result == 0) {
        result = work(session, argument, err);
        if (begin != NULL && result == 0)
            result = session_commit(session, err);
        else if (begin != NULL)
            session_rollback(session);
    }
    pool_release(scope.database, session);
    return result;
}

static int read_with(struct store_scope scope, const char *begin, store_work work, void *argument,
                     struct err *err)
{
    struct store *store = scope.database->store;
    int result;
    int runs = 0;

    atomic_fetch_add_explicit(&store->counters.reads, 1, memory_order_relaxed);
    do {
        memset(err, 0, sizeof(*err));
        result = run_work(scope, begin, work, argument, err);
        database_name_cause(scope.database, result, err);
    } while (result < 0 && retry_wait(store, ++runs, err));
    return result;
}

int store_read(struct store_scope scope, store_work work, void *argument, struct err *err)
{
    return read_with(scope, NULL, work, argument, err);
}

int store_read_snapshot(struct store_scope scope, store_work work, void *argument, struct err *err)
{
    return read_with(scope, scope.database->dialect->begin_snapshot, work, argument, err);
}
