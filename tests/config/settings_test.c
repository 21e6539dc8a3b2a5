#include "table.h"

#include "base/buf.h"
#include "base/err.h"
#include "config/check.h"
#include "config/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXAMPLE SCIMD_SOURCE_DIR "/systemd/scimd.yaml"

static const struct settings_environment no_environment;
static const struct settings_environment systemd = {
    .state_directory = "/var/lib/first:/var/lib/second",
    .runtime_directory = "/run/elsewhere",
    .credentials_directory = "/run/credentials/scimd.service",
};

static int parse(const char *text, const struct settings_environment *environment,
                 struct settings *out, struct err *err)
{
    return settings_parse(&(struct settings_text){"scimd.yaml", text, strlen(text)}, environment,
                          out, err);
}

/* What is expected there. */
#define PORT "listen.port: expected a number from 0 to 65535, not "
#define LEVEL "log.level: expected error, warning, info or debug, not "
#define NETWORK "listen.trusted_proxies: expected an address or a network such as 10.0.0.0/8, not "
#define URL                                                                                        \
    "listen.public_url: expected nothing or a URL such as https://scim.example.com, "              \
    "without a slash at its end, not "

/* clang-format off */
static struct refused_case {
    const char *name;
    const char *text;
    int line;
    const char *what;
} structure_cases[] = {
    {"tab", "listen:\n\tport: 1\n", 2, "found character that cannot start any token"},
    {"bracket left open", "listen: {port: 1\n", 2, "did not find expected ',' or '}'"},
    {"quote left open", "log:\n  level: \"info\n", 3, "found unexpected end of stream"},
    {"not UTF-8", "log:\n  level: info\n# caf\xe9 ole\n", 3, "invalid trailing UTF-8 octet"},
    {"control byte", "log:\n  level: \x01\n", 2, "control characters are not allowed"},
    {"NUL in a value", "log:\n  level: \"in\\0fo\"\n", 2, "a NUL character"},
    {"NUL in a key", "\"log\\0\": 1\n", 1, "a NUL character"},
    {"a list", "- listen\n", 1, "expected settings, such as \"log: {level: info}\""},
    {"a word", "\n\nhello\n", 3, "expected settings, such as \"log: {level: info}\""},
    {"second document", "log: {level: info}\n---\nlog: {level: info}\n", 2, "a second document"},
    {"alias", "log: &l {level: info}\nadmin: *l\n", 2,
     "aliases are not supported: write the value again"},
    {"list as a key", "log: {level: info}\n? [a]\n: b\n", 2, "expected the name of a setting"},
    {"mapping as a key", "log:\n  ? {a: b}\n  : c\n", 2, "expected the name of a setting"},
};
/* clang-format on */

/* clang-format off */
static struct refused_case name_cases[] = {
    {"unknown at the top", "log: {level: info}\nlisten_port: 1\n", 2,
     "unknown setting \"listen_port\""},
    {"unknown in a section", "listen:\n  port: 1\n  bad: 3\n", 3,
     "unknown setting \"bad\" in listen"},
    {"name of another section", "log:\n  port: 1\n", 2, "unknown setting \"port\" in log"},
    {"dotted name", "log.level: info\n", 1, "unknown setting \"log.level\""},
    {"other case", "Log:\n  level: info\n", 1, "unknown setting \"Log\""},
    {"merge key", "log: {<<: {level: info}}\n", 1, "unknown setting \"<<\" in log"},
    {"empty name", "\"\": 1\n", 1, "unknown setting \"\""},
    {"forged message", "\"a\\nb\": 1\n", 1, "unknown setting \"a?b\""},
    {"long name", "a123456789b123456789c123456789d123456789e123456789: 1\n", 1,
     "unknown setting \"a123456789b123456789c123456789d123456789e1234567...\""},
    {"setting twice", "log:\n  level: info\n  format: text\n  level: debug\n", 4,
     "log.level: stands in line 2 already"},
    {"section twice", "log:\n  level: info\nlog:\n  format: text\n", 3,
     "log: stands in line 1 already"},
};
/* clang-format on */

/* clang-format off */
static struct refused_case kind_cases[] = {
    {"section is a word", "listen: 3\n", 1, "listen: expected settings below it, not \"3\""},
    {"section is empty", "log:\nlisten:\n  port: 1\n", 1,
     "log: expected settings below it, not nothing"},
    {"section is a list", "log: [level]\n", 1, "log: expected settings below it, not a list"},
    {"list for a number", "listen:\n  port: [1]\n", 2, PORT "a list"},
    {"mapping for a word", "log:\n  level: {a: b}\n", 2, LEVEL "a mapping"},
    {"nothing for a number", "listen:\n  port:\n", 2, PORT "nothing"},
    {"nothing for a text", "state_directory:\n", 1,
     "state_directory: expected an absolute path, not nothing"},
    {"nothing for a text that may be empty", "listen: {public_url: }\n", 1, URL "nothing"},
    {"word for a list", "listen:\n  trusted_proxies: ::1\n", 2,
     "listen.trusted_proxies: expected a list, not \"::1\""},
    {"mapping in a list", "listen:\n  trusted_proxies:\n    - ::1\n    - a: b\n", 4,
     NETWORK "a mapping"},
    {"list in a list", "listen:\n  trusted_proxies: [[]]\n", 2, NETWORK "a list"},
};
/* clang-format on */

/* clang-format off */
static struct refused_case number_cases[] = {
    {"word for a number", "listen:\n  port: https\n", 2, PORT "\"https\""},
    {"number above", "listen:\n  port: 65536\n", 2, PORT "\"65536\""},
    {"number below", "listen: {threads: 0}\n", 1,
     "listen.threads: expected a number from 1 to 1024, not \"0\""},
    {"negative", "listen: {port: -1}\n", 1, PORT "\"-1\""},
    {"far above", "listen: {port: 99999999999999999999}\n", 1, PORT "\"99999999999999999999\""},
    {"unit behind", "listen: {idle_timeout: 30s}\n", 1,
     "listen.idle_timeout: expected a number of seconds from 0 to 86400, not \"30s\""},
    {"hexadecimal", "listen: {port: 0x10}\n", 1, PORT "\"0x10\""},
    {"octal", "listen: {port: 010}\n", 1, PORT "\"010\""},
    {"fraction", "listen: {port: 1.5}\n", 1, PORT "\"1.5\""},
    {"quoted number", "listen: {port: \"1\"}\n", 1, PORT "\"1\""},
    {"multiplier", "limits: {body_bytes: 1M}\n", 1,
     "limits.body_bytes: expected a number of bytes from 1024 to 1073741824, not \"1M\""},
};
/* clang-format on */

/* clang-format off */
static struct refused_case word_cases[] = {
    {"unknown level", "log:\n  level: loud\n", 2, LEVEL "\"loud\""},
    {"level as a number", "log:\n  level: 1\n", 2, LEVEL "\"1\""},
    {"maybe", "listen: {plain: maybe}\n", 1, "listen.plain: expected false or true, not \"maybe\""},
    {"quoted truth", "listen: {plain: \"true\"}\n", 1,
     "listen.plain: expected false or true, not \"true\""},
    {"driver of another day", "database: {driver: oracle}\n", 1,
     "database.driver: expected sqlite or postgresql, not \"oracle\""},
    {"tenants", "database: {tenants: mine}\n", 1,
     "database.tenants: expected own or shared, not \"mine\""},
};
/* clang-format on */

static struct refused_case text_cases[] = {
    {"address is a name",  "listen: {address: localhost}\n",                                    1,
     "listen.address: expected an IPv4 or IPv6 address, not \"localhost\""},
    {"relative path",      "state_directory: var\n",                                            1,
     "state_directory: expected an absolute path, not \"var\""            },
    {"line end in a path", "state_directory: \"/a\\nb\"\n",                                     1,
     "state_directory: expected an absolute path, not \"/a?b\""           },
    {"long socket",
     "admin:\n  socket: "
     "/45678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
     "678901234567890\n",                                                                       2,
     "admin.socket: expected an absolute path of at most 107 bytes, not "
     "\"/45678901234567890123456789012345678901234567890...\""            },
    {"network of two",     "listen:\n  trusted_proxies:\n    - 10.0.0.0/8\n    - 10.0.0.1/8\n", 4,
     NETWORK "\"10.0.0.1/8\""                                             },
    {"URL without scheme", "listen: {public_url: scim.example.com}\n",                          1,
     URL "\"scim.example.com\""                                           },
};

/* clang-format off */
static struct refused_case rule_cases[] = {
    {"plain for all", "listen:\n  address: 0.0.0.0\n  plain: true\n", 3,
     "listen.plain: HTTP without TLS needs a loopback address in listen.address"},
    {"few connections", "listen:\n  connections: 8\n", 2,
     "listen.connections: fewer than listen.threads"},
    {"many threads", "listen:\n  threads: 1024\n  idle_timeout: 1\n  connections: 1023\n", 4,
     "listen.connections: fewer than listen.threads"},
    {"large page", "limits:\n  page_default: 1001\n", 2,
     "limits.page_default: more than limits.page_max"},
    {"small pages", "limits:\n  json_depth: 8\n  page_max: 99\n", 3,
     "limits.page_default: more than limits.page_max"},
    {"PostgreSQL without a connection", "database:\n  driver: postgresql\n", 2,
     "database.driver: postgresql needs a database.connection_file, or a credential \"database\""},
    {"connection without PostgreSQL", "database:\n  connection_file: /x\n", 2,
     "database.connection_file: sqlite has no use for it"},
    {"prefix with a capital", "database: {prefix: Scimd_}\n", 1,
     "database.prefix: expected 1 to 31 of a-z, 0-9 and _, first a letter, not \"Scimd_\""},
    {"prefix of digits", "database: {prefix: 1a}\n", 1,
     "database.prefix: expected 1 to 31 of a-z, 0-9 and _, first a letter, not \"1a\""},
    {"owner with a quote", "database: {owner: \"a\\\"b\"}\n", 1,
     "database.owner: expected nothing, or 1 to 63 letters, digits, _ and -, not \"a\"b\""},
    {"credential without any", "listen:\n  key: credential:tls.key\n", 2,
     "listen.key: no credentials were passed ($CREDENTIALS_DIRECTORY is not set)"},
    {"credential with a path", "secret_key: credential:../x\n", 1,
     "secret_key: expected an absolute path or credential:NAME, not \"credential:../x\""},
};
/* clang-format on */

static void refuses(void **row)
{
    const struct refused_case *expected = *row;
    struct settings settings = {.listen.port = 7};
    struct err err = {0};
    char detail[sizeof(err.detail)];

    assert_int_equal(parse(expected->text, &no_environment, &settings, &err), -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    (void)snprintf(detail, sizeof(detail), "scimd.yaml:%d: %s", expected->line, expected->what);
    assert_string_equal(err.detail, detail);
    assert_int_equal(settings.listen.port, 7); /* untouched */
}

/* clang-format off */
static struct accepted_case {
    const char *name;
    const char *text;
    const char *unapplied; /* what differs from the defaults */
} accepted_cases[] = {
    {"empty", "", ""},
    {"comments", "# nothing\n\n# at all\n", ""},
    {"empty document", "---\n", ""},
    {"marked document", "%YAML 1.1\n---\nlisten: {port: 1}\n...\n", "listen.port"},
    {"empty mapping", "{}\n", ""},
    {"empty section", "log: {}\n", ""},
    {"defaults", "listen: {port: 8443, plain: false}\n", ""},
    {"level reloads", "log: {level: debug}\n", ""},
    {"format does not", "log: {format: json}\n", "log.format"},
    {"JSON", "{\"listen\": {\"port\": 1, \"trusted_proxies\": [\"::1\"]}}",
     "listen.port, listen.trusted_proxies"},
    {"DOS line ends", "listen:\r\n  port: 1\r\n", "listen.port"},
    {"byte order mark", "\xef\xbb\xbflisten: {port: 1}\n", "listen.port"},
    {"plain on loopback", "listen: {plain: true, address: \"::1\"}\n",
     "listen.address, listen.plain"},
    {"plain on 127.8.8.8", "listen: {plain: true, address: 127.8.8.8}\n",
     "listen.address, listen.plain"},
    {"smallest and largest", "listen: {port: 0, threads: 1024, connections: 1000000}\n",
     "listen.port, listen.threads, listen.connections"},
    {"anchor", "listen: {port: &p 1}\n", "listen.port"},
    {"shared", "database: {tenants: shared}\n", "database.tenants"},
    {"state elsewhere", "state_directory: /srv/scimd\n", "state_directory, secret_key"},
};
/* clang-format on */

static void accepts(void **row)
{
    const struct accepted_case *expected = *row;
    struct settings defaults = {0};
    struct settings settings = {0};
    struct err err = {0};
    struct buf names = {0};

    assert_int_equal(parse("", &no_environment, &defaults, &err), 0);
    assert_int_equal(parse(expected->text, &no_environment, &settings, &err), 0);
    settings_unapplied(&defaults, &settings, &names);
    assert_string_equal(buf_text(&names), expected->unapplied);
    buf_free(&names);
    settings_free(&settings);
    settings_free(&defaults);
}

static const char every_setting[] =
    "secret_key: /k\n"
    "listen: {address: 127.0.0.1, port: 1, plain: true, certificate: /c, key: "
    "credential:k,\n"
    "  threads: 2, connections: 3, connections_per_address: 4, idle_timeout: 5,\n"
    "  request_timeout: 6, public_url: \"https://a.example/b\",\n"
    "  trusted_proxies: [10.0.0.0/8, \"2001:db8::/32\"]}\n"
    "log: {level: debug, format: json}\n"
    "limits: {body_bytes: 1025, json_depth: 5, string_bytes: 257, value_count: 17,\n"
    "  member_count: 2, filter_bytes: 65, filter_nodes: 3, patch_operations: 4,\n"
    "  bulk_operations: 5, bulk_bytes: 1026, page_default: 6, page_max: 7,\n"
    "  header_bytes: 4097, rate_per_second: 8, rate_burst: 9}\n"
    "store: {sessions: 10, cache_kib: 65, busy_timeout_ms: 11,\n"
    "  change_log_seal_interval_ms: 12}\n"
    "sync: {runs: 13, run_history_days: 14}\n"
    "database: {driver: postgresql, tenants: shared, connection_file: credential:db,\n"
    "  prefix: p_, maintenance: m, owner: o}\n";

static void every_value_arrives(void **row)
{
    struct settings settings = {0};
    struct err err = {0};

    (void)row;
    assert_int_equal(parse(every_setting, &systemd, &settings, &err), 0);
    assert_string_equal(settings.state_directory, "/var/lib/first");
    assert_string_equal(settings.secret_key, "/k");
    assert_false(settings.secret_key_is_default);
    assert_string_equal(settings.listen.address, "127.0.0.1");
    assert_int_equal(settings.listen.port, 1);
    assert_true(settings.listen.plain);
    assert_string_equal(settings.listen.certificate, "/c");
    assert_string_equal(settings.listen.key, "/run/credentials/scimd.service/k");
    assert_int_equal(settings.listen.threads, 2);
    assert_int_equal(settings.listen.connections, 3);
    assert_int_equal(settings.listen.connections_per_address, 4);
    assert_int_equal(settings.listen.idle_timeout_s, 5);
    assert_int_equal(settings.listen.request_timeout_s, 6);
    assert_string_equal(settings.listen.public_url, "https://a.example/b");
    assert_int_equal(settings.listen.trusted_proxies.count, 2);
    assert_string_equal(settings.listen.trusted_proxies.items[0], "10.0.0.0/8");
    assert_string_equal(settings.listen.trusted_proxies.items[1], "2001:db8::/32");
    assert_string_equal(settings.admin.socket, "/run/elsewhere/admin.sock");
    assert_int_equal(settings.log.level, LOG_LEVEL_DEBUG);
    assert_int_equal(settings.log.format, LOG_FORMAT_JSON);
    assert_int_equal(settings.limits.body_bytes, 1025);
    assert_int_equal(settings.limits.json_depth, 5);
    assert_int_equal(settings.limits.string_bytes, 257);
    assert_int_equal(settings.limits.value_count, 17);
    assert_int_equal(settings.limits.member_count, 2);
    assert_int_equal(settings.limits.filter_bytes, 65);
    assert_int_equal(settings.limits.filter_nodes, 3);
    assert_int_equal(settings.limits.patch_operations, 4);
    assert_int_equal(settings.limits.bulk_operations, 5);
    assert_int_equal(settings.limits.bulk_bytes, 1026);
    assert_int_equal(settings.limits.page_default, 6);
    assert_int_equal(settings.limits.page_max, 7);
    assert_int_equal(settings.limits.header_bytes, 4097);
    assert_int_equal(settings.limits.rate_per_second, 8);
    assert_int_equal(settings.limits.rate_burst, 9);
    assert_int_equal(settings.store.sessions, 10);
    assert_int_equal(settings.store.cache_kib, 65);
    assert_int_equal(settings.store.busy_timeout_ms, 11);
    assert_int_equal(settings.store.change_log_seal_interval_ms, 12);
    assert_int_equal(settings.sync.runs, 13);
    assert_int_equal(settings.sync.run_history_days, 14);
    assert_int_equal(settings.database.driver, SETTINGS_DRIVER_POSTGRESQL);
    assert_string_equal(settings.database.connection_file, "/run/credentials/scimd.service/db");
    assert_string_equal(settings.database.prefix, "p_");
    assert_string_equal(settings.database.maintenance, "m");
    assert_string_equal(settings.database.owner, "o");
    assert_int_equal(settings.database.tenants, SETTINGS_TENANTS_SHARED);
    settings_free(&settings);
    assert_null(settings.listen.address);
    settings_free(&settings);
}

static void defaults_follow_systemd(void **row)
{
    struct settings settings = {0};
    struct err err = {0};

    (void)row;
    assert_int_equal(parse("", &systemd, &settings, &err), 0);
    assert_string_equal(settings.state_directory, "/var/lib/first");
    assert_string_equal(settings.secret_key, "/var/lib/first/secret.key");
    assert_true(settings.secret_key_is_default);
    assert_string_equal(settings.admin.socket, "/run/elsewhere/admin.sock");
    settings_free(&settings);

    assert_int_equal(parse("secret_key: /var/lib/first/secret.key\n", &systemd, &settings, &err),
                     0);
    assert_true(settings.secret_key_is_default);
    settings_free(&settings);

    assert_int_equal(parse("state_directory: /a\nadmin: {socket: /b}\n", &systemd, &settings, &err),
                     0);
    assert_string_equal(settings.state_directory, "/a");
    assert_string_equal(settings.secret_key, "/a/secret.key");
    assert_string_equal(settings.admin.socket, "/b");
    settings_free(&settings);
}

/* The example is the defaults, and names every setting. */
static void example_is_complete(void **row)
{
    struct settings defaults = {0};
    struct settings example = {0};
    struct setting_lines lines = {0};
    struct err err = {0};
    struct buf names = {0};
    static char text[SETTINGS_BYTES_MAX];
    FILE *file = fopen(EXAMPLE, "r");
    size_t length;

    (void)row;
    assert_non_null(file);
    length = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    assert_int_equal(check_text(&(struct settings_text){EXAMPLE, text, length}, &lines, &err), 0);
    for (size_t i = 0; i < setting_row_count; i++)
        if (lines.rows[i] == 0)
            fail_msg("%s is not in %s", setting_rows[i].name, EXAMPLE);

    assert_int_equal(settings_load(EXAMPLE, &example, &err), 0);
    assert_int_equal(parse("", &no_environment, &defaults, &err), 0);
    settings_unapplied(&defaults, &example, &names);
    assert_string_equal(buf_text(&names), "");
    assert_int_equal(example.log.level, defaults.log.level);
    settings_free(&example);
    settings_free(&defaults);
}

/* The unit passes scimd.database under that name where the administrator made one. */
static void connection_is_the_credential(void **row)
{
    char directory[] = "/tmp/scimd-config-XXXXXX";
    char path[64];
    const struct settings_environment environment = {.credentials_directory = directory};
    const char *const text = "database: {driver: postgresql}\n";
    struct settings settings = {0};
    struct err err = {0};
    FILE *file;

    (void)row;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(parse(text, &environment, &settings, &err), -1);
    (void)snprintf(path, sizeof(path), "%s/database", directory);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);

    assert_int_equal(parse(text, &environment, &settings, &err), 0);
    assert_string_equal(settings.database.connection_file, path);
    settings_free(&settings);
    assert_int_equal(parse("database: {driver: postgresql, connection_file: \"\"}\n", &environment,
                           &settings, &err),
                     0);
    assert_string_equal(settings.database.connection_file, path);
    settings_free(&settings);
    assert_int_equal(parse("database: {driver: postgresql, connection_file: /else}\n", &environment,
                           &settings, &err),
                     0);
    assert_string_equal(settings.database.connection_file, "/else");
    settings_free(&settings);
    assert_int_equal(parse("database: {driver: sqlite}\n", &environment, &settings, &err), 0);
    assert_string_equal(settings.database.connection_file, "");
    settings_free(&settings);
    assert_int_equal(parse(text, &no_environment, &settings, &err), -1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void reads_files(void **row)
{
    char directory[] = "/tmp/settings_test.XXXXXX";
    char path[64];
    char detail[128];
    struct settings settings = {0};
    struct err err = {0};
    FILE *file;

    (void)row;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/scimd.yaml", directory);
    assert_int_equal(settings_load(path, &settings, &err), -1);
    (void)snprintf(detail, sizeof(detail), "%s: cannot be read: No such file or directory", path);
    assert_string_equal(err.detail, detail);

    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "listen:\n  port: 1\n  prot: 2\n") > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(settings_load(path, &settings, &err), -1);
    (void)snprintf(detail, sizeof(detail), "%s:3: unknown setting \"prot\" in listen", path);
    assert_string_equal(err.detail, detail);

    file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i <= SETTINGS_BYTES_MAX; i++)
        assert_int_equal(fputc('#', file), '#');
    assert_int_equal(fclose(file), 0);
    assert_int_equal(settings_load(path, &settings, &err), -1);
    (void)snprintf(detail, sizeof(detail), "%s: larger than 262144 bytes", path);
    assert_string_equal(err.detail, detail);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(settings_load(directory, &settings, &err), -1);
    (void)snprintf(detail, sizeof(detail), "%s: cannot be read: Is a directory", directory);
    assert_string_equal(err.detail, detail);
    assert_int_equal(rmdir(directory), 0);
}

static void too_many_proxies(void **row)
{
    struct buf text = {0};
    struct settings settings = {0};
    struct err err = {0};

    (void)row;
    buf_puts(&text, "listen:\n  trusted_proxies:\n");
    for (int i = 0; i < SETTING_LIST_MAX; i++)
        buf_puts(&text, "    - ::1\n");
    assert_int_equal(parse(buf_text(&text), &no_environment, &settings, &err), 0);
    assert_int_equal(settings.listen.trusted_proxies.count, SETTING_LIST_MAX);
    settings_free(&settings);
    buf_puts(&text, "    - ::1\n");
    assert_int_equal(parse(buf_text(&text), &no_environment, &settings, &err), -1);
    assert_string_equal(err.detail,
                        "scimd.yaml:259: listen.trusted_proxies: more than 256 entries");
    buf_free(&text);
}

static struct single {
    const char *name;
    void (*run)(void **row);
} singles[] = {
    {"every value arrives",          every_value_arrives         },
    {"defaults follow systemd",      defaults_follow_systemd     },
    {"the example is complete",      example_is_complete         },
    {"connection is the credential", connection_is_the_credential},
    {"files",                        reads_files                 },
    {"too many proxies",             too_many_proxies            },
};

static void runs(void **row)
{
    ((const struct single *)*row)->run(row);
}

int main(void)
{
    return RUN_TABLE("settings refused: structure", structure_cases, refuses) +
           RUN_TABLE("settings refused: name", name_cases, refuses) +
           RUN_TABLE("settings refused: kind", kind_cases, refuses) +
           RUN_TABLE("settings refused: number", number_cases, refuses) +
           RUN_TABLE("settings refused: word", word_cases, refuses) +
           RUN_TABLE("settings refused: text", text_cases, refuses) +
           RUN_TABLE("settings refused: rule", rule_cases, refuses) +
           RUN_TABLE("settings accepted", accepted_cases, accepts) +
           RUN_TABLE("settings", singles, runs);
}
