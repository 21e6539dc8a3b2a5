#include <string.h>

#include "api/admin_endpoints.h"
#include "api/source_view.h"
#include "base/cleanup.h"
#include "store/links.h"

int admin_source_list(struct admin_exchange *exchange, struct err *err)
{
    const struct source_row *rows = NULL;
    size_t count = 0;
    json_t *list;

    if (tenants_source_list(exchange->service->tenants, exchange->arena, exchange->tenant, &rows,
                            &count, err) < 0)
        return -1;
    list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, source_view_json(&rows[i], exchange->tenant));
    return admin_answer(exchange, json_pack("{s:o}", "sources", list));
}

int admin_source_show(struct admin_exchange *exchange, struct err *err)
{
    struct source_row row;
    json_t *value;
    json_t *definition;

    if (tenants_source_find(exchange->service->tenants, exchange->arena, exchange->tenant,
                            exchange->name, &row, err) < 0)
        return -1;
    definition = json_loads(row.definition, 0, NULL);
    value = source_view_json(&row, exchange->tenant);
    json_object_set_new(value, "definition", definition != NULL ? definition : json_null());
    return admin_answer(exchange, value);
}

/* {"name": .., "text": ..} of a source file, as a question to the engine; the caller's. */
static int file_question(struct admin_exchange *exchange, const char *name_member, json_t **out,
                         struct err *err)
{
    CLEANUP(json_decrefp) json_t *body = NULL;
    const char *name = NULL;
    const char *text = NULL;

    if (admin_body(exchange, &body, err) < 0 || admin_text(body, "name", &name, err) < 0 ||
        admin_text(body, "text", &text, err) < 0)
        return -1;
    if (text == NULL)
        return err_set(err, ERR_INVALID_VALUE, "text: is required, and is the source file");
    *out = json_pack("{s:s, s:O}", name_member, name != NULL ? name : "source.yaml", "text",
                     json_object_get(body, "text"));
    return 0;
}

static bool is_flag_set(const struct admin_exchange *exchange, const char *name)
{
    const char *value = http_parameter(exchange->request, name);

    return value != NULL && strcmp(value, "false") != 0;
}

int admin_source_apply(struct admin_exchange *exchange, struct err *err)
{
    json_t *question = NULL;

    if (file_question(exchange, "name", &question, err) < 0)
        return -1;
    json_object_set_new(question, "dry_run", json_boolean(is_flag_set(exchange, "dry_run")));
    json_object_set_new(question, "paused", json_boolean(is_flag_set(exchange, "paused")));
    return admin_ask(exchange, "source.apply", question, err);
}

/* POST on .../sources/test and .../sources/preview: of a file that is not applied. */
int admin_source_try(struct admin_exchange *exchange, struct err *err)
{
    const char *kind = strcmp(exchange->name, "test") == 0      ? "source.test"
                       : strcmp(exchange->name, "preview") == 0 ? "source.preview"
                                                                : NULL;
    json_t *question = NULL;

    if (kind == NULL)
        return err_set(err, ERR_NOT_FOUND, "a source file is tested or previewed, nothing else");
    if (file_question(exchange, "file", &question, err) < 0)
        return -1;
    return admin_ask(exchange, kind, question, err);
}

static int ask_about(struct admin_exchange *exchange, const char *kind, struct err *err)
{
    return admin_ask(exchange, kind, json_pack("{s:s}", "source", exchange->name), err);
}

int admin_source_delete(struct admin_exchange *exchange, struct err *err)
{
    return ask_about(exchange, "source.delete", err);
}

int admin_source_test(struct admin_exchange *exchange, struct err *err)
{
    return ask_about(exchange, "source.test", err);
}

int admin_source_preview(struct admin_exchange *exchange, struct err *err)
{
    return ask_about(exchange, "source.preview", err);
}

int admin_source_pause(struct admin_exchange *exchange, struct err *err)
{
    return ask_about(exchange, "source.pause", err);
}

int admin_source_resume(struct admin_exchange *exchange, struct err *err)
{
    return ask_about(exchange, "source.resume", err);
}

static int read_switch(const json_t *body, const char *name, bool *out, struct err *err)
{
    const json_t *value = json_object_get(body, name);

    *out = json_is_true(value);
    if (value != NULL && !json_is_boolean(value))
        return err_set(err, ERR_INVALID_VALUE, "%s: must be true or false", name);
    return 0;
}

int admin_source_resync(struct admin_exchange *exchange, struct err *err)
{
    CLEANUP(json_decrefp) json_t *body = NULL;
    const char *object = NULL;
    bool full = false;
    bool dry_run = false;
    bool group = false;

    if (admin_body(exchange, &body, err) < 0 || read_switch(body, "full", &full, err) < 0 ||
        read_switch(body, "dry_run", &dry_run, err) < 0 ||
        read_switch(body, "group", &group, err) < 0 || admin_text(body, "object", &object, err) < 0)
        return -1;
    return admin_ask(exchange, "resync",
                     json_pack("{s:s, s:b, s:b, s:b, s:s*}", "source", exchange->name, "full",
                               (int)full, "dry_run", (int)dry_run, "group", (int)group, "object",
                               object),
                     err);
}

/* ---- problems ---- */

#define PROBLEMS_MAX LINKS_CHUNK

struct problems {
    struct arena *arena;
    int64_t source;
    int64_t after;
    size_t limit;
    const struct link_row *rows;
    size_t count;
};

static int read_problems(struct session *session, void *argument, struct err *err)
{
    struct problems *problems = argument;

    return links_problems(session, problems->arena, problems->source, problems->after,
                          problems->limit, &problems->rows, &problems->count, err);
}

static json_t *problem_json(const struct link_row *row)
{
    return json_pack("{s:s, s:s, s:s?, s:s?, s:o}", "type",
                     row->object == RESOURCE_TYPE_GROUP ? "Group" : "User", "sourceId",
                     row->source_id, "resource", row->resource_id, "problem", row->problem, "retry",
                     admin_time(row->due_us));
}

static int answer_problems(struct admin_exchange *exchange, const struct problems *problems)
{
    json_t *list = json_array();
    json_t *next = json_null();

    for (size_t i = 0; i < problems->count; i++)
        json_array_append_new(list, problem_json(&problems->rows[i]));
    if (problems->count == problems->limit && problems->count > 0)
        next = json_sprintf("%lld", (long long)problems->rows[problems->count - 1].pk);
    return admin_answer(exchange, json_pack("{s:o, s:o}", "problems", list, "next", next));
}

int admin_source_problems(struct admin_exchange *exchange, struct err *err)
{
    struct problems problems = {.arena = exchange->arena};
    struct tenant *tenant = NULL;
    struct source_row row;
    int64_t limit = 0;
    int result;

    if (admin_number(exchange, "after", 0, &problems.after, err) < 0 ||
        admin_number(exchange, "limit", PROBLEMS_MAX, &limit, err) < 0 ||
        tenants_source_find(exchange->service->tenants, exchange->arena, exchange->tenant,
                            exchange->name, &row, err) < 0 ||
        tenants_find(exchange->service->tenants, exchange->tenant, &tenant, err) < 0)
        return -1;
    problems.source = row.id;
    problems.limit = (size_t)(limit < 1 || limit > PROBLEMS_MAX ? PROBLEMS_MAX : limit);
    result = store_read(tenant->scope, read_problems, &problems, err);
    tenant_release(tenant);
    return result < 0 ? -1 : answer_problems(exchange, &problems);
}
