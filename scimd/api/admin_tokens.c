#include <string.h>

#include "api/admin_endpoints.h"
#include "auth/token.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define DEFAULT_CONNECTION "scim"
#define TOKEN_NAME_MAX 200 /* bytes */
#define EXPIRES_MAX_S (INT64_C(100) * 365 * 24 * 3600)

int admin_token_list(struct admin_exchange *exchange, struct err *err)
{
    const struct token_row *rows = NULL;
    size_t count = 0;
    json_t *list;

    if (tenants_token_list(exchange->service->tenants, exchange->arena, exchange->tenant, &rows,
                           &count, err) < 0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s?, s:o, s:o, s:o}", "id", rows[i].id, "name",
                                        rows[i].name, "created", admin_time(rows[i].created_us),
                                        "expires", admin_time(rows[i].expires_us), "lastUsed",
                                        admin_time(rows[i].last_used_us)));
    return admin_answer(exchange, json_pack("{s:o}", "tokens", list));
}

static int read_expiry(const json_t *body, int64_t now_us, int64_t *expires_us, struct err *err)
{
    const json_t *value = json_object_get(body, "expiresIn");

    *expires_us = 0;
    if (value == NULL || json_is_null(value))
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > EXPIRES_MAX_S)
        return err_set(err, ERR_INVALID_VALUE, "expiresIn: must be seconds, at most 100 years");
    *expires_us = now_us + json_integer_value(value) * 1000000;
    return 0;
}

/* The only time that the token itself is shown. */
static json_t *token_json(const struct token *token, const struct token_row *row)
{
    return json_pack("{s:s, s:s, s:s?, s:o, s:o}", "token", token->text, "id", row->id, "name",
                     row->name, "created", admin_time(row->created_us), "expires",
                     admin_time(row->expires_us));
}

int admin_token_create(struct admin_exchange *exchange, struct err *err)
{
    struct service *service = exchange->service;
    CLEANUP(json_decrefp) json_t *body = NULL;
    CLEANUP(token_wipe) struct token token;
    struct token_row row = {.created_us = clock_now_us()};
    const char *connection = NULL;

    token_new(&token);
    if (admin_body(exchange, &body, err) < 0 || admin_text(body, "name", &row.name, err) < 0 ||
        admin_text(body, "connection", &connection, err) < 0 ||
        read_expiry(body, row.created_us, &row.expires_us, err) < 0)
        return -1;
    row.name = row.name != NULL ? row.name : "";
    if (strlen(row.name) > TOKEN_NAME_MAX)
        return err_set(err, ERR_INVALID_VALUE, "name: longer than %d bytes", TOKEN_NAME_MAX);
    row.id = token.id;
    token_hash(service->keys.tokens, &token, row.hash);
    if (tenants_token_create(service->tenants, &exchange->actor, exchange->tenant, &row,
                             connection != NULL ? connection : DEFAULT_CONNECTION, err) < 0)
        return -1;
    return admin_answer(exchange, token_json(&token, &row));
}

int admin_token_revoke(struct admin_exchange *exchange, struct err *err)
{
    if (tenants_token_revoke(exchange->service->tenants, &exchange->actor, exchange->tenant,
                             exchange->name, err) < 0)
        return -1;
    return admin_done(exchange);
}
