/* main.c - the stages of the daemon, a table of contents. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "api/service.h"
#include "auth/seal.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/secret.h"
#include "config/connection.h"
#include "config/settings.h"
#include "connectors/connector.h"
#include "directory/sealer.h"
#include "http/probe.h"
#include "scim/json.h"
#include "sync/engine.h"

#define ADMIN_CONNECTIONS 64
#define ADMIN_TIMEOUT_S 90 /* a question to the sync engine may take JOBS_WAIT_S */
#define GRACE_S 20         /* how long a stop waits for requests in hand */
#define PROBE_TIMEOUT_MS 5000
#define MIGRATION_EXTEND_US 300000000 /* asked of systemd while databases are opened */
#define MALLOC_ARENAS 4               /* glibc makes eight a core, and each keeps what it freed */
#define MALLOC_KEPT_BYTES                                                                          \
    (1 << 20) /* of an arena: a page of a list comes and goes without the kernel */

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct daemon {
    const char *file; /* scimd.yaml */
    struct settings settings;
    struct service *service; /* owned */
    struct sealer *sealer;
    struct sync_engine *engine;
    struct http_listener *admin;
    struct http_listener *scim;
};

static int load_settings(struct daemon *daemon, struct err *err)
{
    if (settings_load(daemon->file, &daemon->settings, err) < 0)
        return -1;
    log_set_level(daemon->settings.log.level);
    log_set_format(daemon->settings.log.format);
    return 0;
}

static void forget_settings(struct daemon *daemon)
{
    settings_free(&daemon->settings);
}

static struct scim_limits limits_of(const struct settings_limits *limits)
{
    return (struct scim_limits){
        .body_bytes = limits->body_bytes,
        .json_depth = limits->json_depth,
        .string_bytes = limits->string_bytes,
        .value_count = limits->value_count,
        .member_count = limits->member_count,
        .filter_bytes = limits->filter_bytes,
        .filter_nodes = limits->filter_nodes,
        .patch_operations = limits->patch_operations,
        .bulk_operations = limits->bulk_operations,
        .bulk_bytes = limits->bulk_bytes,
        .page_default = limits->page_default,
        .page_max = limits->page_max,
    };
}

static int make_service(struct daemon *daemon, struct err *err)
{
    const struct settings *settings = &daemon->settings;
    struct service *service = calloc(1, sizeof(*service));

    if (service == NULL)
        return err_set(err, ERR_INTERNAL, "out of memory");
    daemon->service = service;
    service->limits = limits_of(&settings->limits);
    service->metrics.started_us = clock_now_us();
    service->tenant_database =
        settings->database.tenants == SETTINGS_TENANTS_SHARED ? STORE_CONTROL : NULL;
    rate_init(&service->rate, settings->limits.rate_per_second, settings->limits.rate_burst);
    return server_keys_load(settings->secret_key, settings->secret_key_is_default, &service->keys,
                            err);
}

static void free_service(struct daemon *daemon)
{
    if (daemon->service != NULL)
        server_keys_wipe(&daemon->service->keys);
    free(daemon->service);
    daemon->service = NULL;
}

static int make_state_directory(struct daemon *daemon, struct err *err)
{
    const char *path = daemon->settings.state_directory;

    (void)umask(S_IRWXG | S_IRWXO);
    if (mkdir(path, S_IRWXU) < 0 && errno != EEXIST)
        return err_set(err, ERR_CONFIGURATION, "state_directory %s: %s", path, strerror(errno));
    if (access(path, W_OK | X_OK) < 0)
        return err_set(err, ERR_CONFIGURATION, "state_directory %s: %s", path, strerror(errno));
    return 0;
}

/* Who we are to the database server; empty on SQLite. */
static int load_connection(const struct settings *settings, struct secret *out, struct err *err)
{
    const char *file = settings->database.connection_file;

    if (settings->database.driver == SETTINGS_DRIVER_SQLITE)
        return 0;
    if (secret_load(file, out, err) < 0)
        return -1;
    return connection_check(out->bytes, file, err);
}

static const char *or_none(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static int open_store(struct daemon *daemon, struct err *err)
{
    static const char *const engines[] = {
        [SETTINGS_DRIVER_SQLITE] = "sqlite", [SETTINGS_DRIVER_POSTGRESQL] = "postgresql"};
    CLEANUP(secret_free) struct secret connection = {0};
    const struct settings *settings = &daemon->settings;
    struct store_settings store = {
        .engine = engines[settings->database.driver],
        .database_prefix = settings->database.prefix,
        .maintenance_database = settings->database.maintenance,
        .owner = or_none(settings->database.owner),
        .state_directory = settings->state_directory,
        .sessions_max = settings->store.sessions,
        .cache_kib = settings->store.cache_kib,
        .busy_timeout_ms = (int)settings->store.busy_timeout_ms,
    };

    if (load_connection(settings, &connection, err) < 0)
        return -1;
    store.connection = connection.bytes;
    (void)sd_notifyf(0, "STATUS=Opening databases\nEXTEND_TIMEOUT_USEC=%d", MIGRATION_EXTEND_US);
    if (store_open(&store, &daemon->service->store, err) < 0)
        return -1;
    if (tenants_open(daemon->service->store, &daemon->service->tenants, err) < 0)
        return -1;
    daemon->service->jobs = jobs_new(daemon->service->tenants);
    return 0;
}

static void close_store(struct daemon *daemon)
{
    jobs_free(daemon->service->jobs);
    tenants_close(daemon->service->tenants);
    store_close(daemon->service->store);
}

static int start_sealer(struct daemon *daemon, struct err *err)
{
    return sealer_start(daemon->service->tenants,
                        daemon->settings.store.change_log_seal_interval_ms, &daemon->sealer, err);
}

static void stop_sealer(struct daemon *daemon)
{
    sealer_stop(daemon->sealer);
}

static int open_secret(void *context, int tenant, const char *name, const char *sealed,
                       struct secret *out, struct err *err)
{
    const struct service *service = context;
    const struct seal_place place = {.tenant = tenant, .name = name};

    return seal_open(service->keys.secrets, &place, sealed, out, err);
}

static int start_sync(struct daemon *daemon, struct err *err)
{
    char owner[ID_TEXT_BYTES];
    const struct sync_engine_settings settings = {
        .store = daemon->service->store,
        .tenants = daemon->service->tenants,
        .jobs = daemon->service->jobs,
        .connectors = connector_all(),
        .limits = daemon->service->limits,
        .owner = owner,
        .runs_max = daemon->settings.sync.runs,
        .lease_s = daemon->settings.sync.lease_seconds,
        .history_days = daemon->settings.sync.run_history_days,
        .open_secret = open_secret,
        .context = daemon->service,
    };

    id_new(owner);
    return sync_engine_start(&settings, &daemon->engine, err);
}

static void stop_sync(struct daemon *daemon)
{
    sync_engine_stop(daemon->engine);
}

/* The socket that systemd hands over for `name`, or -1. */
static int inherited_socket(const char *name)
{
    char **names = NULL;
    int count = sd_listen_fds_with_names(0, &names);
    int found = -1;

    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            found = SD_LISTEN_FDS_START + i;
        free(names[i]);
    }
    free(names);
    return found;
}

static int open_admin(struct daemon *daemon, struct err *err)
{
    const struct http_listener_settings listener = {
        .unix_path = daemon->settings.admin.socket,
        .inherited_fd = inherited_socket("admin"),
        .threads = ADMIN_THREADS,
        .connections = ADMIN_CONNECTIONS,
        .idle_timeout_s = ADMIN_TIMEOUT_S,
        .request_timeout_s = ADMIN_TIMEOUT_S,
        .header_bytes = daemon->settings.limits.header_bytes,
        .body_bytes = daemon->settings.limits.body_bytes,
        .public_url = "",
        .handler = service_handle_admin,
        .refusal = service_refuse,
        .context = daemon->service,
    };

    return http_listener_start(&listener, &daemon->admin, err);
}

static void close_admin(struct daemon *daemon)
{
    jobs_stop(daemon->service->jobs); /* who waits for an answer gets none */
    http_listener_stop(daemon->admin, GRACE_S);
}

static int open_scim(struct daemon *daemon, struct err *err)
{
    const struct settings_listen *listen = &daemon->settings.listen;
    const struct http_listener_settings listener = {
        .address = listen->address,
        .port = (int)listen->port,
        .inherited_fd = inherited_socket("scim"),
        .certificate = listen->plain ? NULL : listen->certificate,
        .key = listen->plain ? NULL : listen->key,
        .threads = listen->threads,
        .connections = listen->connections,
        .connections_per_address = listen->connections_per_address,
        .idle_timeout_s = listen->idle_timeout_s,
        .request_timeout_s = listen->request_timeout_s,
        .header_bytes = daemon->settings.limits.header_bytes,
        .body_bytes = daemon->settings.limits.body_bytes,
        .body_limit = service_body_limit,
        .public_url = listen->public_url,
        .trusted_proxies = (const char *const *)listen->trusted_proxies.items,
        .trusted_proxy_count = listen->trusted_proxies.count,
        .handler = service_handle_scim,
        .refusal = service_refuse,
        .finished = service_finished,
        .context = daemon->service,
    };

    if (http_listener_start(&listener, &daemon->scim, err) < 0)
        return -1;
    log_event(LOG_LEVEL_INFO, "daemon.listening", LOG_TEXT("address", listen->address),
              LOG_INT("port", http_listener_port(daemon->scim)),
              LOG_TEXT("tls", listen->plain ? "no" : "yes"));
    return 0;
}

static void close_scim(struct daemon *daemon)
{
    atomic_store(&daemon->service->stopping, true);
    http_listener_stop(daemon->scim, GRACE_S);
}

static const struct stage {
    const char *name;
    int (*start)(struct daemon *daemon, struct err *err);
    void (*stop)(struct daemon *daemon); /* also after a start that failed half-way */
} stages[] = {
    {"configuration",   load_settings,        forget_settings},
    {"state directory", make_state_directory, NULL           },
    {"service",         make_service,         free_service   },
    {"store",           open_store,           close_store    },
    {"sealer",          start_sealer,         stop_sealer    },
    {"sync",            start_sync,           stop_sync      },
    {"admin socket",    open_admin,           close_admin    },
    {"listener",        open_scim,            close_scim     },
};

/* Certificates and log level; a file that is refused changes nothing. */
static void reload(struct daemon *daemon)
{
    struct settings loaded = {0};
    struct err err = {0};
    CLEANUP(buf_free) struct buf names = {0};

    (void)sd_notify(0, "RELOADING=1");
    if (settings_load(daemon->file, &loaded, &err) < 0) {
        log_event(LOG_LEVEL_ERROR, "daemon.reload_refused", LOG_TEXT("detail", err.detail));
    } else {
        log_set_level(loaded.log.level);
        settings_unapplied(&daemon->settings, &loaded, &names);
        if (!daemon->settings.listen.plain && http_listener_reload(daemon->scim, &err) < 0)
            log_event(LOG_LEVEL_ERROR, "daemon.certificate_kept", LOG_TEXT("detail", err.detail),
                      LOG_TEXT("cause", err.cause));
        log_event(LOG_LEVEL_INFO, "daemon.reloaded",
                  LOG_TEXT("waits_for_restart", names.length > 0 ? buf_text(&names) : NULL));
        settings_free(&loaded);
    }
    (void)sd_notify(0, "READY=1");
}

/* Tells systemd's watchdog that requests are answered; silent while they aren't. */
static void feed_watchdog(const struct daemon *daemon)
{
    if (http_probe(daemon->settings.admin.socket, PROBE_TIMEOUT_MS))
        (void)sd_notify(0, "WATCHDOG=1");
    else
        log_event(LOG_LEVEL_ERROR, "daemon.not_answering",
                  LOG_TEXT("socket", daemon->settings.admin.socket));
}

static void run(struct daemon *daemon, const sigset_t *signals)
{
    uint64_t watchdog_us = 0;
    bool watched = sd_watchdog_enabled(0, &watchdog_us) > 0;
    const struct timespec interval = {.tv_sec = (time_t)(watchdog_us / 3 / 1000000),
                                      .tv_nsec = (long)(watchdog_us / 3 % 1000000) * 1000};
    int signal_number;

    (void)sd_notify(0, "READY=1\nSTATUS=Serving");
    log_event(LOG_LEVEL_INFO, "daemon.ready", LOG_TEXT("version", SCIMD_VERSION));
    for (;;) {
        signal_number =
            watched ? sigtimedwait(signals, NULL, &interval) : sigwaitinfo(signals, NULL);
        if (signal_number == SIGHUP)
            reload(daemon);
        else if (signal_number > 0)
            break;
        else if (errno == EAGAIN)
            feed_watchdog(daemon);
    }
    (void)sd_notify(0, "STOPPING=1");
    log_event(LOG_LEVEL_INFO, "daemon.stopping", LOG_TEXT("signal", strsignal(signal_number)));
}

static int serve(const char *file)
{
    struct daemon daemon = {.file = file};
    struct err err = {0};
    sigset_t signals;
    size_t started = 0;
    bool whole;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread: all inherit it */
    (void)signal(SIGPIPE, SIG_IGN);

    while (started < ARRAY_LENGTH(stages) && stages[started].start(&daemon, &err) == 0)
        started++;
    whole = started == ARRAY_LENGTH(stages);
    if (whole) {
        run(&daemon, &signals);
    } else {
        (void)fprintf(stderr, "scimd: %s\n", err.detail);
        log_event(LOG_LEVEL_ERROR, "daemon.start_failed", LOG_TEXT("stage", stages[started].name),
                  LOG_TEXT("detail", err.detail), LOG_TEXT("cause", err.cause));
    }
    for (size_t i = whole ? started : started + 1; i > 0; i--)
        if (stages[i - 1].stop != NULL)
            stages[i - 1].stop(&daemon);
    if (whole)
        log_event(LOG_LEVEL_INFO, "daemon.stopped", LOG_TEXT("clean", "yes"));
    return whole ? EXIT_SUCCESS : err.code == ERR_CONFIGURATION ? EXIT_USAGE : EXIT_FAILED;
}

static int check(const char *file)
{
    CLEANUP(settings_free) struct settings settings = {0};
    CLEANUP(secret_free) struct secret connection = {0};
    struct err err = {0};

    if (settings_load(file, &settings, &err) < 0 ||
        load_connection(&settings, &connection, &err) < 0) {
        (void)fprintf(stderr, "scimd: %s\n", err.detail);
        return EXIT_USAGE;
    }
    (void)printf("%s: ok\n", file);
    return EXIT_SUCCESS;
}

static int help_settings(void)
{
    CLEANUP(buf_free) struct buf text = {0};

    settings_describe(SETTINGS_AS_TEXT, &text);
    (void)fputs(buf_text(&text), stdout);
    return EXIT_SUCCESS;
}

static int usage(FILE *stream, int status)
{
    (void)fputs(
        "scimd - SCIM provisioning daemon\n\n"
        "  scimd [--config FILE]           run in the foreground until SIGTERM or Ctrl-C\n"
        "  scimd [--config FILE] --check   read the configuration, say what is wrong, stop\n"
        "  scimd --help-settings           all settings with their defaults\n"
        "  scimd --help | --version\n\n"
        "FILE is " SETTINGS_FILE " unless given; SIGHUP reads certificates and log\n"
        "level anew. See scimd(8), scimd.yaml(5), scimctl(1).\n"
        "Exit status: 0 stopped as asked, 1 failed, 2 usage or configuration.\n",
        stream);
    return status;
}

int main(int argc, char **argv)
{
    enum { CONFIG = 'c', CHECK = 'k', HELP = 'h', HELP_SETTINGS = 's', VERSION = 'V' };
    static const struct option options[] = {
        {"config",        required_argument, NULL, CONFIG       },
        {"check",         no_argument,       NULL, CHECK        },
        {"help",          no_argument,       NULL, HELP         },
        {"help-settings", no_argument,       NULL, HELP_SETTINGS},
        {"version",       no_argument,       NULL, VERSION      },
        {NULL,            0,                 NULL, 0            }
    };
    const char *file = SETTINGS_FILE;
    bool only_check = false;
    int option;

    (void)mallopt(M_ARENA_MAX, MALLOC_ARENAS);
    (void)mallopt(M_MMAP_THRESHOLD, MALLOC_KEPT_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, MALLOC_KEPT_BYTES);
    json_use_aborting_allocator();
    while ((option = getopt_long(argc, argv, "c:hV", options, NULL)) != -1) {
        if (option == CONFIG)
            file = optarg;
        else if (option == CHECK)
            only_check = true;
        else if (option == HELP)
            return usage(stdout, EXIT_SUCCESS);
        else if (option == HELP_SETTINGS)
            return help_settings();
        else if (option == VERSION)
            return printf("scimd %s\n", SCIMD_VERSION) > 0 ? EXIT_SUCCESS : EXIT_FAILED;
        else
            return usage(stderr, EXIT_USAGE);
    }
    if (optind < argc)
        return usage(stderr, EXIT_USAGE);
    return only_check ? check(file) : serve(file);
}
