#include <string.h>

#include "api/admin_endpoints.h"
#include "base/cleanup.h"

static const char *state_name(enum tenant_state state)
{
    static const char *const names[] = {[TENANT_ACTIVE] = "active",
                                        [TENANT_SUSPENDED] = "suspended",
                                        [TENANT_DELETING] = "deleting"};

    return names[state];
}

static json_t *tenant_json(const struct tenant_row *row)
{
    return json_pack("{s:s, s:s, s:i, s:s, s:o}", "name", row->name, "state",
                     state_name(row->state), "number", row->number, "database", row->database,
                     "created", admin_time(row->created_us));
}

int admin_tenant_list(struct admin_exchange *exchange, struct err *err)
{
    const struct tenant_row *rows = NULL;
    size_t count = 0;
    json_t *list;

    if (tenants_list(exchange->service->tenants, exchange->arena, &rows, &count, err) < 0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, tenant_json(&rows[i]));
    return admin_answer(exchange, json_pack("{s:o}", "tenants", list));
}

int admin_tenant_show(struct admin_exchange *exchange, struct err *err)
{
    const struct tenant_row *rows = NULL;
    size_t count = 0;

    if (tenants_list(exchange->service->tenants, exchange->arena, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, exchange->tenant) == 0)
            return admin_answer(exchange, tenant_json(&rows[i]));
    return err_set(err, ERR_NOT_FOUND, "no tenant %.63s", exchange->tenant);
}

int admin_tenant_create(struct admin_exchange *exchange, struct err *err)
{
    CLEANUP(json_decrefp) json_t *body = NULL;
    const char *name = NULL;
    const char *database = NULL;

    if (admin_body(exchange, &body, err) < 0 || admin_text(body, "name", &name, err) < 0 ||
        admin_text(body, "database", &database, err) < 0)
        return -1;
    if (name == NULL)
        return err_set(err, ERR_INVALID_VALUE, "name: is required");
    if (database == NULL)
        database = exchange->service->tenant_database;
    if (tenants_create(exchange->service->tenants, &exchange->actor, name, database, err) < 0)
        return -1;
    exchange->tenant = name;
    return admin_tenant_show(exchange, err);
}

int admin_tenant_delete(struct admin_exchange *exchange, struct err *err)
{
    if (tenants_delete(exchange->service->tenants, &exchange->actor, exchange->tenant, err) < 0)
        return -1;
    return admin_done(exchange);
}

static int set_state(struct admin_exchange *exchange, enum tenant_state state, struct err *err)
{
    if (tenants_set_state(exchange->service->tenants, &exchange->actor, exchange->tenant, state,
                          err) < 0)
        return -1;
    return admin_tenant_show(exchange, err);
}

int admin_tenant_suspend(struct admin_exchange *exchange, struct err *err)
{
    return set_state(exchange, TENANT_SUSPENDED, err);
}

int admin_tenant_resume(struct admin_exchange *exchange, struct err *err)
{
    return set_state(exchange, TENANT_ACTIVE, err);
}
