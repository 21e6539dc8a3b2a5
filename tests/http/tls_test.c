#include "table.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/stat.h>

#include "server.h"

static char folder[64];
static struct http_listener *listener;

static const char *in_folder(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

/* NAME.pem and NAME.key, self-signed, ECDSA P-256. */
static void make_pair(const char *name)
{
    char command[512];

    (void)snprintf(command, sizeof(command),
                   "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                   "-subj /CN=%s -keyout %s/%s.key -out %s/%s.pem 2>/dev/null",
                   name, folder, name, folder, name);
    if (system(command) != 0)
        fail_msg("openssl cannot make a certificate");
    assert_int_equal(chmod(in_folder("one.key"), 0600), 0);
}

static int make_files(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/scimd-tls-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    make_pair("one");
    make_pair("two");
    return 0;
}

static int remove_files(void **state)
{
    static const char *const names[] = {"one.pem", "one.key", "two.pem",
                                        "two.key", "now.pem", "now.key"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(in_folder(names[i]));
    return rmdir(folder);
}

/* The pair that the listener reads. */
static void use_pair(const char *certificate, const char *key)
{
    char to[128];

    (void)snprintf(to, sizeof(to), "%s", in_folder("now.pem"));
    (void)unlink(to);
    assert_int_equal(link(in_folder(certificate), to), 0);
    (void)snprintf(to, sizeof(to), "%s", in_folder("now.key"));
    (void)unlink(to);
    assert_int_equal(link(in_folder(key), to), 0);
}

static struct http_listener_settings tls_settings(void)
{
    static char certificate[128];
    static char key[128];
    struct http_listener_settings settings = server_settings();

    (void)snprintf(certificate, sizeof(certificate), "%s", in_folder("now.pem"));
    (void)snprintf(key, sizeof(key), "%s", in_folder("now.key"));
    settings.certificate = certificate;
    settings.key = key;
    return settings;
}

struct client {
    int socket;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    char common_name[64]; /* of the server's certificate */
};

static void client_close(struct client *client)
{
    gnutls_deinit(client->session);
    gnutls_certificate_free_credentials(client->credentials);
    (void)close(client->socket);
}

static void read_common_name(struct client *client)
{
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(client->session, &count);
    size_t size = sizeof(client->common_name);
    gnutls_x509_crt_t certificate;

    if (count == 0 || gnutls_x509_crt_init(&certificate) < 0)
        return;
    if (gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) == 0)
        (void)gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0,
                                            client->common_name, &size);
    gnutls_x509_crt_deinit(certificate);
}

/* GnuTLS's result of the handshake. */
static int client_open(struct client *client, const char *priorities)
{
    int result;

    *client = (struct client){.socket = client_connect(http_listener_port(listener))};
    (void)gnutls_init(&client->session, GNUTLS_CLIENT);
    (void)gnutls_certificate_allocate_credentials(&client->credentials);
    (void)gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials);
    (void)gnutls_priority_set_direct(client->session, priorities, NULL);
    gnutls_transport_set_int(client->session, client->socket);
    do
        result = gnutls_handshake(client->session);
    while (result < 0 && !gnutls_error_is_fatal(result));
    if (result == 0)
        read_common_name(client);
    return result;
}

static bool client_asks(struct client *client)
{
    static const char request[] = "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"; /* one record */
    char answer[1024];
    ssize_t got;

    if (gnutls_record_send(client->session, request, sizeof(request) - 1) < 0)
        return false;
    do
        got = gnutls_record_recv(client->session, answer, sizeof(answer) - 1);
    while (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED);
    if (got <= 0)
        return false;
    answer[got] = '\0';
    return strncmp(answer, "HTTP/1.1 204", 12) == 0;
}

static void start(void)
{
    const struct http_listener_settings settings = tls_settings();
    struct err err = {0};

    if (http_listener_start(&settings, &listener, &err) < 0)
        fail_msg("%s (%s)", err.detail, err.cause);
}

#define ALL "NORMAL:-VERS-ALL:"

static struct handshake_case {
    const char *name;
    const char *priorities; /* of the client */
    bool accepted;
} handshakes[] = {
    {"TLS 1.3",                         ALL "+VERS-TLS1.3",                            true },
    {"TLS 1.2",                         ALL "+VERS-TLS1.2",                            true },
    {"TLS 1.1",                         "LEGACY:-VERS-ALL:+VERS-TLS1.1",               false},
    {"TLS 1.0",                         "LEGACY:-VERS-ALL:+VERS-TLS1.0",               false},
    {"TLS 1.2 without forward secrecy", ALL "+VERS-TLS1.2:-KX-ALL:+RSA",               false},
    {"TLS 1.2 with 3DES only",
     "NONE:+VERS-TLS1.2:+3DES-CBC:+SHA1:+ECDHE-ECDSA:+SIGN-ALL:+GROUP-ALL:+COMP-NULL", false},
};

static void shakes_hands(void **state)
{
    const struct handshake_case *row = *state;
    struct client client;

    assert_int_equal(make_files(NULL), 0);
    use_pair("one.pem", "one.key");
    start();
    assert_int_equal(client_open(&client, row->priorities) == 0, row->accepted);
    if (row->accepted) {
        assert_true(client_asks(&client));
        assert_string_equal(client.common_name, "one");
    }
    client_close(&client);
    http_listener_stop(listener, 1);
    assert_int_equal(remove_files(NULL), 0);
}

static void reload_spares_connections_that_stand(void **state)
{
    struct client before;
    struct client after;
    struct err err = {0};

    (void)state;
    use_pair("one.pem", "one.key");
    start();
    assert_int_equal(client_open(&before, "NORMAL"), 0);
    assert_true(client_asks(&before));
    use_pair("two.pem", "two.key");
    assert_int_equal(http_listener_reload(listener, &err), 0);
    assert_int_equal(client_open(&after, "NORMAL"), 0);
    assert_string_equal(after.common_name, "two");
    assert_true(client_asks(&after));
    assert_true(client_asks(&before));
    client_close(&before);
    client_close(&after);
    http_listener_stop(listener, 1);
}

static void failed_reload_keeps_the_old_pair(void **state)
{
    struct client client;
    struct err err = {0};

    (void)state;
    use_pair("one.pem", "one.key");
    start();
    use_pair("one.pem", "two.key");
    assert_int_equal(http_listener_reload(listener, &err), -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    assert_int_equal(client_open(&client, "NORMAL"), 0);
    assert_string_equal(client.common_name, "one");
    client_close(&client);
    http_listener_stop(listener, 1);
}

static void large_answers_arrive_whole(void **state)
{
    static const char request[] = "GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    struct client client;
    struct buf answer = {0};
    char piece[16384];
    ssize_t got;

    (void)state;
    use_pair("one.pem", "one.key");
    start();
    assert_int_equal(client_open(&client, "NORMAL"), 0);
    assert_true(gnutls_record_send(client.session, request, sizeof(request) - 1) > 0);
    while ((got = gnutls_record_recv(client.session, piece, sizeof(piece))) > 0 ||
           got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
        if (got > 0)
            buf_append(&answer, piece, (size_t)got);
    assert_int_equal(strlen(strstr(buf_text(&answer), "\r\n\r\n") + 4), SERVER_BIG_BYTES);
    buf_free(&answer);
    client_close(&client);
    http_listener_stop(listener, 1);
}

static void handshakes_that_never_end_are_cut(void **state)
{
    struct http_listener_settings settings = tls_settings();
    struct buf answer = {0};
    struct err err = {0};

    (void)state;
    use_pair("one.pem", "one.key");
    settings.idle_timeout_s = 1;
    settings.request_timeout_s = 1;
    assert_int_equal(http_listener_start(&settings, &listener, &err), 0);
    int client = client_connect(http_listener_port(listener));
    assert_true(client_send(client, "\x16\x03\x01", 3));
    assert_true(client_read_all(client, &answer));
    (void)close(client);
    buf_free(&answer);
    http_listener_stop(listener, 0);
}

static struct pair_case {
    const char *name;
    const char *certificate;
    const char *key;
    mode_t mode; /* of the key */
    const char *detail;
} pairs[] = {
    {"certificate missing",        "none.pem", "one.key",  0600, "none.pem"                       },
    {"key missing",                "one.pem",  "none.key", 0600, "none.key"                       },
    {"key of another certificate", "one.pem",  "two.key",  0600, "two.key: the key is not that of"},
    {"key for a certificate",      "one.key",  "one.key",  0600, "one.key: not a chain"           },
    {"certificate for a key",      "one.pem",  "one.pem",  0600, "one.pem"                        },
    {"key readable for all",       "one.pem",  "one.key",  0644, "one.key"                        },
    {"no key",                     "one.pem",  NULL,       0600, "go together"                    },
};

static void names_the_file(void **state)
{
    const struct pair_case *row = *state;
    struct http_listener_settings settings = server_settings();
    struct err err = {0};

    assert_int_equal(make_files(NULL), 0);
    assert_int_equal(chmod(in_folder("one.key"), row->mode), 0);
    settings.certificate = in_folder(row->certificate);
    settings.key = row->key != NULL ? in_folder(row->key) : NULL;
    assert_int_equal(http_listener_start(&settings, &listener, &err), -1);
    assert_int_equal(remove_files(NULL), 0);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    if (strstr(err.detail, row->detail) == NULL)
        fail_msg("\"%s\" is not in: %s", row->detail, err.detail);
}

int main(void)
{
#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)
    const struct CMUnitTest others[] = {
        WITH_FILES(reload_spares_connections_that_stand),
        WITH_FILES(failed_reload_keeps_the_old_pair),
        WITH_FILES(large_answers_arrive_whole),
        WITH_FILES(handshakes_that_never_end_are_cut),
    };
    int failed = RUN_TABLE("handshake", handshakes, shakes_hands);

    failed += RUN_TABLE("pair", pairs, names_the_file);
    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
