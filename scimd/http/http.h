/* http.h - HTTP as the rest of the program sees it: a request, a response, nothing of
 * libmicrohttpd.
 *
 * Knows nothing of SCIM, tenants or databases.  A handler runs in a pool thread and may block. */
#ifndef SCIMD_HTTP_HTTP_H
#define SCIMD_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define HTTP_SEGMENTS_MAX 16        /* path segments; more are 404 */
#define HTTP_QUERY_MAX 64           /* query parameters; more are 400 */
#define HTTP_SPOOL_BYTES (1u << 20) /* a body beyond this goes on in an unlinked file */

/* In the order of the Allow header. */
enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OTHER,
    HTTP_METHOD_COUNT = HTTP_OTHER
};

struct http_parameter {
    const char *name; /* decoded */
    const char *value;
};

struct http_request {
    enum http_method method; /* HEAD comes to handlers as HEAD; its body is cut afterwards */
    const char *method_text;
    const char *target;          /* as sent, for logs: path without query */
    const char *const *segments; /* each decoded once; no NUL, no invalid UTF-8; "" between two
                                    slashes; none for "/" */
    size_t segment_count;
    bool trailing_slash;
    const struct http_parameter *parameters; /* in the order of the query */
    size_t parameter_count;
    const char *body; /* complete, and as long as announced; "" if none */
    size_t body_length;
    const char *request_id; /* UUID of ours: logs, change log, X-Request-Id of the response */
    const char *origin; /* "https://host:port" as the client sees us: public_url, X-Forwarded-* of a
                           trusted proxy, or Host */
    const char *peer;   /* address of the client, X-Forwarded-For of a trusted proxy applied */
    uid_t peer_uid;     /* of a Unix socket's peer; (uid_t)-1 elsewhere */
    struct arena *arena;  /* lives until the response was sent */
    int64_t started_us;   /* clock_monotonic_us() when the request line was there */
    const void *internal; /* http/ only */
};

/* NULL where there is none; names without regard to case. */
const char *http_header(const struct http_request *request, const char *name);
/* The first parameter of that name, names without regard to ASCII case (clients send startindex);
 * NULL if none. */
const char *http_parameter(const struct http_request *request, const char *name);

struct http_response {
    int status;               /* must be set */
    const char *content_type; /* NULL without body */
    struct buf body;          /* owned; render here, then http_response_flush() now and then */
    int spool;                /* -1, or the file that holds what was flushed; owned */
    uint64_t spooled_bytes;
    struct http_parameter *headers; /* in the request's arena */
    size_t header_count;
    size_t header_room;
    const struct http_request *request;
};

/* Adds a header; texts are copied to the arena.  Control characters in the value are refused by
 * assert: encode what comes from a client before. */
void http_response_header(struct http_response *response, const char *name, const char *value);

/* Moves the body to the spool when it has passed HTTP_SPOOL_BYTES, so that a long list is never
 * held whole. Errors: ERR_UNAVAILABLE if the disk is full. */
int http_response_flush(struct http_response *response, struct err *err);

/* Drops body and spool, to answer something else after all; headers stay. */
void http_response_clear(struct http_response *response);

/* Fills the response.  Must set a status. */
typedef void (*http_handler)(void *context, const struct http_request *request,
                             struct http_response *response);
/* Fills the response for what http/ refuses itself (400, 404, 413, 501, 503): same body as other
 * errors.  The library's own 400, 414, 431 and 505 come before a request exists and are not ours.
 * response->request is what is known: method_text, target, peer and request_id; no segments. */
typedef void (*http_refusal)(void *context, const struct err *err, struct http_response *response);
/* After the response was handed over; for metrics and the access log. */
typedef void (*http_finished)(void *context, const struct http_request *request, int status,
                              int64_t duration_us);

/* Texts are borrowed and live as long as the listener. */
struct http_listener_settings {
    const char *address;     /* "127.0.0.1", "::"; NULL with unix_path or inherited_fd */
    int port;                /* 0: any free one, see http_listener_port() */
    const char *unix_path;   /* a Unix socket, mode 0600 */
    int inherited_fd;        /* socket activation; -1: none */
    const char *certificate; /* PEM file with chain; NULL: plain HTTP */
    const char *key;         /* PEM file */
    unsigned threads;
    unsigned connections;             /* at once */
    unsigned connections_per_address; /* 0: no limit */
    unsigned idle_timeout_s;          /* without a byte in either direction; 0: none */
    unsigned request_timeout_s;       /* for one whole request; slower clients are cut; 0: none */
    size_t header_bytes; /* of one request's target and headers that are sure to fit; more than
                            twice as much, or hundreds of tiny headers, get 414 or 431 */
    size_t body_bytes;
    size_t (*body_limit)(void *context,
                         const struct http_request *head); /* NULL, or per target: bulk */
    const char *public_url;             /* "" or "https://scim.example.com": overrides everything */
    const char *const *trusted_proxies; /* addresses or CIDR */
    size_t trusted_proxy_count;
    http_handler handler;
    http_refusal refusal;
    http_finished finished;
    void *context;
};

struct http_listener; /* opaque */

/* Opens the socket and serves.  Errors: ERR_CONFIGURATION; detail names address, file and cause. */
int http_listener_start(const struct http_listener_settings *settings, struct http_listener **out,
                        struct err *err);
int http_listener_port(const struct http_listener *listener);
unsigned http_listener_connections(struct http_listener *listener); /* that stand now */
/* Reads certificate and key anew; connections that stand keep the old pair.  On failure the old one
 * stays. */
int http_listener_reload(struct http_listener *listener, struct err *err);
/* Refuses new connections and requests, waits up to `grace_s` for those in hand, closes.  NULL is
 * allowed. */
void http_listener_stop(struct http_listener *listener, unsigned grace_s);

#endif
