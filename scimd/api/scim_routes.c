#include <string.h>

#include "api/negotiate.h"
#include "api/scim_endpoints.h"
#include "base/cleanup.h"
#include "http/route.h"
#include "scim/list.h"

#define BIT(method) (1u << (method))
#define READS BIT(HTTP_GET)
#define ALL_METHODS                                                                                \
    (BIT(HTTP_GET) | BIT(HTTP_POST) | BIT(HTTP_PUT) | BIT(HTTP_PATCH) | BIT(HTTP_DELETE))

/* What a path does, by method.  `typed` paths name a resource type in their fourth segment. */
struct endpoint {
    scim_endpoint *by_method[HTTP_METHOD_COUNT];
    bool typed;
};

static const struct endpoint config = {.by_method = {[HTTP_GET] = scim_service_provider_config}};
static const struct endpoint types = {.by_method = {[HTTP_GET] = scim_resource_types}};
static const struct endpoint one_type = {.by_method = {[HTTP_GET] = scim_resource_type}};
static const struct endpoint schemas = {.by_method = {[HTTP_GET] = scim_schemas}};
static const struct endpoint one_schema = {.by_method = {[HTTP_GET] = scim_schema}};
static const struct endpoint me = {
    .by_method = {[HTTP_GET] = scim_me,
                  [HTTP_POST] = scim_me,
                  [HTTP_PUT] = scim_me,
                  [HTTP_PATCH] = scim_me,
                  [HTTP_DELETE] = scim_me}
};
static const struct endpoint bulk = {.by_method = {[HTTP_POST] = scim_bulk}};
static const struct endpoint root_search = {.by_method = {[HTTP_POST] = scim_search_root}};
static const struct endpoint type_search = {.by_method = {[HTTP_POST] = scim_search},
                                            .typed = true};
static const struct endpoint resources = {
    .by_method = {[HTTP_GET] = scim_list, [HTTP_POST] = scim_create},
      .typed = true
};
static const struct endpoint resource = {
    .by_method = {[HTTP_GET] = scim_read,
                  [HTTP_PUT] = scim_replace,
                  [HTTP_PATCH] = scim_patch,
                  [HTTP_DELETE] = scim_delete},
    .typed = true
};

static const struct route routes[] = {
    {"*/scim/v2/ServiceProviderConfig", READS,                          &config     },
    {"*/scim/v2/ResourceTypes",         READS,                          &types      },
    {"*/scim/v2/ResourceTypes/*",       READS,                          &one_type   },
    {"*/scim/v2/Schemas",               READS,                          &schemas    },
    {"*/scim/v2/Schemas/*",             READS,                          &one_schema },
    {"*/scim/v2/Me",                    ALL_METHODS,                    &me         },
    {"*/scim/v2/Bulk",                  BIT(HTTP_POST),                 &bulk       },
    {"*/scim/v2/.search",               BIT(HTTP_POST),                 &root_search},
    {"*/scim/v2/*/.search",             BIT(HTTP_POST),                 &type_search},
    {"*/scim/v2/*",                     BIT(HTTP_GET) | BIT(HTTP_POST), &resources  },
    {"*/scim/v2/*/*",                   ALL_METHODS & ~BIT(HTTP_POST),  &resource   },
};

/* NULL with *err where the path or its method is none of ours. */
static const struct endpoint *find_endpoint(struct scim_exchange *exchange, struct err *err)
{
    const struct http_request *request = exchange->request;
    const struct route *route = NULL;
    enum route_result result = route_find(routes, ARRAY_LENGTH(routes), request, &route);
    const struct endpoint *endpoint;

    if (result == ROUTE_NOT_FOUND || route == NULL) {
        (void)err_set(err, ERR_NOT_FOUND, "no such endpoint");
        return NULL;
    }
    endpoint = route->target;
    if (endpoint->typed) {
        exchange->type =
            schema_set_type_by_endpoint(exchange->tenant->schemas, request->segments[3]);
        exchange->id = request->segment_count > 4 ? request->segments[4] : NULL;
    }
    if (endpoint->typed && exchange->type == NULL) {
        (void)err_set(err, ERR_NOT_FOUND, "no such endpoint");
        return NULL;
    }
    if (result == ROUTE_METHOD_NOT_ALLOWED) {
        http_response_header(exchange->response, "Allow",
                             route_allow(request->arena, route->methods));
        (void)err_set(err, ERR_METHOD_NOT_ALLOWED, "this endpoint does not know that method");
        return NULL;
    }
    return endpoint;
}

static int answer(struct scim_exchange *exchange, struct err *err)
{
    const struct http_request *request = exchange->request;
    const struct endpoint *endpoint = NULL;
    enum http_method method = request->method == HTTP_HEAD ? HTTP_GET : request->method;

    if (scim_exchange_begin(exchange, err) < 0)
        return -1;
    endpoint = find_endpoint(exchange, err);
    if (endpoint == NULL)
        return -1;
    if (!negotiate_accepts(http_header(request, "Accept")))
        return err_set(err, ERR_NOT_ACCEPTABLE,
                       "we send application/scim+json; the Accept header excludes it");
    if (request->trailing_slash && !tolerance_allows(&exchange->use, TOLERANCE_TRAILING_SLASH))
        return err_set(err, ERR_NOT_FOUND, "no such endpoint: the path ends in a slash");
    return endpoint->by_method[method](exchange, err);
}

void service_handle_scim(void *context, const struct http_request *request,
                         struct http_response *response)
{
    struct scim_exchange exchange = {
        .service = context, .request = request, .response = response, .arena = request->arena};
    struct err err = {0};

    if (answer(&exchange, &err) < 0)
        service_answer_error(response, &err);
    scim_exchange_end(&exchange);
}
