#include <stdio.h>

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
static const char *const times[] = {"lastSuccess", "nextRun", NULL};
static const struct column source_columns[] = {
    {"SOURCE",       "of"         },
    {"STATE",        "state"      },
    {"LAST SUCCESS", "lastSuccess"},
    {"NEXT RUN",     "nextRun"    },
    {"HELD RUN",     "heldRun"    },
    {"LAST ERROR",   "lastError"  }
};

static void print_sources(const json_t *sources)
{
    CLEANUP(json_decrefp) json_t *list = output_moments_list(sources, times);
    json_t *source;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    json_array_foreach(list, i, source)
    {
        json_object_set_new(source, "of",
                            json_sprintf("%s/%s",
                                         json_string_value(json_object_get(source, "tenant")),
                                         json_string_value(json_object_get(source, "name"))));
    }
    (void)puts("");
    output_table(list, source_columns, ARRAY_LENGTH(source_columns));
}

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
    print_sources(json_object_get(answer, "sources"));
    return STATUS_DONE;
}
