/* listener.h - a listener from the inside of http/. */
#ifndef SCIMD_HTTP_LISTENER_H
#define SCIMD_HTTP_LISTENER_H

#include <microhttpd.h>

#include "http/acceptor.h"
#include "http/exchange.h"
#include "http/forwarded.h"
#include "http/http.h"
#include "http/socket.h"
#include "http/tls.h"

#define LISTENER_ORIGIN_BYTES 128

struct http_listener {
    struct http_listener_settings settings;
    struct listening_socket socket;
    struct worker *workers; /* owned, with their daemons */
    struct acceptor acceptor;
    struct connections connections;
    struct exchanges exchanges;
    struct tls_current tls;
    struct address_range *ranges; /* owned */
    struct proxies proxies;       /* of `ranges` */
    const char *scheme;
    char fallback_origin[LISTENER_ORIGIN_BYTES];
    int64_t idle_us;    /* from one request to the next one's line, at most */
    int64_t request_us; /* for one request */
    atomic_bool stopping;
};

/* `now_us` + `duration_us`; a duration of 0 is none. */
int64_t listener_deadline(int64_t now_us, int64_t duration_us);

#endif
