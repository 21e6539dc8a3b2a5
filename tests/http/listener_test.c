#include "table.h"

#include "server.h"

/* A row's bytes may hold NUL. */
#define BYTES(text) (text), sizeof(text) - 1

/* Columns as wide as the longest request would be no table. */
/* clang-format off */
static struct stream_case {
    const char *name;
    const char *bytes;
    size_t length;
    const char *statuses; /* in order; the server closes after the last */
    int calls;            /* of the handler: what was acted on */
    const char *part;     /* of what came back; NULL: anything */
} streams[] = {
    {"two requests in one piece",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n"
           "Connection: close\r\n\r\n"),
     "200 200", 2, "GET [b]"},
    {"body as announced",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"),
     "200", 1, "body=5:hello"},
    {"chunked body",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
           "Connection: close\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
     "200", 1, "body=5:hello"},
    {"percent-encoded slash and query",
     BYTES("GET /t/a%2Fb?filter=x+eq%20%22y%22&filter=z HTTP/1.1\r\nHost: h\r\n"
           "Connection: close\r\n\r\n"),
     "200", 1, "GET [t] [a/b] filter=x eq \"y\" filter=z"},
    {"origin from Host",
     BYTES("GET / HTTP/1.1\r\nHost: scim.example.com:8443\r\nConnection: close\r\n\r\n"),
     "200", 1, "origin=http://scim.example.com:8443 peer=127.0.0.1"},
    {"X-Forwarded-* of a peer that is not trusted",
     BYTES("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\n"
           "X-Forwarded-Host: evil\r\nConnection: close\r\n\r\n"),
     "200", 1, "origin=http://h peer=127.0.0.1"},
    {"header names in any case",
     BYTES("GET / HTTP/1.1\r\nhOST: h\r\nX-TEST: seen\r\nConnection: close\r\n\r\n"),
     "200", 1, "x-test=seen"},
    {"HTTP/1.0 without Host",
     BYTES("GET /a HTTP/1.0\r\n\r\n"),
     "200", 1, "origin=http://127.0.0.1:"},
    {"204 without body",
     BYTES("GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
     "204", 1, NULL},
    {"HEAD, then another request on the connection",
     BYTES("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n"
           "Connection: close\r\n\r\n"),
     "200 200", 2, "GET [b]"},
    {"two Content-Length: smuggling",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 30\r\n\r\n"
           "helloGET /b HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "more than one Content-Length"},
    {"two equal Content-Length",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
     "400", 0, "more than one Content-Length"},
    {"Content-Length and Transfer-Encoding",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "exclude each other"},
    {"two Transfer-Encoding",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     "400", 0, "more than one Transfer-Encoding"},
    {"Transfer-Encoding that is not chunked",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\nx"),
     "501", 0, "chunked"},
    {"Transfer-Encoding with a blank behind it",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked \r\n\r\n0\r\n\r\n"),
     "501", 0, NULL},
    {"Transfer-Encoding in HTTP/1.0",
     BYTES("POST /a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     "400", 0, NULL},
    {"two Host",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n"),
     "400", 0, "more than one Host"},
    {"two Authorization",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"),
     "400", 0, "more than one Authorization"},
    {"no Host",
     BYTES("GET /a HTTP/1.1\r\n\r\n"),
     "400", 0, "Host header is missing"},
    {"Host that is none",
     BYTES("GET /a HTTP/1.1\r\nHost: h/../\r\n\r\n"),
     "400", 0, "Host"},
    {"blank before the colon",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nhello"),
     "400", 0, "header name"},
    {"folded line",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\nX-Test: a\r\n b\r\n\r\n"),
     "400", 0, "folded"},
    {"bare LF after a header",
     BYTES("GET /a HTTP/1.1\r\nHost: h\nX-Test: a\r\n\r\n"),
     "400", 0, "CR LF"},
    {"bare LF after the request line",
     BYTES("GET /a HTTP/1.1\nHost: h\r\n\r\n"),
     "400", 0, "CR LF"},
    {"bare LF at the end of the head",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\n\n"),
     "400", 0, "CR LF"},
    {"bare CR in a value",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\nX-Test: a\rb\r\n\r\n"),
     "400", 0, "control character"},
    {"control character in a value",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\nX-Test: a\x01\r\n\r\n"),
     "400", 0, "control character"},
    {"NUL in a value",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\nX-Test: a\0b\r\n\r\n"),
     "400", 0, "NUL"},
    {"NUL in the last value",
     BYTES("GET /a HTTP/1.1\r\nX-Test: a\r\nHost: h\0evil\r\n\r\n"),
     "400", 0, "NUL"},
    {"NUL that hides a header",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\n\0Content-Length: 5\r\n\r\nhello"),
     "400", 0, "NUL"},
    {"NUL in a name",
     BYTES("GET /a HTTP/1.1\r\nHost: h\r\nX-\0Test: a\r\n\r\n"),
     "400", 0, NULL},
    {"NUL in the target",
     BYTES("GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "NUL"},
    {"two blanks before the target",
     BYTES("GET  /a HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, NULL},
    {"blank in the target",
     BYTES("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "0x20"},
    {"control character in the target",
     BYTES("GET /a\x01 HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "0x01"},
    {"%00 in the path",
     BYTES("GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "NUL"},
    {"bad escape in the query",
     BYTES("GET /a?x=%zz HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "Query parameter 1"},
    {"absolute form",
     BYTES("GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "path"},
    {"asterisk form",
     BYTES("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "path"},
    {"authority form",
     BYTES("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "path"},
    {"fragment",
     BYTES("GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "0x23"},
    {"method that is no token",
     BYTES("G\x01T /a HTTP/1.1\r\nHost: h\r\n\r\n"),
     "400", 0, "method"},
    {"method in lower case is another method",
     BYTES("get /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
     "200", 1, "get [a]"},
    {"HTTP/2 preface",
     BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
     "505", 0, NULL},
    {"body above the limit, not sent because 100-continue was awaited",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n"
           "Expect: 100-continue\r\n\r\n"),
     "413", 0, "larger than 1000"},
    {"body too large to be worth reading",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n"),
     "413", 0, "larger than 1000"},
    {"100-continue within the limit",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
           "Connection: close\r\n\r\nhello"),
     "100 200", 1, "body=5:hello"},
    {"17 segments",
     BYTES("GET /1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17 HTTP/1.1\r\nHost: h\r\n\r\n"),
     "404", 0, "segments"},
};

/* libmicrohttpd answers these by itself; 0.9.75 says it twice before it closes. */
static struct stream_case refused_by_library[] = {
    {"Content-Length list",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5,5\r\n\r\nhello"),
     "400", 0, NULL},
    {"negative Content-Length",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"),
     "400", 0, NULL},
    {"signed Content-Length",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello"),
     "400", 0, NULL},
    {"huge Content-Length",
     BYTES("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n"),
     "413", 0, NULL},
};

/* clang-format on */

static int exchange_bytes(const struct stream_case *row, struct buf *answer)
{
    struct http_listener_settings settings = server_settings();
    struct http_listener *listener = NULL;
    struct err err = {0};
    int closed;
    int client;

    server_calls = 0;
    server_finished = 0;
    if (http_listener_start(&settings, &listener, &err) < 0)
        return -1;
    client = client_connect(http_listener_port(listener));
    closed = client_send(client, row->bytes, row->length) && client_read_all(client, answer);
    (void)close(client);
    http_listener_stop(listener, 1);
    return closed;
}

static void answers_and_closes(void **state)
{
    const struct stream_case *row = *state;
    struct buf answer = {0};
    char statuses[64];

    assert_int_equal(exchange_bytes(row, &answer), 1);
    statuses_of(buf_text(&answer), statuses, sizeof(statuses));
    assert_string_equal(statuses, row->statuses);
    assert_int_equal(server_calls, row->calls);
    if (row->part != NULL && strstr(buf_text(&answer), row->part) == NULL)
        fail_msg("\"%s\" is not in: %s", row->part, buf_text(&answer));
    buf_free(&answer);
}

static void refuses_without_us(void **state)
{
    const struct stream_case *row = *state;
    struct buf answer = {0};
    char status[5];

    assert_int_equal(exchange_bytes(row, &answer), 1);
    statuses_of(buf_text(&answer), status, sizeof(status));
    assert_string_equal(status, row->statuses);
    assert_int_equal(server_calls, 0);
    buf_free(&answer);
}

int main(void)
{
    int failed;

    sem_init(&server_entered, 0, 0);
    sem_init(&server_released, 0, 0);
    failed = RUN_TABLE("listener", streams, answers_and_closes);
    return failed + RUN_TABLE("library", refused_by_library, refuses_without_us);
}
