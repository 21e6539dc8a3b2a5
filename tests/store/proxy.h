/* proxy.h - stands between the store and the server, and loses a connection at a chosen moment.
 *
 * Bytes pass unread.  Once armed, the next thing that any client says is its last: it is forwarded
 * or not, and after that the client hears nothing more. */
#ifndef SCIMD_TESTS_STORE_PROXY_H
#define SCIMD_TESTS_STORE_PROXY_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PROXY_BYTES 65536

enum proxy_loss {
    LOSE_NOTHING,
    LOSE_REQUEST,       /* it never arrives */
    LOSE_REQUEST_STILL, /* the same, and the server keeps waiting for it until proxy_let_go() */
    LOSE_ANSWER         /* it is done, and nobody hears of it */
};

struct proxy {
    char server[128]; /* host, or directory of a socket */
    char port[8];
    int listener;
    int listens_on;
    _Atomic int loss; /* enum proxy_loss; what happens next, once */
    _Atomic bool refuses;
    _Atomic bool lets_go;
    _Atomic int connections;
};

struct proxy_pair {
    struct proxy *proxy;
    int client;
    int server;
};

/* The value of a keyword in a connection string, without braces. */
static inline void proxy_keyword(const char *connection, const char *keyword, char *out,
                                 size_t bytes)
{
    const char *found = strstr(connection, keyword);

    *out = '\0';
    if (found != NULL)
        (void)snprintf(out, bytes, "%.*s", (int)strcspn(found + strlen(keyword), ";"),
                       found + strlen(keyword));
}

static inline int proxy_connect_local(const struct proxy *proxy)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int server = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/.s.PGSQL.%s", proxy->server,
                   proxy->port);
    if (connect(server, (struct sockaddr *)&address, sizeof(address)) == 0)
        return server;
    (void)close(server);
    return -1;
}

static inline int proxy_connect(const struct proxy *proxy)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int server = -1;

    if (proxy->server[0] == '/')
        return proxy_connect_local(proxy);
    if (getaddrinfo(proxy->server, proxy->port, &hints, &found) != 0)
        return -1;
    for (struct addrinfo *at = found; at != NULL && server < 0; at = at->ai_next) {
        server = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (server >= 0 && connect(server, at->ai_addr, at->ai_addrlen) != 0) {
            (void)close(server);
            server = -1;
        }
    }
    freeaddrinfo(found);
    return server;
}

/* Moves what is there; false at the end of the stream. */
static inline bool proxy_move(int from, int to)
{
    char bytes[PROXY_BYTES];
    ssize_t length = recv(from, bytes, sizeof(bytes), 0);

    for (ssize_t sent = 0; sent < length;) {
        ssize_t step = send(to, bytes + sent, (size_t)(length - sent), MSG_NOSIGNAL);

        if (step < 0)
            return false;
        sent += step;
    }
    return length > 0;
}

/* The client has said its last.  True: it was its turn to be lost. */
static inline bool proxy_lose(struct proxy_pair *pair)
{
    struct pollfd answer = {.fd = pair->server, .events = POLLIN};
    int loss = atomic_exchange(&pair->proxy->loss, LOSE_NOTHING);

    if (loss == LOSE_NOTHING)
        return false;
    if (loss == LOSE_ANSWER) {
        (void)proxy_move(pair->client, pair->server);
        (void)poll(&answer, 1, -1);
    }
    (void)shutdown(pair->client, SHUT_RDWR);
    while (loss == LOSE_REQUEST_STILL && !pair->proxy->lets_go)
        (void)poll(NULL, 0, 1);
    return true;
}

static inline void *proxy_relay(void *argument)
{
    struct proxy_pair *pair = argument;
    struct pollfd ends[] = {
        {.fd = pair->client, .events = POLLIN},
        {.fd = pair->server, .events = POLLIN},
    };
    bool open = true;

    while (open && poll(ends, 2, -1) > 0) {
        if (ends[0].revents != 0)
            open = !proxy_lose(pair) && proxy_move(pair->client, pair->server);
        if (open && ends[1].revents != 0)
            open = proxy_move(pair->server, pair->client);
    }
    (void)close(pair->client);
    (void)close(pair->server);
    atomic_fetch_sub(&pair->proxy->connections, 1);
    free(pair);
    return NULL;
}

static inline void *proxy_accept(void *argument)
{
    struct proxy *proxy = argument;
    int client;

    while ((client = accept(proxy->listener, NULL, NULL)) >= 0) {
        struct proxy_pair *pair = calloc(1, sizeof(*pair));
        pthread_t thread;

        if (pair == NULL)
            abort();
        *pair = (struct proxy_pair){.proxy = proxy, .client = client, .server = -1};
        if (!proxy->refuses)
            pair->server = proxy_connect(proxy);
        if (pair->server < 0) {
            (void)close(client);
            free(pair);
            continue;
        }
        atomic_fetch_add(&proxy->connections, 1);
        if (pthread_create(&thread, NULL, proxy_relay, pair) != 0)
            abort();
        (void)pthread_detach(thread);
    }
    return NULL;
}

/* Listens on a port of loopback; -1 where that is impossible. */
static inline int proxy_start(struct proxy *proxy, const char *connection, pthread_t *thread)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    memset(proxy, 0, sizeof(*proxy));
    proxy_keyword(connection, "Server=", proxy->server, sizeof(proxy->server));
    proxy_keyword(connection, "Port=", proxy->port, sizeof(proxy->port));
    proxy->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(proxy->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(proxy->listener, 16) < 0 ||
        getsockname(proxy->listener, (struct sockaddr *)&address, &length) < 0)
        return -1;
    proxy->listens_on = ntohs(address.sin_port);
    return pthread_create(thread, NULL, proxy_accept, proxy) == 0 ? 0 : -1;
}

/* After the store is closed: waits for the last connection. */
static inline void proxy_stop(struct proxy *proxy, pthread_t thread)
{
    proxy->lets_go = true;
    (void)shutdown(proxy->listener, SHUT_RDWR);
    (void)pthread_join(thread, NULL);
    (void)close(proxy->listener);
    while (proxy->connections > 0)
        (void)poll(NULL, 0, 1);
}

#endif
