/* acceptor.h - the thread that accepts connections and cuts those past their deadline.
 *
 * libmicrohttpd's pool would accept by itself, but takes neighbouring connections to one thread,
 * where they wait for each other's database calls.  Handed in from outside, they are dealt out. */
#ifndef SCIMD_HTTP_ACCEPTOR_H
#define SCIMD_HTTP_ACCEPTOR_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/connection.h"

struct acceptor {
    int socket; /* listening, not blocking */
    struct MHD_Daemon *daemon;
    struct connections *connections;
    atomic_bool stopping;
    bool running;
    pthread_t thread;
};

/* `socket`, `daemon` and `connections` are set.  Errors: ERR_CONFIGURATION if the system has no
 * thread for us. */
int acceptor_start(struct acceptor *acceptor, struct err *err);
void acceptor_stop(struct acceptor *acceptor); /* idempotent; connections go on */

#endif
