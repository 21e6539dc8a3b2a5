/* RFC 7644 section 4: what we can do and what we publish. */
#include <string.h>

#include "api/negotiate.h"
#include "api/scim_endpoints.h"
#include "base/cleanup.h"
#include "scim/cursor.h"
#include "scim/json.h"
#include "scim/list.h"

#define SERVICE_PROVIDER_CONFIG_URN "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

/* RFC 7644 section 4: a filter here is answered 403, other parameters are ignored. */
static int refuse_filter(const struct scim_exchange *exchange, struct err *err)
{
    if (http_parameter(exchange->request, "filter") != NULL)
        return err_set(err, ERR_FORBIDDEN, "filter: not allowed on a discovery endpoint");
    return 0;
}

static int answer_json(struct scim_exchange *exchange, const json_t *value)
{
    json_append(&exchange->response->body, value);
    exchange->response->status = 200;
    exchange->response->content_type = MEDIA_TYPE_SCIM;
    return 0;
}

static json_t *meta(const struct scim_exchange *exchange, const char *resource_type,
                    const char *path, const char *id)
{
    return json_pack("{s:s, s:o}", "resourceType", resource_type, "location",
                     json_sprintf("%s/%s%s%s", exchange->base_url, path, id != NULL ? "/" : "",
                                  id != NULL ? id : ""));
}

/* RFC 9865 section 2.4 */
static json_t *pagination(const struct scim_limits *limits)
{
    return json_pack("{s:b, s:b, s:s, s:I, s:I, s:i}", "cursor", 1, "index", 1,
                     "defaultPaginationMethod", "index", "defaultPageSize",
                     (json_int_t)limits->page_default, "maxPageSize", (json_int_t)limits->page_max,
                     "cursorTimeout", CURSOR_LIFETIME_S);
}

static json_t *bearer_scheme(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:b}", "type", "oauthbearertoken", "name",
                     "OAuth Bearer Token", "description",
                     "A bearer token of this tenant in the Authorization header", "specUri",
                     "https://www.rfc-editor.org/info/rfc6750", "primary", 1);
}

static json_t *supported(bool is_supported)
{
    return json_pack("{s:b}", "supported", is_supported);
}

/* RFC 7643 section 5; the caller's. */
static json_t *provider_config(const struct scim_limits *limits)
{
    json_t *bulk = json_pack("{s:b, s:I, s:I}", "supported", 1, "maxOperations",
                             (json_int_t)limits->bulk_operations, "maxPayloadSize",
                             (json_int_t)limits->bulk_bytes);
    json_t *filter =
        json_pack("{s:b, s:I}", "supported", 1, "maxResults", (json_int_t)limits->page_max);

    return json_pack("{s:[s], s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[o]}", "schemas",
                     SERVICE_PROVIDER_CONFIG_URN, "patch", supported(true), "bulk", bulk, "filter",
                     filter, "changePassword", supported(false), "sort", supported(true), "etag",
                     supported(true), "pagination", pagination(limits), "authenticationSchemes",
                     bearer_scheme());
}

int scim_service_provider_config(struct scim_exchange *exchange, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (refuse_filter(exchange, err) < 0)
        return -1;
    answer = provider_config(&exchange->service->limits);
    json_object_set_new(answer, "meta",
                        meta(exchange, "ServiceProviderConfig", "ServiceProviderConfig", NULL));
    return answer_json(exchange, answer);
}

/* A published document with its meta; the caller's. */
static json_t *with_meta(const struct scim_exchange *exchange, const json_t *document,
                         const char *resource_type, const char *path, const char *id)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)document);

    json_object_set_new(copy, "meta", meta(exchange, resource_type, path, id));
    return copy;
}

static json_t *published_type(const struct scim_exchange *exchange,
                              const struct resource_type *type)
{
    return with_meta(exchange, type->document, "ResourceType", "ResourceTypes", type->name);
}

static json_t *published_schema(const struct scim_exchange *exchange, const struct schema *schema)
{
    return with_meta(exchange, schema->document, "Schema", "Schemas", schema->id);
}

static void append_item(struct scim_exchange *exchange, size_t index, json_t *item)
{
    buf_puts(&exchange->response->body, index > 0 ? "," : "");
    json_append(&exchange->response->body, item);
    json_decref(item);
}

static int finish_list(struct scim_exchange *exchange, size_t count)
{
    const struct list_frame frame = {
        .total = (int64_t)count, .start_index = 1, .items = (int64_t)count};

    list_end(&exchange->response->body, &frame);
    exchange->response->status = 200;
    exchange->response->content_type = MEDIA_TYPE_SCIM;
    return 0;
}

int scim_resource_types(struct scim_exchange *exchange, struct err *err)
{
    const struct schema_set *set = exchange->tenant->schemas;
    size_t count = schema_set_type_count(set);

    if (refuse_filter(exchange, err) < 0)
        return -1;
    list_begin(&exchange->response->body);
    for (size_t i = 0; i < count; i++)
        append_item(exchange, i, published_type(exchange, schema_set_type(set, i)));
    return finish_list(exchange, count);
}

int scim_resource_type(struct scim_exchange *exchange, struct err *err)
{
    const char *name = exchange->request->segments[4];
    const struct resource_type *type = schema_set_type_by_name(exchange->tenant->schemas, name);
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (refuse_filter(exchange, err) < 0)
        return -1;
    if (type == NULL)
        return err_set(err, ERR_NOT_FOUND, "no resource type %.100s", name);
    answer = published_type(exchange, type);
    return answer_json(exchange, answer);
}

int scim_schemas(struct scim_exchange *exchange, struct err *err)
{
    const struct schema_set *set = exchange->tenant->schemas;
    size_t count = schema_set_schema_count(set);

    if (refuse_filter(exchange, err) < 0)
        return -1;
    list_begin(&exchange->response->body);
    for (size_t i = 0; i < count; i++)
        append_item(exchange, i, published_schema(exchange, schema_set_schema(set, i)));
    return finish_list(exchange, count);
}

int scim_schema(struct scim_exchange *exchange, struct err *err)
{
    const char *urn = exchange->request->segments[4];
    const struct schema *schema =
        schema_set_schema_by_id(exchange->tenant->schemas, urn, strlen(urn));
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (refuse_filter(exchange, err) < 0)
        return -1;
    if (schema == NULL)
        return err_set(err, ERR_NOT_FOUND, "no schema %.150s", urn);
    answer = published_schema(exchange, schema);
    return answer_json(exchange, answer);
}
