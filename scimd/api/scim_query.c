#include "api/scim_query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "scim/json.h"

#define SEARCH_REQUEST_URN "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

/* Numbers as sent, before they are brought into range. */
struct raw_numbers {
    int64_t start_index;
    int64_t count;
    bool has_start_index;
    bool has_count;
};

static int settle_numbers(const struct scim_exchange *exchange, const struct raw_numbers *raw,
                          struct scim_query *query, struct err *err)
{
    const struct scim_limits *limits = &exchange->service->limits;

    if (query->cursor != NULL && raw->has_start_index)
        return err_set(err, ERR_INVALID_CURSOR, "cursor and startIndex exclude each other");
    if (query->cursor != NULL && raw->has_count && raw->count < 0)
        return err_set(err, ERR_INVALID_COUNT, "count: must not be negative");
    query->start_index = raw->has_start_index && raw->start_index > 1 ? raw->start_index : 1;
    query->count = raw->has_count ? raw->count : (int64_t)limits->page_default;
    if (query->count < 0)
        query->count = 0;
    if (query->count > (int64_t)limits->page_max)
        query->count = (int64_t)limits->page_max;
    return 0;
}

static int read_order(const char *text, struct scim_query *query, struct err *err)
{
    query->descending = text != NULL && strcasecmp(text, "descending") == 0;
    if (text != NULL && !query->descending && strcasecmp(text, "ascending") != 0)
        return err_set(err, ERR_INVALID_VALUE, "sortOrder: must be ascending or descending");
    return 0;
}

/* `filter=` asks for nothing, and so does `count=`. */
static const char *non_empty(const char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

/* A parameter that says something; NULL where there is none. */
static const char *parameter(const struct scim_exchange *exchange, const char *name)
{
    return non_empty(http_parameter(exchange->request, name));
}

static int parameter_number(const struct scim_exchange *exchange, const char *name, int64_t *out,
                            bool *present, struct err *err)
{
    const char *text = parameter(exchange, name);
    char *end = NULL;

    *present = text != NULL;
    if (text == NULL)
        return 0;
    errno = 0;
    *out = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        return err_set(err, ERR_INVALID_VALUE, "%s: must be an integer", name);
    return 0;
}

int scim_query_from_parameters(struct scim_exchange *exchange, struct scim_query *out,
                               struct err *err)
{
    struct raw_numbers raw = {0};

    *out = (struct scim_query){.filter = parameter(exchange, "filter"),
                               .sort_by = parameter(exchange, "sortBy"),
                               .attributes = http_parameter(exchange->request, "attributes"),
                               .excluded = http_parameter(exchange->request, "excludedAttributes"),
                               .cursor = http_parameter(exchange->request, "cursor")};
    if (parameter_number(exchange, "startIndex", &raw.start_index, &raw.has_start_index, err) < 0 ||
        parameter_number(exchange, "count", &raw.count, &raw.has_count, err) < 0 ||
        read_order(parameter(exchange, "sortOrder"), out, err) < 0)
        return -1;
    return settle_numbers(exchange, &raw, out, err);
}

static int member_text(const json_t *body, const char *name, const char **out, struct err *err)
{
    const json_t *value = json_member(body, name);

    *out = json_string_value(value);
    if (value != NULL && *out == NULL)
        return err_set(err, ERR_INVALID_VALUE, "%s: must be a string", name);
    return 0;
}

static int member_number(const json_t *body, const char *name, int64_t *out, bool *present,
                         struct err *err)
{
    const json_t *value = json_member(body, name);

    *present = value != NULL;
    if (value != NULL && !json_is_integer(value))
        return err_set(err, ERR_INVALID_VALUE, "%s: must be an integer", name);
    *out = json_integer_value(value);
    return 0;
}

/* RFC 7644 section 3.4.3 has lists here; a comma-separated string is what some clients send. */
static int member_names(struct arena *arena, const json_t *body, const char *name, const char **out,
                        struct err *err)
{
    const json_t *value = json_member(body, name);
    CLEANUP(buf_free) struct buf names = {0};

    if (!json_is_array(value))
        return member_text(body, name, out, err);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        if (text == NULL)
            return err_set(err, ERR_INVALID_VALUE, "%s[%zu]: must be a string", name, i);
        buf_puts(&names, i > 0 ? "," : "");
        buf_puts(&names, text);
    }
    *out = arena_strdup(arena, buf_text(&names));
    return 0;
}

static int check_schemas(struct scim_exchange *exchange, const json_t *body, struct err *err)
{
    const json_t *schemas = json_member(body, "schemas");

    for (size_t i = 0; i < json_array_size(schemas); i++) {
        const char *urn = json_string_value(json_array_get(schemas, i));
        if (urn != NULL && strcasecmp(urn, SEARCH_REQUEST_URN) == 0)
            return 0;
    }
    if (tolerance_allows(&exchange->use, TOLERANCE_SCHEMAS_MISSING))
        return 0;
    return err_set(err, ERR_INVALID_SYNTAX, "schemas: must contain " SEARCH_REQUEST_URN);
}

int scim_query_from_body(struct scim_exchange *exchange, const json_t *body, struct scim_query *out,
                         struct err *err)
{
    struct raw_numbers raw = {0};
    struct scim_query query = {0};
    const char *order = NULL;

    if (!json_is_object(body))
        return err_set(err, ERR_INVALID_SYNTAX, "the body must be a SearchRequest object");
    if (check_schemas(exchange, body, err) < 0 ||
        member_text(body, "filter", &query.filter, err) < 0 ||
        member_text(body, "sortBy", &query.sort_by, err) < 0 ||
        member_text(body, "sortOrder", &order, err) < 0 ||
        member_text(body, "cursor", &query.cursor, err) < 0 ||
        member_names(exchange->arena, body, "attributes", &query.attributes, err) < 0 ||
        member_names(exchange->arena, body, "excludedAttributes", &query.excluded, err) < 0 ||
        member_number(body, "startIndex", &raw.start_index, &raw.has_start_index, err) < 0 ||
        member_number(body, "count", &raw.count, &raw.has_count, err) < 0 ||
        read_order(non_empty(order), &query, err) < 0 ||
        settle_numbers(exchange, &raw, &query, err) < 0)
        return -1;
    query.filter = non_empty(query.filter);
    query.sort_by = non_empty(query.sort_by);
    *out = query;
    return 0;
}
