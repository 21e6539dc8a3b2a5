#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "directory/tenants_cache.h"

#define FIRST_CAPACITY 16

void connection_count(struct connection *connection, const struct tolerance_use *use)
{
    for (size_t i = 0; i < TOLERANCE_COUNT; i++) {
        if (use->count[i] > 0)
            (void)atomic_fetch_add_explicit(&connection->tolerances[i], use->count[i],
                                            memory_order_relaxed);
    }
}

/* {"boolean-string": 7}; what is not such an object counts as nothing. */
static void parse_totals(const char *text, uint64_t totals[TOLERANCE_COUNT])
{
    CLEANUP(json_decrefp) json_t *object = text == NULL ? NULL : json_loads(text, 0, NULL);

    for (int i = 0; i < TOLERANCE_COUNT; i++) {
        json_int_t count =
            json_integer_value(json_object_get(object, tolerance_name((enum tolerance)i)));

        totals[i] = count > 0 ? (uint64_t)count : 0;
    }
}

static const char *format_totals(struct arena *arena, const uint64_t totals[TOLERANCE_COUNT])
{
    CLEANUP(buf_free) struct buf text = {0};

    buf_putc(&text, '{');
    for (int i = 0; i < TOLERANCE_COUNT; i++) {
        if (totals[i] > 0)
            buf_printf(&text, "%s\"%s\":%llu", text.length > 1 ? "," : "",
                       tolerance_name((enum tolerance)i), (unsigned long long)totals[i]);
    }
    buf_putc(&text, '}');
    return arena_strndup(arena, buf_text(&text), text.length);
}

void connection_read_totals(struct live_connection *connection, const struct connection_row *row)
{
    enum profile seen = PROFILE_AUTO;

    parse_totals(row->tolerances, connection->flushed);
    for (size_t i = 0; i < TOLERANCE_COUNT; i++)
        atomic_store(&connection->connection.tolerances[i], connection->flushed[i]);
    if (row->seen != NULL)
        (void)profile_from_name(row->seen, &seen);
    connection->seen_flushed = (int)seen;
    atomic_store(&connection->connection.seen, (int)seen);
}

static void list_add(struct unflushed_list *list, const struct unflushed *item)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? FIRST_CAPACITY : list->capacity * 2;
        list->items = memory_resize(list->items, list->capacity * sizeof(*list->items));
    }
    list->items[list->count++] = *item;
}

void connection_take(struct live_connection *connection, int tenant, struct unflushed_list *list)
{
    struct unflushed item = {.tenant = tenant,
                             .connection = connection->connection.id,
                             .seen = atomic_load(&connection->connection.seen)};
    bool changed = item.seen != connection->seen_flushed;

    for (size_t i = 0; i < TOLERANCE_COUNT; i++) {
        uint64_t total = atomic_load(&connection->connection.tolerances[i]);

        item.count[i] = total - connection->flushed[i];
        connection->flushed[i] = total;
        changed = changed || item.count[i] > 0;
    }
    connection->seen_flushed = item.seen;
    if (changed)
        list_add(list, &item);
}

/* All that connections counted since the last flush; the caller owns the list. */
static struct unflushed_list take_all(struct tenants *tenants)
{
    struct unflushed_list list;

    (void)pthread_mutex_lock(&tenants->live_lock);
    list = tenants->left;
    tenants->left = (struct unflushed_list){0};
    for (struct live_tenant *live = tenants->live; live != NULL; live = live->next) {
        for (size_t i = 0; i < live->tenant.connection_count; i++)
            connection_take(&live->connections[i], live->tenant.number, &list);
    }
    (void)pthread_mutex_unlock(&tenants->live_lock);
    return list;
}

static void give_back(struct tenants *tenants, const struct unflushed_list *list)
{
    (void)pthread_mutex_lock(&tenants->live_lock);
    for (size_t i = 0; i < list->count; i++)
        list_add(&tenants->left, &list->items[i]);
    (void)pthread_mutex_unlock(&tenants->live_lock);
}

struct flush {
    struct arena *arena;
    struct unflushed_list connections;
    struct token_use *uses;
    size_t use_count;
};

/* Adds to what the database has: other replicas count, too. */
static int flush_connection(struct session *session, struct arena *arena,
                            const struct unflushed *item, struct err *err)
{
    const struct connection_row *rows = NULL;
    uint64_t totals[TOLERANCE_COUNT];
    size_t count = 0;

    if (control_connections(session, arena, item->tenant, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct connection_row row = rows[i];

        if (row.id != item->connection)
            continue;
        parse_totals(row.tolerances, totals);
        for (size_t k = 0; k < TOLERANCE_COUNT; k++)
            totals[k] += item->count[k];
        row.tolerances = format_totals(arena, totals);
        if (item->seen != PROFILE_AUTO)
            row.seen = profile_name((enum profile)item->seen);
        return control_connection_update(session, &row, err);
    }
    return 0; /* deleted meanwhile */
}

static int flush_work(struct session *session, void *argument, struct err *err)
{
    struct flush *flush = argument;

    arena_reset(flush->arena);
    for (size_t i = 0; i < flush->connections.count; i++) {
        if (flush_connection(session, flush->arena, &flush->connections.items[i], err) < 0)
            return -1;
    }
    for (size_t i = 0; i < flush->use_count; i++) {
        if (control_token_touch(session, flush->uses[i].id, flush->uses[i].used_us, err) < 0)
            return -1;
    }
    return 0;
}

int tenants_flush(struct tenants *tenants, struct err *err)
{
    struct flush flush = {.arena = arena_new(ARENA_BLOCK_BYTES), .connections = take_all(tenants)};
    int result = 0;

    flush.uses = memory_calloc(TOKEN_CACHE_SLOTS, sizeof(*flush.uses));
    flush.use_count = token_cache_take_uses(tenants->tokens, flush.uses, TOKEN_CACHE_SLOTS);
    if (flush.connections.count > 0 || flush.use_count > 0)
        result = store_transact(tenants->control, flush_work, &flush, err);
    if (result < 0)
        give_back(tenants, &flush.connections); /* a token's next use tells the time again */
    free(flush.connections.items);
    free(flush.uses);
    arena_free(flush.arena);
    return result;
}
