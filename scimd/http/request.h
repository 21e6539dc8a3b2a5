/* request.h - the head of a request: checked, and taken apart. */
#ifndef SCIMD_HTTP_REQUEST_H
#define SCIMD_HTTP_REQUEST_H

#include "http/exchange.h"

/* Sets all of exchange->request but the body, exchange->body_limit and expects_continue; what is
 * known stays set where it fails.  *announced: Content-Length, 0 if none.
 * Errors: those of head.h, target.h and forwarded.h; ERR_TOO_LARGE. */
int request_read_head(struct exchange *exchange, const char *method, const char *version,
                      uint64_t *announced, struct err *err);

#endif
