/* reply.h - a response as libmicrohttpd wants it. */
#ifndef SCIMD_HTTP_REPLY_H
#define SCIMD_HTTP_REPLY_H

#include <microhttpd.h>

#include "http/http.h"

/* The body's memory stays the response's and is read until the exchange ends; a spool is taken and
 * closed by the library.  NULL if the library has no memory. */
struct MHD_Response *reply_new(struct http_response *response, bool closes);

#endif
