#include <stdlib.h>
#include <time.h>

#include "base/embedded.h"
#include "base/memory.h"
#include "directory/tenants_cache.h"

#define WAIT_GONE_S 30 /* for requests that are under way when their tenant is deleted */

struct parts_read {
    struct arena *arena;
    int tenant;
    const struct connection_row *connections;
    size_t connection_count;
    const struct schema_row *schemas;
    size_t schema_count;
    const struct source_row *sources;
    size_t source_count;
};

static int read_parts(struct session *session, void *argument, struct err *err)
{
    struct parts_read *read = argument;

    if (control_connections(session, read->arena, read->tenant, &read->connections,
                            &read->connection_count, err) < 0)
        return -1;
    if (sources_list(session, read->arena, read->tenant, &read->sources, &read->source_count, err) <
        0)
        return -1;
    return control_schemas(session, read->arena, read->tenant, &read->schemas, &read->schema_count,
                           err);
}

static size_t embedded_count(void)
{
    size_t count = 0;

    while (embedded_schemas[count].name != NULL)
        count++;
    return count;
}

int tenants_schema_set(const struct schema_row *rows, size_t count, struct schema_set **out,
                       struct err *err)
{
    size_t built_in = embedded_count();
    struct schema_source *sources = memory_calloc(built_in + count, sizeof(*sources));
    int result;

    for (size_t i = 0; i < built_in; i++)
        sources[i] = (struct schema_source){.name = embedded_schemas[i].name,
                                            .json = embedded_schemas[i].text,
                                            .length = embedded_schemas[i].length,
                                            .built_in = true};
    for (size_t i = 0; i < count; i++)
        sources[built_in + i] = (struct schema_source){
            .name = rows[i].name, .json = rows[i].document, .length = rows[i].length};
    result = schema_set_new(sources, built_in + count, out, err);
    free(sources);
    return result;
}

static void copy_connection(struct arena *arena, const struct connection_row *row,
                            struct live_connection *live)
{
    live->connection.id = row->id;
    live->connection.name = arena_strdup(arena, row->name);
    live->connection.park_members = row->park_members;
    if (!profile_from_name(row->profile, &live->connection.profile))
        live->connection.profile = PROFILE_STRICT; /* of a newer version: assume nothing */
    connection_read_totals(live, row);
}

static void copy_connections(struct live_tenant *live, const struct parts_read *read)
{
    struct connection **list =
        arena_array(live->arena, read->connection_count, sizeof(struct connection *));

    live->connections =
        arena_array(live->arena, read->connection_count, sizeof(*live->connections));
    for (size_t i = 0; i < read->connection_count; i++) {
        copy_connection(live->arena, &read->connections[i], &live->connections[i]);
        list[i] = &live->connections[i].connection;
    }
    live->tenant.connections = list;
    live->tenant.connection_count = read->connection_count;
}

static int find_schemas(struct tenants *tenants, const struct parts_read *read,
                        struct schema_set **out, struct err *err)
{
    if (read->schema_count > 0)
        return tenants_schema_set(read->schemas, read->schema_count, out, err);
    *out = schema_set_hold(tenants->built_in);
    return 0;
}

static struct live_tenant *live_tenant_new(struct tenants *tenants, const struct tenant_row *row)
{
    struct live_tenant *live = memory_calloc(1, sizeof(*live));

    live->owner = tenants;
    live->arena = arena_new(ARENA_BLOCK_BYTES);
    live->tenant.number = row->number;
    live->tenant.name = arena_strdup(live->arena, row->name);
    live->tenant.state = row->state;
    live->tenant.scope.tenant = row->number;
    live->tenant.unsealed = tenants->unsealed;
    atomic_store(&live->tenant.references, 1);
    return live;
}

static void live_tenant_free(struct live_tenant *live)
{
    schema_set_release(live->tenant.schemas);
    arena_free(live->arena);
    free(live);
}

static void link_tenant(struct tenants *tenants, struct live_tenant *live)
{
    (void)pthread_mutex_lock(&tenants->live_lock);
    live->made = ++tenants->made;
    live->next = tenants->live;
    if (live->next != NULL)
        live->next->previous = live;
    tenants->live = live;
    (void)pthread_mutex_unlock(&tenants->live_lock);
}

static void unlink_tenant(struct tenants *tenants, struct live_tenant *live)
{
    (void)pthread_mutex_lock(&tenants->live_lock);
    for (size_t i = 0; i < live->tenant.connection_count; i++)
        connection_take(&live->connections[i], live->tenant.number, &tenants->left);
    if (live->previous != NULL)
        live->previous->next = live->next;
    else
        tenants->live = live->next;
    if (live->next != NULL)
        live->next->previous = live->previous;
    (void)pthread_cond_broadcast(&tenants->gone);
    (void)pthread_mutex_unlock(&tenants->live_lock);
}

int tenants_load(struct tenants *tenants, const struct tenant_row *row, struct tenant **out,
                 struct err *err)
{
    struct parts_read read = {.arena = arena_new(ARENA_BLOCK_BYTES), .tenant = row->number};
    struct live_tenant *live = live_tenant_new(tenants, row);

    if (store_read_snapshot(tenants->control, read_parts, &read, err) < 0 ||
        find_schemas(tenants, &read, &live->tenant.schemas, err) < 0 ||
        store_database(tenants->store, row->database, &live->tenant.scope.database, err) < 0) {
        arena_free(read.arena);
        live_tenant_free(live);
        return -1;
    }
    copy_connections(live, &read);
    live->tenant.sources =
        tenants_copy_sources(live->arena, read.sources, read.source_count, row->name);
    live->tenant.source_count = read.source_count;
    arena_free(read.arena);
    link_tenant(tenants, live);
    *out = &live->tenant;
    return 0;
}

struct tenant *tenant_hold(struct tenant *tenant)
{
    (void)atomic_fetch_add_explicit(&tenant->references, 1, memory_order_relaxed);
    return tenant;
}

void tenant_release(struct tenant *tenant)
{
    struct live_tenant *live = (struct live_tenant *)tenant;

    if (tenant == NULL || atomic_fetch_sub(&tenant->references, 1) > 1)
        return;
    unlink_tenant(live->owner, live);
    live_tenant_free(live);
}

/* Under live_lock. */
static bool is_held(const struct tenants *tenants, int number, uint64_t made)
{
    for (const struct live_tenant *live = tenants->live; live != NULL; live = live->next) {
        if (live->tenant.number == number && live->made <= made)
            return true;
    }
    return false;
}

int tenants_wait_gone(struct tenants *tenants, int number, struct err *err)
{
    struct timespec until;
    int result = 0;
    uint64_t made;
    bool held;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_GONE_S;
    (void)pthread_mutex_lock(&tenants->live_lock);
    made = tenants->made;
    while ((held = is_held(tenants, number, made)) && result == 0)
        result = pthread_cond_timedwait(&tenants->gone, &tenants->live_lock, &until);
    (void)pthread_mutex_unlock(&tenants->live_lock);
    if (held)
        return err_set(err, ERR_CONFLICT,
                       "requests of the tenant are still running; try again later");
    return 0;
}
