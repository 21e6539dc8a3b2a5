#include "table.h"

#include "http/route.h"
#include "http/target.h"

static const struct route routes[] = {
    {"*/scim/v2/Users",         1u << HTTP_GET | 1u << HTTP_POST,   "users" },
    {"*/scim/v2/Users/.search", 1u << HTTP_POST,                    "search"},
    {"*/scim/v2/Users/*",       1u << HTTP_GET | 1u << HTTP_DELETE, "user"  },
    {"*/scim/v2/*",             1u << HTTP_GET,                     "type"  },
    {"healthz",                 1u << HTTP_GET,                     "health"},
    {"",                        1u << HTTP_GET,                     "root"  },
};

static struct route_case {
    const char *name;
    enum http_method method;
    const char *target;
    const char *found; /* the route's target, also where the method is not allowed */
    enum route_result result;
} cases[] = {
    {"literal",                         HTTP_GET,    "/healthz",                 "health", ROUTE_FOUND             },
    {"root",                            HTTP_GET,    "/",                        "root",   ROUTE_FOUND             },
    {"any segment",                     HTTP_POST,   "/t/scim/v2/Users",         "users",  ROUTE_FOUND             },
    {"any segment at the end",          HTTP_DELETE, "/t/scim/v2/Users/x",       "user",   ROUTE_FOUND             },
    {"special before general",          HTTP_POST,   "/t/scim/v2/Users/.search", "search", ROUTE_FOUND             },
    {"the first that fits decides",     HTTP_GET,    "/t/scim/v2/Users/.search", "search",
     ROUTE_METHOD_NOT_ALLOWED                                                                                      },
    {"trailing slash",                  HTTP_GET,    "/t/scim/v2/Users/",        "users",  ROUTE_FOUND             },
    {"HEAD is implied by GET",          HTTP_HEAD,   "/healthz",                 "health", ROUTE_FOUND             },
    {"HEAD is not implied by POST",     HTTP_HEAD,   "/t/scim/v2/Users/.search", "search",
     ROUTE_METHOD_NOT_ALLOWED                                                                                      },
    {"another method",                  HTTP_PUT,    "/healthz",                 "health", ROUTE_METHOD_NOT_ALLOWED},
    {"unknown method",                  HTTP_OTHER,  "/healthz",                 "health", ROUTE_METHOD_NOT_ALLOWED},
    {"too short",                       HTTP_GET,    "/t/scim",                  NULL,     ROUTE_NOT_FOUND         },
    {"too long",                        HTTP_GET,    "/t/scim/v2/Users/x/y",     NULL,     ROUTE_NOT_FOUND         },
    {"other case",                      HTTP_GET,    "/HEALTHZ",                 NULL,     ROUTE_NOT_FOUND         },
    {"only a prefix",                   HTTP_GET,    "/health",                  NULL,     ROUTE_NOT_FOUND         },
    {"longer segment",                  HTTP_GET,    "/healthzz",                NULL,     ROUTE_NOT_FOUND         },
    {"empty segment for any",           HTTP_GET,    "//scim/v2/Users",          NULL,     ROUTE_NOT_FOUND         },
    {"empty last segment",              HTTP_GET,    "/t/scim/v2/Users//",       NULL,     ROUTE_NOT_FOUND         },
    {"encoded slash does not separate", HTTP_GET,    "/t%2Fscim/v2/Users",       NULL,     ROUTE_NOT_FOUND         },
    {"encoded letter is the letter",    HTTP_GET,    "/health%7A",               "health", ROUTE_FOUND             },
    {"dots go nowhere",                 HTTP_GET,    "/x/../healthz",            NULL,     ROUTE_NOT_FOUND         },
};

static void finds(void **state)
{
    const struct route_case *row = *state;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct http_request request = {.arena = arena, .method = row->method};
    const struct route *found = NULL;
    struct err err = {0};

    assert_int_equal(target_parse(row->target, &request, &err), 0);
    assert_int_equal(route_find(routes, sizeof(routes) / sizeof(routes[0]), &request, &found),
                     row->result);
    if (row->found == NULL)
        assert_null(found);
    else
        assert_string_equal(found->target, row->found);
    arena_free(arena);
}

static struct allow_case {
    const char *name;
    unsigned methods;
    const char *text;
} allows[] = {
    {"GET brings HEAD", 1u << HTTP_GET,                                       "GET, HEAD" },
    {"in one order",    1u << HTTP_DELETE | 1u << HTTP_POST | 1u << HTTP_GET,
     "GET, HEAD, POST, DELETE"                                                            },
    {"without GET",     1u << HTTP_PUT | 1u << HTTP_PATCH,                    "PUT, PATCH"},
};

static void writes_allow(void **state)
{
    const struct allow_case *row = *state;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);

    assert_string_equal(route_allow(arena, row->methods), row->text);
    arena_free(arena);
}

int main(void)
{
    int failed = RUN_TABLE("route", cases, finds);

    return failed + RUN_TABLE("allow", allows, writes_allow);
}
