#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/id.h"
#include "directory/apply.h"
#include "scim/diff.h"

int apply_prepare_create(struct apply *apply, struct err *err)
{
    const struct directory_change *change = apply->change;
    CLEANUP(buf_free) struct buf forward = {0};
    char id[ID_TEXT_BYTES];

    if (resource_check(change->type, NULL, change->document, err) < 0)
        return -1;
    id_new(id);
    apply->row = (struct resource_row){
        .pk = id_new_key(),
        .type = change->type->number,
        .id = change->id != NULL ? change->id : arena_strdup(apply->arena, id),
        .version = 1,
        .created_us = apply->now_us,
        .modified_us = apply->now_us,
    };
    if (members_refuse_itself(&apply->row, &change->members, err) < 0)
        return -1;
    apply->row.document =
        document_render(apply->arena, change->document, &apply->row.document_length);
    diff_append_whole(&forward, apply->row.document, apply->row.document_length);
    apply->forward = arena_strndup(apply->arena, buf_text(&forward), forward.length);
    return 0;
}

static int log_create(const struct apply *apply, struct err *err)
{
    return log_change(apply,
                      &(struct change_row){
                          .action = CHANGED_CREATE,
                          .type = apply->row.type,
                          .resource_id = apply->row.id,
                          .forward = apply->forward,
                          .reverse = "[]", /* the way back is to delete it */
                      },
                      err);
}

/* 1: an inactive resource holds the new one's userName, it is locked and in *out; 0: none; -1:
 * *err. */
static int find_inactive(const struct apply *apply, struct resource_row *out, struct err *err)
{
    const struct resource_type *type = apply->change->type;
    const struct attribute *user_name = schema_attribute(type->schema, "userName", 8);
    const json_t *value =
        user_name == NULL ? NULL : resource_value(apply->change->document, user_name);
    CLEANUP(json_decrefp) json_t *document = NULL;
    struct err missing = {0};

    if (value == NULL || user_name->uniqueness == UNIQUENESS_NONE)
        return 0;
    if (resources_find_unique(apply->session, apply->arena, type, user_name,
                              json_string_value(value), out, &missing) < 0) {
        if (missing.code == ERR_NOT_FOUND)
            return 0;
        *err = missing;
        return -1;
    }
    if (resources_find(apply->session, apply->arena, type->number, out->id, true, out, err) < 0 ||
        apply_target_parse(out, &document, err) < 0)
        return -1;
    return json_is_false(json_object_get(document, "active")) ? 1 : 0;
}

/* The person comes back under the same id, active unless the body says otherwise. */
static int revive(struct apply *apply, const struct resource_row *row, struct err *err)
{
    CLEANUP(json_decrefp) json_t *document = json_deep_copy(apply->change->document);

    if (json_object_get(document, "active") == NULL) {
        (void)json_object_set_new(document, "active", json_true());
        resource_settle(apply->change->type, document);
    }
    return apply_replace_row(apply, row, document, err);
}

int apply_create(struct apply *apply, struct err *err)
{
    const struct directory_change *change = apply->change;
    struct resource_row row = apply->row;
    bool members_changed = false;

    if (apply->revive) {
        struct resource_row inactive = {0};
        int found = find_inactive(apply, &inactive, err);

        if (found != 0)
            return found < 0 ? -1 : revive(apply, &inactive, err);
    }
    if (resources_insert(apply->session, apply->arena, change->type, &row, change->document, err) <
            0 ||
        log_create(apply, err) < 0)
        return -1;
    if (change->members.count > 0 &&
        members_bring(apply, &row, &change->members, &members_changed, err) < 0)
        return -1;
    /* an id made here was never named by anybody */
    if (change->id != NULL && members_welcome(apply, &row, err) < 0)
        return -1;
    *apply->result = (struct directory_result){.row = row, .created = true, .changed = true};
    return 0;
}
