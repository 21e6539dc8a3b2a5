#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/probe.h"
#include "table.h"

/* A server that has its answer ready before it is asked, or none. */
static struct probe_case {
    const char *name;
    const char *answer; /* NULL: it accepts and says nothing; "" it closes */
    bool alive;
} cases[] = {
    {"200",            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",  true },
    {"503",            "HTTP/1.1 503 Service Unavailable\r\n\r\n",      false},
    {"silence",        NULL,                                            false},
    {"an early end",   "",                                              false},
    {"half a line",    "HTTP/1.",                                       false},
    {"something else", "SSH-2.0-OpenSSH_9.2 and more of that kind\r\n", false},
};

static void tells_who_is_alive(void **row)
{
    const struct probe_case *expected = *row;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char directory[] = "/tmp/scimd-probe-XXXXXX";
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    bool alive;

    assert_non_null(mkdtemp(directory));
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", directory);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    if (expected->answer != NULL) {
        pid_t child = fork();
        if (child == 0) {
            int peer = accept(listener, NULL, NULL);
            char question[512];
            (void)!read(peer, question, sizeof(question));
            (void)!write(peer, expected->answer, strlen(expected->answer));
            _exit(0);
        }
    }
    alive = http_probe(address.sun_path, expected->answer != NULL ? 5000 : 50);
    (void)close(listener);
    (void)unlink(address.sun_path);
    (void)rmdir(directory);
    assert_int_equal(alive, expected->alive);
}

static void nobody_listens(void **state)
{
    char text[200];

    (void)state;
    assert_false(http_probe("/nonexistent/socket", 50));
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(http_probe(text, 50));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_listens)};

    return RUN_TABLE("probe", cases, tells_who_is_alive) +
           cmocka_run_group_tests_name("probe without a server", tests, NULL, NULL);
}
