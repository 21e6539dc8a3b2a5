/* server.h - a listener on loopback with a handler that tells what it got, and a raw client. */
#ifndef SCIMD_TESTS_HTTP_SERVER_H
#define SCIMD_TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "http/http.h"

#define SERVER_BIG_BYTES ((size_t)20 * 1024 * 1024)
#define SERVER_PATIENCE_S 20 /* a test that waits longer has failed */

static atomic_int server_calls;
static atomic_int server_finished;
static sem_t server_entered;
static sem_t server_released;

static inline void server_echo(const struct http_request *request, struct buf *body)
{
    buf_printf(body, "%s", request->method_text);
    for (size_t i = 0; i < request->segment_count; i++)
        buf_printf(body, " [%s]", request->segments[i]);
    for (size_t i = 0; i < request->parameter_count; i++)
        buf_printf(body, " %s=%s", request->parameters[i].name, request->parameters[i].value);
    buf_printf(body, " body=%zu:%s", request->body_length,
               request->body_length < 100 ? request->body : "...");
    buf_printf(body, " origin=%s peer=%s", request->origin, request->peer);
    if (http_header(request, "x-test") != NULL)
        buf_printf(body, " x-test=%s", http_header(request, "x-test"));
}

static inline void server_big(struct http_response *response)
{
    struct err err = {0};

    for (size_t i = 0; i < SERVER_BIG_BYTES / 16; i++) {
        buf_printf(&response->body, "%015zu\n", i);
        if (http_response_flush(response, &err) < 0)
            abort();
    }
}

static inline void server_handle(void *context, const struct http_request *request,
                                 struct http_response *response)
{
    const char *first = request->segment_count > 0 ? request->segments[0] : "";

    (void)context;
    atomic_fetch_add(&server_calls, 1);
    response->status = 200;
    response->content_type = "text/plain";
    http_response_header(response, "X-Method", request->method_text);
    if (strcmp(first, "wait") == 0) {
        sem_post(&server_entered);
        sem_wait(&server_released);
    }
    if (strcmp(first, "nothing") == 0)
        response->status = 204;
    else if (strcmp(first, "big") == 0)
        server_big(response);
    else
        server_echo(request, &response->body);
}

static inline void server_refuse(void *context, const struct err *err,
                                 struct http_response *response)
{
    (void)context;
    response->content_type = "application/scim+json";
    buf_printf(&response->body, "refused: %s", err->detail);
}

static inline void server_finish(void *context, const struct http_request *request, int status,
                                 int64_t duration_us)
{
    (void)context;
    if (request->request_id[0] != '\0' && status > 0 && duration_us >= 0)
        atomic_fetch_add(&server_finished, 1);
}

static inline struct http_listener_settings server_settings(void)
{
    return (struct http_listener_settings){.address = "127.0.0.1",
                                           .inherited_fd = -1,
                                           .threads = 4,
                                           .connections = 32,
                                           .idle_timeout_s = 60,
                                           .request_timeout_s = 30,
                                           .header_bytes = 8192,
                                           .body_bytes = 1000,
                                           .handler = server_handle,
                                           .refusal = server_refuse,
                                           .finished = server_finish};
}

/* -1 where nobody listens. */
static inline int client_connect(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct timeval patience = {.tv_sec = SERVER_PATIENCE_S};
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(client, (struct sockaddr *)&address, sizeof(address)) == 0)
        return client;
    (void)close(client);
    return -1;
}

static inline bool client_send(int client, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(client, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

/* Reads to the end; false if the server did not close in time. */
static inline bool client_read_all(int client, struct buf *out)
{
    char piece[65536];
    ssize_t got;

    buf_reset(out);
    while ((got = recv(client, piece, sizeof(piece), 0)) > 0)
        buf_append(out, piece, (size_t)got);
    return got == 0 || errno == ECONNRESET;
}

/* Reads up to and with `end`. */
static inline bool client_read_until(int client, const char *end, struct buf *out)
{
    char byte;

    buf_reset(out);
    while (strstr(buf_text(out), end) == NULL) {
        if (recv(client, &byte, 1, 0) != 1)
            return false;
        buf_putc(out, byte);
    }
    return true;
}

/* "200 400": the statuses of all responses in `text`, as far as there is room. */
static inline void statuses_of(const char *text, char *out, size_t room)
{
    const char *at = text;
    size_t length = 0;

    while ((at = strstr(at, "HTTP/1.1 ")) != NULL && length + 5 <= room) {
        at += 9;
        if (length > 0)
            out[length++] = ' ';
        memcpy(out + length, at, 3);
        length += 3;
    }
    out[length] = '\0';
}

#endif
