#include "config/rows.h"

#include "base/cleanup.h"
#include "config/form.h"

#include <limits.h>
#include <string.h>

#define KIB 1024U
#define MIB (1024U * KIB)
#define GIB (1024U * MIB)
#define DAY_S 86400U
#define MINUTE_MS 60000U

/* Rows leave out what their type has no use for; the compiler fills in zeros. */
#define NUMBER(name_, field_, standard_, minimum_, maximum_)                                       \
    .name = (name_), .type = SETTING_NUMBER, .offset = offsetof(struct settings, field_),          \
    .standard = (standard_), .minimum = (minimum_), .maximum = (maximum_)
#define WORD(name_, field_, standard_, words_)                                                     \
    .name = (name_), .type = SETTING_WORD, .offset = offsetof(struct settings, field_),            \
    .standard = (standard_), .words = (words_), .word_count = ARRAY_LENGTH(words_)
#define SWITCH(name_, field_, standard_)                                                           \
    .name = (name_), .type = SETTING_SWITCH, .offset = offsetof(struct settings, field_),          \
    .standard = (standard_), .words = truth, .word_count = ARRAY_LENGTH(truth)
#define TEXT(name_, field_, standard_, form_)                                                      \
    .name = (name_), .type = SETTING_TEXT, .offset = offsetof(struct settings, field_),            \
    .text = (standard_), .form = &(form_)

static const struct setting_form form_address = {"an IPv4 or IPv6 address", form_is_address};
static const struct setting_form form_network = {"an address or a network such as 10.0.0.0/8",
                                                 form_is_network};
static const struct setting_form form_path = {"an absolute path", form_is_path};
static const struct setting_form form_socket = {"an absolute path of at most 107 bytes",
                                                form_is_socket};
static const struct setting_form form_base_url = {
    "nothing or a URL such as https://scim.example.com, without a slash at its end",
    form_is_base_url};
const struct setting_form setting_form_file = {"an absolute path or credential:NAME", form_is_file};
const struct setting_form setting_form_optional_file = {
    "nothing, an absolute path or credential:NAME", form_is_optional_file};
static const struct setting_form form_database_prefix = {
    "1 to 31 of a-z, 0-9 and _, first a letter", form_is_database_prefix};
static const struct setting_form form_database = {"1 to 63 letters, digits, _ and -", form_is_role};
static const struct setting_form form_optional_role = {
    "nothing, or 1 to 63 letters, digits, _ and -", form_is_optional_role};

static const cyaml_strval_t truth[] = {
    {"false", 0},
    {"true",  1}
};
static const cyaml_strval_t levels[] = {
    {"error",   LOG_LEVEL_ERROR  },
    {"warning", LOG_LEVEL_WARNING},
    {"info",    LOG_LEVEL_INFO   },
    {"debug",   LOG_LEVEL_DEBUG  },
};
static const cyaml_strval_t formats[] = {
    {"text", LOG_FORMAT_TEXT},
    {"json", LOG_FORMAT_JSON}
};
static const cyaml_strval_t drivers[] = {
    {"sqlite",     SETTINGS_DRIVER_SQLITE    },
    {"postgresql", SETTINGS_DRIVER_POSTGRESQL},
};
static const cyaml_strval_t tenants[] = {
    {"own",    SETTINGS_TENANTS_OWN   },
    {"shared", SETTINGS_TENANTS_SHARED},
};

const struct setting_section setting_sections[] = {
    {"listen",   "Where and how requests are taken."                },
    {"admin",    "How scimctl reaches the daemon."                  },
    {"log",      "What is written to standard error or the journal."},
    {"limits",   "How much a client may ask for; more is refused."  },
    {"store",    "How the database is used."                        },
    {"sync",     "How directories are pulled."                      },
    {"database", "Which database it is."                            },
};
const size_t setting_section_count = ARRAY_LENGTH(setting_sections);

/* clang-format off */
const struct setting setting_rows[] = {
    {TEXT("state_directory", state_directory, "/var/lib/scimd", form_path),
     .variable = VARIABLE_STATE_DIRECTORY, .below = "",
     .help = "Where databases and the secret key are kept."},
    {TEXT("secret_key", secret_key, NULL, setting_form_file),
     .below = "/secret.key",
     .help = "The key that token hashes and cursors depend on. At its default place it is made at "
             "the first start; whoever loses it must issue all tokens again."},

    {TEXT("listen.address", listen.address, "127.0.0.1", form_address),
     .help = "The address to listen on; 0.0.0.0 or :: for all."},
    {NUMBER("listen.port", listen.port, 8443, 0, 65535),
     .help = "The TCP port; 0 takes a free one."},
    {SWITCH("listen.plain", listen.plain, 0),
     .help = "HTTP instead of HTTPS; on a loopback address only, for a proxy on the same machine."},
    {TEXT("listen.certificate", listen.certificate, "/etc/scimd/tls.crt", setting_form_file),
     .help = "The certificate and its chain, PEM. Read again on SIGHUP."},
    {TEXT("listen.key", listen.key, "/etc/scimd/tls.key", setting_form_file),
     .help = "The certificate's private key, PEM. Read again on SIGHUP."},
    {NUMBER("listen.threads", listen.threads, 16, 1, 1024),
     .help = "Threads that serve requests; more than there are busy clients at a time."},
    {NUMBER("listen.connections", listen.connections, 1024, 1, 1000000),
     .help = "Connections at a time; at least one for each thread."},
    {NUMBER("listen.connections_per_address", listen.connections_per_address, 0, 0, 1000000),
     .help = "Connections at a time from one address; 0 sets no limit."},
    {NUMBER("listen.idle_timeout", listen.idle_timeout_s, 60, 0, DAY_S), .unit = "seconds",
     .help = "A connection without traffic is closed after this time; 0 keeps it."},
    {NUMBER("listen.request_timeout", listen.request_timeout_s, 30, 0, DAY_S), .unit = "seconds",
     .help = "A request that is not complete after this time is cut off; 0 lets it take any time."},
    {TEXT("listen.public_url", listen.public_url, "", form_base_url),
     .help = "What clients see before the tenant's name, in Location and meta.location; when empty "
             "it is taken from the request."},
    {.name = "listen.trusted_proxies", .type = SETTING_LIST,
     .offset = offsetof(struct settings, listen.trusted_proxies), .form = &form_network,
     .help = "Proxies whose X-Forwarded-For, -Proto and -Host are believed."},

    {TEXT("admin.socket", admin.socket, "/run/scimd/admin.sock", form_socket),
     .variable = VARIABLE_RUNTIME_DIRECTORY, .below = "/admin.sock",
     .help = "The Unix socket that scimctl talks to."},

    {WORD("log.level", log.level, LOG_LEVEL_INFO, levels), .reloads = true,
     .help = "The least important events that are logged."},
    {WORD("log.format", log.format, LOG_FORMAT_TEXT, formats),
     .help = "Lines of event key=value, or a JSON object in each line."},

    {NUMBER("limits.body_bytes", limits.body_bytes, MIB, KIB, GIB), .unit = "bytes",
     .help = "The body of one request, bulk requests excepted."},
    {NUMBER("limits.json_depth", limits.json_depth, 32, 4, 128),
     .help = "Arrays and objects inside each other."},
    {NUMBER("limits.string_bytes", limits.string_bytes, 64 * KIB, 256, 16 * MIB), .unit = "bytes",
     .help = "One text value."},
    {NUMBER("limits.value_count", limits.value_count, 2000, 16, 1000000),
     .help = "Values in one resource, over all its attributes, members not counted."},
    {NUMBER("limits.member_count", limits.member_count, 100000, 1, 10000000),
     .help = "Members named in one request."},
    {NUMBER("limits.filter_bytes", limits.filter_bytes, 4 * KIB, 64, MIB), .unit = "bytes",
     .help = "The text of a filter."},
    {NUMBER("limits.filter_nodes", limits.filter_nodes, 100, 1, 10000),
     .help = "Comparisons and connectives in a filter."},
    {NUMBER("limits.patch_operations", limits.patch_operations, 1000, 1, 100000),
     .help = "Operations in one PATCH."},
    {NUMBER("limits.bulk_operations", limits.bulk_operations, 1000, 1, 100000),
     .help = "Operations in one bulk request; published as bulk.maxOperations."},
    {NUMBER("limits.bulk_bytes", limits.bulk_bytes, MIB, KIB, GIB), .unit = "bytes",
     .help = "The body of a bulk request; published as bulk.maxPayloadSize."},
    {NUMBER("limits.page_default", limits.page_default, 100, 1, 100000),
     .help = "Resources on a page when the client names no count."},
    {NUMBER("limits.page_max", limits.page_max, 1000, 1, 100000),
     .help = "Resources on a page at most; published as filter.maxResults."},
    {NUMBER("limits.header_bytes", limits.header_bytes, 32 * KIB, 4 * KIB, MIB), .unit = "bytes",
     .help = "A request's target and headers together."},
    {NUMBER("limits.rate_per_second", limits.rate_per_second, 0, 0, 1000000),
     .help = "Requests a second of one tenant, in the long run; 0 sets no limit."},
    {NUMBER("limits.rate_burst", limits.rate_burst, 100, 1, 1000000),
     .help = "Requests of one tenant that may come at once before its rate counts."},

    {NUMBER("store.sessions", store.sessions, 16, 1, 1024),
     .help = "Database sessions that are kept open; as many as threads is best."},
    {NUMBER("store.cache_kib", store.cache_kib, 512, 64, MIB), .unit = "KiB",
     .help = "Memory that each session may use for database pages."},
    {NUMBER("store.busy_timeout_ms", store.busy_timeout_ms, 5000, 0, 10 * MINUTE_MS),
     .unit = "milliseconds",
     .help = "How long to wait for a database that another program locked."},
    {NUMBER("store.change_log_seal_interval_ms", store.change_log_seal_interval_ms, 200, 10,
            MINUTE_MS),
     .unit = "milliseconds", .help = "How often changes get their place in the change log."},

    {NUMBER("sync.runs", sync.runs, 4, 0, 1024),
     .help = "Directories that this daemon pulls at once; others wait, and tenants take turns. 0 "
             "leaves all pulls, and what scimctl asks about sources, to other daemons on the same "
             "database."},
    {NUMBER("sync.lease_seconds", sync.lease_seconds, 60, 3, 3600), .unit = "seconds",
     .help = "How long a daemon that died keeps its pulls from others, and from itself when it is "
             "started again."},
    {NUMBER("sync.run_history_days", sync.run_history_days, 90, 1, 3650), .unit = "days",
     .help = "How long runs and their plans are remembered; each source's last run stays."},

    {WORD("database.driver", database.driver, SETTINGS_DRIVER_SQLITE, drivers),
     .help = "The database engine."},
    {WORD("database.tenants", database.tenants, SETTINGS_TENANTS_OWN, tenants),
     .help = "Each tenant in a database of its own, or all in one."},
    {TEXT("database.connection_file", database.connection_file, "", setting_form_optional_file),
     .help = "PostgreSQL: a file with one line that says where the server is and who we are, as an "
             "ODBC connection string, e.g. Server=db1;Port=5432;Uid=scimd;Pwd={..};"
             "SSLmode=verify-full;pqopt={sslrootcert=/etc/scimd/db.pem}. Nobody else may read it. When "
             "empty, credential:database if systemd passes that."},
    {TEXT("database.prefix", database.prefix, "scimd_", form_database_prefix),
     .help = "PostgreSQL: how the names of our databases begin: scimd_control, scimd_TENANT."},
    {TEXT("database.maintenance", database.maintenance, "postgres", form_database),
     .help = "PostgreSQL: the database to connect to for creating and dropping others."},
    {TEXT("database.owner", database.owner, "", form_optional_role),
     .help = "PostgreSQL: a role that owns the tables, of which ours is a member; nothing: our own."},
};
/* clang-format on */
const size_t setting_row_count = ARRAY_LENGTH(setting_rows);

_Static_assert(ARRAY_LENGTH(setting_rows) <= SETTING_ROWS_MAX, "one bit of bookkeeping each");
_Static_assert(ARRAY_LENGTH(setting_sections) <= SETTING_SECTIONS_MAX, "likewise");
_Static_assert(sizeof(enum log_level) == sizeof(unsigned), "words are stored as unsigned");

bool setting_is_in(const struct setting *row, const struct setting_section *section)
{
    size_t length = strlen(section->name);

    return strncmp(row->name, section->name, length) == 0 && row->name[length] == '.';
}

const char *setting_key(const struct setting *row)
{
    const char *dot = strchr(row->name, '.');

    return dot != NULL ? dot + 1 : row->name;
}

const struct setting_section *setting_section_find(const char *name)
{
    for (size_t i = 0; i < setting_section_count; i++)
        if (strcmp(setting_sections[i].name, name) == 0)
            return &setting_sections[i];
    return NULL;
}

const struct setting *setting_find(const struct setting_section *section, const char *key)
{
    for (size_t i = 0; i < setting_row_count; i++) {
        const struct setting *row = &setting_rows[i];
        bool here = section != NULL ? setting_is_in(row, section) : strchr(row->name, '.') == NULL;
        if (here && strcmp(setting_key(row), key) == 0)
            return row;
    }
    return NULL;
}
