/* People and groups as they are stored, for an administrator's eyes: lists as SCIM has them, and
 * one resource with what stands behind it. */
#include <string.h>

#include "api/admin_endpoints.h"
#include "api/answer.h"
#include "api/scim_endpoints.h"
#include "base/cleanup.h"
#include "scim/json.h"
#include "store/links.h"
#include "store/search.h"

struct people {
    int type;              /* RESOURCE_TYPE_USER */
    const char *name_of;   /* the attribute that people call it by */
    const char *type_name; /* "user" */
    const char *left_out;  /* not shown: may be a million */
};
static const struct people users = {RESOURCE_TYPE_USER, "userName", "user", NULL};
static const struct people groups = {RESOURCE_TYPE_GROUP, "displayName", "group", "members"};

/* An exchange without a client: nobody's tolerances are counted. */
static int begin(const struct admin_exchange *admin, const struct people *people,
                 struct scim_exchange *out, struct err *err)
{
    *out = (struct scim_exchange){.service = admin->service,
                                  .request = admin->request,
                                  .response = admin->response,
                                  .arena = admin->arena,
                                  .use = {.profile = PROFILE_AUTO}};

    if (tenants_find(admin->service->tenants, admin->tenant, &out->tenant, err) < 0)
        return -1;
    out->base_url = arena_printf(admin->arena, "/%s/scim/v2", admin->tenant);
    out->type = schema_set_type_by_number(out->tenant->schemas, people->type);
    return 0;
}

static int list(struct admin_exchange *admin, const struct people *people, struct err *err)
{
    struct scim_exchange exchange;
    int result;

    if (begin(admin, people, &exchange, err) < 0)
        return -1;
    result = scim_list(&exchange, err);
    admin->response->content_type = "application/json";
    scim_exchange_end(&exchange);
    return result;
}

int admin_user_list(struct admin_exchange *exchange, struct err *err)
{
    return list(exchange, &users, err);
}

int admin_group_list(struct admin_exchange *exchange, struct err *err)
{
    return list(exchange, &groups, err);
}

/* ---- one resource ---- */

struct showing {
    struct scim_exchange *exchange;
    const struct people *people;
    const struct projection *projection;
    const char *name; /* as asked for: an id, or what people call it */
    const char *id;   /* found by name; NULL: not found yet */
};

static int keep_id(void *context, const struct resource_row *row, struct err *err)
{
    struct showing *showing = context;

    (void)err;
    showing->id = arena_strdup(showing->exchange->arena, row->id);
    return 0;
}

/* One question: which of a type fulfil `attribute eq "text"`. */
struct question {
    int type;
    const char *attribute;
    const char *text;
    int64_t count; /* of rows for keep_id(): 0 or 1 */
    int64_t total; /* the answer */
};

static int ask(struct showing *showing, struct session *session, struct question *question,
               struct err *err)
{
    struct scim_exchange *exchange = showing->exchange;
    struct search_part part = {
        .type = schema_set_type_by_number(exchange->tenant->schemas, question->type)};
    const struct filter_reader reader = {.type = part.type, .limits = &exchange->service->limits};
    const struct search search = {
        .parts = &part, .part_count = 1, .start_index = 1, .count = question->count};
    CLEANUP(buf_free) struct buf filter = {0};
    struct search_result result = {0};

    buf_printf(&filter, "%s eq ", question->attribute);
    buf_json_string(&filter, question->text, strlen(question->text));
    if (filter_parse(&reader, exchange->arena, buf_text(&filter), filter.length, &part.filter,
                     err) < 0 ||
        search_run(session, exchange->arena, &search, keep_id, showing, &result, err) < 0)
        return -1;
    question->total = result.total;
    return 0;
}

/* By id, else by what people call it. */
static int find(struct showing *showing, struct session *session, struct resource_row *row,
                struct err *err)
{
    const struct people *people = showing->people;
    struct question question = {
        .type = people->type, .attribute = people->name_of, .text = showing->name, .count = 1};

    if (resources_find(session, showing->exchange->arena, people->type, showing->name, false, row,
                       err) == 0)
        return 0;
    if (err->code != ERR_NOT_FOUND || ask(showing, session, &question, err) < 0)
        return -1;
    if (question.total == 0)
        return err_set(err, ERR_NOT_FOUND, "no %s has the id or %s %.100s", people->type_name,
                       people->name_of, showing->name);
    if (question.total > 1)
        return err_set(err, ERR_CONFLICT, "%lld %ss are called %.100s: say the id of one",
                       (long long)question.total, people->type_name, showing->name);
    return resources_find(session, showing->exchange->arena, people->type, showing->id, false, row,
                          err);
}

static const char *link_state_name(enum link_state state)
{
    static const char *const names[] = {[LINK_LIVE] = "live",
                                        [LINK_REFUSED] = "refused",
                                        [LINK_EXPECTED] = "expected",
                                        [LINK_GONE] = "gone"};

    return state >= LINK_LIVE && state <= LINK_GONE ? names[state] : "unknown";
}

static const char *source_name(const struct tenant *tenant, int64_t source)
{
    for (size_t i = 0; i < tenant->source_count; i++)
        if (tenant->sources[i].id == source)
            return tenant->sources[i].name;
    return NULL;
}

static json_t *parsed(const char *text)
{
    json_t *value = text != NULL ? json_loads(text, 0, NULL) : NULL;

    return value != NULL ? value : json_null();
}

static json_t *link_json(const struct tenant *tenant, const struct resource_link *link)
{
    const struct link_row *row = &link->row;

    return json_pack("{s:s?, s:s, s:s, s:s?, s:o, s:o, s:o}", "source",
                     source_name(tenant, link->source), "sourceId", row->source_id, "state",
                     link_state_name(row->state), "problem", row->problem, "gone",
                     admin_time(row->gone_us), "attributes", parsed(row->attributes), "mapped",
                     parsed(row->document));
}

static int append_links(struct showing *showing, struct session *session, int64_t pk,
                        struct err *err)
{
    struct scim_exchange *exchange = showing->exchange;
    CLEANUP(json_decrefp) json_t *list = json_array();
    const struct resource_link *links = NULL;
    size_t count = 0;

    if (links_of_resource(session, exchange->arena, pk, &links, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, link_json(exchange->tenant, &links[i]));
    buf_puts(&exchange->response->body, ",\"links\":");
    json_append(&exchange->response->body, list);
    return 0;
}

/* People in a group, through nested ones, too. */
static int append_count(struct showing *showing, struct session *session, const char *id,
                        struct err *err)
{
    struct question question = {
        .type = RESOURCE_TYPE_USER, .attribute = "groups.value", .text = id};

    if (showing->people->left_out == NULL)
        return 0;
    if (ask(showing, session, &question, err) < 0)
        return -1;
    buf_printf(&showing->exchange->response->body, ",\"people\":%lld", (long long)question.total);
    return 0;
}

static int render(struct session *session, void *argument, struct err *err)
{
    struct showing *showing = argument;
    struct scim_exchange *exchange = showing->exchange;
    struct buf *body = &exchange->response->body;
    struct resource_row row;

    http_response_clear(exchange->response); /* a read may run again */
    if (find(showing, session, &row, err) < 0)
        return -1;
    buf_puts(body, "{\"resource\":");
    if (answer_resource(exchange, session, exchange->type, showing->projection, &row, err) < 0 ||
        append_count(showing, session, row.id, err) < 0 ||
        append_links(showing, session, row.pk, err) < 0)
        return -1;
    buf_puts(body, "}\n");
    return 0;
}

static int show(struct admin_exchange *admin, const struct people *people, struct err *err)
{
    struct scim_exchange exchange;
    struct showing showing = {.exchange = &exchange, .people = people, .name = admin->name};
    int result;

    if (begin(admin, people, &exchange, err) < 0)
        return -1;
    result = projection_parse(exchange.type, admin->arena, NULL, people->left_out,
                              &showing.projection, err);
    if (result == 0)
        result = store_read_snapshot(exchange.tenant->scope, render, &showing, err);
    scim_exchange_end(&exchange);
    admin->response->status = 200;
    admin->response->content_type = "application/json";
    return result;
}

int admin_user_show(struct admin_exchange *exchange, struct err *err)
{
    return show(exchange, &users, err);
}

int admin_group_show(struct admin_exchange *exchange, struct err *err)
{
    return show(exchange, &groups, err);
}
