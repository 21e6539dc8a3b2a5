#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/output.h"

static const struct column columns[] = {
    {"NAME",     "name"    },
    {"STATE",    "state"   },
    {"NUMBER",   "number"  },
    {"DATABASE", "database"},
    {"CREATED",  "created" }
};

static int show(struct invocation *invocation, const json_t *tenant)
{
    if (invocation->options.json)
        output_json(tenant);
    else
        output_object(tenant, columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

static int call_and_show(struct invocation *invocation, const char *method,
                         const char *const *segments, json_t *body, struct err *err)
{
    CLEANUP(json_decrefp) json_t *tenant = NULL;

    if (command_call(invocation, method, segments, body, &tenant, err) < 0)
        return -1;
    return show(invocation, tenant);
}

int command_tenant_create(struct invocation *invocation, struct err *err)
{
    const char *database = invocation->options.database;
    json_t *body = json_pack("{s:s}", "name", invocation->arguments[0]);

    if (database != NULL)
        json_object_set_new(body, "database", json_string(database));
    return call_and_show(invocation, "POST", SEGMENTS("tenants"), body, err);
}

int command_tenant_list(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_call(invocation, "GET", SEGMENTS("tenants"), NULL, &answer, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(answer);
    else
        output_table(json_object_get(answer, "tenants"), columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

int command_tenant_show(struct invocation *invocation, struct err *err)
{
    return call_and_show(invocation, "GET", SEGMENTS("tenants", invocation->arguments[0]), NULL,
                         err);
}

int command_tenant_suspend(struct invocation *invocation, struct err *err)
{
    return call_and_show(invocation, "POST",
                         SEGMENTS("tenants", invocation->arguments[0], "suspend"), NULL, err);
}

int command_tenant_resume(struct invocation *invocation, struct err *err)
{
    return call_and_show(invocation, "POST",
                         SEGMENTS("tenants", invocation->arguments[0], "resume"), NULL, err);
}

/* The name again, from the terminal or --yes; a script that forgot it is refused. */
static int confirm(const struct invocation *invocation, struct err *err)
{
    const char *name = invocation->arguments[0];
    char line[128];

    if (invocation->options.yes)
        return 0;
    if (!isatty(STDIN_FILENO))
        return err_set(err, ERR_FORBIDDEN,
                       "deleting tenant %.63s removes all its people and groups: say --yes", name);
    (void)fprintf(stderr,
                  "This removes all people, groups and history of tenant %s for good.\n"
                  "Type its name to go on: ",
                  name);
    if (fgets(line, sizeof(line), stdin) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, name) != 0)
        return err_set(err, ERR_FORBIDDEN, "not the tenant's name: nothing was deleted");
    return 0;
}

int command_tenant_delete(struct invocation *invocation, struct err *err)
{
    const char *const *segments = SEGMENTS("tenants", invocation->arguments[0]);
    CLEANUP(json_decrefp) json_t *tenant = NULL;

    if (command_call(invocation, "GET", segments, NULL, &tenant, err) < 0 ||
        confirm(invocation, err) < 0 ||
        command_call(invocation, "DELETE", segments, NULL, NULL, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(tenant);
    else
        (void)printf("deleted tenant %s\n", invocation->arguments[0]);
    return STATUS_DONE;
}
