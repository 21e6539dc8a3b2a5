#include "directory/tenants.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "directory/tenants_cache.h"

static void init_locks(struct tenants *tenants)
{
    pthread_condattr_t attributes;

    (void)pthread_rwlock_init(&tenants->lock, NULL);
    (void)pthread_mutex_init(&tenants->reloading, NULL);
    (void)pthread_mutex_init(&tenants->live_lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&tenants->gone, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static void destroy_locks(struct tenants *tenants)
{
    (void)pthread_cond_destroy(&tenants->gone);
    (void)pthread_mutex_destroy(&tenants->live_lock);
    (void)pthread_mutex_destroy(&tenants->reloading);
    (void)pthread_rwlock_destroy(&tenants->lock);
}

int tenants_open(struct store *store, struct tenants **out, struct err *err)
{
    struct tenants *tenants = memory_calloc(1, sizeof(*tenants));

    init_locks(tenants);
    tenants->store = store;
    tenants->unsealed = seal_queue_new();
    tenants->tokens = token_cache_new();
    atomic_store(&tenants->checked_us, clock_monotonic_us());
    atomic_store(&tenants->flushed_us, clock_monotonic_us());
    tenants->control.tenant = STORE_CONTROL_TENANT;
    if (store_database(store, STORE_CONTROL, &tenants->control.database, err) < 0 ||
        tenants_schema_set(NULL, 0, &tenants->built_in, err) < 0 ||
        tenants_reload(tenants, TENANTS_ALL, err) < 0) {
        tenants_close(tenants);
        return -1;
    }
    *out = tenants;
    return 0;
}

void tenants_close(struct tenants *tenants)
{
    struct err err = {0};

    if (tenants == NULL)
        return;
    if (tenants->control.database != NULL && tenants_flush(tenants, &err) < 0)
        log_event(LOG_LEVEL_WARNING, "tenants.counters_lost", LOG_TEXT("detail", err.detail),
                  LOG_TEXT("cause", err.cause));
    for (size_t i = 0; i < tenants->directory.count; i++)
        tenant_release(tenants->directory.entries[i].tenant);
    arena_free(tenants->directory.arena);
    free(tenants->left.items);
    schema_set_release(tenants->built_in);
    token_cache_free(tenants->tokens);
    seal_queue_free(tenants->unsealed);
    destroy_locks(tenants);
    free(tenants);
}

struct seal_queue *tenants_seal_queue(struct tenants *tenants)
{
    return tenants->unsealed;
}

/* Under lock. */
static struct tenant_entry *find_entry(const struct tenants *tenants, const char *name)
{
    size_t low = 0;
    size_t high = tenants->directory.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct tenant_entry *entry = &tenants->directory.entries[middle];
        int order = strcmp(name, entry->row->name);

        if (order == 0)
            return entry;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* True if the answer is known: *out is held, or NULL where there is no such tenant. */
static bool find_made(struct tenants *tenants, const char *name, struct tenant **out)
{
    const struct tenant_entry *entry;
    bool known = true;

    *out = NULL;
    (void)pthread_rwlock_rdlock(&tenants->lock);
    entry = find_entry(tenants, name);
    if (entry != NULL && entry->row->state != TENANT_DELETING) {
        known = entry->tenant != NULL;
        if (known)
            *out = tenant_hold(entry->tenant);
    }
    (void)pthread_rwlock_unlock(&tenants->lock);
    return known;
}

/* Makes the tenant; nobody replaces the directory meanwhile (reloading is held). */
static int make(struct tenants *tenants, const char *name, struct tenant **out, struct err *err)
{
    struct tenant_entry *entry = find_entry(tenants, name);
    struct tenant *tenant = NULL;

    assert(entry != NULL); /* find_made() saw it, and reloading is held since */
    if (tenants_load(tenants, entry->row, &tenant, err) < 0)
        return -1;
    (void)pthread_rwlock_wrlock(&tenants->lock);
    entry->tenant = tenant;
    *out = tenant_hold(tenant);
    (void)pthread_rwlock_unlock(&tenants->lock);
    return 0;
}

int tenants_find(struct tenants *tenants, const char *name, struct tenant **out, struct err *err)
{
    struct tenant *tenant = NULL;
    int result = 0;

    tenants_refresh(tenants);
    if (!find_made(tenants, name, &tenant)) {
        (void)pthread_mutex_lock(&tenants->reloading);
        if (!find_made(tenants, name, &tenant)) /* another thread may have made it meanwhile */
            result = make(tenants, name, &tenant, err);
        (void)pthread_mutex_unlock(&tenants->reloading);
    }
    if (result < 0)
        return -1;
    if (tenant == NULL)
        return err_set(err, ERR_NOT_FOUND, "there is no tenant \"%.63s\"", name);
    *out = tenant;
    return 0;
}

struct connection *tenant_connection(const struct tenant *tenant, int64_t id)
{
    for (size_t i = 0; i < tenant->connection_count; i++) {
        if (tenant->connections[i]->id == id)
            return tenant->connections[i];
    }
    return NULL;
}

struct token_read {
    struct arena *arena;
    const char *id;
    struct token_row row;
};

static int read_token(struct session *session, void *argument, struct err *err)
{
    struct token_read *read = argument;

    return control_token_find(session, read->arena, read->id, &read->row, err);
}

/* Asks the database, and notes the answer, also that there is none. */
static int read_and_store_token(struct tenants *tenants, const char *id, uint64_t epoch,
                                struct token_entry *out, struct err *err)
{
    struct token_read read = {.arena = arena_new(ARENA_BLOCK_BYTES), .id = id};
    struct token_entry entry;
    int result = store_read(tenants->control, read_token, &read, err);

    if (result == 0) {
        entry = (struct token_entry){.tenant = read.row.tenant,
                                     .connection = read.row.connection,
                                     .expires_us = read.row.expires_us};
        memcpy(entry.hash, read.row.hash, sizeof(entry.hash));
        token_cache_store(tenants->tokens, epoch, id, &entry, read.row.last_used_us);
        *out = entry;
    } else if (err->code == ERR_NOT_FOUND) {
        token_cache_store(tenants->tokens, epoch, id, NULL, 0);
    }
    arena_free(read.arena);
    return result;
}

int tenants_token(struct tenants *tenants, const char *id, struct token_entry *out, struct err *err)
{
    struct token_entry entry;
    uint64_t epoch = 0;

    tenants_refresh(tenants);
    switch (token_cache_find(tenants->tokens, id, &entry, &epoch)) {
    case TOKEN_PRESENT:
        *out = entry;
        return 0;
    case TOKEN_ABSENT:
        return err_set(err, ERR_NOT_FOUND, "there is no such token");
    case TOKEN_UNKNOWN:
        break;
    }
    return read_and_store_token(tenants, id, epoch, out, err);
}

void tenants_token_used(struct tenants *tenants, const char *id, int64_t now_us)
{
    token_cache_use(tenants->tokens, id, now_us);
}
