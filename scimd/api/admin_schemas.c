#include "api/admin_endpoints.h"
#include "base/clock.h"

int admin_schema_list(struct admin_exchange *exchange, struct err *err)
{
    const struct schema_row *rows = NULL;
    size_t count = 0;
    json_t *list;

    if (tenants_schema_list(exchange->service->tenants, exchange->arena, exchange->tenant, &rows,
                            &count, err) < 0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:I, s:o}", "name", rows[i].name, "bytes",
                                              (json_int_t)rows[i].length, "created",
                                              admin_time(rows[i].created_us)));
    return admin_answer(exchange, json_pack("{s:o}", "schemas", list));
}

/* The body is the file as it is, so that errors can name its lines. */
int admin_schema_put(struct admin_exchange *exchange, struct err *err)
{
    const struct schema_row row = {.name = exchange->name,
                                   .document = exchange->request->body,
                                   .length = exchange->request->body_length,
                                   .created_us = clock_now_us()};

    if (tenants_schema_put(exchange->service->tenants, &exchange->actor, exchange->tenant, &row,
                           err) < 0)
        return -1;
    return admin_done(exchange);
}

int admin_schema_delete(struct admin_exchange *exchange, struct err *err)
{
    if (tenants_schema_delete(exchange->service->tenants, &exchange->actor, exchange->tenant,
                              exchange->name, err) < 0)
        return -1;
    return admin_done(exchange);
}
