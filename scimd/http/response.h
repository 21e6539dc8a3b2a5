/* response.h - what only http/ does with a response. */
#ifndef SCIMD_HTTP_RESPONSE_H
#define SCIMD_HTTP_RESPONSE_H

#include "http/http.h"

/* Moves all of the body to the spool, however little it is.  Errors: ERR_UNAVAILABLE. */
int http_response_spool(struct http_response *response, struct err *err);

#endif
