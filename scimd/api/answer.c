#include "api/answer.h"

#include <string.h>

#include "api/negotiate.h"
#include "base/cleanup.h"
#include "scim/json.h"
#include "store/members.h"

struct rendering {
    struct scim_exchange *exchange;
    struct session *session;
    const struct resource_type *type;
    const struct projection *projection;
    const struct resource_row *row;
};

/* The type's attribute of that role, if the answer contains it. */
static const struct attribute *wanted(const struct rendering *rendering, enum attribute_role role)
{
    const struct schema *schema = rendering->type->schema;

    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];
        if (attribute->role == role)
            return projection_wants(rendering->projection, attribute) ? attribute : NULL;
    }
    return NULL;
}

/* Opens a member of an element where the projection wants it: ,"value": */
static bool open_sub(const struct rendering *rendering, const struct attribute *attribute,
                     const char *name, bool *first)
{
    struct buf *body = &rendering->exchange->response->body;
    const struct attribute *sub = schema_sub_attribute(attribute, name, strlen(name));

    if (sub == NULL || !projection_wants_sub(rendering->projection, sub))
        return false;
    buf_puts(body, *first ? "\"" : ",\"");
    buf_puts(body, name);
    buf_puts(body, "\":");
    *first = false;
    return true;
}

static void append_reference(const struct rendering *rendering, const char *type_name,
                             const char *id)
{
    struct scim_exchange *exchange = rendering->exchange;
    struct buf *body = &exchange->response->body;
    const struct resource_type *type =
        schema_set_type_by_name(exchange->tenant->schemas, type_name);

    buf_putc(body, '"');
    buf_puts(body, exchange->base_url);
    buf_puts(body, type != NULL ? type->endpoint : "");
    buf_putc(body, '/');
    buf_puts(body, id);
    buf_putc(body, '"');
}

static void append_text(struct buf *body, const char *text)
{
    buf_json_string(body, text, strlen(text));
}

static void append_member(const struct rendering *rendering, const struct attribute *attribute,
                          const struct member_row *member)
{
    struct buf *body = &rendering->exchange->response->body;
    bool first = true;

    buf_putc(body, '{');
    if (open_sub(rendering, attribute, "value", &first))
        append_text(body, member->id);
    if (open_sub(rendering, attribute, "$ref", &first))
        append_reference(rendering, member->type, member->id);
    if (open_sub(rendering, attribute, "type", &first))
        append_text(body, member->type);
    if (member->display != NULL && open_sub(rendering, attribute, "display", &first))
        append_text(body, member->display);
    buf_putc(body, '}');
}

/* All members, page by page; an empty set is left out. */
static int append_members(const struct rendering *rendering, const struct attribute *attribute,
                          struct err *err)
{
    struct buf *body = &rendering->exchange->response->body;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct member_row *members = NULL;
    size_t count = MEMBERS_CHUNK;
    int64_t after = 0;
    bool any = false;
    int result = 0;

    while (result == 0 && count == MEMBERS_CHUNK) {
        arena_reset(arena);
        result = members_page(rendering->session, arena, rendering->row->pk, after, MEMBERS_CHUNK,
                              &members, &count, err);
        for (size_t i = 0; result == 0 && i < count; i++) {
            buf_puts(body, any ? "," : ",\"members\":[");
            any = true;
            append_member(rendering, attribute, &members[i]);
            after = members[i].pk;
        }
        if (result == 0)
            result = http_response_flush(rendering->exchange->response, err);
    }
    if (any)
        buf_putc(body, ']');
    arena_free(arena);
    return result;
}

static void append_membership(const struct rendering *rendering, const struct attribute *attribute,
                              const struct membership *membership)
{
    struct buf *body = &rendering->exchange->response->body;
    bool first = true;

    buf_putc(body, '{');
    if (open_sub(rendering, attribute, "value", &first))
        append_text(body, membership->id);
    if (open_sub(rendering, attribute, "$ref", &first))
        append_reference(rendering, "Group", membership->id);
    if (membership->display != NULL && open_sub(rendering, attribute, "display", &first))
        append_text(body, membership->display);
    if (open_sub(rendering, attribute, "type", &first))
        append_text(body, membership->direct ? "direct" : "indirect");
    buf_putc(body, '}');
}

static int append_groups(const struct rendering *rendering, const struct attribute *attribute,
                         struct err *err)
{
    struct buf *body = &rendering->exchange->response->body;
    const struct membership *groups = NULL;
    size_t count = 0;

    if (members_groups_of(rendering->session, rendering->exchange->arena, rendering->row->pk,
                          &groups, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        buf_puts(body, i == 0 ? ",\"groups\":[" : ",");
        append_membership(rendering, attribute, &groups[i]);
    }
    if (count > 0)
        buf_putc(body, ']');
    return 0;
}

/* Document, id and meta, as the projection wants them; leaves the object open. */
static int append_open_document(const struct rendering *rendering, struct err *err)
{
    struct scim_exchange *exchange = rendering->exchange;
    const struct resource_row *row = rendering->row;
    struct buf *body = &exchange->response->body;
    const struct resource_frame frame = {.type = rendering->type,
                                         .id = row->id,
                                         .version = row->version,
                                         .created_us = row->created_us,
                                         .modified_us = row->modified_us,
                                         .base_url = exchange->base_url};
    CLEANUP(json_decrefp) json_t *document = NULL;
    CLEANUP(json_decrefp) json_t *framed = NULL;
    json_error_t error;

    if (projection_keeps_document(rendering->type, rendering->projection)) {
        resource_append(body, &frame, row->document, row->document_length, NULL);
    } else {
        document = json_loadb(row->document, row->document_length, 0, &error);
        if (document == NULL) {
            (void)err_set(err, ERR_INTERNAL, "a stored document is broken");
            return err_because(err, "%s: %s", row->id, error.text);
        }
        framed = resource_framed(&frame, document);
        projection_apply(rendering->type, rendering->projection, framed);
        json_append(body, framed);
    }
    body->length--; /* the closing brace: groups or members may follow */
    return 0;
}

int answer_resource(struct scim_exchange *exchange, struct session *session,
                    const struct resource_type *type, const struct projection *projection,
                    const struct resource_row *row, struct err *err)
{
    const struct rendering rendering = {.exchange = exchange,
                                        .session = session,
                                        .type = type,
                                        .projection = projection,
                                        .row = row};
    const struct attribute *members = wanted(&rendering, ROLE_MEMBERS);
    const struct attribute *groups = row->in_groups ? wanted(&rendering, ROLE_GROUPS) : NULL;

    if (append_open_document(&rendering, err) < 0 ||
        (groups != NULL && append_groups(&rendering, groups, err) < 0) ||
        (members != NULL && append_members(&rendering, members, err) < 0))
        return -1;
    buf_putc(&exchange->response->body, '}');
    return http_response_flush(exchange->response, err);
}

void answer_headers(struct scim_exchange *exchange, int status, const struct resource_row *row)
{
    struct http_response *response = exchange->response;
    const struct resource_frame frame = {
        .type = exchange->type, .id = row->id, .base_url = exchange->base_url};
    CLEANUP(buf_free) struct buf location = {0};
    char etag[RESOURCE_ETAG_BYTES];

    resource_append_location(&location, &frame);
    resource_etag(row->version, etag);
    response->status = status;
    http_response_header(response, "ETag", etag);
    http_response_header(response, "Content-Location", buf_text(&location));
    if (status == 201)
        http_response_header(response, "Location", buf_text(&location));
}

struct single {
    struct scim_exchange *exchange;
    const struct projection *projection;
    const struct resource_row *row;
};

static int render_single(struct session *session, void *argument, struct err *err)
{
    const struct single *single = argument;

    /* a read may run again: what it wrote is taken back first */
    http_response_clear(single->exchange->response);
    return answer_resource(single->exchange, session, single->exchange->type, single->projection,
                           single->row, err);
}

int answer_single(struct scim_exchange *exchange, int status, const struct projection *projection,
                  const struct resource_row *row, struct err *err)
{
    struct single single = {exchange, projection, row};
    const struct rendering rendering = {
        .exchange = exchange, .type = exchange->type, .projection = projection, .row = row};
    bool needs_session = row->in_groups || wanted(&rendering, ROLE_MEMBERS) != NULL;

    if (needs_session
            ? store_read_snapshot(exchange->tenant->scope, render_single, &single, err) < 0
            : render_single(NULL, &single, err) < 0)
        return -1;
    answer_headers(exchange, status, row);
    exchange->response->content_type = MEDIA_TYPE_SCIM;
    return 0;
}
