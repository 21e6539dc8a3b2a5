#include "ctl/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define CONNECT_TIMEOUT_S 5L
#define CALL_TIMEOUT_S 120L /* a tenant's delete waits for its requests */

struct client {
    CURL *curl;
    const char *socket;
};

int client_new(const char *socket, struct client **out, struct err *err)
{
    struct client *client = calloc(1, sizeof(*client));

    if (client == NULL)
        abort();
    client->socket = socket;
    client->curl = curl_easy_init();
    if (client->curl == NULL) {
        client_free(client);
        return err_set(err, ERR_INTERNAL, "libcurl cannot be used");
    }
    *out = client;
    return 0;
}

void client_free(struct client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->curl);
    free(client);
}

static size_t collect(char *bytes, size_t size, size_t count, void *buf)
{
    buf_append(buf, bytes, size * count);
    return size * count;
}

/* The daemon names its error as err_name() does. */
static enum err_code code_of(const char *name)
{
    for (int code = 1; name != NULL && code < ERR_CODE_COUNT; code++)
        if (strcmp(err_name((enum err_code)code), name) == 0)
            return (enum err_code)code;
    return ERR_INTERNAL;
}

static int daemon_error(const json_t *answer, long status, struct err *err)
{
    const char *detail = json_string_value(json_object_get(answer, "detail"));

    if (detail == NULL)
        return err_set(err, ERR_INTERNAL, "the daemon answered with status %ld", status);
    return err_set(err, code_of(json_string_value(json_object_get(answer, "error"))), "%s", detail);
}

static int unreachable(const struct client *client, CURLcode result, struct err *err)
{
    long os_error = 0;

    (void)curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &os_error);
    return err_set(err, ERR_UNAVAILABLE,
                   "no answer on %s: %s; is scimd running, and is this its socket (--socket)?",
                   client->socket,
                   os_error != 0 ? strerror((int)os_error) : curl_easy_strerror(result));
}

static void set_up(struct client *client, const struct client_request *request, const char *url,
                   struct buf *body)
{
    CURL *curl = client->curl;

    curl_easy_reset(curl);
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, CALL_TIMEOUT_S);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    if (request->body != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
    }
}

static void free_headers(struct curl_slist **headers)
{
    curl_slist_free_all(*headers);
}

int client_call(struct client *client, const struct client_request *request, json_t **out,
                struct err *err)
{
    CLEANUP(free_headers)
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CLEANUP(buf_free) struct buf url = {0};
    CLEANUP(buf_free) struct buf body = {0};
    CLEANUP(json_decrefp) json_t *answer = NULL;
    CURLcode result;
    long status = 0;

    buf_printf(&url, "http://localhost%s", request->path);
    set_up(client, request, buf_text(&url), &body);
    (void)curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    result = curl_easy_perform(client->curl);
    if (result != CURLE_OK)
        return unreachable(client, result, err);
    (void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    answer = json_loadb(buf_text(&body), body.length, 0, NULL);
    if (status < 200 || status > 299)
        return daemon_error(answer, status, err);
    if (answer == NULL)
        return err_set(err, ERR_INTERNAL, "the daemon sent something that is not JSON");
    if (out != NULL)
        *out = TAKE(answer);
    return 0;
}

static void append_escaped(struct buf *buf, const char *text)
{
    char *escaped = curl_easy_escape(NULL, text, 0);

    buf_puts(buf, escaped != NULL ? escaped : "");
    curl_free(escaped);
}

static void append_path(struct buf *path, const char *const *segments)
{
    buf_puts(path, "/v1");
    for (size_t i = 0; segments[i] != NULL; i++) {
        buf_putc(path, '/');
        append_escaped(path, segments[i]);
    }
}

char *client_path(const char *const *segments)
{
    struct buf path = {0};

    append_path(&path, segments);
    return path.bytes;
}

char *client_query(const char *const *segments, const struct client_parameter *parameters,
                   size_t count)
{
    struct buf path = {0};
    char before = '?';

    append_path(&path, segments);
    for (size_t i = 0; i < count; i++) {
        if (parameters[i].value == NULL)
            continue;
        buf_putc(&path, before);
        buf_puts(&path, parameters[i].name);
        buf_putc(&path, '=');
        append_escaped(&path, parameters[i].value);
        before = '&';
    }
    return path.bytes;
}
