/* target.h - the request target: path and query, each part decoded exactly once.
 *
 * Pure.  What decides a route is the raw text: "%2F" never separates segments. */
#ifndef SCIMD_HTTP_TARGET_H
#define SCIMD_HTTP_TARGET_H

#include "http/http.h"

/* Reads an origin-form target (RFC 9112 section 3.2.1) and sets target, segments, trailing_slash
 * and parameters of *request, in request->arena.  In the query "+" is a blank, as forms send it.
 *
 * Errors: ERR_BAD_REQUEST for another form, control bytes, bad escapes, NUL, invalid UTF-8 or more
 *         than HTTP_QUERY_MAX parameters; ERR_NOT_FOUND for more than HTTP_SEGMENTS_MAX segments.
 *         `target` is set all the same. */
int target_parse(const char *text, struct http_request *request, struct err *err);

#endif
