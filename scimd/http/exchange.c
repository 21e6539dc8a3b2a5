#include "http/exchange.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/listener.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/response.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NANOSECONDS_PER_US 1000
#define US_PER_S INT64_C(1000000)

static struct exchange *take(struct http_listener *listener)
{
    struct exchanges *exchanges = &listener->exchanges;
    struct exchange *exchange;

    pthread_mutex_lock(&exchanges->lock);
    exchanges->in_hand++;
    exchange = exchanges->spare;
    if (exchange != NULL) {
        exchanges->spare = exchange->next;
        exchanges->spare_count--;
    }
    pthread_mutex_unlock(&exchanges->lock);
    if (exchange == NULL) {
        exchange = memory_calloc(1, sizeof(*exchange));
        exchange->arena = arena_new(ARENA_BLOCK_BYTES);
        exchange->listener = listener;
    }
    return exchange;
}

static void shrink(struct buf *buf)
{
    if (buf->capacity > EXCHANGE_KEPT_BYTES)
        buf_free(buf);
    buf_reset(buf);
}

static void exchange_free(struct exchange *exchange)
{
    arena_free(exchange->arena);
    buf_free(&exchange->body);
    buf_free(&exchange->response.body);
    free(exchange);
}

static void give_back(struct exchange *exchange)
{
    struct exchanges *exchanges = &exchange->listener->exchanges;
    bool kept;

    http_response_clear(&exchange->response);
    shrink(&exchange->response.body);
    shrink(&exchange->body);
    arena_reset(exchange->arena);

    pthread_mutex_lock(&exchanges->lock);
    kept = exchanges->spare_count < exchanges->spare_limit;
    if (kept) {
        exchange->next = exchanges->spare;
        exchanges->spare = exchange;
        exchanges->spare_count++;
    }
    if (--exchanges->in_hand == 0)
        pthread_cond_signal(&exchanges->finished);
    pthread_mutex_unlock(&exchanges->lock);
    if (!kept)
        exchange_free(exchange);
}

void exchanges_wait(struct exchanges *exchanges, int64_t deadline_us)
{
    struct timespec deadline = {.tv_sec = deadline_us / US_PER_S,
                                .tv_nsec = deadline_us % US_PER_S * NANOSECONDS_PER_US};
    int result = 0;

    pthread_mutex_lock(&exchanges->lock);
    while (exchanges->in_hand > 0 && result == 0)
        result = pthread_cond_timedwait(&exchanges->finished, &exchanges->lock, &deadline);
    pthread_mutex_unlock(&exchanges->lock);
}

void exchanges_free(struct exchanges *exchanges)
{
    while (exchanges->spare != NULL) {
        struct exchange *exchange = exchanges->spare;
        exchanges->spare = exchange->next;
        exchange_free(exchange);
    }
}

/* The request line is there.  Anything before it, a handshake or half a line, stays below the
 * deadline that the connection had since its last answer. */
void *exchange_begin(void *context, const char *uri, struct MHD_Connection *handle)
{
    struct http_listener *listener = context;
    struct exchange *exchange = take(listener);
    struct buf body = exchange->response.body; /* its memory is used again */
    int64_t now_us = clock_monotonic_us();

    exchange->handle = handle;
    exchange->connection =
        MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    exchange->sent_at = uri;
    exchange->sent_length = uri != NULL ? strlen(uri) : 0;
    exchange->raw_target = arena_strndup(exchange->arena, uri, exchange->sent_length);
    exchange->state = EXCHANGE_BEGUN;
    exchange->drained_bytes = 0;
    exchange->body_limit = 0;
    exchange->expects_continue = false;
    id_new(exchange->request_id);
    exchange->request = (struct http_request){.method = HTTP_OTHER,
                                              .method_text = "",
                                              .target = "",
                                              .body = "",
                                              .request_id = exchange->request_id,
                                              .origin = listener->fallback_origin,
                                              .peer = exchange->connection->peer,
                                              .peer_uid = exchange->connection->peer_uid,
                                              .arena = exchange->arena,
                                              .started_us = now_us,
                                              .internal = exchange};
    exchange->response =
        (struct http_response){.body = body, .spool = -1, .request = &exchange->request};
    connection_shorten_deadline(exchange->connection,
                                listener_deadline(now_us, listener->request_us));
    return exchange;
}

/* Slow readers get their time by size; the deadline that a request had is over. */
static void allow_time_to_send(struct exchange *exchange, uint64_t bytes)
{
    const struct http_listener *listener = exchange->listener;
    int64_t extra_us = (int64_t)(bytes / EXCHANGE_SEND_BYTES_PER_S) * US_PER_S;
    int64_t deadline_us = listener_deadline(clock_monotonic_us(), listener->request_us);

    if (deadline_us != CONNECTION_NO_DEADLINE)
        deadline_us += extra_us;
    connection_set_deadline(exchange->connection, deadline_us);
}

static enum MHD_Result send_response(struct exchange *exchange, bool closes)
{
    uint64_t bytes = exchange->response.spooled_bytes + exchange->response.body.length;
    struct MHD_Response *handle =
        reply_new(&exchange->response, closes || atomic_load(&exchange->listener->stopping));
    enum MHD_Result result;

    if (handle == NULL)
        return MHD_NO;
    allow_time_to_send(exchange, bytes);
    result = MHD_queue_response(exchange->handle, (unsigned)exchange->response.status, handle);
    MHD_destroy_response(handle);
    return result;
}

static void fill_refusal(struct exchange *exchange, const struct err *err)
{
    const struct http_listener_settings *settings = &exchange->listener->settings;

    http_response_clear(&exchange->response);
    exchange->response.status = err_http_status(err->code);
    settings->refusal(settings->context, err, &exchange->response);
}

static enum MHD_Result refuse(struct exchange *exchange, const struct err *err)
{
    fill_refusal(exchange, err);
    return send_response(exchange, true);
}

/* The whole request is there: the only place that acts on one. */
static enum MHD_Result answer(struct exchange *exchange)
{
    const struct http_listener_settings *settings = &exchange->listener->settings;
    struct http_response *response = &exchange->response;
    struct err err = {0};

    connection_set_deadline(exchange->connection, CONNECTION_NO_DEADLINE);
    exchange->request.body = buf_text(&exchange->body);
    exchange->request.body_length = exchange->body.length;
    settings->handler(settings->context, &exchange->request, response);
    assert(response->status != 0);
    if (response->status == 0)
        (void)err_set(&err, ERR_INTERNAL, "The request was not answered");
    else if (response->spool >= 0)
        (void)http_response_spool(response, &err);
    if (err.code != 0)
        fill_refusal(exchange, &err);
    return send_response(exchange, false);
}

/* A refused body of bearable size is read to its end first: closing a socket that data still comes
 * in on resets it, and the client would lose our answer.  Where framing itself is in doubt, or
 * the client waits for 100-continue, we answer at once. */
static bool should_drain(const struct exchange *exchange, uint64_t announced)
{
    return exchange->refusal.code == ERR_TOO_LARGE && !exchange->expects_continue &&
           announced <= EXCHANGE_DRAIN_BYTES;
}

static enum MHD_Result begin_body(struct exchange *exchange, const char *method,
                                  const char *version)
{
    uint64_t announced = 0;
    int result = request_read_head(exchange, method, version, &announced, &exchange->refusal);

    if (result == 0 && atomic_load(&exchange->listener->stopping))
        result = err_set(&exchange->refusal, ERR_UNAVAILABLE, "The server is stopping");
    if (result == 0) {
        exchange->state = EXCHANGE_RECEIVES;
        return MHD_YES;
    }
    exchange->state = EXCHANGE_DRAINS;
    return should_drain(exchange, announced) ? MHD_YES : refuse(exchange, &exchange->refusal);
}

static enum MHD_Result take_body(struct exchange *exchange, const char *bytes, size_t *length)
{
    size_t count = *length;

    *length = 0; /* all of it is dealt with */
    if (exchange->state == EXCHANGE_RECEIVES &&
        count <= exchange->body_limit - exchange->body.length) {
        buf_append(&exchange->body, bytes, count);
        return MHD_YES;
    }
    if (exchange->state == EXCHANGE_RECEIVES) {
        exchange->state = EXCHANGE_DRAINS;
        buf_free(&exchange->body);
        (void)err_set(&exchange->refusal, ERR_TOO_LARGE, "The body is larger than %zu bytes",
                      exchange->body_limit);
    }
    exchange->drained_bytes += count;
    return exchange->drained_bytes <= EXCHANGE_DRAIN_BYTES ? MHD_YES : MHD_NO;
}

enum MHD_Result exchange_handle(void *context, struct MHD_Connection *handle, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_length, void **state)
{
    struct exchange *exchange = *state;

    (void)context;
    (void)handle;
    (void)url; /* the raw target counts */
    if (exchange->state == EXCHANGE_BEGUN)
        return begin_body(exchange, method, version);
    if (*upload_length > 0)
        return take_body(exchange, upload, upload_length);
    if (exchange->state == EXCHANGE_DRAINS)
        return refuse(exchange, &exchange->refusal);
    return answer(exchange);
}

void exchange_end(void *context, struct MHD_Connection *handle, void **state,
                  enum MHD_RequestTerminationCode how)
{
    struct http_listener *listener = context;
    struct exchange *exchange = *state;
    int64_t now_us = clock_monotonic_us();

    (void)handle;
    (void)how;
    if (exchange == NULL)
        return;
    if (exchange->response.status != 0 && listener->settings.finished != NULL)
        listener->settings.finished(listener->settings.context, &exchange->request,
                                    exchange->response.status,
                                    now_us - exchange->request.started_us);
    connection_set_deadline(exchange->connection, listener_deadline(now_us, listener->idle_us));
    give_back(exchange);
    *state = NULL;
}
