#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/output.h"

#define RESOURCE_TYPE_URN "urn:ietf:params:scim:schemas:core:2.0:ResourceType"

static const struct column columns[] = {
    {"NAME",    "name"   },
    {"BYTES",   "bytes"  },
    {"CREATED", "created"}
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* A file as JSON; errors are "FILE:LINE: what". */
static int read_file(const char *path, json_t **out, struct err *err)
{
    json_error_t error;
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return err_set(err, ERR_CONFIGURATION, "%.150s: %s", path, strerror(errno));
    *out = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    (void)fclose(file);
    if (*out == NULL)
        return err_set(err, ERR_CONFIGURATION, "%.150s:%d: %s", path, error.line, error.text);
    return 0;
}

/* What --extends and --endpoint say, as the ResourceType document that goes with the schema. */
static json_t *resource_type(const struct options *options, const char *urn, const char *name)
{
    if (options->extends != NULL)
        return json_pack("{s:[s], s:s, s:b, s:[{s:s, s:b}]}", "schemas", RESOURCE_TYPE_URN, "name",
                         options->extends, "extends", 1, "schemaExtensions", "schema", urn,
                         "required", options->required);
    return json_pack("{s:[s], s:s, s:s, s:s}", "schemas", RESOURCE_TYPE_URN, "name",
                     options->name != NULL ? options->name : name, "endpoint", options->endpoint,
                     "schema", urn);
}

/* The file alone, or with the resource type that the options describe. */
static int document_of(const struct invocation *invocation, const char *path, json_t **out,
                       struct err *err)
{
    const struct options *options = &invocation->options;
    CLEANUP(json_decrefp) json_t *file = NULL;
    const char *urn;
    const char *name;

    if (options->extends != NULL && options->endpoint != NULL)
        return err_set(err, ERR_CONFIGURATION, "--extends and --endpoint exclude each other");
    if (read_file(path, &file, err) < 0)
        return -1;
    if (options->extends == NULL && options->endpoint == NULL) {
        *out = TAKE(file);
        return 0;
    }
    urn = json_string_value(json_object_get(file, "id"));
    name = json_string_value(json_object_get(file, "name"));
    if (urn == NULL || (options->endpoint != NULL && options->name == NULL && name == NULL))
        return err_set(err, ERR_CONFIGURATION, "%.150s: a schema has \"id\" and \"name\"", path);
    *out = json_pack("[O, o]", file, resource_type(options, urn, name));
    return 0;
}

int command_schema_add(struct invocation *invocation, struct err *err)
{
    const char *path = invocation->arguments[1];
    CLEANUP(json_decrefp) json_t *document = NULL;

    if (document_of(invocation, path, &document, err) < 0 ||
        command_call(invocation, "PUT",
                     SEGMENTS("tenants", invocation->arguments[0], "schemas", base_name(path)),
                     json_incref(document), NULL, err) < 0)
        return -1;
    if (!invocation->options.json)
        (void)printf("added %s to tenant %s\n", base_name(path), invocation->arguments[0]);
    return STATUS_DONE;
}

int command_schema_list(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_call(invocation, "GET", SEGMENTS("tenants", invocation->arguments[0], "schemas"),
                     NULL, &answer, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(answer);
    else
        output_table(json_object_get(answer, "schemas"), columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

int command_schema_remove(struct invocation *invocation, struct err *err)
{
    if (command_call(
            invocation, "DELETE",
            SEGMENTS("tenants", invocation->arguments[0], "schemas", invocation->arguments[1]),
            NULL, NULL, err) < 0)
        return -1;
    if (!invocation->options.json)
        (void)printf("removed %s from tenant %s\n", invocation->arguments[1],
                     invocation->arguments[0]);
    return STATUS_DONE;
}
