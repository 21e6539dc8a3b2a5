/* invocation.h - one call of scimctl: its words, its options, how it ends. */
#ifndef SCIMD_CTL_INVOCATION_H
#define SCIMD_CTL_INVOCATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define ARGUMENTS_MAX 8

/* Scripts rely on these. */
enum exit_status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_NOT_FOUND = 3,
    STATUS_REFUSED = 4,
    STATUS_HELD = 5
};

struct options {
    const char *socket;
    const char *name;
    const char *expires;
    const char *connection;
    const char *database;
    const char *profile;
    const char *extends;
    const char *endpoint;
    const char *after;
    const char *file;
    const char *plan;
    const char *filter;
    const char *object;
    const char *limit;
    bool json;
    bool yes;
    bool follow;
    bool required;
    bool dry_run;
    bool full;
    bool group;
    bool paused;
    bool help;
};

/* Which options a command takes besides --socket, --json and --help. */
enum option_bit {
    OPTION_NAME = 1 << 0,
    OPTION_EXPIRES = 1 << 1,
    OPTION_CONNECTION = 1 << 2,
    OPTION_DATABASE = 1 << 3,
    OPTION_PROFILE = 1 << 4,
    OPTION_EXTENDS = 1 << 5,
    OPTION_ENDPOINT = 1 << 6,
    OPTION_AFTER = 1 << 7,
    OPTION_YES = 1 << 8,
    OPTION_FOLLOW = 1 << 9,
    OPTION_REQUIRED = 1 << 10,
    OPTION_FILE = 1 << 11,
    OPTION_PLAN = 1 << 12,
    OPTION_FILTER = 1 << 13,
    OPTION_OBJECT = 1 << 14,
    OPTION_LIMIT = 1 << 15,
    OPTION_DRY_RUN = 1 << 16,
    OPTION_FULL = 1 << 17,
    OPTION_GROUP = 1 << 18,
    OPTION_PAUSED = 1 << 19
};

struct client;

struct invocation {
    struct options options;
    unsigned given; /* enum option_bit */
    const char *arguments[ARGUMENTS_MAX];
    size_t argument_count;
    struct client *client;
};

struct command {
    const char *words;     /* "tenant create" */
    const char *arguments; /* "NAME", for usage */
    const char *help;
    size_t argument_min;
    size_t argument_max;
    unsigned options; /* enum option_bit */
    /* Returns an exit status; on -1 *err says why, and its code gives the status. */
    int (*run)(struct invocation *invocation, struct err *err);
};

/* Reads argv.  Prints what is wrong, and returns the status to leave with, or -1 to go on with
 * *command. */
int invocation_read(const struct command *commands, size_t count, int argc, char **argv,
                    struct invocation *out, const struct command **command);
enum exit_status invocation_status(enum err_code code);

#endif
