#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/admin_endpoints.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/route.h"
#include "scim/json.h"

#define BIT(method) (1u << (method))

struct admin_methods {
    admin_endpoint *by_method[HTTP_METHOD_COUNT];
};

#define GET_ONLY(handler) (&(const struct admin_methods){.by_method = {[HTTP_GET] = (handler)}})
#define POST_ONLY(handler) (&(const struct admin_methods){.by_method = {[HTTP_POST] = (handler)}})

static const struct admin_methods tenants = {
    .by_method = {[HTTP_GET] = admin_tenant_list, [HTTP_POST] = admin_tenant_create}
};
static const struct admin_methods tenant = {
    .by_method = {[HTTP_GET] = admin_tenant_show, [HTTP_DELETE] = admin_tenant_delete}
};
static const struct admin_methods tokens = {
    .by_method = {[HTTP_GET] = admin_token_list, [HTTP_POST] = admin_token_create}
};
static const struct admin_methods token = {.by_method = {[HTTP_DELETE] = admin_token_revoke}};
static const struct admin_methods connection = {
    .by_method = {[HTTP_GET] = admin_connection_show,
                  [HTTP_PUT] = admin_connection_set,
                  [HTTP_DELETE] = admin_connection_delete}
};
static const struct admin_methods schema = {
    .by_method = {[HTTP_PUT] = admin_schema_put, [HTTP_DELETE] = admin_schema_delete}
};

static const struct admin_methods sources = {
    .by_method = {[HTTP_GET] = admin_source_list, [HTTP_PUT] = admin_source_apply}
};
static const struct admin_methods source = {
    .by_method = {[HTTP_GET] = admin_source_show,
                  [HTTP_POST] = admin_source_try,
                  [HTTP_DELETE] = admin_source_delete}
};
static const struct admin_methods secret = {
    .by_method = {[HTTP_PUT] = admin_secret_put, [HTTP_DELETE] = admin_secret_delete}
};

static const struct route routes[] = {
    {"healthz",                         BIT(HTTP_GET),                                     GET_ONLY(admin_health)         },
    {"readyz",                          BIT(HTTP_GET),                                     GET_ONLY(admin_ready)          },
    {"metrics",                         BIT(HTTP_GET),                                     GET_ONLY(admin_metrics)        },
    {"v1/status",                       BIT(HTTP_GET),                                     GET_ONLY(admin_status)         },
    {"v1/databases",                    BIT(HTTP_GET),                                     GET_ONLY(admin_database_list)  },
    {"v1/databases/*",                  BIT(HTTP_GET),                                     GET_ONLY(admin_database_show)  },
    {"v1/tenants",                      BIT(HTTP_GET) | BIT(HTTP_POST),                    &tenants                       },
    {"v1/tenants/*",                    BIT(HTTP_GET) | BIT(HTTP_DELETE),                  &tenant                        },
    {"v1/tenants/*/suspend",            BIT(HTTP_POST),                                    POST_ONLY(admin_tenant_suspend)},
    {"v1/tenants/*/resume",             BIT(HTTP_POST),                                    POST_ONLY(admin_tenant_resume) },
    {"v1/tenants/*/tokens",             BIT(HTTP_GET) | BIT(HTTP_POST),                    &tokens                        },
    {"v1/tenants/*/tokens/*",           BIT(HTTP_DELETE),                                  &token                         },
    {"v1/tenants/*/connections",        BIT(HTTP_GET),                                     GET_ONLY(admin_connection_list)},
    {"v1/tenants/*/connections/*",      BIT(HTTP_GET) | BIT(HTTP_PUT) | BIT(HTTP_DELETE),  &connection                    },
    {"v1/tenants/*/schemas",            BIT(HTTP_GET),                                     GET_ONLY(admin_schema_list)    },
    {"v1/tenants/*/schemas/*",          BIT(HTTP_PUT) | BIT(HTTP_DELETE),                  &schema                        },
    {"v1/tenants/*/log",                BIT(HTTP_GET),                                     GET_ONLY(admin_log)            },
    {"v1/tenants/*/sources",            BIT(HTTP_GET) | BIT(HTTP_PUT),                     &sources                       },
    {"v1/tenants/*/sources/*",          BIT(HTTP_GET) | BIT(HTTP_POST) | BIT(HTTP_DELETE), &source                        },
    {"v1/tenants/*/sources/*/test",     BIT(HTTP_POST),                                    POST_ONLY(admin_source_test)   },
    {"v1/tenants/*/sources/*/preview",  BIT(HTTP_POST),                                    POST_ONLY(admin_source_preview)},
    {"v1/tenants/*/sources/*/pause",    BIT(HTTP_POST),                                    POST_ONLY(admin_source_pause)  },
    {"v1/tenants/*/sources/*/resume",   BIT(HTTP_POST),                                    POST_ONLY(admin_source_resume) },
    {"v1/tenants/*/sources/*/resync",   BIT(HTTP_POST),                                    POST_ONLY(admin_source_resync) },
    {"v1/tenants/*/sources/*/problems", BIT(HTTP_GET),                                     GET_ONLY(admin_source_problems)},
    {"v1/tenants/*/secrets",            BIT(HTTP_GET),                                     GET_ONLY(admin_secret_list)    },
    {"v1/tenants/*/secrets/*",          BIT(HTTP_PUT) | BIT(HTTP_DELETE),                  &secret                        },
    {"v1/tenants/*/users",              BIT(HTTP_GET),                                     GET_ONLY(admin_user_list)      },
    {"v1/tenants/*/users/*",            BIT(HTTP_GET),                                     GET_ONLY(admin_user_show)      },
    {"v1/tenants/*/groups",             BIT(HTTP_GET),                                     GET_ONLY(admin_group_list)     },
    {"v1/tenants/*/groups/*",           BIT(HTTP_GET),                                     GET_ONLY(admin_group_show)     },
    {"v1/runs",                         BIT(HTTP_GET),                                     GET_ONLY(admin_run_list)       },
    {"v1/runs/*",                       BIT(HTTP_GET),                                     GET_ONLY(admin_run_show)       },
    {"v1/runs/*/plan",                  BIT(HTTP_GET),                                     GET_ONLY(admin_run_plan)       },
    {"v1/runs/*/approve",               BIT(HTTP_POST),                                    POST_ONLY(admin_run_approve)   },
    {"v1/runs/*/reject",                BIT(HTTP_POST),                                    POST_ONLY(admin_run_reject)    },
    {"v1/runs/*/cancel",                BIT(HTTP_POST),                                    POST_ONLY(admin_run_cancel)    },
};

int admin_answer(struct admin_exchange *exchange, json_t *value)
{
    json_append(&exchange->response->body, value);
    buf_putc(&exchange->response->body, '\n');
    json_decref(value);
    exchange->response->status = 200;
    exchange->response->content_type = "application/json";
    return 0;
}

int admin_done(struct admin_exchange *exchange)
{
    return admin_answer(exchange, json_object());
}

int admin_body(struct admin_exchange *exchange, json_t **out, struct err *err)
{
    const struct http_request *request = exchange->request;
    json_t *body = NULL;

    if (request->body_length == 0) {
        *out = json_object();
        return 0;
    }
    if (json_parse_body(request->body, request->body_length, &exchange->service->limits, &body,
                        err) < 0)
        return -1;
    if (!json_is_object(body)) {
        json_decref(body);
        return err_set(err, ERR_INVALID_SYNTAX, "the body must be an object");
    }
    *out = body;
    return 0;
}

int admin_text(const json_t *body, const char *name, const char **out, struct err *err)
{
    const json_t *value = json_object_get(body, name);

    *out = json_string_value(value);
    if (value != NULL && !json_is_null(value) && *out == NULL)
        return err_set(err, ERR_INVALID_VALUE, "%s: must be a string", name);
    return 0;
}

int admin_number(const struct admin_exchange *exchange, const char *name, int64_t fallback,
                 int64_t *out, struct err *err)
{
    const char *text = http_parameter(exchange->request, name);
    char *end = NULL;

    *out = fallback;
    if (text == NULL)
        return 0;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *out < 0)
        return err_set(err, ERR_INVALID_VALUE, "%s: must be a number", name);
    return 0;
}

json_t *admin_time(int64_t time_us)
{
    char text[CLOCK_TEXT_BYTES];

    if (time_us == 0)
        return json_null();
    clock_format(time_us, text);
    return json_string(text);
}

/* The socket's mode keeps others out; this holds where somebody loosened it. */
static int check_peer(const struct http_request *request, struct err *err)
{
    if (request->peer_uid == 0 || request->peer_uid == geteuid())
        return 0;
    return err_set(err, ERR_FORBIDDEN, "the admin socket is for root and the daemon's own user");
}

static int answer(struct admin_exchange *exchange, struct err *err)
{
    const struct http_request *request = exchange->request;
    const struct route *route = NULL;
    const struct admin_methods *methods;

    if (check_peer(request, err) < 0)
        return -1;
    switch (route_find(routes, ARRAY_LENGTH(routes), request, &route)) {
    case ROUTE_NOT_FOUND:
        return err_set(err, ERR_NOT_FOUND, "no such path");
    case ROUTE_METHOD_NOT_ALLOWED:
        http_response_header(exchange->response, "Allow",
                             route_allow(request->arena, route->methods));
        return err_set(err, ERR_METHOD_NOT_ALLOWED, "this path does not know that method");
    case ROUTE_FOUND:
        break;
    }
    exchange->tenant = request->segment_count > 2 ? request->segments[2] : NULL;
    exchange->name = request->segment_count > 4 ? request->segments[4] : NULL;
    methods = route->target;
    return methods->by_method[request->method == HTTP_HEAD ? HTTP_GET : request->method](exchange,
                                                                                         err);
}

static void answer_error(struct admin_exchange *exchange, const struct err *err)
{
    struct http_response *response = exchange->response;

    if (err->code == ERR_INTERNAL || err->code == ERR_UNAVAILABLE)
        log_event(LOG_LEVEL_ERROR, "admin.failed", LOG_TEXT("request", exchange->actor.request_id),
                  LOG_TEXT("detail", err->detail), LOG_TEXT("cause", err->cause));
    http_response_clear(response);
    (void)admin_answer(
        exchange, json_pack("{s:s, s:s}", "error", err_name(err->code), "detail", err->detail));
    response->status = err_http_status(err->code);
}

void service_handle_admin(void *context, const struct http_request *request,
                          struct http_response *response)
{
    struct admin_exchange exchange = {
        .service = context, .request = request, .response = response, .arena = request->arena};
    struct err err = {0};

    exchange.actor.name = arena_printf(request->arena, "uid %ld", (long)request->peer_uid);
    exchange.actor.request_id = request->request_id;
    if (answer(&exchange, &err) < 0)
        answer_error(&exchange, &err);
}
