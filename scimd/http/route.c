#include "http/route.h"

#include <string.h>

static const char *const method_names[HTTP_METHOD_COUNT] = {
    [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
};

static unsigned with_head(unsigned methods)
{
    return (methods & 1u << HTTP_GET) != 0 ? methods | 1u << HTTP_HEAD : methods;
}

static bool fits_segment(const char *pattern, size_t length, const char *segment)
{
    if (length == 1 && pattern[0] == '*')
        return segment[0] != '\0'; /* "//" names nothing */
    return strncmp(pattern, segment, length) == 0 && segment[length] == '\0';
}

static bool fits(const char *pattern, const struct http_request *request)
{
    if (pattern[0] == '/')
        pattern++;
    for (size_t i = 0; i < request->segment_count; i++) {
        size_t length = strcspn(pattern, "/");
        if (length == 0 || !fits_segment(pattern, length, request->segments[i]))
            return false;
        pattern += length;
        if (pattern[0] == '/')
            pattern++;
    }
    return pattern[0] == '\0';
}

enum route_result route_find(const struct route *routes, size_t count,
                             const struct http_request *request, const struct route **out)
{
    for (size_t i = 0; i < count; i++) {
        if (!fits(routes[i].pattern, request))
            continue;
        *out = &routes[i];
        return (with_head(routes[i].methods) & 1u << request->method) != 0
                   ? ROUTE_FOUND
                   : ROUTE_METHOD_NOT_ALLOWED;
    }
    return ROUTE_NOT_FOUND;
}

const char *route_allow(struct arena *arena, unsigned methods)
{
    const char *allow = "";

    for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
        if ((with_head(methods) & 1u << i) != 0)
            allow =
                arena_printf(arena, "%s%s%s", allow, allow[0] != '\0' ? ", " : "", method_names[i]);
    return allow;
}
