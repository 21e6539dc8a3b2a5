#define _GNU_SOURCE /* struct ucred */
#include "http/connection.h"

#include "base/memory.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static uid_t uid_of_peer(int socket)
{
    struct ucred peer;
    socklen_t length = sizeof(peer);

    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return (uid_t)-1;
    return peer.uid;
}

struct connection *connection_new(int socket, const struct sockaddr *peer,
                                  const struct proxies *proxies, struct tls_pair *pair)
{
    struct connection *connection = memory_calloc(1, sizeof(*connection));
    struct address address;
    bool has_address = address_of_socket(peer, &address, connection->peer);

    connection->socket = socket;
    connection->trusted = has_address && address_is_trusted(proxies, &address);
    connection->peer_uid = has_address ? (uid_t)-1 : uid_of_peer(socket);
    connection->pair = pair;
    atomic_init(&connection->deadline_us, CONNECTION_NO_DEADLINE);
    return connection;
}

void connection_free(struct connection *connection)
{
    if (connection == NULL)
        return;
    tls_pair_release(connection->pair);
    free(connection);
}

void connection_set_deadline(struct connection *connection, int64_t deadline_us)
{
    atomic_store_explicit(&connection->deadline_us, deadline_us, memory_order_relaxed);
}

void connection_shorten_deadline(struct connection *connection, int64_t deadline_us)
{
    if (deadline_us < atomic_load_explicit(&connection->deadline_us, memory_order_relaxed))
        connection_set_deadline(connection, deadline_us);
}

bool connections_reserve(struct connections *connections)
{
    bool has_room;

    pthread_mutex_lock(&connections->lock);
    has_room = connections->count < connections->limit;
    connections->count += has_room;
    connections->awaited = !has_room;
    pthread_mutex_unlock(&connections->lock);
    return has_room;
}

/* Under connections->lock. */
static void give_back(struct connections *connections)
{
    connections->count--;
    if (!connections->awaited)
        return;
    connections->awaited = false;
    (void)eventfd_write(connections->wake, 1);
}

void connections_cancel(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    give_back(connections);
    pthread_mutex_unlock(&connections->lock);
}

void connections_add(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    connection->next = connections->first;
    if (connection->next != NULL)
        connection->next->previous = connection;
    connections->first = connection;
    pthread_mutex_unlock(&connections->lock);
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        connections->first = connection->next;
    give_back(connections);
    pthread_mutex_unlock(&connections->lock);
}

unsigned connections_count(struct connections *connections)
{
    unsigned count;

    pthread_mutex_lock(&connections->lock);
    count = connections->count;
    pthread_mutex_unlock(&connections->lock);
    return count;
}

unsigned connections_reap(struct connections *connections, int64_t now_us)
{
    unsigned reaped = 0;

    pthread_mutex_lock(&connections->lock);
    for (struct connection *at = connections->first; at != NULL; at = at->next) {
        if (atomic_load_explicit(&at->deadline_us, memory_order_relaxed) > now_us)
            continue;
        (void)shutdown(at->socket, SHUT_RDWR);
        reaped++;
    }
    pthread_mutex_unlock(&connections->lock);
    return reaped;
}
