#include "table.h"

#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "server.h"

static struct http_listener *listener;

static void start(const struct http_listener_settings *settings)
{
    struct err err = {0};

    server_calls = 0;
    server_finished = 0;
    if (http_listener_start(settings, &listener, &err) < 0)
        fail_msg("%s (%s)", err.detail, err.cause);
}

static int connect_or_fail(void)
{
    int client = client_connect(http_listener_port(listener));

    assert_true(client >= 0);
    return client;
}

static void ask(int client, const char *request)
{
    assert_true(client_send(client, request, strlen(request)));
}

/* Waits for the end and returns what came; free with buf_free(). */
static struct buf rest_of(int client)
{
    struct buf answer = {0};

    assert_true(client_read_all(client, &answer));
    (void)close(client);
    return answer;
}

static void assert_holds(const struct buf *answer, const char *part)
{
    if (strstr(buf_text(answer), part) == NULL)
        fail_msg("\"%s\" is not in: %.500s", part, buf_text(answer));
}

#define CLOSING "Host: h\r\nConnection: close\r\n\r\n"

static void head_has_the_length_and_no_body(void **state)
{
    const struct http_listener_settings settings = server_settings();
    struct buf answer;

    (void)state;
    start(&settings);
    int client = connect_or_fail();
    ask(client, "HEAD /a HTTP/1.1\r\n" CLOSING);
    answer = rest_of(client);
    assert_holds(&answer, "HTTP/1.1 200 OK\r\n");
    assert_holds(&answer, "X-Method: HEAD\r\n");
    assert_holds(&answer, "Content-Type: text/plain\r\n");
    assert_null(strstr(buf_text(&answer), "Content-Length: 0\r\n"));
    assert_holds(&answer, "Content-Length: ");
    assert_string_equal(strstr(buf_text(&answer), "\r\n\r\n"), "\r\n\r\n");
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static void each_answer_names_its_request(void **state)
{
    const struct http_listener_settings settings = server_settings();
    struct buf answer;
    const char *first;
    const char *second;

    (void)state;
    start(&settings);
    int client = connect_or_fail();
    ask(client, "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\n" CLOSING);
    answer = rest_of(client);
    first = strstr(buf_text(&answer), "X-Request-Id: ");
    assert_non_null(first);
    second = strstr(first + 1, "X-Request-Id: ");
    assert_non_null(second);
    assert_memory_not_equal(first, second, strlen("X-Request-Id: ") + 36);
    buf_free(&answer);
    http_listener_stop(listener, 1);
    assert_int_equal(server_finished, 2);
}

static void large_answers_go_through_the_spool(void **state)
{
    const struct http_listener_settings settings = server_settings();
    struct buf answer;
    const char *body;
    char line[32];

    (void)state;
    start(&settings);
    int client = connect_or_fail();
    ask(client, "GET /big HTTP/1.1\r\n" CLOSING);
    answer = rest_of(client);
    assert_holds(&answer, "Content-Length: 20971520\r\n");
    body = strstr(buf_text(&answer), "\r\n\r\n") + 4;
    assert_int_equal(strlen(body), SERVER_BIG_BYTES);
    for (size_t i = 0; i < SERVER_BIG_BYTES / 16; i++) {
        (void)snprintf(line, sizeof(line), "%015zu\n", i);
        if (memcmp(body + i * 16, line, 16) != 0)
            fail_msg("line %zu is wrong", i);
    }
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

/* Bodies above the limit of 1000 bytes, without asking first. */
static struct body_case {
    const char *name;
    const char *head;
    size_t bytes;
    bool chunked;
    const char *status;
    const char *part;
} bodies[] = {
    {"at the limit",             "Content-Length: 1000",       1000,    false, "200", "body=1000:"                      },
    {"one more",                 "Content-Length: 1001",       1001,    false, "413", "refused: The body is larger than"},
    {"a megabyte more",          "Content-Length: 1048576",    1048576, false, "413", "refused: "                       },
    {"chunked, at the limit",    "Transfer-Encoding: chunked", 1000,    true,  "200", "body=1000:"                      },
    {"chunked, one more",        "Transfer-Encoding: chunked", 1001,    true,  "413", "refused: The body"               },
    {"chunked, a megabyte more", "Transfer-Encoding: chunked", 1048576, true,  "413", "refused: "                       },
};

static void limits_bodies(void **state)
{
    const struct body_case *row = *state;
    const struct http_listener_settings settings = server_settings();
    struct buf request = {0};
    struct buf answer;
    char status[8];

    start(&settings);
    buf_printf(&request, "POST /a HTTP/1.1\r\n%s\r\n" CLOSING, row->head);
    if (row->chunked)
        buf_printf(&request, "%zx\r\n", row->bytes);
    for (size_t i = 0; i < row->bytes; i++)
        buf_putc(&request, 'x');
    if (row->chunked)
        buf_puts(&request, "\r\n0\r\n\r\n");
    int client = connect_or_fail();
    ask(client, buf_text(&request));
    answer = rest_of(client);
    statuses_of(buf_text(&answer), status, sizeof(status));
    assert_string_equal(status, row->status);
    assert_holds(&answer, row->part);
    assert_holds(&answer, "Connection: close\r\n");
    assert_int_equal(server_calls, strcmp(row->status, "200") == 0);
    buf_free(&request);
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

/* header_bytes is 8192. */
static struct head_case {
    const char *name;
    size_t target_bytes;
    size_t header_bytes;
    const char *status;
} heads[] = {
    {"target that fits", 7900,  1,     "200"},
    {"header that fits", 1,     7900,  "200"},
    {"target too long",  20000, 1,     "414"},
    {"header too long",  1,     20000, "431"},
};

static void limits_heads(void **state)
{
    const struct head_case *row = *state;
    const struct http_listener_settings settings = server_settings();
    struct buf request = {0};
    struct buf answer;
    char status[8];

    start(&settings);
    buf_puts(&request, "GET /");
    for (size_t i = 0; i < row->target_bytes; i++)
        buf_putc(&request, 't');
    buf_puts(&request, " HTTP/1.1\r\nX-Test: ");
    for (size_t i = 0; i < row->header_bytes; i++)
        buf_putc(&request, 'h');
    buf_puts(&request, "\r\n" CLOSING);
    int client = connect_or_fail();
    ask(client, buf_text(&request));
    answer = rest_of(client);
    statuses_of(buf_text(&answer), status, 5);
    assert_string_equal(status, row->status);
    buf_free(&request);
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static struct short_case {
    const char *name;
    const char *request;
} shorts[] = {
    {"body shorter than announced",
     "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello"                                          },
    {"chunk cut off",               "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"},
    {"last chunk missing",
     "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"                         },
    {"head cut off",                "DELETE /a HTTP/1.1\r\nHost: h\r\n"                                        },
    {"request line cut off",        "DELETE /a HT"                                                             },
    {"nothing",                     ""                                                                         },
};

static void never_acts_on_part_of_a_request(void **state)
{
    const struct short_case *row = *state;
    const struct http_listener_settings settings = server_settings();
    struct buf answer;

    start(&settings);
    int client = connect_or_fail();
    ask(client, row->request);
    assert_int_equal(shutdown(client, SHUT_WR), 0);
    answer = rest_of(client);
    assert_string_equal(buf_text(&answer), "");
    buf_free(&answer);
    http_listener_stop(listener, 0);
    assert_int_equal(server_calls, 0);
}

/* The idle time-out is longer than our patience where only the deadline can have cut the client. */
static struct slow_case {
    const char *name;
    const char *request;
    unsigned idle_timeout_s;
} slows[] = {
    {"head never ends",           "GET /a HTTP/1.1\r\nHost: h\r\n",                                 60},
    {"body never ends",           "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello", 60},
    {"second request never ends", "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\n",          60},
    {"request line never ends",   "GET /a",                                                         1 },
};

static void cuts_slow_clients(void **state)
{
    const struct slow_case *row = *state;
    struct http_listener_settings settings = server_settings();
    struct buf answer;

    settings.request_timeout_s = 1;
    settings.idle_timeout_s = row->idle_timeout_s;
    start(&settings);
    int client = connect_or_fail();
    ask(client, row->request);
    answer = rest_of(client);
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static void answers_on_a_kept_connection(void **state)
{
    const struct http_listener_settings settings = server_settings();
    struct buf answer = {0};

    (void)state;
    start(&settings);
    int client = connect_or_fail();
    for (int i = 0; i < 1000; i++) {
        ask(client, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_true(client_read_until(client, "\r\n\r\n", &answer));
        assert_holds(&answer, "HTTP/1.1 204");
        assert_null(strstr(buf_text(&answer), "Connection: close"));
    }
    assert_int_equal(http_listener_connections(listener), 1);
    (void)close(client);
    buf_free(&answer);
    http_listener_stop(listener, 0);
    assert_int_equal(server_calls, 1000);
}

static void *stop(void *argument)
{
    (void)argument;
    http_listener_stop(listener, SERVER_PATIENCE_S);
    return NULL;
}

static void stopping_finishes_what_is_in_hand(void **state)
{
    const struct http_listener_settings settings = server_settings();
    struct buf answer = {0};
    pthread_t stopper;
    int probe;

    (void)state;
    start(&settings);
    int port = http_listener_port(listener);
    int kept = connect_or_fail();
    ask(kept, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(client_read_until(kept, "\r\n\r\n", &answer));
    int waiting = connect_or_fail();
    ask(waiting, "GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    sem_wait(&server_entered);

    assert_int_equal(pthread_create(&stopper, NULL, stop, NULL), 0);
    while ((probe = client_connect(port)) >= 0) { /* until nobody listens any more */
        (void)close(probe);
        (void)sched_yield();
    }
    ask(kept, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
    buf_free(&answer);
    answer = rest_of(kept);
    assert_holds(&answer, "HTTP/1.1 503");
    assert_holds(&answer, "Connection: close\r\n");
    assert_holds(&answer, "refused: The server is stopping");
    buf_free(&answer);

    sem_post(&server_released);
    answer = rest_of(waiting);
    assert_holds(&answer, "HTTP/1.1 200");
    assert_holds(&answer, "Connection: close\r\n");
    assert_holds(&answer, "GET [wait]");
    buf_free(&answer);
    assert_int_equal(pthread_join(stopper, NULL), 0);
    assert_int_equal(server_calls, 2);
}

static void neighbours_do_not_wait_for_each_other(void **state)
{
    struct http_listener_settings settings = server_settings();
    int clients[4];

    (void)state;
    settings.threads = 4;
    start(&settings);
    for (int i = 0; i < 4; i++)
        clients[i] = connect_or_fail();
    for (int i = 0; i < 4; i++)
        ask(clients[i], "GET /wait HTTP/1.1\r\n" CLOSING);
    for (int i = 0; i < 4; i++) /* all four are in the handler at once, or this never ends */
        sem_wait(&server_entered);
    for (int i = 0; i < 4; i++)
        sem_post(&server_released);
    for (int i = 0; i < 4; i++) {
        struct buf answer = rest_of(clients[i]);
        assert_holds(&answer, "HTTP/1.1 200");
        buf_free(&answer);
    }
    http_listener_stop(listener, 1);
}

static void more_connections_than_allowed_wait(void **state)
{
    struct http_listener_settings settings = server_settings();
    struct buf answer = {0};

    (void)state;
    settings.connections = 1;
    start(&settings);
    int first = connect_or_fail();
    ask(first, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(client_read_until(first, "\r\n\r\n", &answer));
    int second = connect_or_fail();
    ask(second, "GET /a HTTP/1.1\r\n" CLOSING);
    assert_int_equal(http_listener_connections(listener), 1);
    (void)close(first);
    buf_free(&answer);
    answer = rest_of(second);
    assert_holds(&answer, "HTTP/1.1 200");
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static void an_address_has_its_share(void **state)
{
    struct http_listener_settings settings = server_settings();
    struct buf answer = {0};

    (void)state;
    settings.connections_per_address = 1;
    start(&settings);
    int first = connect_or_fail();
    ask(first, "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(client_read_until(first, "\r\n\r\n", &answer));
    buf_free(&answer);
    answer = rest_of(connect_or_fail()); /* closed at once */
    assert_string_equal(buf_text(&answer), "");
    buf_free(&answer);
    (void)close(first);
    http_listener_stop(listener, 0);
}

static size_t four_bytes(void *context, const struct http_request *head)
{
    (void)context;
    return head->segment_count == 1 && strcmp(head->segments[0], "small") == 0 ? 4 : 1000;
}

static void body_limit_depends_on_the_target(void **state)
{
    struct http_listener_settings settings = server_settings();
    struct buf answer;

    (void)state;
    settings.body_limit = four_bytes;
    start(&settings);
    int client = connect_or_fail();
    ask(client, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                "POST /small HTTP/1.1\r\nContent-Length: 5\r\n" CLOSING "hello");
    answer = rest_of(client);
    assert_holds(&answer, "body=5:hello");
    assert_holds(&answer, "larger than 4 bytes");
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static void trusted_proxies_speak_for_clients(void **state)
{
    static const char *const proxies[] = {"127.0.0.0/8"};
    struct http_listener_settings settings = server_settings();
    struct buf answer;

    (void)state;
    settings.trusted_proxies = proxies;
    settings.trusted_proxy_count = 1;
    start(&settings);
    int client = connect_or_fail();
    ask(client, "GET /a HTTP/1.1\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.9\r\nX-Forwarded-Proto: "
                "https\r\nX-Forwarded-Host: scim.example.com\r\n" CLOSING);
    answer = rest_of(client);
    assert_holds(&answer, "origin=https://scim.example.com peer=203.0.113.9");
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static void public_url_overrides_all(void **state)
{
    struct http_listener_settings settings = server_settings();
    struct buf answer;

    (void)state;
    settings.public_url = "https://public.example.com";
    start(&settings);
    int client = connect_or_fail();
    ask(client, "GET /a HTTP/1.1\r\n" CLOSING);
    answer = rest_of(client);
    assert_holds(&answer, "origin=https://public.example.com ");
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static void names_an_address_in_use(void **state)
{
    struct http_listener_settings settings = server_settings();
    struct http_listener *second = NULL;
    struct err err = {0};

    (void)state;
    start(&settings);
    settings.port = http_listener_port(listener);
    assert_int_equal(http_listener_start(&settings, &second, &err), -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    assert_non_null(strstr(err.detail, "127.0.0.1 port "));
    assert_non_null(strstr(err.detail, "in use"));
    http_listener_stop(listener, 0);
    http_listener_stop(NULL, 0);
}

static char unix_folder[64];
static char unix_path[80];

static int make_unix_folder(void **state)
{
    (void)state;
    strcpy(unix_folder, "/tmp/scimd-http-XXXXXX");
    if (mkdtemp(unix_folder) == NULL)
        return -1;
    (void)snprintf(unix_path, sizeof(unix_path), "%s/socket", unix_folder);
    return 0;
}

static int remove_unix_folder(void **state)
{
    (void)state;
    (void)unlink(unix_path);
    return rmdir(unix_folder);
}

static struct http_listener_settings unix_settings(void)
{
    struct http_listener_settings settings = server_settings();

    settings.address = NULL;
    settings.unix_path = unix_path;
    return settings;
}

static int connect_unix(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, unix_path);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

static void tell_uid(void *context, const struct http_request *request,
                     struct http_response *response)
{
    (void)context;
    response->status = 200;
    response->content_type = "text/plain";
    buf_printf(&response->body, "uid=%ld origin=%s", (long)request->peer_uid, request->origin);
}

static void unix_socket_knows_its_peer(void **state)
{
    struct http_listener_settings settings = unix_settings();
    char expected[64];
    struct buf answer;
    struct stat status;

    (void)state;
    settings.handler = tell_uid;
    start(&settings);
    assert_int_equal(stat(unix_path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    int client = connect_unix();
    ask(client, "GET / HTTP/1.0\r\n\r\n");
    answer = rest_of(client);
    (void)snprintf(expected, sizeof(expected), "uid=%ld origin=http://localhost", (long)getuid());
    assert_holds(&answer, expected);
    buf_free(&answer);
    http_listener_stop(listener, 0);
    assert_int_equal(access(unix_path, F_OK), -1);
}

static void unix_socket_in_use_is_left_alone(void **state)
{
    struct http_listener_settings settings = unix_settings();
    struct http_listener *second = NULL;
    struct err err = {0};
    struct buf answer;

    (void)state;
    start(&settings);
    assert_int_equal(http_listener_start(&settings, &second, &err), -1);
    assert_non_null(strstr(err.detail, unix_path));
    assert_non_null(strstr(err.detail, "another process"));
    int client = connect_unix();
    ask(client, "GET / HTTP/1.0\r\n\r\n");
    answer = rest_of(client);
    assert_holds(&answer, "HTTP/1.");
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static void unix_socket_that_is_dead_is_replaced(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct http_listener_settings settings = unix_settings();
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    strcpy(address.sun_path, unix_path);
    assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof(address)), 0);
    (void)close(dead);
    start(&settings);
    (void)close(connect_unix());
    http_listener_stop(listener, 0);
}

static void files_are_not_replaced(void **state)
{
    struct http_listener_settings settings = unix_settings();
    struct http_listener *second = NULL;
    struct err err = {0};
    FILE *file = fopen(unix_path, "w");

    (void)state;
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(http_listener_start(&settings, &second, &err), -1);
    assert_non_null(strstr(err.detail, "not a socket"));
    assert_int_equal(access(unix_path, F_OK), 0);
}

static void inherited_socket_serves(void **state)
{
    struct http_listener_settings settings = server_settings();
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct buf answer;
    struct err err = {0};

    (void)state;
    settings.address = NULL;
    settings.inherited_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(settings.inherited_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(http_listener_start(&settings, &listener, &err), -1); /* not listening yet */
    assert_int_equal(listen(settings.inherited_fd, 8), 0);
    start(&settings);
    int client = connect_or_fail();
    ask(client, "GET /a HTTP/1.1\r\n" CLOSING);
    answer = rest_of(client);
    assert_holds(&answer, "GET [a]");
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

int main(void)
{
#define ON_UNIX(test) cmocka_unit_test_setup_teardown(test, make_unix_folder, remove_unix_folder)
    const struct CMUnitTest others[] = {
        cmocka_unit_test(head_has_the_length_and_no_body),
        cmocka_unit_test(each_answer_names_its_request),
        cmocka_unit_test(large_answers_go_through_the_spool),
        cmocka_unit_test(answers_on_a_kept_connection),
        cmocka_unit_test(stopping_finishes_what_is_in_hand),
        cmocka_unit_test(neighbours_do_not_wait_for_each_other),
        cmocka_unit_test(more_connections_than_allowed_wait),
        cmocka_unit_test(an_address_has_its_share),
        cmocka_unit_test(body_limit_depends_on_the_target),
        cmocka_unit_test(trusted_proxies_speak_for_clients),
        cmocka_unit_test(public_url_overrides_all),
        cmocka_unit_test(names_an_address_in_use),
        ON_UNIX(unix_socket_knows_its_peer),
        ON_UNIX(unix_socket_in_use_is_left_alone),
        ON_UNIX(unix_socket_that_is_dead_is_replaced),
        ON_UNIX(files_are_not_replaced),
        cmocka_unit_test(inherited_socket_serves),
    };
    int failed;

    sem_init(&server_entered, 0, 0);
    sem_init(&server_released, 0, 0);
    failed = RUN_TABLE("body", bodies, limits_bodies);
    failed += RUN_TABLE("head", heads, limits_heads);
    failed += RUN_TABLE("short", shorts, never_acts_on_part_of_a_request);
    failed += RUN_TABLE("slow", slows, cuts_slow_clients);
    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
