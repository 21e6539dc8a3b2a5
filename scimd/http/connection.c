#define _GNU_SOURCE /* struct ucred */
#include "http/connection.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
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
    bool has_address = address_of_socket(peer, &connection->address, connection->peer);

    connection->socket = socket;
    connection->trusted = has_address && address_is_trusted(proxies, &connection->address);
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

bool connections_have_room(struct connections *connections)
{
    bool has_room;

    pthread_mutex_lock(&connections->lock);
    has_room = connections->count < connections->limit;
    connections->awaited = !has_room;
    pthread_mutex_unlock(&connections->lock);
    return has_room;
}

/* Under connections->lock. */
static struct worker *least_busy(const struct connections *connections)
{
    struct worker *least = &connections->workers[0];

    for (unsigned i = 1; i < connections->worker_count; i++)
        if (connections->workers[i].connections < least->connections)
            least = &connections->workers[i];
    return least;
}

/* Under connections->lock. */
static bool may_have_another(const struct connections *connections, const struct address *address)
{
    static const struct address none;
    unsigned count = 0;

    if (connections->limit_per_address == 0 || memcmp(address, &none, sizeof(none)) == 0)
        return true;
    for (const struct connection *at = connections->first; at != NULL; at = at->next)
        count += memcmp(&at->address, address, sizeof(*address)) == 0;
    return count < connections->limit_per_address;
}

/* Under connections->lock. */
static void link_first(struct connections *connections, struct connection *connection)
{
    connection->next = connections->first;
    if (connection->next != NULL)
        connection->next->previous = connection;
    connections->first = connection;
}

bool connections_add(struct connections *connections, struct connection *connection)
{
    bool added;

    pthread_mutex_lock(&connections->lock);
    added = may_have_another(connections, &connection->address);
    if (added) {
        connection->worker = least_busy(connections);
        connection->worker->connections++;
        connections->count++;
        link_first(connections, connection);
    }
    pthread_mutex_unlock(&connections->lock);
    return added;
}

/* The newest are first, and so the search is short. */
struct connection *connections_start(struct connections *connections, int socket)
{
    struct connection *at;

    pthread_mutex_lock(&connections->lock);
    at = connections->first;
    while (at != NULL && (at->socket != socket || at->started))
        at = at->next;
    if (at != NULL)
        at->started = true;
    pthread_mutex_unlock(&connections->lock);
    return at;
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
    connection->worker->connections--;
    connections->count--;
    if (connections->awaited)
        (void)eventfd_write(connections->wake, 1);
    connections->awaited = false;
    pthread_mutex_unlock(&connections->lock);
    connection_free(connection);
}

void connections_free_rest(struct connections *connections)
{
    while (connections->first != NULL)
        connections_remove(connections, connections->first);
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
        if (!at->started || atomic_load_explicit(&at->deadline_us, memory_order_relaxed) > now_us)
            continue;
        (void)shutdown(at->socket, SHUT_RDWR);
        reaped++;
    }
    pthread_mutex_unlock(&connections->lock);
    return reaped;
}
