/* socket.h - the sockets we listen on. */
#ifndef SCIMD_HTTP_SOCKET_H
#define SCIMD_HTTP_SOCKET_H

#include <sys/types.h>

#include "http/http.h"

struct listening_socket {
    int descriptor; /* owned; -1: none */
    int port;       /* 0: not TCP */
    bool inherited; /* also somebody else's: never shut down */
    const char *unix_path;
    ino_t unix_inode; /* to remove only what is ours */
};

/* Opens what the settings name: an inherited descriptor, a Unix socket or a TCP address.
 *
 * A Unix socket that nobody answers on any more is replaced; its mode is 0600 from the start.
 * Errors: ERR_CONFIGURATION; detail names the address. */
int listening_socket_open(const struct http_listener_settings *settings,
                          struct listening_socket *out, struct err *err);
/* Who connects from now on is refused (TCP, Unix) or kept for the next process (inherited). */
void listening_socket_close(struct listening_socket *socket);

#endif
