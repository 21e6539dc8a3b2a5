/* route.h - a table of routes; code walks it.
 *
 * A pattern is segments with "*" for one segment of any text: "*", "scim", "v2", "Users", "*". */
#ifndef SCIMD_HTTP_ROUTE_H
#define SCIMD_HTTP_ROUTE_H

#include "http/http.h"

struct route {
    const char *pattern; /* "* /scim/v2/Users/ *" without the blanks */
    unsigned
        methods; /* all methods of the pattern: bits 1u << HTTP_GET ...; HEAD is implied by GET */
    const void *target; /* the caller's */
};

enum route_result { ROUTE_FOUND, ROUTE_NOT_FOUND, ROUTE_METHOD_NOT_ALLOWED };

/* The first row whose pattern fits decides, whatever its methods: special rows stand before general
 * ones. On ROUTE_METHOD_NOT_ALLOWED *out is that row, for route_allow().  A trailing slash counts
 * for nothing. */
enum route_result route_find(const struct route *routes, size_t count,
                             const struct http_request *request, const struct route **out);
/* "GET, HEAD, POST" for an Allow header. */
const char *route_allow(struct arena *arena, unsigned methods);

#endif
