/* acceptor.h - the thread that accepts connections and cuts those past their deadline.
 *
 * libmicrohttpd's own pool takes neighbouring connections to one thread, where they wait for each
 * other's database calls, and deals out others by the number of their descriptor.  So each of our
 * workers is a library instance of one thread, and gets its connections from here: the one with
 * the fewest gets the next. */
#ifndef SCIMD_HTTP_ACCEPTOR_H
#define SCIMD_HTTP_ACCEPTOR_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/connection.h"

struct acceptor {
    int socket; /* listening, not blocking */
    struct connections *connections;
    const struct proxies *proxies;
    struct tls_current *tls;
    int64_t first_request_us; /* until then a new connection has sent one; 0: no limit */
    atomic_bool stopping;
    bool running;
    pthread_t thread;
};

/* All up to `first_request_us` are set.  Errors: ERR_CONFIGURATION if the system has no
 * thread for us. */
int acceptor_start(struct acceptor *acceptor, struct err *err);
void acceptor_stop(struct acceptor *acceptor); /* idempotent; connections go on */

#endif
