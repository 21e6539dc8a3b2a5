#include "ctl/invocation.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define DEFAULT_SOCKET "/run/scimd/admin.sock"

/* One row for an option: from it come parsing, checking and help. */
static const struct option_row {
    const char *name;
    const char *value; /* NULL: a flag */
    size_t offset;     /* in struct options */
    unsigned bit;      /* 0: every command takes it */
    const char *help;
} rows[] = {
    {"socket",     "PATH",  offsetof(struct options, socket),     0,
     "admin socket (or SCIMD_SOCKET; default " DEFAULT_SOCKET ")"                                                   },
    {"json",       NULL,    offsetof(struct options, json),       0,                 "answer as JSON, for scripts"  },
    {"help",       NULL,    offsetof(struct options, help),       0,                 "this text"                    },
    {"name",       "NAME",  offsetof(struct options, name),       OPTION_NAME,       "what to call it"              },
    {"expires",    "TIME",  offsetof(struct options, expires),    OPTION_EXPIRES,
     "30m, 12h, 90d, 52w; default: never"                                                                           },
    {"connection", "NAME",  offsetof(struct options, connection), OPTION_CONNECTION,
     "whose token it is; default: scim"                                                                             },
    {"database",   "NAME",  offsetof(struct options, database),   OPTION_DATABASE,
     "where its data goes: own, or control (shared); default: database.tenants"                                     },
    {"profile",    "NAME",  offsetof(struct options, profile),    OPTION_PROFILE,
     "auto, strict, entra, okta, onelogin, ping, jumpcloud or google"                                               },
    {"extends",    "TYPE",  offsetof(struct options, extends),    OPTION_EXTENDS,
     "the schema extends this resource type, such as User"                                                          },
    {"required",   NULL,    offsetof(struct options, required),   OPTION_REQUIRED,
     "with --extends: every resource must have the extension"                                                       },
    {"endpoint",   "/PATH", offsetof(struct options, endpoint),   OPTION_ENDPOINT,
     "the schema makes a resource type of its own, served there"                                                    },
    {"after",      "N",     offsetof(struct options, after),      OPTION_AFTER,      "only changes after position N"},
    {"follow",     NULL,    offsetof(struct options, follow),     OPTION_FOLLOW,
     "wait for more until Ctrl-C, of a run for its end"                                                             },
    {"file",       "FILE",  offsetof(struct options, file),       OPTION_FILE,
     "or -f: the source file; - is standard input"                                                                  },
    {"dry-run",    NULL,    offsetof(struct options, dry_run),    OPTION_DRY_RUN,
     "say what would change, and change nothing"                                                                    },
    {"full",       NULL,    offsetof(struct options, full),       OPTION_FULL,
     "read everything, not just what changed"                                                                       },
    {"object",     "ID",    offsetof(struct options, object),     OPTION_OBJECT,
     "one object alone, by its id in the source"                                                                    },
    {"paused",     NULL,    offsetof(struct options, paused),     OPTION_PAUSED,
     "a new source waits for scimctl source resume"                                                                 },
    {"group",      NULL,    offsetof(struct options, group),      OPTION_GROUP,
     "with --object: it is a group that was not seen before"                                                        },
    {"plan",       "HASH",  offsetof(struct options, plan),       OPTION_PLAN,
     "of the plan that you approve: scimctl run show"                                                               },
    {"filter",     "F",     offsetof(struct options, filter),     OPTION_FILTER,
     "as SCIM has it: 'userName sw \"a\"'"                                                                          },
    {"limit",      "N",     offsetof(struct options, limit),      OPTION_LIMIT,      "so many at most"              },
    {"yes",        NULL,    offsetof(struct options, yes),        OPTION_YES,        "do not ask again"             },
};

enum { FIRST_OPTION = 256 };

static void print_options(FILE *stream, unsigned bits)
{
    char name[32];

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (rows[i].bit == 0 || (rows[i].bit & bits) != 0) {
            (void)snprintf(name, sizeof(name), "--%s%s%s", rows[i].name,
                           rows[i].value != NULL ? " " : "",
                           rows[i].value != NULL ? rows[i].value : "");
            (void)fprintf(stream, "  %-20s %s\n", name, rows[i].help);
        }
}

static int print_help(const struct command *commands, size_t count, int status)
{
    char usage[64];

    (void)puts("scimctl - look, ask and change things in a running scimd\n");
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(usage, sizeof(usage), "%s %s", commands[i].words, commands[i].arguments);
        (void)printf("  scimctl %-42s %s\n", usage, commands[i].help);
    }
    (void)puts("");
    print_options(stdout, 0);
    (void)puts("\nscimctl COMMAND --help tells a command's own options.\n"
               "Exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 refused, 5 held.");
    return status;
}

static int print_command_help(FILE *stream, const struct command *command, int status)
{
    (void)fprintf(stream, "usage: scimctl %s %s [OPTION...]\n%s\n\n", command->words,
                  command->arguments, command->help);
    print_options(stream, command->options);
    return status;
}

static void set_option(struct invocation *out, const struct option_row *row, const char *value)
{
    char *field = (char *)&out->options + row->offset;

    out->given |= row->bit;
    if (row->value == NULL)
        *(bool *)(void *)field = true;
    else
        *(const char **)(void *)field = value;
}

static const struct option_row *option_row(const char *name)
{
    size_t index = 0;

    while (strcmp(rows[index].name, name) != 0)
        index++;
    return &rows[index];
}

static int read_options(int argc, char **argv, struct invocation *out)
{
    struct option options[ARRAY_LENGTH(rows) + 1] = {0};
    int found;

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        options[i] = (struct option){
            .name = rows[i].name, .has_arg = rows[i].value != NULL, .val = FIRST_OPTION + (int)i};
    opterr = 0;
    while ((found = getopt_long(argc, argv, ":hf:", options, NULL)) != -1) {
        if (found == 'h') {
            out->options.help = true;
        } else if (found == 'f') {
            set_option(out, option_row("file"), optarg);
        } else if (found == ':' || found == '?') {
            (void)fprintf(stderr, "scimctl: %s %s; try scimctl --help\n", argv[optind - 1],
                          found == ':' ? "needs a value" : "is not an option");
            return -1;
        } else {
            set_option(out, &rows[found - FIRST_OPTION], optarg);
        }
    }
    return 0;
}

/* How many of argv's words are the command's; 0 if it is another one. */
static size_t matches(const struct command *command, char **words, size_t count)
{
    const char *at = command->words;
    size_t used = 0;

    while (*at != '\0') {
        size_t length = strcspn(at, " ");
        if (used == count || strlen(words[used]) != length || strncmp(words[used], at, length) != 0)
            return 0;
        used++;
        at += length;
        at += strspn(at, " ");
    }
    return used;
}

static int complain_of_word(const struct command *commands, size_t count, const char *noun)
{
    bool known = false;

    for (size_t i = 0; i < count; i++)
        if (strncmp(commands[i].words, noun, strlen(noun)) == 0 &&
            commands[i].words[strlen(noun)] == ' ') {
            if (!known)
                (void)fprintf(stderr, "usage: scimctl %s ", noun);
            (void)fprintf(stderr, "%s%s", known ? "|" : "", commands[i].words + strlen(noun) + 1);
            known = true;
        }
    if (known)
        (void)fputc('\n', stderr);
    else
        (void)fprintf(stderr, "scimctl: no command %s; try scimctl --help\n", noun);
    return STATUS_USAGE;
}

static int check(const struct command *command, const struct invocation *invocation)
{
    unsigned wrong = invocation->given & ~command->options;

    for (size_t i = 0; wrong != 0 && i < ARRAY_LENGTH(rows); i++)
        if ((rows[i].bit & wrong) != 0) {
            (void)fprintf(stderr, "scimctl: %s does not take --%s\n", command->words, rows[i].name);
            return STATUS_USAGE;
        }
    if (invocation->argument_count < command->argument_min ||
        invocation->argument_count > command->argument_max)
        return print_command_help(stderr, command, STATUS_USAGE);
    return -1;
}

int invocation_read(const struct command *commands, size_t count, int argc, char **argv,
                    struct invocation *out, const struct command **command)
{
    size_t words;
    size_t used = 0;

    out->options.socket = getenv("SCIMD_SOCKET");
    if (read_options(argc, argv, out) < 0)
        return STATUS_USAGE;
    if (out->options.socket == NULL)
        out->options.socket = DEFAULT_SOCKET;
    words = (size_t)(argc - optind);
    if (words == 0)
        return print_help(commands, count, out->options.help ? STATUS_DONE : STATUS_USAGE);
    for (size_t i = 0; used == 0 && i < count; i++) {
        used = matches(&commands[i], argv + optind, words);
        *command = &commands[i];
    }
    if (used == 0)
        return complain_of_word(commands, count, argv[optind]);
    if (out->options.help)
        return print_command_help(stdout, *command, STATUS_DONE);
    for (size_t i = used; i < words && out->argument_count < ARGUMENTS_MAX; i++)
        out->arguments[out->argument_count++] = argv[(size_t)optind + i];
    return check(*command, out);
}

enum exit_status invocation_status(enum err_code code)
{
    static const enum err_code refused[] = {
        ERR_CONFIGURATION, ERR_INVALID_VALUE,  ERR_INVALID_SYNTAX, ERR_INVALID_FILTER,
        ERR_INVALID_PATH,  ERR_INVALID_CURSOR, ERR_CONFLICT,       ERR_FORBIDDEN,
        ERR_UNIQUENESS,    ERR_TOO_LARGE};

    if (code == ERR_NOT_FOUND)
        return STATUS_NOT_FOUND;
    if (code == ERR_BAD_REQUEST)
        return STATUS_USAGE;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        if (refused[i] == code)
            return STATUS_REFUSED;
    return STATUS_FAILED;
}
