#include "http/probe.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static bool ask(int socket_fd)
{
    static const char question[] =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    static const char expected[] = "HTTP/1.1 200";
    char answer[sizeof(expected) - 1];
    size_t length = 0;

    if (send(socket_fd, question, sizeof(question) - 1, MSG_NOSIGNAL) !=
        (ssize_t)(sizeof(question) - 1))
        return false;
    while (length < sizeof(answer)) {
        ssize_t got = recv(socket_fd, answer + length, sizeof(answer) - length, 0);
        if (got <= 0)
            return false;
        length += (size_t)got;
    }
    return memcmp(answer, expected, sizeof(answer)) == 0;
}

bool http_probe(const char *unix_path, unsigned timeout_ms)
{
    const struct timeval timeout = {.tv_sec = timeout_ms / 1000,
                                    .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int socket_fd;
    bool answered;

    if (strlen(unix_path) >= sizeof(address.sun_path))
        return false;
    memcpy(address.sun_path, unix_path, strlen(unix_path) + 1);
    socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_fd < 0)
        return false;
    (void)setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    (void)setsockopt(socket_fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    answered = connect(socket_fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
               ask(socket_fd);
    (void)close(socket_fd);
    return answered;
}
