#include <string.h>

#include "api/answer.h"
#include "api/negotiate.h"
#include "api/scim_endpoints.h"
#include "api/scim_query.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "scim/list.h"

/* One search on its way: what store/search gets, and how its rows are rendered. */
struct listing {
    struct scim_exchange *exchange;
    const struct scim_query *query;
    struct search search;
    struct search_part *parts;
    const struct projection **projections; /* one for each part */
    struct session *session;
    uint8_t digest[DIGEST_BYTES]; /* of everything a cursor belongs to */
    struct page_cursor cursor;
    struct search_result result;
    int64_t rendered;
};

static int sort_attribute(const struct listing *listing, const struct resource_type *type,
                          const struct attribute **out, struct err *err)
{
    const char *text = listing->query->sort_by;
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;
    bool several = listing->search.part_count > 1;

    *out = NULL;
    if (text == NULL)
        return 0;
    if (!schema_resolve(type, text, strlen(text), &schema, &attribute, &sub) || attribute == NULL)
        return several ? 0 : err_set(err, ERR_INVALID_PATH, "sortBy: no attribute %.100s", text);
    *out = sub != NULL ? sub : attribute;
    if (sub == NULL && attribute->type == ATTRIBUTE_COMPLEX) {
        *out = schema_sub_attribute(attribute, "value", strlen("value"));
        if (*out == NULL)
            return err_set(err, ERR_INVALID_PATH, "sortBy: %.100s is complex: name a sub-attribute",
                           text);
    }
    if (!(*out)->filterable || (*out)->returned == RETURNED_NEVER || attribute->role != ROLE_STORED)
        return err_set(err, ERR_INVALID_PATH, "sortBy: cannot sort by %.100s", text);
    return 0;
}

static int prepare_part(struct listing *listing, size_t index, const struct resource_type *type,
                        struct err *err)
{
    struct scim_exchange *exchange = listing->exchange;
    const struct scim_query *query = listing->query;
    const struct filter_reader reader = {.type = type,
                                         .limits = &exchange->service->limits,
                                         .tolerances = &exchange->use,
                                         .unknown_is_never = listing->search.part_count > 1};
    struct search_part *part = &listing->parts[index];

    part->type = type;
    if (query->filter != NULL && filter_parse(&reader, exchange->arena, query->filter,
                                              strlen(query->filter), &part->filter, err) < 0)
        return -1;
    if (sort_attribute(listing, type, &part->sort, err) < 0)
        return -1;
    return projection_parse(type, exchange->arena, query->attributes, query->excluded,
                            &listing->projections[index], err);
}

/* True where no leaf names an attribute that the type has. */
static bool is_only_never(const struct filter *filter)
{
    if (filter->kind == FILTER_AND || filter->kind == FILTER_OR)
        return is_only_never(filter->left) && is_only_never(filter->right);
    if (filter->kind == FILTER_NOT)
        return is_only_never(filter->left);
    return filter->kind == FILTER_NEVER;
}

/* An attribute that some of several types don't have matches nothing there; one that none has is an
 * error. */
static int check_filters(const struct listing *listing, struct err *err)
{
    if (listing->query->filter == NULL)
        return 0;
    for (size_t i = 0; i < listing->search.part_count; i++)
        if (!is_only_never(listing->parts[i].filter))
            return 0;
    return err_set(err, ERR_INVALID_FILTER, "filter: no resource type has these attributes");
}

/* What a cursor is bound to: another filter, sort, tenant or endpoint makes it invalid. */
static void digest_query(struct listing *listing)
{
    const struct scim_query *query = listing->query;
    CLEANUP(buf_free) struct buf text = {0};

    buf_printf(&text, "%d\n%s\n%s\n%d\n", listing->exchange->tenant->number,
               query->filter != NULL ? query->filter : "",
               query->sort_by != NULL ? query->sort_by : "", query->descending);
    for (size_t i = 0; i < listing->search.part_count; i++)
        buf_printf(&text, "%d,", listing->parts[i].type->number);
    digest_sha256(text.bytes, text.length, listing->digest);
}

static int prepare_cursor(struct listing *listing, struct err *err)
{
    const char *text = listing->query->cursor;

    listing->search.by_cursor = text != NULL;
    if (text == NULL)
        return 0;
    digest_query(listing);
    if (*text == '\0')
        return 0;
    if (cursor_read(listing->exchange->arena, listing->exchange->service->keys.cursors, text,
                    listing->digest, clock_now_us(), &listing->cursor, err) < 0)
        return -1;
    listing->search.cursor = &listing->cursor;
    return 0;
}

static size_t part_of(const struct listing *listing, int type)
{
    size_t index = 0;

    while (index + 1 < listing->search.part_count && listing->parts[index].type->number != type)
        index++;
    return index;
}

static int render_row(void *context, const struct resource_row *row, struct err *err)
{
    struct listing *listing = context;
    size_t part = part_of(listing, row->type);

    if (listing->rendered++ > 0)
        buf_putc(&listing->exchange->response->body, ',');
    return answer_resource(listing->exchange, listing->session, listing->parts[part].type,
                           listing->projections[part], row, err);
}

/* Rows are rendered as they come; the envelope's numbers, known afterwards, follow them. */
static int run(struct session *session, void *argument, struct err *err)
{
    struct listing *listing = argument;
    struct scim_exchange *exchange = listing->exchange;

    http_response_clear(exchange->response);
    listing->session = session;
    listing->rendered = 0;
    list_begin(&exchange->response->body);
    return search_run(session, exchange->arena, &listing->search, render_row, listing,
                      &listing->result, err);
}

static void finish(struct listing *listing)
{
    struct scim_exchange *exchange = listing->exchange;
    struct list_frame frame = {.total = listing->result.total,
                               .start_index =
                                   listing->search.by_cursor ? 0 : listing->query->start_index,
                               .items = listing->rendered};

    if (listing->search.by_cursor && listing->result.more) {
        struct page_cursor next = listing->result.next;
        memcpy(next.query, listing->digest, DIGEST_BYTES);
        next.expires_at_us = clock_now_us() + (int64_t)CURSOR_LIFETIME_S * 1000000;
        frame.next_cursor = cursor_write(exchange->arena, exchange->service->keys.cursors, &next);
    }
    list_end(&exchange->response->body, &frame);
    exchange->response->status = 200;
    exchange->response->content_type = MEDIA_TYPE_SCIM;
}

static int list(struct scim_exchange *exchange, const struct scim_query *query,
                const struct resource_type *const *types, size_t count, struct err *err)
{
    struct listing listing = {.exchange = exchange, .query = query};
    int (*read)(struct store_scope, store_work, void *, struct err *);

    listing.parts = arena_array(exchange->arena, count, sizeof(*listing.parts));
    listing.projections = arena_array(exchange->arena, count, sizeof(const struct projection *));
    listing.search = (struct search){.parts = listing.parts,
                                     .part_count = count,
                                     .sorted = query->sort_by != NULL,
                                     .descending = query->descending,
                                     .start_index = query->start_index,
                                     .count = query->count,
                                     .documents = true};
    for (size_t i = 0; i < count; i++)
        if (prepare_part(&listing, i, types[i], err) < 0)
            return -1;
    if (check_filters(&listing, err) < 0 || prepare_cursor(&listing, err) < 0)
        return -1;
    read = search_is_lookup(&listing.search) ? store_read : store_read_snapshot;
    if (read(exchange->tenant->scope, run, &listing, err) < 0)
        return -1;
    finish(&listing);
    return 0;
}

int scim_list(struct scim_exchange *exchange, struct err *err)
{
    struct scim_query query;

    if (scim_query_from_parameters(exchange, &query, err) < 0)
        return -1;
    return list(exchange, &query, &exchange->type, 1, err);
}

int scim_search(struct scim_exchange *exchange, struct err *err)
{
    CLEANUP(json_decrefp) json_t *body = NULL;
    struct scim_query query;

    if (scim_exchange_body(exchange, &body, err) < 0 ||
        scim_query_from_body(exchange, body, &query, err) < 0)
        return -1;
    return list(exchange, &query, &exchange->type, 1, err);
}

int scim_search_root(struct scim_exchange *exchange, struct err *err)
{
    const struct schema_set *schemas = exchange->tenant->schemas;
    size_t count = schema_set_type_count(schemas);
    const struct resource_type **types =
        arena_array(exchange->arena, count, sizeof(const struct resource_type *));
    CLEANUP(json_decrefp) json_t *body = NULL;
    struct scim_query query;

    if (scim_exchange_body(exchange, &body, err) < 0 ||
        scim_query_from_body(exchange, body, &query, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        types[i] = schema_set_type(schemas, i);
    return list(exchange, &query, types, count, err);
}
