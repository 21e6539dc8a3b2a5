#include "api/scim_write.h"

#include "api/negotiate.h"
#include "base/cleanup.h"

struct head {
    const struct write_target *target;
    struct arena *arena;
    struct resource_row row;
};

static int read_head(struct session *session, void *argument, struct err *err)
{
    struct head *head = argument;

    return resources_find_head(session, head->arena, head->target->type->number, head->target->id,
                               false, &head->row, err);
}

/* The version a change must meet.  A list of tags is looked up first: the one that names the
 * version found becomes the condition, so that nothing can come between. */
static int condition(struct scim_exchange *exchange, const struct write_target *target,
                     int64_t *if_match, struct err *err)
{
    struct head head = {.target = target, .arena = exchange->arena};

    *if_match = IF_MATCH_NONE;
    if (target->if_match == NULL || condition_single(target->if_match, if_match))
        return 0;
    if (store_read(exchange->tenant->scope, read_head, &head, err) < 0)
        return -1;
    if (!condition_names(target->if_match, head.row.version))
        return err_set(err, ERR_PRECONDITION, "the resource has another version");
    *if_match = head.row.version;
    return 0;
}

static int apply(struct scim_exchange *exchange, const struct directory_change *change,
                 struct directory_result *out, struct err *err)
{
    if (directory_apply(exchange->tenant, &exchange->actor, change, exchange->arena, out, err) < 0)
        return -1;
    if (out->parked > 0) /* the actor may park: counted, not asked */
        (void)tolerance_allows(&exchange->use, TOLERANCE_PARKED_MEMBER);
    return 0;
}

static int apply_document(struct scim_exchange *exchange, struct directory_change *change,
                          const json_t *body, struct directory_result *out, struct err *err)
{
    const struct resource_reader reader = scim_exchange_reader(exchange, change->type);
    CLEANUP(json_decrefp) json_t *document = NULL;

    if (resource_read(&reader, exchange->arena, body, &document, &change->members, err) < 0)
        return -1;
    change->document = document;
    return apply(exchange, change, out, err);
}

int write_prepare_create(struct scim_exchange *exchange, const struct write_target *target,
                         const json_t *body, struct directory_change *out, struct err *err)
{
    const struct resource_reader reader = scim_exchange_reader(exchange, target->type);
    struct directory_change change = {
        .verb = DIRECTORY_CREATE, .type = target->type, .id = target->id};
    json_t *document = NULL;

    if (resource_read(&reader, exchange->arena, body, &document, &change.members, err) < 0)
        return -1;
    change.document = document;
    *out = change;
    return 0;
}

int write_create(struct scim_exchange *exchange, const struct write_target *target,
                 const json_t *body, struct directory_result *out, struct err *err)
{
    struct directory_change change = {
        .verb = DIRECTORY_CREATE, .type = target->type, .id = target->id};

    return apply_document(exchange, &change, body, out, err);
}

int write_replace(struct scim_exchange *exchange, const struct write_target *target,
                  const json_t *body, struct directory_result *out, struct err *err)
{
    struct directory_change change = {
        .verb = DIRECTORY_REPLACE, .type = target->type, .id = target->id};

    if (condition(exchange, target, &change.if_match, err) < 0)
        return -1;
    return apply_document(exchange, &change, body, out, err);
}

int write_patch(struct scim_exchange *exchange, const struct write_target *target,
                const json_t *body, struct directory_result *out, struct err *err)
{
    const struct resource_reader reader = scim_exchange_reader(exchange, target->type);
    struct directory_change change = {
        .verb = DIRECTORY_PATCH, .type = target->type, .id = target->id, .reader = &reader};

    if (condition(exchange, target, &change.if_match, err) < 0 ||
        patch_parse(&reader, exchange->arena, body, &change.patch, err) < 0)
        return -1;
    return apply(exchange, &change, out, err);
}

int write_delete(struct scim_exchange *exchange, const struct write_target *target,
                 struct directory_result *out, struct err *err)
{
    struct directory_change change = {
        .verb = DIRECTORY_DELETE, .type = target->type, .id = target->id};

    if (condition(exchange, target, &change.if_match, err) < 0)
        return -1;
    return apply(exchange, &change, out, err);
}
