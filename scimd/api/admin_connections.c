#include <string.h>

#include "api/admin_endpoints.h"
#include "base/cleanup.h"

/* [{"name": ..., "count": ..., "help": ...}] of the tolerances that were used. */
static json_t *tolerances_json(const char *flushed)
{
    CLEANUP(json_decrefp) json_t *counts = flushed != NULL ? json_loads(flushed, 0, NULL) : NULL;
    json_t *list = json_array();

    for (int i = 0; i < TOLERANCE_COUNT; i++) {
        const char *name = tolerance_name((enum tolerance)i);
        json_int_t count = json_integer_value(json_object_get(counts, name));
        if (count > 0)
            json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "name", name, "count", count,
                                                  "help", tolerance_help((enum tolerance)i)));
    }
    return list;
}

static json_t *connection_json(const struct connection_row *row)
{
    return json_pack("{s:s, s:s, s:s?, s:b, s:o, s:o}", "name", row->name, "profile", row->profile,
                     "seen", row->seen, "parkMembers", row->park_members, "created",
                     admin_time(row->created_us), "tolerances", tolerances_json(row->tolerances));
}

int admin_connection_list(struct admin_exchange *exchange, struct err *err)
{
    const struct connection_row *rows = NULL;
    size_t count = 0;
    json_t *list;

    if (tenants_connection_list(exchange->service->tenants, exchange->arena, exchange->tenant,
                                &rows, &count, err) < 0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, connection_json(&rows[i]));
    return admin_answer(exchange, json_pack("{s:o}", "connections", list));
}

int admin_connection_show(struct admin_exchange *exchange, struct err *err)
{
    const struct connection_row *rows = NULL;
    size_t count = 0;

    if (tenants_connection_list(exchange->service->tenants, exchange->arena, exchange->tenant,
                                &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, exchange->name) == 0)
            return admin_answer(exchange, connection_json(&rows[i]));
    return err_set(err, ERR_NOT_FOUND, "no connection %.63s", exchange->name);
}

int admin_connection_set(struct admin_exchange *exchange, struct err *err)
{
    CLEANUP(json_decrefp) json_t *body = NULL;
    const char *profile = NULL;

    if (admin_body(exchange, &body, err) < 0 || admin_text(body, "profile", &profile, err) < 0 ||
        tenants_connection_set(exchange->service->tenants, &exchange->actor, exchange->tenant,
                               exchange->name, profile, err) < 0)
        return -1;
    return admin_connection_show(exchange, err);
}

int admin_connection_delete(struct admin_exchange *exchange, struct err *err)
{
    if (tenants_connection_delete(exchange->service->tenants, &exchange->actor, exchange->tenant,
                                  exchange->name, err) < 0)
        return -1;
    return admin_done(exchange);
}
