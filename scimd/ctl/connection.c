#include <stdio.h>

#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/output.h"

static const struct column columns[] = {
    {"NAME",    "name"   },
    {"PROFILE", "profile"},
    {"SEEN",    "seen"   },
    {"CREATED", "created"}
};
static const struct column tolerance_columns[] = {
    {"TOLERANCE", "name" },
    {"USED",      "count"},
    {"WHAT",      "help" }
};

static int show(struct invocation *invocation, const json_t *connection)
{
    const json_t *tolerances = json_object_get(connection, "tolerances");

    if (invocation->options.json) {
        output_json(connection);
        return STATUS_DONE;
    }
    output_object(connection, columns, ARRAY_LENGTH(columns));
    if (json_array_size(tolerances) == 0) {
        (void)puts("\nNo tolerance was used: its requests keep to the RFC so far.");
    } else {
        (void)puts("");
        output_table(tolerances, tolerance_columns, ARRAY_LENGTH(tolerance_columns));
    }
    return STATUS_DONE;
}

static int put(struct invocation *invocation, struct err *err)
{
    const char *const *segments =
        SEGMENTS("tenants", invocation->arguments[0], "connections", invocation->arguments[1]);
    CLEANUP(json_decrefp) json_t *connection = NULL;
    json_t *body = json_pack("{s:s*}", "profile", invocation->options.profile);

    if (command_call(invocation, "PUT", segments, body, &connection, err) < 0)
        return -1;
    return show(invocation, connection);
}

int command_connection_create(struct invocation *invocation, struct err *err)
{
    return put(invocation, err);
}

int command_connection_set(struct invocation *invocation, struct err *err)
{
    if (invocation->options.profile == NULL)
        return err_set(err, ERR_INVALID_VALUE, "nothing to set: say --profile NAME");
    /* only what is there can be set */
    if (command_call(
            invocation, "GET",
            SEGMENTS("tenants", invocation->arguments[0], "connections", invocation->arguments[1]),
            NULL, NULL, err) < 0)
        return -1;
    return put(invocation, err);
}

int command_connection_list(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_call(invocation, "GET",
                     SEGMENTS("tenants", invocation->arguments[0], "connections"), NULL, &answer,
                     err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(answer);
    else
        output_table(json_object_get(answer, "connections"), columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

int command_connection_show(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *connection = NULL;

    if (command_call(
            invocation, "GET",
            SEGMENTS("tenants", invocation->arguments[0], "connections", invocation->arguments[1]),
            NULL, &connection, err) < 0)
        return -1;
    return show(invocation, connection);
}

int command_connection_delete(struct invocation *invocation, struct err *err)
{
    if (command_call(
            invocation, "DELETE",
            SEGMENTS("tenants", invocation->arguments[0], "connections", invocation->arguments[1]),
            NULL, NULL, err) < 0)
        return -1;
    if (!invocation->options.json)
        (void)printf("deleted connection %s and its tokens\n", invocation->arguments[1]);
    return STATUS_DONE;
}
