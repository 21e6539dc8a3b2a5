#include "http/request.h"

#include "base/text.h"
#include "http/head.h"
#include "http/listener.h"
#include "http/target.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Up to 0.9.x the library leaves the head where it was received and only ends its parts with NUL,
 * so that positions tell what it skipped; from 1.0 on it moves text, and refuses what we look for
 * by itself. */
#define HEAD_STAYS_IN_PLACE (MHD_VERSION < 0x01000000)
#define VERSION_LENGTH 8 /* "HTTP/1.1" */
#define LINE_END_BYTES 2 /* CR LF */

const char *http_header(const struct http_request *request, const char *name)
{
    const struct exchange *exchange = request->internal;

    return exchange != NULL ? MHD_lookup_connection_value(exchange->handle, MHD_HEADER_KIND, name)
                            : NULL;
}

const char *http_parameter(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->parameter_count; i++)
        if (text_compare_ascii(request->parameters[i].name, name) == 0)
            return request->parameters[i].value;
    return NULL;
}

static void read_method(struct http_request *request, const char *text)
{
    static const char *const names[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
    };

    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (strcmp(text, names[i]) != 0) /* methods are case-sensitive: RFC 9110 section 9.1 */
            continue;
        request->method = (enum http_method)i;
        request->method_text = names[i];
        return;
    }
    request->method = HTTP_OTHER;
    request->method_text = arena_strdup(request->arena, text);
}

static enum MHD_Result take_field(void *context, enum MHD_ValueKind kind, const char *name,
                                  size_t name_length, const char *value, size_t value_length)
{
    struct head *head = context;
    struct head_field field = {name, name_length, value != NULL ? value : "", value_length};

    (void)kind;
    return head_take(head, &field) ? MHD_YES : MHD_NO;
}

/* One blank on either side of the target, no NUL in the request line. */
static int check_request_line(const struct exchange *exchange, const char *method,
                              const char *version, struct err *err)
{
    if (HEAD_STAYS_IN_PLACE && (method + strlen(method) + 1 != exchange->sent_at ||
                                exchange->sent_at + exchange->sent_length + 1 != version))
        return err_set(err, ERR_BAD_REQUEST, "The request line holds a NUL or a blank too many");
    if (!head_is_token(method, strlen(method)))
        return err_set(err, ERR_BAD_REQUEST, "The request method is not a token");
    return 0;
}

static int check_head_end(const struct exchange *exchange, const struct head *head,
                          const char *method, struct err *err)
{
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(exchange->handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    if (!HEAD_STAYS_IN_PLACE || size == NULL ||
        head->next + LINE_END_BYTES == method + size->header_size)
        return 0;
    return err_set(err, ERR_BAD_REQUEST,
                   "A header line is folded, holds a NUL, or does not end in CR LF");
}

static int read_fields(const struct exchange *exchange, const char *method, const char *version,
                       struct head *head, struct err *err)
{
    if (check_request_line(exchange, method, version, err) < 0)
        return -1;
    if (HEAD_STAYS_IN_PLACE)
        head->next = version + VERSION_LENGTH + LINE_END_BYTES;
    (void)MHD_get_connection_values_n(exchange->handle, MHD_HEADER_KIND, take_field, head);
    if (head->failed || check_head_end(exchange, head, method, err) < 0)
        return -1;
    return head_check(head, strcmp(version, "HTTP/1.0") == 0, err);
}

static int read_origin(struct exchange *exchange, const struct head *head, struct err *err)
{
    const struct http_listener *listener = exchange->listener;
    struct http_request *request = &exchange->request;
    bool trusted = exchange->connection->trusted;

    if (trusted)
        request->peer = forwarded_peer(&listener->proxies, head, request->peer);
    if (forwarded_origin(head, listener->scheme, trusted, listener->fallback_origin,
                         &request->origin, err) < 0)
        return -1;
    if (listener->settings.public_url != NULL && listener->settings.public_url[0] != '\0')
        request->origin = listener->settings.public_url;
    return 0;
}

static int check_length(struct exchange *exchange, uint64_t announced, struct err *err)
{
    const struct http_listener_settings *settings = &exchange->listener->settings;

    exchange->body_limit = settings->body_limit != NULL
                               ? settings->body_limit(settings->context, &exchange->request)
                               : settings->body_bytes;
    if (announced > exchange->body_limit)
        return err_set(err, ERR_TOO_LARGE, "The body is larger than %zu bytes",
                       exchange->body_limit);
    return 0;
}

int request_read_head(struct exchange *exchange, const char *method, const char *version,
                      uint64_t *announced, struct err *err)
{
    struct head head = {.arena = exchange->arena, .err = err};
    const char *length;

    read_method(&exchange->request, method);
    if (read_fields(exchange, method, version, &head, err) < 0)
        return -1;
    length = head.values[HEAD_CONTENT_LENGTH]; /* digits, and in range: the library has checked */
    *announced = length != NULL ? strtoull(length, NULL, 10) : 0;
    exchange->expects_continue = head.values[HEAD_EXPECT] != NULL;
    if (read_origin(exchange, &head, err) < 0 ||
        target_parse(exchange->raw_target, &exchange->request, err) < 0)
        return -1;
    return check_length(exchange, *announced, err);
}
