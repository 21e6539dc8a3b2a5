#include "api/admin_endpoints.h"
#include "auth/seal.h"
#include "base/cleanup.h"
#include "directory/tenants_sources.h"

int admin_secret_list(struct admin_exchange *exchange, struct err *err)
{
    const struct stored_secret *rows = NULL;
    size_t count = 0;
    json_t *list;

    if (tenants_secret_list(exchange->service->tenants, exchange->arena, exchange->tenant, &rows,
                            &count, err) < 0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:o}", "name", rows[i].name, "changed",
                                              admin_time(rows[i].changed_us)));
    return admin_answer(exchange, json_pack("{s:o}", "secrets", list));
}

/* The body is the secret, byte by byte: keytabs are no text. */
static int seal_body(struct admin_exchange *exchange, struct buf *sealed, struct err *err)
{
    const struct http_request *request = exchange->request;
    CLEANUP(secret_free) struct secret secret = {0};
    struct seal_place place = {.name = exchange->name};
    struct tenant *tenant = NULL;

    if (tenants_find(exchange->service->tenants, exchange->tenant, &tenant, err) < 0)
        return -1;
    place.tenant = tenant->number;
    tenant_release(tenant);
    secret_set(&secret, request->body, request->body_length);
    return seal_close(exchange->service->keys.secrets, &place, &secret, sealed, err);
}

int admin_secret_put(struct admin_exchange *exchange, struct err *err)
{
    CLEANUP(buf_free) struct buf sealed = {0};

    if (exchange->request->body_length == 0)
        return err_set(err, ERR_INVALID_VALUE, "an empty secret is none");
    if (exchange->request->body_length > SECRET_BYTES_MAX)
        return err_set(err, ERR_TOO_LARGE, "a secret has at most %zu bytes", SECRET_BYTES_MAX);
    if (seal_body(exchange, &sealed, err) < 0 ||
        tenants_secret_put(exchange->service->tenants, &exchange->actor, exchange->tenant,
                           exchange->name, buf_text(&sealed), err) < 0)
        return -1;
    return admin_done(exchange);
}

int admin_secret_delete(struct admin_exchange *exchange, struct err *err)
{
    if (tenants_secret_delete(exchange->service->tenants, &exchange->actor, exchange->tenant,
                              exchange->name, err) < 0)
        return -1;
    return admin_done(exchange);
}
