#include <stdlib.h>

#include "base/memory.h"
#include "store/database.h"

void pool_init(struct pool *pool, size_t sessions_max)
{
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->freed, NULL);
    pool->idle = memory_calloc(sessions_max, sizeof(struct session *));
}

void pool_close(struct database *database)
{
    struct pool *pool = &database->pool;

    while (pool->idle_count > 0)
        database_disconnect(database, pool->idle[--pool->idle_count]);
    free(pool->idle);
    (void)pthread_cond_destroy(&pool->freed);
    (void)pthread_mutex_destroy(&pool->lock);
}

/* The place of a session that couldn't be opened or was lost is free again. */
static void give_up_place(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->open--;
    (void)pthread_cond_signal(&pool->freed);
    (void)pthread_mutex_unlock(&pool->lock);
}

static void drop_idle(struct database *database)
{
    struct pool *pool = &database->pool;
    struct session *session;

    do {
        session = NULL;
        (void)pthread_mutex_lock(&pool->lock);
        if (pool->idle_count > 0)
            session = pool->idle[--pool->idle_count];
        (void)pthread_mutex_unlock(&pool->lock);
        if (session != NULL) {
            database_disconnect(database, session);
            give_up_place(pool);
        }
    } while (session != NULL);
}

int pool_acquire(struct database *database, struct session **out, struct err *err)
{
    struct pool *pool = &database->pool;
    struct session *session = NULL;

    (void)pthread_mutex_lock(&pool->lock);
    if (pool->idle_count == 0 && pool->open == database->store->settings.sessions_max)
        atomic_fetch_add_explicit(&database->store->counters.waits, 1, memory_order_relaxed);
    while (pool->idle_count == 0 && pool->open == database->store->settings.sessions_max)
        (void)pthread_cond_wait(&pool->freed, &pool->lock);
    if (pool->idle_count > 0)
        session = pool->idle[--pool->idle_count];
    else
        pool->open++;
    (void)pthread_mutex_unlock(&pool->lock);

    if (session == NULL && database_connect(database, &session, err) < 0) {
        give_up_place(pool);
        return -1;
    }
    *out = session;
    return 0;
}

void pool_adopt(struct database *database, struct session *session)
{
    database->pool.open++;
    pool_release(database, session);
}

void pool_release(struct database *database, struct session *session)
{
    struct pool *pool = &database->pool;

    if (session_is_lost(session)) {
        database_disconnect(database, session);
        give_up_place(pool);
        drop_idle(database); /* what ended this one has ended others */
        return;
    }
    (void)pthread_mutex_lock(&pool->lock);
    pool->idle[pool->idle_count++] = session;
    (void)pthread_cond_signal(&pool->freed);
    (void)pthread_mutex_unlock(&pool->lock);
}
