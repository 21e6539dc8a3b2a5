#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/output.h"

static const struct column columns[] = {
    {"version", "version"},
    {"started", "started"},
    {"tenants", "tenants"}
};
static const struct column store_columns[] = {
    {"transactions",      "transactions"},
    {"commits",           "commits"     },
    {"database sessions", "sessions"    }
};

int command_status(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_call(invocation, "GET", SEGMENTS("status"), NULL, &answer, err) < 0)
        return -1;
    if (invocation->options.json) {
        output_json(answer);
        return STATUS_DONE;
    }
    output_object(answer, columns, ARRAY_LENGTH(columns));
    output_object(json_object_get(answer, "store"), store_columns, ARRAY_LENGTH(store_columns));
    return STATUS_DONE;
}
