#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "directory/tenants_cache.h"

#define US_PER_S INT64_C(1000000)

struct rows_read {
    struct arena *arena;
    const struct tenant_row *rows;
    size_t count;
    int64_t generation;
};

static int read_rows(struct session *session, void *argument, struct err *err)
{
    struct rows_read *read = argument;

    if (control_generation(session, &read->generation, err) < 0)
        return -1;
    return control_tenants(session, read->arena, &read->rows, &read->count, err);
}

static int by_name(const void *left, const void *right)
{
    const struct tenant_entry *one = left;
    const struct tenant_entry *other = right;

    return strcmp(one->row->name, other->row->name);
}

static int read_directory(struct tenants *tenants, struct tenant_directory *out, struct err *err)
{
    struct rows_read read = {.arena = arena_new(ARENA_BLOCK_BYTES)};

    if (store_read_snapshot(tenants->control, read_rows, &read, err) < 0) {
        arena_free(read.arena);
        return -1;
    }
    *out = (struct tenant_directory){
        .arena = read.arena,
        .entries = arena_array(read.arena, read.count, sizeof(*out->entries)),
        .count = read.count,
        .generation = read.generation,
    };
    for (size_t i = 0; i < read.count; i++)
        out->entries[i].row = &read.rows[i];
    qsort(out->entries, out->count, sizeof(*out->entries), by_name);
    return 0;
}

/* Moves tenants that are made from `old` to `fresh`, both in order of names. */
static void keep_made(struct tenant_directory *old, struct tenant_directory *fresh, int changed)
{
    size_t i = 0;

    for (size_t k = 0; k < old->count; k++) {
        struct tenant_entry *entry = &old->entries[k];

        while (i < fresh->count && strcmp(fresh->entries[i].row->name, entry->row->name) < 0)
            i++;
        if (i == fresh->count)
            return;
        if (fresh->entries[i].row->number != entry->row->number || entry->row->number == changed)
            continue;
        fresh->entries[i].tenant = entry->tenant;
        entry->tenant = NULL;
    }
}

/* Under `reloading`. */
static void replace_directory(struct tenants *tenants, struct tenant_directory fresh, int changed)
{
    struct tenant_directory old;
    bool only_ours =
        changed != TENANTS_ALL && fresh.generation == tenants->directory.generation + 1;

    (void)pthread_rwlock_wrlock(&tenants->lock);
    old = tenants->directory;
    if (only_ours)
        keep_made(&old, &fresh, changed);
    tenants->directory = fresh;
    (void)pthread_rwlock_unlock(&tenants->lock);
    token_cache_clear(tenants->tokens);

    for (size_t i = 0; i < old.count; i++)
        tenant_release(old.entries[i].tenant);
    arena_free(old.arena);
}

int tenants_reload(struct tenants *tenants, int number, struct err *err)
{
    struct tenant_directory fresh;
    int result;

    (void)pthread_mutex_lock(&tenants->reloading);
    result = read_directory(tenants, &fresh, err);
    if (result == 0)
        replace_directory(tenants, fresh, number);
    (void)pthread_mutex_unlock(&tenants->reloading);
    return result;
}

static int read_generation(struct session *session, void *argument, struct err *err)
{
    return control_generation(session, argument, err);
}

static int reload_if_changed(struct tenants *tenants, struct err *err)
{
    int64_t generation = 0;
    bool changed;

    if (store_read(tenants->control, read_generation, &generation, err) < 0)
        return -1;
    (void)pthread_rwlock_rdlock(&tenants->lock);
    changed = generation != tenants->directory.generation;
    (void)pthread_rwlock_unlock(&tenants->lock);
    return changed ? tenants_reload(tenants, TENANTS_ALL, err) : 0;
}

/* True for one thread, once `period_s` is over. */
static bool is_due(_Atomic int64_t *last_us, int64_t now_us, int64_t period_s)
{
    int64_t last = atomic_load_explicit(last_us, memory_order_relaxed);

    return now_us - last >= period_s * US_PER_S &&
           atomic_compare_exchange_strong(last_us, &last, now_us);
}

/* What was read before stays good enough while the control database can't be asked. */
void tenants_refresh(struct tenants *tenants)
{
    int64_t now_us = clock_monotonic_us();
    struct err err = {0};

    if (is_due(&tenants->flushed_us, now_us, TENANTS_FLUSH_S) && tenants_flush(tenants, &err) < 0)
        log_event(LOG_LEVEL_WARNING, "tenants.flush_failed", LOG_TEXT("detail", err.detail),
                  LOG_TEXT("cause", err.cause));
    if (is_due(&tenants->checked_us, now_us, TENANTS_REFRESH_S) &&
        reload_if_changed(tenants, &err) < 0)
        log_event(LOG_LEVEL_WARNING, "tenants.refresh_failed", LOG_TEXT("detail", err.detail),
                  LOG_TEXT("cause", err.cause));
}
