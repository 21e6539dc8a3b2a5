#include <string.h>

#include "directory/tenants_cache.h"

struct token_change {
    const char *tenant;
    const char *connection;
    const struct token_row *row;
    const char *id;
    int number;
};

static int token_create_body(struct session *session, struct arena *arena, void *argument,
                             struct err *err)
{
    struct token_change *change = argument;
    struct token_row row = *change->row;
    struct connection_row connection;
    struct tenant_row tenant;

    if (admin_find_tenant(session, arena, change->tenant, &tenant, err) < 0 ||
        admin_find_connection(session, arena, &tenant, change->connection, &connection, err) < 0)
        return -1;
    change->number = tenant.number;
    row.tenant = tenant.number;
    row.connection = connection.id;
    return control_token_insert(session, &row, err);
}

static int token_revoke_body(struct session *session, struct arena *arena, void *argument,
                             struct err *err)
{
    struct token_change *change = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, arena, change->tenant, &tenant, err) < 0)
        return -1;
    change->number = tenant.number;
    if (control_token_delete(session, tenant.number, change->id, err) == 0)
        return 0;
    return err->code == ERR_NOT_FOUND
               ? err_set(err, ERR_NOT_FOUND, "tenant \"%s\" has no token \"%s\"", change->tenant,
                         change->id)
               : -1;
}

int tenants_token_create(struct tenants *tenants, const struct admin_actor *actor,
                         const char *tenant, const struct token_row *row, const char *connection,
                         struct err *err)
{
    struct token_change change = {.tenant = tenant, .connection = connection, .row = row};

    if (row->id == NULL || strnlen(row->id, TOKEN_CACHE_ID_BYTES) == TOKEN_CACHE_ID_BYTES)
        return err_set(err, ERR_INVALID_VALUE, "a token's id must have less than %d bytes",
                       TOKEN_CACHE_ID_BYTES);
    return admin_change_part(tenants,
                             &(struct admin_change){.actor = actor,
                                                    .action = "token.create",
                                                    .body = token_create_body,
                                                    .argument = &change,
                                                    .number = &change.number},
                             tenant, row->id, err);
}

int tenants_token_revoke(struct tenants *tenants, const struct admin_actor *actor,
                         const char *tenant, const char *id, struct err *err)
{
    struct token_change change = {.tenant = tenant, .id = id};

    return admin_change_part(tenants,
                             &(struct admin_change){.actor = actor,
                                                    .action = "token.revoke",
                                                    .body = token_revoke_body,
                                                    .argument = &change,
                                                    .number = &change.number},
                             tenant, id, err);
}

struct listing {
    struct arena *arena;
    const char *tenant;
    const struct token_row *rows;
    size_t count;
};

static int list_tokens(struct session *session, void *argument, struct err *err)
{
    struct listing *listing = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, listing->arena, listing->tenant, &tenant, err) < 0)
        return -1;
    return control_tokens(session, listing->arena, tenant.number, &listing->rows, &listing->count,
                          err);
}

int tenants_token_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                       const struct token_row **out, size_t *count, struct err *err)
{
    struct listing listing = {.arena = arena, .tenant = tenant};

    if (tenants_flush(tenants, err) < 0 || tenants_read(tenants, list_tokens, &listing, err) < 0)
        return -1;
    *out = listing.rows;
    *count = listing.count;
    return 0;
}
