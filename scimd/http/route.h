/* route.h - a table of routes; code walks it.
 *
 * A pattern is segments with "*" for one segment of any text: "*", "scim", "v2", "Users", "*". */
#ifndef SCIMD_HTTP_ROUTE_H
#define SCIMD_HTTP_ROUTE_H

#include "http/http.h"

struct route {
    const char *pattern; /* "* /scim/v2/Users/ *" without the blanks */
    unsigned methods;    /* bits 1u << HTTP_GET ... ; HEAD is implied by GET */
    const void *target;  /* the caller's */
};

enum route_result { ROUTE_FOUND, ROUTE_NOT_FOUND, ROUTE_METHOD_NOT_ALLOWED };

/* The first row whose pattern and method fit.  On ROUTE_METHOD_NOT_ALLOWED *allowed holds the
 * methods of all rows whose pattern fits. */
enum route_result route_find(const struct route *routes, size_t count,
                             const struct http_request *request, const struct route **out,
                             unsigned *allowed);
/* "GET, HEAD, POST" for an Allow header. */
const char *route_allow(struct arena *arena, unsigned methods);

#endif
