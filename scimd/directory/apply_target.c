#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "directory/apply.h"
#include "scim/diff.h"
#include "scim/json.h"

#define ACTIVE "active"
#define DEACTIVATED_AT "deactivatedAt"

void apply_target_free(struct target *target)
{
    json_decref(target->before);
    json_decref(target->after);
}

int64_t apply_modified_us(const struct apply *apply, int64_t last_us)
{
    return apply->now_us > last_us ? apply->now_us : last_us + 1;
}

const char *document_render(struct arena *arena, const json_t *document, size_t *length)
{
    CLEANUP(buf_free) struct buf text = {0};

    json_append(&text, document);
    *length = text.length;
    return arena_strndup(arena, buf_text(&text), text.length);
}

int apply_target_find(const struct apply *apply, bool document, struct resource_row *out,
                      struct err *err)
{
    const struct directory_change *change = apply->change;
    struct resource_row row = {0};
    int result;

    if (document)
        result = resources_find(apply->session, apply->arena, change->type->number, change->id,
                                true, &row, err);
    else
        result = resources_find_head(apply->session, apply->arena, change->type->number, change->id,
                                     true, &row, err);
    if (result < 0)
        return -1;
    if (change->if_match != IF_MATCH_NONE && change->if_match != IF_MATCH_ANY &&
        change->if_match != row.version) {
        char etag[RESOURCE_ETAG_BYTES];

        resource_etag(row.version, etag);
        return err_set(err, ERR_PRECONDITION, "the resource's version is %s now", etag);
    }
    *out = row;
    return 0;
}

int apply_target_parse(const struct resource_row *row, json_t **out, struct err *err)
{
    json_error_t error;
    json_t *document = json_loadb(row->document, row->document_length, 0, &error);

    if (document == NULL) {
        (void)err_set(err, ERR_INTERNAL, "the stored resource is damaged");
        return err_because(err, "resource %s: %s at byte %d", row->id, error.text, error.position);
    }
    *out = document;
    return 0;
}

static bool is_active(const json_t *document)
{
    return !json_is_false(json_object_get(document, ACTIVE)); /* absent: active */
}

/* Where the type has it; else NULL. */
static const struct attribute *deactivated_at(const struct resource_type *type)
{
    const struct schema *schema =
        schema_of_type(type, SCHEMA_URN_SCIMD_USER, strlen(SCHEMA_URN_SCIMD_USER));

    if (type->number != RESOURCE_TYPE_USER || schema == NULL)
        return NULL;
    return schema_attribute(schema, DEACTIVATED_AT, strlen(DEACTIVATED_AT));
}

void document_put(const struct resource_type *type, const struct attribute *attribute,
                  json_t *document, json_t *value)
{
    json_t *container = resource_container(document, attribute, value != NULL);

    if (value != NULL)
        (void)json_object_set_new(container, attribute->name, value);
    else if (container != NULL)
        (void)json_object_del(container, attribute->name);
    resource_settle(type, document);
}

void apply_target_keep_activity(const struct apply *apply, const json_t *before, json_t *after)
{
    const struct attribute *attribute = deactivated_at(apply->change->type);
    const json_t *value = attribute == NULL ? NULL : resource_value(before, attribute);

    if (attribute != NULL && !json_same(value, resource_value(after, attribute)))
        document_put(apply->change->type, attribute, after, json_deep_copy(value));
}

void apply_target_note_activity(const struct apply *apply, const json_t *before, json_t *after)
{
    const struct attribute *attribute = deactivated_at(apply->change->type);
    char now[CLOCK_TEXT_BYTES];
    bool active = is_active(after);

    if (attribute == NULL || active == is_active(before))
        return;
    clock_format(apply->now_us, now);
    document_put(apply->change->type, attribute, after, active ? NULL : json_string(now));
}

static int log_update(const struct apply *apply, const struct target *target, struct err *err)
{
    CLEANUP(buf_free) struct buf forward = {0};
    CLEANUP(buf_free) struct buf reverse = {0};

    diff_append(&forward, target->before, target->after);
    diff_append(&reverse, target->after, target->before);
    return log_change(apply,
                      &(struct change_row){
                          .action = CHANGED_UPDATE,
                          .type = target->row.type,
                          .resource_id = target->row.id,
                          .forward = buf_text(&forward),
                          .reverse = buf_text(&reverse),
                      },
                      err);
}

static int write_document(const struct apply *apply, const struct target *target,
                          struct resource_row *row, struct err *err)
{
    row->document = document_render(apply->arena, target->after, &row->document_length);
    row->version++;
    if (resources_update(apply->session, apply->arena, apply->change->type, row, target->before,
                         target->after, err) < 0)
        return -1;
    return log_update(apply, target, err);
}

int apply_target_write(const struct apply *apply, const struct target *target, struct err *err)
{
    bool document_changed = target->after != NULL && !json_same(target->before, target->after);
    struct resource_row row = target->row;

    if (document_changed || target->members_changed)
        row.modified_us = apply_modified_us(apply, row.modified_us);
    if (document_changed) {
        if (write_document(apply, target, &row, err) < 0)
            return -1;
    } else if (target->members_changed) {
        if (resources_bump(apply->session, row.pk, row.modified_us, &row.version, err) < 0)
            return -1;
    }
    *apply->result = (struct directory_result){
        .row = row, .changed = document_changed || target->members_changed};
    return 0;
}
