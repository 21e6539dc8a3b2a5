#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/output.h"

static const struct column columns[] = {
    {"ID",        "id"      },
    {"NAME",      "name"    },
    {"CREATED",   "created" },
    {"EXPIRES",   "expires" },
    {"LAST USED", "lastUsed"}
};

/* "90d" as seconds. */
static int read_duration(const char *text, long long *seconds, struct err *err)
{
    static const struct {
        char unit;
        long long seconds;
    } units[] = {
        {'s', 1     },
        {'m', 60    },
        {'h', 3600  },
        {'d', 86400 },
        {'w', 604800}
    };
    char *end = NULL;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++)
        if (errno == 0 && end > text && *end == units[i].unit && end[1] == '\0' && number > 0 &&
            number < 100000000) {
            *seconds = number * units[i].seconds;
            return 0;
        }
    return err_set(err, ERR_INVALID_VALUE, "--expires %.40s: write it as 30m, 12h, 90d or 52w",
                   text);
}

int command_token_create(struct invocation *invocation, struct err *err)
{
    const struct options *options = &invocation->options;
    CLEANUP(json_decrefp) json_t *token = NULL;
    json_t *body;
    long long seconds = 0;

    if (options->expires != NULL && read_duration(options->expires, &seconds, err) < 0)
        return -1;
    body = json_pack("{s:s*, s:s*}", "name", options->name, "connection", options->connection);
    if (seconds > 0)
        json_object_set_new(body, "expiresIn", json_integer(seconds));
    if (command_call(invocation, "POST", SEGMENTS("tenants", invocation->arguments[0], "tokens"),
                     body, &token, err) < 0)
        return -1;
    if (options->json)
        output_json(token);
    else
        (void)printf("%s\n", json_string_value(json_object_get(token, "token")));
    return STATUS_DONE;
}

int command_token_list(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_call(invocation, "GET", SEGMENTS("tenants", invocation->arguments[0], "tokens"),
                     NULL, &answer, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(answer);
    else
        output_table(json_object_get(answer, "tokens"), columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

/* A whole token is taken, too: its public part is in the middle. */
static const char *public_id(const char *text, char *id, size_t room)
{
    size_t length;

    if (strncmp(text, "scimd_", strlen("scimd_")) != 0)
        return text;
    text += strlen("scimd_");
    length = strcspn(text, "_");
    (void)snprintf(id, room, "%.*s", (int)length, text);
    return id;
}

int command_token_revoke(struct invocation *invocation, struct err *err)
{
    char room[64];
    const char *id = public_id(invocation->arguments[1], room, sizeof(room));

    if (command_call(invocation, "DELETE",
                     SEGMENTS("tenants", invocation->arguments[0], "tokens", id), NULL, NULL,
                     err) < 0)
        return -1;
    if (!invocation->options.json)
        (void)printf("revoked token %s\n", id);
    return STATUS_DONE;
}
