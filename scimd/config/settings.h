/* settings.h - what the administrator decided: scimd.yaml as a struct.
 *
 * All is checked here that can be checked without opening anything: unknown and repeated settings,
 * types, ranges, addresses, and settings that contradict each other.
 *
 * Reload: on SIGHUP the daemon loads the file again.  It reads certificate and key anew from the
 * paths it runs with and takes over log.level; all else waits for a restart, and
 * settings_unapplied() names what does.  A file that is refused changes nothing. */
#ifndef SCIMD_CONFIG_SETTINGS_H
#define SCIMD_CONFIG_SETTINGS_H

#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

#define SETTINGS_FILE "/etc/scimd/scimd.yaml"
#define SETTINGS_BYTES_MAX ((size_t)256 * 1024) /* of the file */

struct settings_list {
    char **items; /* owned, and each of them */
    unsigned count;
};

struct settings_listen {
    char *address; /* owned, as all texts here; "127.0.0.1", "::" */
    unsigned port; /* 0: any free one */
    bool plain;    /* HTTP without TLS; the address is loopback then */
    char *certificate;
    char *key;
    unsigned threads;
    unsigned connections;
    unsigned connections_per_address; /* 0: no limit */
    unsigned idle_timeout_s;          /* 0: none */
    unsigned request_timeout_s;       /* 0: none */
    char *public_url;                 /* "" or as http.h wants it */
    struct settings_list trusted_proxies;
};

/* The fields of struct scim_limits, and what http/ and api/ enforce. */
struct settings_limits {
    unsigned body_bytes;
    unsigned json_depth;
    unsigned string_bytes;
    unsigned value_count;
    unsigned member_count;
    unsigned filter_bytes;
    unsigned filter_nodes;
    unsigned patch_operations;
    unsigned bulk_operations;
    unsigned bulk_bytes;
    unsigned page_default;
    unsigned page_max;
    unsigned header_bytes;
    unsigned rate_per_second; /* requests of a tenant; 0: no limit */
    unsigned rate_burst;
};

struct settings_store {
    unsigned sessions;
    unsigned cache_kib; /* per session */
    unsigned busy_timeout_ms;
    unsigned change_log_seal_interval_ms;
};

struct settings_sync {
    unsigned runs; /* 0: this daemon pulls nothing */
    unsigned run_history_days;
    unsigned lease_seconds;
};

enum settings_driver { SETTINGS_DRIVER_SQLITE, SETTINGS_DRIVER_POSTGRESQL };
enum settings_tenants { SETTINGS_TENANTS_OWN, SETTINGS_TENANTS_SHARED };

struct settings {
    char *state_directory;
    char *secret_key;           /* a path; the file may not exist yet if this is the default */
    bool secret_key_is_default; /* then the daemon makes the key at its first start */
    struct settings_listen listen;
    struct {
        char *socket;
    } admin;
    struct {
        enum log_level level;
        enum log_format format;
    } log;
    struct settings_limits limits;
    struct settings_store store;
    struct settings_sync sync;
    struct {
        enum settings_driver driver;
        enum settings_tenants tenants;
        char *connection_file; /* a path; "" on SQLite */
        char *prefix;
        char *maintenance;
        char *owner; /* "": ourselves */
    } database;
};

/* What systemd says in the environment (systemd.exec(5)); NULL or "" where it does not. */
struct settings_environment {
    const char *state_directory;       /* $STATE_DIRECTORY; of several, the first counts */
    const char *runtime_directory;     /* $RUNTIME_DIRECTORY, likewise */
    const char *credentials_directory; /* $CREDENTIALS_DIRECTORY */
};

/* Reads the file and the process's environment.
 *
 * Lifetime: *out is the caller's, for settings_free().
 * Errors:   ERR_CONFIGURATION; detail is "FILE:LINE: what", or "FILE: what" if it cannot be read.
 */
int settings_load(const char *file, struct settings *out, struct err *err);

struct settings_text {
    const char *file; /* its name, for messages */
    const char *text;
    size_t length;
};

/* The same from memory. */
int settings_parse(const struct settings_text *text, const struct settings_environment *environment,
                   struct settings *out, struct err *err);

void settings_free(struct settings *settings); /* back to the zeroed state */

/* Appends the names, with ", " between them, of the settings that differ and need a restart. */
void settings_unapplied(const struct settings *running, const struct settings *loaded,
                        struct buf *names);

enum settings_notation { SETTINGS_AS_TEXT, SETTINGS_AS_ROFF };

/* Appends all settings with type, range, default and help: for --help-settings, or as the sections
 * of a manual page. */
void settings_describe(enum settings_notation notation, struct buf *out);

#endif
