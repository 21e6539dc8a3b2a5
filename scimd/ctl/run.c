#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/follow.h"
#include "ctl/output.h"

static const char *const times[] = {"started", "ended", NULL};
static const struct column columns[] = {
    {"RUN",     "id"     },
    {"SOURCE",  "of"     },
    {"KIND",    "kind"   },
    {"STATE",   "state"  },
    {"STARTED", "started"},
    {"WHAT",    "what"   }
};
static const struct column details[] = {
    {"run",        "id"       },
    {"source",     "of"       },
    {"kind",       "kind"     },
    {"dry run",    "dryRun"   },
    {"state",      "state"    },
    {"started",    "started"  },
    {"ended",      "ended"    },
    {"asked by",   "askedBy"  },
    {"decided by", "decidedBy"},
    {"changes",    "what"     },
    {"why",        "words"    },
    {"plan",       "summary"  },
    {"plan hash",  "hash"     }
};

static int check_number(const char *text, struct err *err)
{
    if (*text != '\0' && strspn(text, "0123456789") == strlen(text) && strlen(text) < 19)
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "%.40s: a run has a number: scimctl run list", text);
}

/* As people read it: short times, counters in words; the caller's. */
static json_t *readable(const json_t *run)
{
    CLEANUP(buf_free) struct buf what = {0};
    json_t *copy = output_moments(run, times);
    const char *tenant = json_string_value(json_object_get(run, "tenant"));
    const char *source = json_string_value(json_object_get(run, "source"));

    follow_append_counters(json_object_get(run, "counters"), &what);
    json_object_set_new(copy, "what", json_string(buf_text(&what)));
    json_object_set_new(
        copy, "of",
        json_sprintf("%s/%s", tenant != NULL ? tenant : "-", source != NULL ? source : "-"));
    return copy;
}

/* The list's last column: why, where there is a why. */
static json_t *readable_row(const json_t *run)
{
    json_t *copy = readable(run);
    const json_t *words = json_object_get(run, "words");

    if (json_is_string(words))
        json_object_set(copy, "what", (json_t *)(uintptr_t)words);
    if (json_is_true(json_object_get(run, "dryRun")))
        json_object_set_new(
            copy, "kind", json_sprintf("%s, dry", json_string_value(json_object_get(run, "kind"))));
    return copy;
}

/* All runs, a tenant's, or a source's. */
static int list_path(const struct invocation *invocation, char **out, struct err *err)
{
    const char *of = invocation->argument_count > 0 ? invocation->arguments[0] : NULL;
    char tenant[NAME_BYTES];
    char source[NAME_BYTES];
    bool both = of != NULL && strchr(of, '/') != NULL;

    if (both && command_source_name(of, tenant, source, err) < 0)
        return -1;
    const struct client_parameter parameters[] = {
        {"tenant", both ? tenant : of       },
        {"source", both ? source : NULL     },
        {"limit",  invocation->options.limit}
    };
    *out = client_query(SEGMENTS("runs"), parameters, ARRAY_LENGTH(parameters));
    return 0;
}

int command_run_list(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    CLEANUP(json_decrefp) json_t *list = json_array();
    const json_t *run;
    char *path = NULL;
    size_t i;

    if (list_path(invocation, &path, err) < 0 || command_ask(invocation, path, &answer, err) < 0)
        return -1;
    if (invocation->options.json) {
        output_json(answer);
        return STATUS_DONE;
    }
    json_array_foreach(json_object_get(answer, "runs"), i, run)
    {
        json_array_append_new(list, readable_row(run));
    }
    output_table(list, columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

int command_run_show(struct invocation *invocation, struct err *err)
{
    const char *id = invocation->arguments[0];
    CLEANUP(json_decrefp) json_t *run = NULL;
    CLEANUP(json_decrefp) json_t *said = NULL;

    if (check_number(id, err) < 0)
        return -1;
    if (invocation->options.follow)
        return follow_run(invocation, strtoll(id, NULL, 10), err);
    if (command_call(invocation, "GET", SEGMENTS("runs", id), NULL, &run, err) < 0)
        return -1;
    if (invocation->options.json) {
        output_json(run);
        return STATUS_DONE;
    }
    said = readable(run);
    output_object(said, details, ARRAY_LENGTH(details));
    if (strcmp(json_string_value(json_object_get(run, "state")), "held") == 0)
        (void)printf("look:    scimctl run plan %s\napprove: scimctl run approve %s --plan %s\n",
                     id, id, json_string_value(json_object_get(run, "hash")));
    return STATUS_DONE;
}

/* One piece of the text; null behind the last. */
static int plan_part(struct invocation *invocation, const char *id, int64_t part, json_t **out,
                     struct err *err)
{
    char number[32];
    const struct client_parameter parameter = {"part", number};

    (void)snprintf(number, sizeof(number), "%" PRId64, part);
    return command_ask(invocation, client_query(SEGMENTS("runs", id, "plan"), &parameter, 1), out,
                       err);
}

int command_run_plan(struct invocation *invocation, struct err *err)
{
    const char *id = invocation->arguments[0];
    CLEANUP(buf_free) struct buf whole = {0};
    CLEANUP(json_decrefp) json_t *answer = NULL;
    const char *text;
    bool more = true;

    if (check_number(id, err) < 0)
        return -1;
    for (int64_t part = 0; more; part++) {
        json_t *piece = NULL;

        if (plan_part(invocation, id, part, &piece, err) < 0)
            return -1;
        json_decref(answer);
        answer = piece;
        text = json_string_value(json_object_get(piece, "text"));
        more = text != NULL;
        if (more && invocation->options.json)
            buf_puts(&whole, text);
        else if (more)
            output_put(stdout, text);
    }
    if (invocation->options.json) {
        json_object_set_new(answer, "text", json_stringn(buf_text(&whole), whole.length));
        (void)json_object_del(answer, "part");
        output_json(answer);
    }
    return STATUS_DONE;
}

static int decide(struct invocation *invocation, const char *verb, json_t *body, struct err *err)
{
    const char *id = invocation->arguments[0];
    CLEANUP(json_decrefp) json_t *run = NULL;

    if (command_call(invocation, "POST", SEGMENTS("runs", id, verb), body, NULL, err) < 0 ||
        command_call(invocation, "GET", SEGMENTS("runs", id), NULL, &run, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(run);
    else
        (void)printf("run %s is %s\n", id, json_string_value(json_object_get(run, "state")));
    return STATUS_DONE;
}

int command_run_approve(struct invocation *invocation, struct err *err)
{
    const struct options *options = &invocation->options;
    const char *id = invocation->arguments[0];

    if (check_number(id, err) < 0)
        return -1;
    if (options->plan == NULL)
        return err_set(err, ERR_BAD_REQUEST,
                       "say which plan you approve: --plan HASH, as scimctl run show %s has it",
                       id);
    if (!options->follow)
        return decide(invocation, "approve", json_pack("{s:s}", "hash", options->plan), err);
    if (command_call(invocation, "POST", SEGMENTS("runs", id, "approve"),
                     json_pack("{s:s}", "hash", options->plan), NULL, err) < 0)
        return -1;
    return follow_run(invocation, strtoll(id, NULL, 10), err);
}

int command_run_reject(struct invocation *invocation, struct err *err)
{
    return check_number(invocation->arguments[0], err) < 0
               ? -1
               : decide(invocation, "reject", NULL, err);
}

int command_run_cancel(struct invocation *invocation, struct err *err)
{
    return check_number(invocation->arguments[0], err) < 0
               ? -1
               : decide(invocation, "cancel", NULL, err);
}
