/* load.c - keep-alive load generator: plays a file of requests over N connections, fails on any
 * wrong answer.
 *
 *   load PORT CONNECTIONS PID FILE [WARM-UP]
 *
 * FILE holds, for each request, three little-endian 32-bit numbers (length of the request, expected
 * status, length of a text that the answer must contain) and the two texts.  The first WARM-UP
 * requests are played, but not measured.  Prints one JSON object: requests, seconds, requests per
 * second, CPU microseconds of process PID per request, median and 99th percentile of the latency.
 */
#define _GNU_SOURCE /* memmem, strcasestr */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_BYTES_MAX (64u << 20)
#define CONNECTIONS_MAX 1024
#define RUN_SECONDS_MAX 600

struct request {
    const char *text;
    const char *expected;
    uint32_t length;
    uint32_t status;
    uint32_t expected_length;
};

struct connection {
    int fd;
    const struct request *request; /* NULL: idle */
    size_t sent;
    char *answer; /* owned */
    size_t received;
    size_t room;
    int64_t started_ns;
};

struct run {
    const struct request *requests;
    size_t count;
    size_t next;
    size_t done;
    int64_t *latencies_ns; /* one for each request */
    int epoll;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(clockid_t clock)
{
    struct timespec time;

    if (clock_gettime(clock, &time) < 0)
        die("clock_gettime");
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static struct request *read_requests(const char *path, size_t *count)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    struct request *requests = NULL;
    size_t used = 0;
    char *bytes;

    if (fd < 0 || fstat(fd, &status) < 0)
        die(path);
    bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        die(path);
    for (size_t at = 0; at < (size_t)status.st_size;) {
        uint32_t head[3];
        memcpy(head, bytes + at, sizeof(head));
        at += sizeof(head);
        if (used % 4096 == 0)
            requests = realloc(requests, (used + 4096) * sizeof(*requests));
        if (requests == NULL)
            die("memory");
        requests[used++] = (struct request){.text = bytes + at,
                                            .length = head[0],
                                            .status = head[1],
                                            .expected = bytes + at + head[0],
                                            .expected_length = head[2]};
        at += head[0] + head[2];
    }
    *count = used;
    return requests;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        die("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        die("fcntl");
    return fd;
}

static void wrong_answer(const struct connection *connection, const char *why)
{
    (void)fprintf(stderr, "load: wrong answer (%s)\n--- request\n%.*s\n--- answer\n%.*s\n", why,
                  (int)(connection->request->length > 2000 ? 2000 : connection->request->length),
                  connection->request->text,
                  (int)(connection->received > 2000 ? 2000 : connection->received),
                  connection->answer);
    exit(1);
}

static void send_more(struct connection *connection)
{
    const struct request *request = connection->request;
    ssize_t sent = send(connection->fd, request->text + connection->sent,
                        request->length - connection->sent, MSG_NOSIGNAL);

    if (sent < 0 && errno != EAGAIN)
        die("send");
    if (sent > 0)
        connection->sent += (size_t)sent;
}

static void start_next(struct run *run, struct connection *connection)
{
    connection->request = run->next < run->count ? &run->requests[run->next++] : NULL;
    connection->sent = 0;
    connection->received = 0;
    if (connection->request == NULL)
        return;
    connection->started_ns = now_ns(CLOCK_MONOTONIC);
    send_more(connection);
}

/* Total length of the answer once its head is there; 0 before. */
static size_t answer_length(struct connection *connection)
{
    char *end;
    const char *field;

    connection->answer[connection->received] = '\0';
    end = strstr(connection->answer, "\r\n\r\n");
    if (end == NULL)
        return 0;
    field = strcasestr(connection->answer, "\r\nContent-Length:");
    if (field == NULL || field > end) {
        if (connection->request->status == 204)
            return (size_t)(end + 4 - connection->answer);
        wrong_answer(connection, "no Content-Length");
        return 0;
    }
    return (size_t)(end + 4 - connection->answer) +
           strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
}

static void check_answer(const struct connection *connection)
{
    const struct request *request = connection->request;
    unsigned long status = strtoul(connection->answer + strlen("HTTP/1.1 "), NULL, 10);

    if (status != request->status)
        wrong_answer(connection, "status");
    if (memmem(connection->answer, connection->received, request->expected,
               request->expected_length) == NULL)
        wrong_answer(connection, "content");
}

/* Reads once.  False: nothing more is there now. */
static bool receive(struct run *run, struct connection *connection)
{
    size_t total;
    ssize_t got;

    if (connection->received + 65536 > connection->room) {
        connection->room += connection->room + 131072;
        connection->answer = realloc(connection->answer, connection->room);
        if (connection->answer == NULL || connection->room > ANSWER_BYTES_MAX)
            die("answer too long");
    }
    got = recv(connection->fd, connection->answer + connection->received, 65535, 0);
    if (got < 0 && errno == EAGAIN)
        return false;
    if (got <= 0 || connection->request == NULL)
        die("connection lost");
    connection->received += (size_t)got;
    total = answer_length(connection);
    if (total == 0 || connection->received < total)
        return true;
    check_answer(connection);
    run->latencies_ns[connection->request - run->requests] =
        now_ns(CLOCK_MONOTONIC) - connection->started_ns;
    run->done++;
    start_next(run, connection);
    return true;
}

/* Plays requests up to `until`. */
static void play(struct run *run, struct connection *connections, size_t count, size_t until)
{
    struct epoll_event events[64];
    int64_t deadline_ns = now_ns(CLOCK_MONOTONIC) + (int64_t)RUN_SECONDS_MAX * 1000000000;

    run->count = until;
    for (size_t i = 0; i < count; i++)
        start_next(run, &connections[i]);
    while (run->done < until) {
        int ready = epoll_wait(run->epoll, events, 64, 5000);
        if (ready <= 0 || now_ns(CLOCK_MONOTONIC) > deadline_ns)
            die("no answer");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection->request != NULL && connection->sent < connection->request->length)
                send_more(connection);
            while ((events[i].events & EPOLLIN) != 0 && receive(run, connection))
                continue;
        }
    }
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static void report(struct run *run, size_t warm_up, int64_t wall_ns, int64_t cpu_ns)
{
    size_t measured = run->done - warm_up;
    int64_t *latencies = run->latencies_ns + warm_up;

    qsort(latencies, measured, sizeof(*latencies), compare);
    (void)printf("{\"requests\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, \"cpu_us\": %.2f, "
                 "\"median_us\": %.1f, \"p99_us\": %.1f}\n",
                 measured, (double)wall_ns / 1e9, (double)measured / ((double)wall_ns / 1e9),
                 (double)cpu_ns / 1e3 / (double)measured, (double)latencies[measured / 2] / 1e3,
                 (double)latencies[measured * 99 / 100] / 1e3);
}

int main(int argc, char **argv)
{
    static struct connection connections[CONNECTIONS_MAX];
    struct run run = {0};
    size_t total = 0;
    size_t count;
    size_t warm_up;
    clockid_t server;
    int64_t wall_ns;
    int64_t cpu_ns;

    if (argc < 5)
        return (void)fputs("usage: load PORT CONNECTIONS PID FILE [WARM-UP]\n", stderr), 2;
    count = strtoul(argv[2], NULL, 10);
    warm_up = argc > 5 ? strtoul(argv[5], NULL, 10) : 0;
    run.requests = read_requests(argv[4], &total);
    run.latencies_ns = calloc(total, sizeof(*run.latencies_ns));
    run.epoll = epoll_create1(0);
    if (count < 1 || count > CONNECTIONS_MAX || total <= warm_up || run.latencies_ns == NULL ||
        clock_getcpuclockid((pid_t)strtol(argv[3], NULL, 10), &server) != 0)
        return (void)fputs("load: bad arguments\n", stderr), 2;
    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                                    .data = {.ptr = &connections[i]}};
        connections[i].fd = connect_to((int)strtol(argv[1], NULL, 10));
        if (epoll_ctl(run.epoll, EPOLL_CTL_ADD, connections[i].fd, &event) < 0)
            die("epoll_ctl");
    }
    if (warm_up > 0)
        play(&run, connections, count, warm_up);
    wall_ns = now_ns(CLOCK_MONOTONIC);
    cpu_ns = now_ns(server);
    play(&run, connections, count, total);
    report(&run, warm_up, now_ns(CLOCK_MONOTONIC) - wall_ns, now_ns(server) - cpu_ns);
    return 0;
}
