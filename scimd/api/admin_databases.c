#include <stdlib.h>
#include <string.h>

#include "api/admin_endpoints.h"
#include "base/cleanup.h"
#include "store/inspect.h"

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The control database comes first: without it nothing is known of the others. */
static json_t *unique_names(const char **names, size_t count)
{
    json_t *list = json_array();

    json_array_append_new(list, json_string(STORE_CONTROL));
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], STORE_CONTROL) != 0 && (i == 0 || strcmp(names[i], names[i - 1]) != 0))
            json_array_append_new(list, json_string(names[i]));
    return list;
}

int admin_database_list(struct admin_exchange *exchange, struct err *err)
{
    const struct tenant_row *rows = NULL;
    const char **names;
    size_t count = 0;

    if (tenants_list(exchange->service->tenants, exchange->arena, &rows, &count, err) < 0)
        return -1;
    names = arena_array(exchange->arena, count + 1, sizeof(*names));
    for (size_t i = 0; i < count; i++)
        names[i] = rows[i].database;
    return admin_answer(exchange, json_pack("{s:o}", "databases", unique_names(names, count)));
}

/* null where there is no text, or where a driver's words are no UTF-8. */
static json_t *text_or_null(const char *text)
{
    json_t *value = text != NULL ? json_string(text) : NULL;

    return value != NULL ? value : json_null();
}

static json_t *settings_json(const struct report *report)
{
    json_t *settings = json_object();

    for (size_t i = 0; i < report->setting_count; i++)
        json_object_set_new(settings, report->settings[i].name,
                            text_or_null(report->settings[i].value));
    return settings;
}

static json_t *problems_json(const struct report *report)
{
    json_t *problems = json_array();

    for (size_t i = 0; i < report->problem_count; i++)
        json_array_append_new(problems, json_pack("{s:o, s:o}", "what",
                                                  text_or_null(report->problems[i].what), "cause",
                                                  text_or_null(report->problems[i].cause)));
    return problems;
}

/* A database that can't be reached is an answer, too, not an error of asking. */
int admin_database_show(struct admin_exchange *exchange, struct err *err)
{
    const char *name = exchange->request->segments[2];
    struct report report = {0};

    if (store_inspect(exchange->service->store, name, exchange->arena, &report, err) < 0)
        return -1;
    return admin_answer(exchange,
                        json_pack("{s:s, s:s, s:o, s:i, s:i, s:i, s:i, s:o, s:o}", "name", name,
                                  "engine", report.engine, "server", text_or_null(report.server),
                                  "schema", report.schema, "schema_known", report.schema_known,
                                  "keys", report.keys, "keys_known", report.keys_known, "settings",
                                  settings_json(&report), "problems", problems_json(&report)));
}
