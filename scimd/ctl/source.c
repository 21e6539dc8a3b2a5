#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/output.h"

#define FILE_BYTES_MAX ((size_t)4 * 1024 * 1024)

static const char *const times[] = {"lastSuccess", "lastFull", "nextRun", "nextFull",
                                    "created",     "changed",  NULL};
static const struct column columns[] = {
    {"NAME",         "name"       },
    {"TYPE",         "type"       },
    {"STATE",        "state"      },
    {"LAST SUCCESS", "lastSuccess"},
    {"NEXT RUN",     "nextRun"    },
    {"HELD RUN",     "heldRun"    },
    {"LAST ERROR",   "lastError"  }
};
static const struct column details[] = {
    {"name",              "name"       },
    {"type",              "type"       },
    {"precedence",        "precedence" },
    {"state",             "state"      },
    {"run under way",     "run"        },
    {"held run",          "heldRun"    },
    {"last success",      "lastSuccess"},
    {"last full pass",    "lastFull"   },
    {"next run",          "nextRun"    },
    {"next full pass",    "nextFull"   },
    {"failures in a row", "failures"   },
    {"last error",        "lastError"  },
    {"created",           "created"    },
    {"changed",           "changed"    }
};
static const struct column problem_columns[] = {
    {"TYPE",      "type"    },
    {"SOURCE ID", "sourceId"},
    {"NEXT TRY",  "retry"   },
    {"PROBLEM",   "problem" }
};

static int read_stream(FILE *stream, const char *path, struct buf *out, struct err *err)
{
    char chunk[4096];
    size_t length;

    while ((length = fread(chunk, 1, sizeof(chunk), stream)) > 0) {
        buf_append(out, chunk, length);
        if (out->length > FILE_BYTES_MAX)
            return err_set(err, ERR_CONFIGURATION, "%.150s: larger than a source file can be",
                           path);
    }
    return ferror(stream) != 0
               ? err_set(err, ERR_CONFIGURATION, "%.150s: %s", path, strerror(errno))
               : 0;
}

int command_source_file(const char *path, json_t **out, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "rb");
    json_t *value;
    int result;

    if (file == NULL)
        return err_set(err, ERR_CONFIGURATION, "%.150s: %s", path, strerror(errno));
    result = read_stream(file, path, &text, err);
    if (!is_input)
        (void)fclose(file);
    if (result < 0)
        return -1;
    value =
        strlen(buf_text(&text)) == text.length ? json_stringn(buf_text(&text), text.length) : NULL;
    if (value == NULL)
        return err_set(err, ERR_CONFIGURATION, "%.150s: is not text in UTF-8", path);
    *out = json_pack("{s:s, s:o}", "name", is_input ? "standard input" : path, "text", value);
    if (*out != NULL)
        return 0;
    return err_set(err, ERR_CONFIGURATION, "the file's name is not text in UTF-8");
}

static void print_warnings(const json_t *answer)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(answer, "warnings"), i, item)
    {
        (void)fputs("warning: ", stderr);
        output_put(stderr, json_string_value(item));
        (void)fputc('\n', stderr);
    }
}

static void print_applied(const char *tenant, const json_t *answer, const struct options *options)
{
    const char *name = json_string_value(json_object_get(answer, "source"));
    const char *action = json_string_value(json_object_get(answer, "action"));
    bool nothing = action != NULL && strcmp(action, "nothing") == 0;
    bool change = action != NULL && strcmp(action, "change") == 0;

    print_warnings(answer);
    name = name != NULL ? name : "-";
    if (nothing)
        (void)printf("source %s/%s is like that already\n", tenant, name);
    else if (options->dry_run)
        (void)printf("would %s source %s/%s; nothing was stored\n", change ? "change" : "create",
                     tenant, name);
    else
        (void)printf("%s source %s/%s%s\n", change ? "changed" : "created", tenant, name,
                     options->paused && !change ? "; it waits for scimctl source resume" : "");
}

int command_source_apply(struct invocation *invocation, struct err *err)
{
    const char *tenant = invocation->arguments[0];
    const struct options *options = &invocation->options;
    const struct client_parameter parameters[] = {
        {"dry_run", options->dry_run ? "true" : NULL},
        {"paused",  options->paused ? "true" : NULL }
    };
    CLEANUP(json_decrefp) json_t *file = NULL;
    CLEANUP(json_decrefp) json_t *answer = NULL;
    struct client_request request = {.method = "PUT"};
    char *path;
    char *body;
    int result;

    if (options->file == NULL)
        return err_set(err, ERR_BAD_REQUEST, "source apply: say which file: -f FILE");
    if (command_source_file(options->file, &file, err) < 0)
        return -1;
    path =
        client_query(SEGMENTS("tenants", tenant, "sources"), parameters, ARRAY_LENGTH(parameters));
    body = json_dumps(file, JSON_COMPACT);
    request.path = path;
    request.body = body;
    request.length = strlen(body);
    result = client_call(invocation->client, &request, &answer, err);
    free(path);
    free(body);
    if (result < 0)
        return -1;
    if (options->json)
        output_json(answer);
    else
        print_applied(tenant, answer, options);
    return STATUS_DONE;
}

int command_source_list(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    CLEANUP(json_decrefp) json_t *list = NULL;

    if (command_call(invocation, "GET", SEGMENTS("tenants", invocation->arguments[0], "sources"),
                     NULL, &answer, err) < 0)
        return -1;
    if (invocation->options.json) {
        output_json(answer);
        return STATUS_DONE;
    }
    list = output_moments_list(json_object_get(answer, "sources"), times);
    output_table(list, columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

static void print_problems(const json_t *answer)
{
    static const char *const retry[] = {"retry", NULL};
    CLEANUP(json_decrefp)
    json_t *list = output_moments_list(json_object_get(answer, "problems"), retry);

    if (json_array_size(list) == 0) {
        (void)puts("\nNo object has a problem.");
        return;
    }
    (void)puts("\nObjects that could not be written, or not wholly:");
    output_table(list, problem_columns, ARRAY_LENGTH(problem_columns));
    if (json_is_string(json_object_get(answer, "next")))
        (void)puts("... and more");
}

int command_source_show(struct invocation *invocation, struct err *err)
{
    char tenant[NAME_BYTES];
    char source[NAME_BYTES];
    CLEANUP(json_decrefp) json_t *shown = NULL;
    CLEANUP(json_decrefp) json_t *problems = NULL;
    CLEANUP(json_decrefp) json_t *said = NULL;

    if (command_source_name(invocation->arguments[0], tenant, source, err) < 0 ||
        command_call(invocation, "GET", SEGMENTS("tenants", tenant, "sources", source), NULL,
                     &shown, err) < 0 ||
        command_call(invocation, "GET", SEGMENTS("tenants", tenant, "sources", source, "problems"),
                     NULL, &problems, err) < 0)
        return -1;
    if (invocation->options.json) {
        json_object_update_missing(shown, problems);
        output_json(shown);
        return STATUS_DONE;
    }
    said = output_moments(shown, times);
    output_object(said, details, ARRAY_LENGTH(details));
    (void)fputs("definition: ", stdout);
    output_json(json_object_get(shown, "definition"));
    print_problems(problems);
    return STATUS_DONE;
}

static int post(struct invocation *invocation, const char *verb, const char *done, struct err *err)
{
    char tenant[NAME_BYTES];
    char source[NAME_BYTES];
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_source_name(invocation->arguments[0], tenant, source, err) < 0 ||
        command_call(invocation, "POST", SEGMENTS("tenants", tenant, "sources", source, verb), NULL,
                     &answer, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(answer);
    else
        (void)printf("source %s/%s %s\n", tenant, source, done);
    return STATUS_DONE;
}

int command_source_pause(struct invocation *invocation, struct err *err)
{
    return post(invocation, "pause", "is paused: nothing is read until scimctl source resume", err);
}

int command_source_resume(struct invocation *invocation, struct err *err)
{
    return post(invocation, "resume", "runs on schedule again", err);
}

/* The name again, from the terminal or --yes; a script that forgot it is refused. */
static int confirm(const struct invocation *invocation, const char *source, struct err *err)
{
    char line[NAME_BYTES];

    if (invocation->options.yes)
        return 0;
    if (!isatty(STDIN_FILENO))
        return err_set(err, ERR_FORBIDDEN,
                       "deleting source %.63s ends what keeps its people "
                       "up to date: say --yes",
                       source);
    (void)fprintf(stderr,
                  "This forgets source %s, its runs and its links for good. People and groups "
                  "stay as they are.\nType its name to go on: ",
                  source);
    if (fgets(line, sizeof(line), stdin) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, source) != 0)
        return err_set(err, ERR_FORBIDDEN, "not the source's name: nothing was deleted");
    return 0;
}

int command_source_delete(struct invocation *invocation, struct err *err)
{
    char tenant[NAME_BYTES];
    char source[NAME_BYTES];
    CLEANUP(json_decrefp) json_t *shown = NULL;

    if (command_source_name(invocation->arguments[0], tenant, source, err) < 0)
        return -1;
    if (command_call(invocation, "GET", SEGMENTS("tenants", tenant, "sources", source), NULL,
                     &shown, err) < 0 ||
        confirm(invocation, source, err) < 0 ||
        command_call(invocation, "DELETE", SEGMENTS("tenants", tenant, "sources", source), NULL,
                     NULL, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(shown);
    else
        (void)printf("deleted source %s/%s; its people and groups stay as they are\n", tenant,
                     source);
    return STATUS_DONE;
}
