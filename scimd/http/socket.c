#include "http/socket.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_MODE 0600
#define PORT_TEXT_BYTES 12

static int refuse(struct err *err, const char *where, const char *what, const char *call)
{
    int number = errno;

    (void)err_set(err, ERR_CONFIGURATION, "%s: %s: %s", where, what, strerror(number));
    return err_because_errno(err, call, number);
}

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

static int take_descriptor(int *descriptor)
{
    int taken = *descriptor;

    *descriptor = -1;
    return taken;
}

static int port_of(int descriptor)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof(address);
    struct sockaddr_in four;
    struct sockaddr_in6 six;

    (void)getsockname(descriptor, (struct sockaddr *)&address, &length);
    memcpy(&four, &address, sizeof(four));
    memcpy(&six, &address, sizeof(six));
    if (address.ss_family == AF_INET)
        return ntohs(four.sin_port);
    return address.ss_family == AF_INET6 ? ntohs(six.sin6_port) : 0;
}

static int open_inherited(int descriptor, struct listening_socket *out, struct err *err)
{
    int accepts = 0;
    socklen_t length = sizeof(accepts);
    int flags = fcntl(descriptor, F_GETFL);

    if (flags < 0 || getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) < 0 ||
        accepts == 0)
        return err_set(err, ERR_CONFIGURATION, "inherited descriptor %d is not a listening socket",
                       descriptor);
    if (fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0)
        return refuse(err, "inherited socket", "cannot be used", "fcntl");
    *out = (struct listening_socket){
        .descriptor = descriptor, .port = port_of(descriptor), .inherited = true};
    return 0;
}

static int open_tcp(const char *address, int port, struct listening_socket *out, struct err *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *found = NULL;
    CLEANUP(close_descriptor) int descriptor = -1;
    char where[128];
    char service[PORT_TEXT_BYTES];
    int one = 1;
    bool listens;

    (void)snprintf(service, sizeof(service), "%d", port);
    (void)snprintf(where, sizeof(where), "%s port %d", address, port);
    if (port < 0 || port > 65535 || getaddrinfo(address, service, &hints, &found) != 0)
        return err_set(err, ERR_CONFIGURATION, "%s: not an address and port to listen on", where);
    descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    listens = descriptor >= 0 &&
              setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
              bind(descriptor, found->ai_addr, found->ai_addrlen) == 0 &&
              listen(descriptor, SOMAXCONN) == 0;
    freeaddrinfo(found);
    if (!listens)
        return refuse(err, where, "cannot listen", "bind");
    *out = (struct listening_socket){.port = port_of(descriptor)};
    out->descriptor = take_descriptor(&descriptor);
    return 0;
}

static int new_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Removes what a process that is gone left behind. */
static int remove_stale(const struct sockaddr_un *address, struct err *err)
{
    CLEANUP(close_descriptor) int probe = new_unix_socket();
    struct stat status;

    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : refuse(err, address->sun_path, "cannot be read", "lstat");
    if (!S_ISSOCK(status.st_mode))
        return err_set(err, ERR_CONFIGURATION, "%s: exists and is not a socket", address->sun_path);
    if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
        errno != ECONNREFUSED)
        return err_set(err, ERR_CONFIGURATION, "%s: another process listens there",
                       address->sun_path);
    if (unlink(address->sun_path) < 0)
        return refuse(err, address->sun_path, "cannot be replaced", "unlink");
    return 0;
}

static int open_unix(const char *path, struct listening_socket *out, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CLEANUP(close_descriptor) int descriptor = new_unix_socket();
    struct stat status;

    if (strlen(path) >= sizeof(address.sun_path))
        return err_set(err, ERR_CONFIGURATION, "%s: longer than %zu bytes", path,
                       sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (remove_stale(&address, err) < 0)
        return -1;
    /* bind(2) gives the file the mode of the socket: no moment in which others may connect */
    if (descriptor < 0 || fchmod(descriptor, UNIX_MODE) < 0 ||
        bind(descriptor, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        lstat(path, &status) < 0 || listen(descriptor, SOMAXCONN) < 0)
        return refuse(err, path, "cannot listen", "bind");
    *out = (struct listening_socket){.unix_path = path, .unix_inode = status.st_ino};
    out->descriptor = take_descriptor(&descriptor);
    return 0;
}

int listening_socket_open(const struct http_listener_settings *settings,
                          struct listening_socket *out, struct err *err)
{
    if (settings->inherited_fd >= 0)
        return open_inherited(settings->inherited_fd, out, err);
    if (settings->unix_path != NULL)
        return open_unix(settings->unix_path, out, err);
    if (settings->address != NULL)
        return open_tcp(settings->address, settings->port, out, err);
    return err_set(err, ERR_CONFIGURATION, "a listener needs an address, a path or a descriptor");
}

void listening_socket_close(struct listening_socket *socket)
{
    struct stat status;

    if (socket->descriptor < 0)
        return;
    if (socket->unix_path != NULL && lstat(socket->unix_path, &status) == 0 &&
        status.st_ino == socket->unix_inode)
        (void)unlink(socket->unix_path);
    (void)close(socket->descriptor);
    socket->descriptor = -1;
}
