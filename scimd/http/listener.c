#include "http/listener.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOG_LINE_BYTES 512
#define US_PER_S INT64_C(1000000)
#define SPARE_EXCHANGES_PER_THREAD 2
#define CONNECTION_MEMORY_PER_HEAD 2 /* the library receives into half of a connection's memory */

int64_t listener_deadline(int64_t now_us, int64_t duration_us)
{
    return duration_us > 0 ? now_us + duration_us : CONNECTION_NO_DEADLINE;
}

static void log_library(void *context, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void log_library(void *context, const char *format, va_list arguments)
{
    char line[LOG_LINE_BYTES];

    (void)context;
    if (!log_is_on(LOG_LEVEL_DEBUG))
        return;
    (void)vsnprintf(line, sizeof(line), format, arguments);
    line[strcspn(line, "\n")] = '\0';
    log_event(LOG_LEVEL_DEBUG, "http.message", LOG_TEXT("message", line));
}

/* The target is decoded in target.c, segment by segment. */
static size_t leave_escapes(void *context, struct MHD_Connection *handle, char *text)
{
    (void)context;
    (void)handle;
    return strlen(text);
}

static void notify_connection(void *context, struct MHD_Connection *handle, void **socket_context,
                              enum MHD_ConnectionNotificationCode what)
{
    struct http_listener *listener = context;
    int socket;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        socket = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        *socket_context = connections_start(&listener->connections, socket);
        return;
    }
    connections_remove(&listener->connections, *socket_context);
    *socket_context = NULL;
}

static int retrieve_pair(gnutls_session_t session, const struct gnutls_cert_retr_st *what,
                         gnutls_pcert_st **certificates, unsigned *count,
                         gnutls_ocsp_data_st **ocsp, unsigned *ocsp_count, gnutls_privkey_t *key,
                         unsigned *flags)
{
    struct MHD_Connection *handle = gnutls_session_get_ptr(session); /* libmicrohttpd set it */
    const struct connection *connection =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    (void)what;
    *ocsp = NULL;
    *ocsp_count = 0;
    *flags = 0; /* the pair stays ours */
    return tls_pair_retrieve(connection->pair, certificates, count, key);
}

static int read_proxies(struct http_listener *listener, struct err *err)
{
    size_t count = listener->settings.trusted_proxy_count;

    listener->ranges = memory_calloc(count + 1, sizeof(*listener->ranges));
    for (size_t i = 0; i < count; i++)
        if (address_range_parse(listener->settings.trusted_proxies[i], &listener->ranges[i], err) <
            0)
            return -1;
    listener->proxies = (struct proxies){.ranges = listener->ranges, .count = count};
    return 0;
}

static int read_pair(struct http_listener *listener, struct err *err)
{
    struct tls_pair *pair;

    if (tls_pair_load(listener->settings.certificate, listener->settings.key, &pair, err) < 0)
        return -1;
    tls_current_replace(&listener->tls, pair);
    return 0;
}

/* What a client without a Host header (HTTP/1.0) gets to see. */
static void set_fallback_origin(struct http_listener *listener)
{
    const char *address = listener->settings.address;
    int port = listener->socket.port;
    bool six = address != NULL && strchr(address, ':') != NULL;

    if (address == NULL)
        address = "localhost";
    if (port > 0)
        (void)snprintf(listener->fallback_origin, sizeof(listener->fallback_origin),
                       six ? "%s://[%s]:%d" : "%s://%s:%d", listener->scheme, address, port);
    else
        (void)snprintf(listener->fallback_origin, sizeof(listener->fallback_origin), "%s://%s",
                       listener->scheme, address);
}

static int check_settings(const struct http_listener_settings *settings, struct err *err)
{
    if (settings->threads == 0 || settings->connections == 0)
        return err_set(err, ERR_CONFIGURATION, "a listener needs threads and connections");
    if ((settings->certificate == NULL) != (settings->key == NULL))
        return err_set(err, ERR_CONFIGURATION, "a certificate and its key go together");
    return 0;
}

static struct http_listener *listener_new(const struct http_listener_settings *settings)
{
    struct http_listener *listener = memory_calloc(1, sizeof(*listener));
    pthread_condattr_t attributes;

    listener->settings = *settings;
    listener->socket.descriptor = -1;
    listener->scheme = settings->certificate != NULL ? "https" : "http";
    listener->request_us = settings->request_timeout_s * US_PER_S;
    if (settings->idle_timeout_s > 0 && settings->request_timeout_s > 0)
        listener->idle_us = settings->idle_timeout_s * US_PER_S + listener->request_us;
    listener->workers = memory_calloc(settings->threads, sizeof(*listener->workers));
    listener->connections.workers = listener->workers;
    listener->connections.worker_count = settings->threads;
    listener->connections.limit = settings->connections;
    listener->connections.limit_per_address = settings->connections_per_address;
    listener->connections.wake = -1;
    listener->exchanges.spare_limit = settings->threads * SPARE_EXCHANGES_PER_THREAD;
    (void)pthread_mutex_init(&listener->connections.lock, NULL);
    (void)pthread_mutex_init(&listener->exchanges.lock, NULL);
    (void)pthread_mutex_init(&listener->tls.lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&listener->exchanges.finished, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return listener;
}

static void listener_free(struct http_listener *listener)
{
    acceptor_stop(&listener->acceptor);
    listening_socket_close(&listener->socket);
    for (unsigned i = 0; i < listener->settings.threads; i++)
        if (listener->workers[i].daemon != NULL)
            MHD_stop_daemon(listener->workers[i].daemon);
    connections_free_rest(&listener->connections);
    exchanges_free(&listener->exchanges);
    tls_current_replace(&listener->tls, NULL);
    if (listener->connections.wake >= 0)
        (void)close(listener->connections.wake);
    (void)pthread_mutex_destroy(&listener->connections.lock);
    (void)pthread_mutex_destroy(&listener->exchanges.lock);
    (void)pthread_mutex_destroy(&listener->tls.lock);
    (void)pthread_cond_destroy(&listener->exchanges.finished);
    free(listener->workers);
    free(listener->ranges);
    free(listener);
}

static void free_listener(struct http_listener **listener)
{
    if (*listener != NULL)
        listener_free(*listener);
}

static struct MHD_Daemon *start_worker(struct http_listener *listener)
{
    const struct http_listener_settings *settings = &listener->settings;
    bool secure = settings->certificate != NULL;
    char priorities[] = TLS_PRIORITIES;
    struct MHD_OptionItem tls[] = {
        {secure ? MHD_OPTION_HTTPS_CERT_CALLBACK2 : MHD_OPTION_END, 0,
         (void *)(intptr_t)retrieve_pair                                         },
        {MHD_OPTION_HTTPS_PRIORITIES,                               0, priorities},
        {MHD_OPTION_END,                                            0, NULL      },
    };
    /* poll: with epoll and TLS, 0.9.75 stands still under many connections */
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET |
                     MHD_USE_ERROR_LOG | (secure ? MHD_USE_TLS : 0u);

    return MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_handle, listener, /* options: */
        MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,   /* first, for what comes next */
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)INT_MAX,  /* ours counts, the library's is late */
        MHD_OPTION_CONNECTION_TIMEOUT, settings->idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        settings->header_bytes * CONNECTION_MEMORY_PER_HEAD, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_escapes, NULL, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, listener,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_end, listener, MHD_OPTION_NOTIFY_CONNECTION,
        notify_connection, listener, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

static int start_workers(struct http_listener *listener, struct err *err)
{
    for (unsigned i = 0; i < listener->settings.threads; i++) {
        listener->workers[i].daemon = start_worker(listener);
        if (listener->workers[i].daemon == NULL)
            return err_set(err, ERR_CONFIGURATION, "the HTTP library cannot start thread %u of %u",
                           i + 1, listener->settings.threads);
    }
    return 0;
}

static int start_threads(struct http_listener *listener, struct err *err)
{
    sigset_t all;
    sigset_t before;
    int result;

    listener->connections.wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (listener->connections.wake < 0)
        return err_set(err, ERR_CONFIGURATION, "the system has no eventfd left");
    listener->acceptor.socket = listener->socket.descriptor;
    listener->acceptor.connections = &listener->connections;
    listener->acceptor.proxies = &listener->proxies;
    listener->acceptor.tls = &listener->tls;
    listener->acceptor.first_request_us = listener->idle_us;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's */
    result = start_workers(listener, err);
    if (result == 0)
        result = acceptor_start(&listener->acceptor, err);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

int http_listener_start(const struct http_listener_settings *settings, struct http_listener **out,
                        struct err *err)
{
    CLEANUP(free_listener) struct http_listener *listener = NULL;

    if (check_settings(settings, err) < 0)
        return -1;
    listener = listener_new(settings);
    if (read_proxies(listener, err) < 0 ||
        (settings->certificate != NULL && read_pair(listener, err) < 0) ||
        listening_socket_open(settings, &listener->socket, err) < 0)
        return -1;
    set_fallback_origin(listener);
    if (start_threads(listener, err) < 0)
        return -1;
    *out = TAKE(listener);
    return 0;
}

int http_listener_port(const struct http_listener *listener)
{
    return listener->socket.port;
}

unsigned http_listener_connections(struct http_listener *listener)
{
    return connections_count(&listener->connections);
}

int http_listener_reload(struct http_listener *listener, struct err *err)
{
    return listener->settings.certificate != NULL ? read_pair(listener, err) : 0;
}

void http_listener_stop(struct http_listener *listener, unsigned grace_s)
{
    if (listener == NULL)
        return;
    atomic_store(&listener->stopping, true);
    acceptor_stop(&listener->acceptor);
    listening_socket_close(&listener->socket);
    exchanges_wait(&listener->exchanges, clock_monotonic_us() + grace_s * US_PER_S);
    listener_free(listener);
}
