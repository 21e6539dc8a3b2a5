#define _GNU_SOURCE /* accept4 */
#include "http/acceptor.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define REAP_INTERVAL_MS 500
#define RETRY_MS 100       /* after running out of descriptors or memory */
#define ACCEPTS_AT_ONCE 64 /* before deadlines are looked at again */

enum accepted {
    ACCEPTED_ONE,
    ACCEPTED_NONE, /* nobody is left in the queue */
    ACCEPTED_FULL, /* as many connections as are allowed */
    ACCEPTED_FAILED
};

/* Errors of the one connection, that accept(2) passes on: the next may be well. */
static bool is_of_one_connection(int number)
{
    static const int numbers[] = {ECONNABORTED, EINTR,        EPROTO,      ENOPROTOOPT, ENETDOWN,
                                  EHOSTDOWN,    EHOSTUNREACH, ENETUNREACH, EPERM,       ENONET};

    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static enum accepted meaning_of(int number)
{
    if (number == EAGAIN || number == EWOULDBLOCK)
        return ACCEPTED_NONE;
    return is_of_one_connection(number) ? ACCEPTED_ONE : ACCEPTED_FAILED;
}

/* Hands the socket on, or closes it. */
static void deal_out(struct acceptor *acceptor, int socket, const struct sockaddr *peer,
                     socklen_t length)
{
    struct connection *connection =
        connection_new(socket, peer, acceptor->proxies, tls_current_hold(acceptor->tls));

    if (acceptor->first_request_us > 0)
        connection_set_deadline(connection, clock_monotonic_us() + acceptor->first_request_us);
    if (!connections_add(acceptor->connections, connection)) {
        connection_free(connection);
        (void)close(socket);
        return;
    }
    if (MHD_add_connection(connection->worker->daemon, socket, peer, length) != MHD_YES)
        connections_remove(acceptor->connections, connection); /* the library has closed it */
}

static enum accepted accept_one(struct acceptor *acceptor)
{
    struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof(peer);
    int socket;

    if (!connections_have_room(acceptor->connections))
        return ACCEPTED_FULL;
    socket =
        accept4(acceptor->socket, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0)
        return meaning_of(errno);
    deal_out(acceptor, socket, (struct sockaddr *)&peer, length);
    return ACCEPTED_ONE;
}

static enum accepted accept_some(struct acceptor *acceptor)
{
    enum accepted accepted = ACCEPTED_ONE;

    for (int i = 0; i < ACCEPTS_AT_ONCE && accepted == ACCEPTED_ONE; i++)
        accepted = accept_one(acceptor);
    return accepted;
}

/* Without room or descriptors, somebody's waiting must not keep us busy. */
static bool can_accept(enum accepted last)
{
    return last == ACCEPTED_ONE || last == ACCEPTED_NONE;
}

static int wait_ms(const struct acceptor *acceptor, enum accepted last)
{
    if (last == ACCEPTED_FAILED)
        return RETRY_MS;
    return connections_count(acceptor->connections) > 0 ? REAP_INTERVAL_MS : -1;
}

static void *run(void *argument)
{
    struct acceptor *acceptor = argument;
    enum accepted last = ACCEPTED_NONE;
    int64_t next_reap_us = 0;

    while (!atomic_load(&acceptor->stopping)) {
        struct pollfd ready[] = {
            {.fd = acceptor->connections->wake,              .events = POLLIN},
            {.fd = can_accept(last) ? acceptor->socket : -1, .events = POLLIN},
        };
        eventfd_t ignored;

        if (poll(ready, ARRAY_LENGTH(ready), wait_ms(acceptor, last)) > 0 && ready[0].revents != 0)
            (void)eventfd_read(acceptor->connections->wake, &ignored);
        if (!can_accept(last) || ready[1].revents != 0)
            last = accept_some(acceptor);
        if (clock_monotonic_us() >= next_reap_us) {
            (void)connections_reap(acceptor->connections, clock_monotonic_us());
            next_reap_us = clock_monotonic_us() + REAP_INTERVAL_MS * 1000;
        }
    }
    return NULL;
}

int acceptor_start(struct acceptor *acceptor, struct err *err)
{
    int result = pthread_create(&acceptor->thread, NULL, run, acceptor);

    if (result != 0) {
        (void)err_set(err, ERR_CONFIGURATION, "cannot start the listener's thread");
        return err_because_errno(err, "pthread_create", result);
    }
    acceptor->running = true;
    return 0;
}

void acceptor_stop(struct acceptor *acceptor)
{
    if (!acceptor->running)
        return;
    atomic_store(&acceptor->stopping, true);
    (void)eventfd_write(acceptor->connections->wake, 1);
    (void)pthread_join(acceptor->thread, NULL);
    acceptor->running = false;
}
