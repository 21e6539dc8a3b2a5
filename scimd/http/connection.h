/* connection.h - the connections that stand, and how long each may take.
 *
 * libmicrohttpd's time-out is an idle one: a client that sends a byte a second is never dropped.
 * So each connection has a deadline, and connections_reap() shuts down what has passed it; the
 * library then finds the socket closed. */
#ifndef SCIMD_HTTP_CONNECTION_H
#define SCIMD_HTTP_CONNECTION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "http/forwarded.h"
#include "http/tls.h"

#define CONNECTION_NO_DEADLINE INT64_MAX

struct connection {
    struct connection *next;     /* under connections->lock */
    struct connection *previous; /* under connections->lock */
    int socket;                  /* libmicrohttpd's; open as long as this is in the list */
    _Atomic int64_t deadline_us; /* clock_monotonic_us() */
    char peer[ADDRESS_TEXT_BYTES];
    bool trusted; /* a proxy whose X-Forwarded-* counts */
    uid_t peer_uid;
    struct tls_pair *pair; /* held; NULL: plain HTTP */
};

struct connections {
    pthread_mutex_t lock;
    struct connection *first; /* under lock */
    unsigned count;           /* under lock; reserved ones included */
    unsigned limit;
    bool awaited; /* under lock; somebody waits for room */
    int wake;     /* eventfd: written when there is room for who waits, and to stop */
};

/* Of a socket that was just accepted; holds a reference to `pair` from then on. */
struct connection *connection_new(int socket, const struct sockaddr *peer,
                                  const struct proxies *proxies, struct tls_pair *pair);
void connection_free(struct connection *connection); /* NULL is allowed */

void connection_set_deadline(struct connection *connection, int64_t deadline_us);
/* Only ever earlier. */
void connection_shorten_deadline(struct connection *connection, int64_t deadline_us);

/* Counts one more; false where `limit` is reached: `wake` is then written once there is room. */
bool connections_reserve(struct connections *connections);
void connections_cancel(struct connections *connections); /* gives the reserved place back */

/* Puts it on the place that was reserved for it. */
void connections_add(struct connections *connections, struct connection *connection);
void connections_remove(struct connections *connections, struct connection *connection);
unsigned connections_count(struct connections *connections);
/* Shuts down the sockets whose deadline has passed; returns how many. */
unsigned connections_reap(struct connections *connections, int64_t now_us);

#endif
