#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/output.h"

#define CELL_BYTES 256

static const struct column columns[] = {
    {"DATABASE", "name"    },
    {"SERVER",   "server"  },
    {"SCHEMA",   "schema"  },
    {"KEYS",     "keys"    },
    {"SETTINGS", "settings"},
    {"STATE",    "state"   },
};

static bool is_sound(const json_t *report)
{
    return json_array_size(json_object_get(report, "problems")) == 0;
}

/* "4", or "3 of 4" where the program has more. */
static json_t *version_cell(const json_t *report, const char *member, const char *known_member)
{
    json_int_t found = json_integer_value(json_object_get(report, member));
    json_int_t known = json_integer_value(json_object_get(report, known_member));

    if (json_is_null(json_object_get(report, "server")))
        return json_null();
    return found == known ? json_sprintf("%lld", (long long)found)
                          : json_sprintf("%lld of %lld", (long long)found, (long long)known);
}

static json_t *settings_cell(const json_t *report)
{
    char text[CELL_BYTES] = "";
    size_t length = 0;
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(report, "settings"), name, value)
    {
        int added = snprintf(text + length, sizeof(text) - length, "%s%s=%s", length > 0 ? " " : "",
                             name, json_string_value(value));

        if (added < 0 || (size_t)added >= sizeof(text) - length)
            break;
        length += (size_t)added;
    }
    text[length] = '\0';
    return length > 0 ? json_string(text) : json_null();
}

static const char *state_of(const json_t *report)
{
    if (!is_sound(report))
        return "wrong";
    if (json_integer_value(json_object_get(report, "schema")) <
        json_integer_value(json_object_get(report, "schema_known")))
        return "behind: migrated when it is next opened";
    return "ok";
}

static void print_table(const json_t *reports)
{
    CLEANUP(json_decrefp) json_t *rows = json_array();
    const json_t *report;
    size_t i;

    json_array_foreach(reports, i, report)
    {
        json_array_append_new(rows,
                              json_pack("{s:O, s:O, s:o, s:o, s:o, s:s}", "name",
                                        json_object_get(report, "name"), "server",
                                        json_object_get(report, "server"), "schema",
                                        version_cell(report, "schema", "schema_known"), "keys",
                                        version_cell(report, "keys", "keys_known"), "settings",
                                        settings_cell(report), "state", state_of(report)));
    }
    output_table(rows, columns, ARRAY_LENGTH(columns));
}

static void print_problems(const json_t *report)
{
    const json_t *problem;
    size_t i;

    json_array_foreach(json_object_get(report, "problems"), i, problem)
    {
        const char *cause = json_string_value(json_object_get(problem, "cause"));

        (void)printf("\n%s: %s\n", json_string_value(json_object_get(report, "name")),
                     json_string_value(json_object_get(problem, "what")));
        if (cause != NULL)
            (void)printf("    %s\n", cause);
    }
}

/* Appends the report on one database. */
static int ask(struct invocation *invocation, const char *name, json_t *reports, bool *sound,
               struct err *err)
{
    json_t *report = NULL;

    if (command_call(invocation, "GET", SEGMENTS("databases", name), NULL, &report, err) < 0)
        return -1;
    *sound = *sound && is_sound(report);
    json_array_append_new(reports, report);
    return 0;
}

/* Who has which database stands in the control database: where that one can't be read, there is no
 * more to ask. */
static int ask_all(struct invocation *invocation, json_t *reports, bool *sound, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    const json_t *name;
    size_t i;

    if (ask(invocation, "control", reports, sound, err) < 0)
        return -1;
    if (json_is_null(json_object_get(json_array_get(reports, 0), "server")))
        return 0;
    if (command_call(invocation, "GET", SEGMENTS("databases"), NULL, &answer, err) < 0)
        return -1;
    json_array_foreach(json_object_get(answer, "databases"), i, name)
    {
        if (i > 0 && ask(invocation, json_string_value(name), reports, sound, err) < 0)
            return -1;
    }
    return 0;
}

int command_doctor(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *reports = json_array();
    CLEANUP(json_decrefp) json_t *whole = NULL;
    const json_t *report;
    bool sound = true;
    size_t i;

    if (ask_all(invocation, reports, &sound, err) < 0)
        return -1;
    if (invocation->options.json) {
        whole = json_pack("{s:b, s:O}", "sound", sound, "databases", reports);
        output_json(whole);
    } else {
        print_table(reports);
        json_array_foreach(reports, i, report)
        {
            print_problems(report);
        }
    }
    return sound ? STATUS_DONE : STATUS_FAILED;
}
