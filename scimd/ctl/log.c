#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/output.h"

#define WAIT_S 20 /* of one question while following */

static const char *text(const json_t *row, const char *name)
{
    const char *value = json_string_value(json_object_get(row, name));

    return value != NULL ? value : "-";
}

/* One line for a change: where, when, what, by whom. */
static void print_row(const json_t *row)
{
    CLEANUP(json_decrefp) json_t *forward = json_incref(json_object_get(row, "forward"));
    char *operations = json_dumps(forward, JSON_COMPACT | JSON_ENCODE_ANY);

    (void)printf("%" PRId64 " %s %s %s %s by %s %s\n",
                 (int64_t)json_integer_value(json_object_get(row, "position")), text(row, "at"),
                 text(row, "action"), text(row, "type"), text(row, "id"), text(row, "actor"),
                 operations != NULL ? operations : "");
    free(operations);
}

static void print_json_row(const json_t *row)
{
    (void)json_dumpf(row, stdout, JSON_COMPACT);
    (void)putchar('\n');
}

static int read_after(const struct invocation *invocation, int64_t *after, struct err *err)
{
    const char *argument = invocation->options.after;
    char *end = NULL;

    *after = 0;
    if (argument == NULL)
        return 0;
    errno = 0;
    *after = strtoll(argument, &end, 10);
    if (errno != 0 || end == argument || *end != '\0' || *after < 0)
        return err_set(err, ERR_INVALID_VALUE, "--after %.40s: must be a position", argument);
    return 0;
}

static int read_page(struct invocation *invocation, const char *path, int64_t *after, size_t *count,
                     struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    struct client_request request = {.method = "GET"};
    char url[1024];
    const json_t *rows;

    (void)snprintf(url, sizeof(url), "%s?after=%" PRId64 "&wait=%d", path, *after,
                   invocation->options.follow ? WAIT_S : 0);
    request.path = url;
    if (client_call(invocation->client, &request, &answer, err) < 0)
        return -1;
    rows = json_object_get(answer, "changes");
    *count = json_array_size(rows);
    for (size_t i = 0; i < *count; i++) {
        const json_t *row = json_array_get(rows, i);
        if (invocation->options.json)
            print_json_row(row);
        else
            print_row(row);
        *after = json_integer_value(json_object_get(row, "position"));
    }
    (void)fflush(stdout);
    return ferror(stdout) != 0 ? err_set(err, ERR_INTERNAL, "cannot write the output") : 0;
}

int command_log(struct invocation *invocation, struct err *err)
{
    char *path;
    int64_t after = 0;
    size_t count = 0;
    int result;

    if (read_after(invocation, &after, err) < 0)
        return -1;
    path = client_path(SEGMENTS("tenants", invocation->arguments[0], "log"));
    do
        result = read_page(invocation, path, &after, &count, err);
    while (result == 0 && (count > 0 || invocation->options.follow));
    free(path);
    return result;
}
