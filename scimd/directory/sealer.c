#include "directory/sealer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "directory/seal_queue.h"
#include "directory/tenants_cache.h"
#include "store/blocks.h"
#include "store/changes.h"

#define SEALER_BATCH                                                                               \
    1000 /* rows sealed in one transaction: bounds how long a writer waits for it */
#define SEALER_RETRY_MS 1000 /* after a failure */

struct sealer {
    struct tenants *tenants;
    struct seal_queue *queue;
    unsigned interval_ms;
    _Atomic bool stopping;
    pthread_t thread;
};

static int seal_work(struct session *session, void *argument, struct err *err)
{
    size_t *sealed = argument;

    return changes_seal(session, SEALER_BATCH, sealed, err) < 0 ? -1 : blocks_merge(session, err);
}

static int seal(struct store_scope scope, struct err *err)
{
    size_t sealed = 0;

    do {
        if (store_transact(scope, seal_work, &sealed, err) < 0)
            return -1;
    } while (sealed == SEALER_BATCH);
    return store_maintain(scope.database, err);
}

struct leftovers {
    struct arena *arena;
    const int *tenants;
    size_t count;
};

static int leftovers_work(struct session *session, void *argument, struct err *err)
{
    struct leftovers *left = argument;

    return changes_unsealed_tenants(session, left->arena, &left->tenants, &left->count, err);
}

/* What an earlier run wrote and did not seal. */
static int announce_leftovers(struct sealer *sealer, struct database *database, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct leftovers left = {.arena = arena};
    struct store_scope any = {.database = database, .tenant = STORE_CONTROL_TENANT};

    if (store_read(any, leftovers_work, &left, err) < 0)
        return -1;
    for (size_t i = 0; i < left.count; i++)
        seal_queue_announce(sealer->queue, (struct store_scope){database, left.tenants[i]});
    return 0;
}

static void log_failure(const char *event, const char *name, const struct err *err)
{
    log_event(LOG_LEVEL_WARNING, event, LOG_TEXT("name", name),
              LOG_TEXT("error", err_name(err->code)), LOG_TEXT("detail", err->detail),
              LOG_TEXT("cause", err->cause));
}

static bool database_seen(const struct tenant_row *rows, size_t count, const char *database)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].database, database) == 0)
            return true;
    }
    return false;
}

static void find_leftovers(struct sealer *sealer)
{
    CLEANUP(arena_freep) struct arena *names = arena_new(ARENA_BLOCK_BYTES);
    const struct tenant_row *rows = NULL;
    size_t count = 0;
    struct err err = {0};

    if (tenants_list(sealer->tenants, names, &rows, &count, &err) < 0)
        log_failure("sealer.tenants_unknown", NULL, &err);
    for (size_t i = 0; i < count; i++) {
        struct tenant *tenant = NULL;

        if (rows[i].state == TENANT_DELETING || database_seen(rows, i, rows[i].database))
            continue;
        /* Held, so that nobody removes the database meanwhile. */
        if (tenants_find(sealer->tenants, rows[i].name, &tenant, &err) < 0 ||
            announce_leftovers(sealer, tenant->scope.database, &err) < 0)
            log_failure("sealer.leftovers_unknown", rows[i].name, &err);
        tenant_release(tenant);
    }
}

/* A failure is tried again; after the stop it is left to the next start. */
static bool seal_next(struct sealer *sealer)
{
    struct store_scope scope;
    struct err err = {0};
    int result;

    if (!seal_queue_take(sealer->queue, &scope))
        return true;
    result = seal(scope, &err);
    if (result < 0) {
        log_failure("sealer.failed", NULL, &err);
        if (!atomic_load(&sealer->stopping))
            seal_queue_announce(sealer->queue, scope);
    }
    seal_queue_done(sealer->queue);
    return result == 0;
}

static void *sealer_main(void *argument)
{
    struct sealer *sealer = argument;
    size_t count = 0;

    find_leftovers(sealer);
    while (seal_queue_wait(sealer->queue, &count)) {
        bool sealed_all = true;

        for (size_t i = 0; i < count; i++)
            sealed_all = seal_next(sealer) && sealed_all;
        seal_queue_pause(sealer->queue, sealed_all ? sealer->interval_ms : SEALER_RETRY_MS);
    }
    return NULL;
}

int sealer_start(struct tenants *tenants, unsigned interval_ms, struct sealer **out,
                 struct err *err)
{
    struct sealer *sealer = memory_calloc(1, sizeof(*sealer));
    int number;

    sealer->tenants = tenants;
    sealer->queue = tenants_seal_queue(tenants);
    sealer->interval_ms = interval_ms;
    seal_queue_start(sealer->queue);
    number = pthread_create(&sealer->thread, NULL, sealer_main, sealer);
    if (number != 0) {
        free(sealer);
        (void)err_set(err, ERR_INTERNAL, "the sealer cannot start");
        return err_because_errno(err, "pthread_create", number);
    }
    *out = sealer;
    return 0;
}

void sealer_stop(struct sealer *sealer)
{
    if (sealer == NULL)
        return;
    atomic_store(&sealer->stopping, true);
    seal_queue_stop(sealer->queue);
    (void)pthread_join(sealer->thread, NULL);
    free(sealer);
}
