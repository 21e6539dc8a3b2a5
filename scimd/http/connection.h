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

struct MHD_Daemon;

/* One thread of the library, and the connections it serves. */
struct worker {
    struct MHD_Daemon *daemon; /* owned by the listener */
    unsigned connections;      /* under connections->lock */
};

struct connection {
    struct connection *next;     /* under connections->lock */
    struct connection *previous; /* under connections->lock */
    struct worker *worker;
    int socket;                  /* libmicrohttpd's; open as long as this is in the list */
    bool started;                /* under connections->lock; the library has taken it over */
    _Atomic int64_t deadline_us; /* clock_monotonic_us() */
    struct address address;      /* zero where the peer has none */
    char peer[ADDRESS_TEXT_BYTES];
    bool trusted; /* a proxy whose X-Forwarded-* counts */
    uid_t peer_uid;
    struct tls_pair *pair; /* held; NULL: plain HTTP */
};

struct connections {
    pthread_mutex_t lock;
    struct connection *first; /* under lock */
    unsigned count;           /* under lock */
    unsigned limit;
    unsigned limit_per_address; /* 0: none */
    struct worker *workers;
    unsigned worker_count;
    bool awaited; /* under lock; somebody waits for room */
    int wake;     /* eventfd: written when there is room for who waits, and to stop */
};

/* Of a socket that was just accepted; takes `pair`. */
struct connection *connection_new(int socket, const struct sockaddr *peer,
                                  const struct proxies *proxies, struct tls_pair *pair);
void connection_free(struct connection *connection); /* NULL is allowed */

void connection_set_deadline(struct connection *connection, int64_t deadline_us);
/* Only ever earlier. */
void connection_shorten_deadline(struct connection *connection, int64_t deadline_us);

/* False where `limit` is reached: `wake` is then written once there is room. */
bool connections_have_room(struct connections *connections);

/* Takes `connection` and gives it to the worker with the fewest; false, and nothing is taken, where
 * its address has as many as it may.  For one thread only. */
bool connections_add(struct connections *connections, struct connection *connection);
/* The one that was added for `socket`; from now on it can be reaped. */
struct connection *connections_start(struct connections *connections, int socket);
void connections_remove(struct connections *connections, struct connection *connection); /* frees */

/* Those that the library had not taken over when it stopped, or never could. */
void connections_free_rest(struct connections *connections);

unsigned connections_count(struct connections *connections);
/* Shuts down the sockets whose deadline has passed; returns how many. */
unsigned connections_reap(struct connections *connections, int64_t now_us);

#endif
