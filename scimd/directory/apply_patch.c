#include <string.h>

#include "base/cleanup.h"
#include "directory/apply.h"
#include "directory/apply_authority.h"

static int patch_document(struct apply *apply, const struct authority *authority,
                          struct target *target, struct err *err)
{
    const struct directory_change *change = apply->change;

    if (apply_target_parse(&target->row, &target->before, err) < 0)
        return -1;
    target->after = json_deep_copy(target->before);
    if (patch_apply(change->patch, change->reader, target->after, err) < 0 ||
        authority_check(apply, authority, target->before, target->after, err) < 0)
        return -1;
    apply_target_note_activity(apply, target->before, target->after);
    return resource_check(change->type, target->before, target->after, err);
}

static int check_repeated_id(const struct directory_change *change, struct err *err)
{
    const char *id = patch_repeated_id(change->patch);

    if (id != NULL && strcmp(id, change->id) != 0)
        return err_set(err, ERR_MUTABILITY, "id: is read-only, and this resource has another");
    return 0;
}

static int patch_members(struct apply *apply, const struct authority *authority,
                         struct target *target, struct err *err)
{
    const struct patch *patch = apply->change->patch;
    const struct tenant_source *source;

    for (size_t i = 0; i < patch_member_step_count(patch); i++) {
        if (members_step(apply, &target->row, patch_member_step(patch, i), &target->members_changed,
                         err) < 0)
            return -1;
    }
    source = target->members_changed ? authority_of_members(apply, authority) : NULL;
    if (source != NULL)
        return err_set(err, ERR_MUTABILITY, "members: comes from the source \"%s\"", source->name);
    return 0;
}

int apply_patch(struct apply *apply, struct err *err)
{
    const struct directory_change *change = apply->change;
    bool touches_document = patch_touches_document(change->patch);
    CLEANUP(apply_target_free) struct target target = {0};
    struct authority authority;

    if (change->reader->tolerances != NULL) /* an earlier run counted already */
        *change->reader->tolerances = apply->tolerances;
    if (apply_target_find(apply, touches_document, &target.row, err) < 0 ||
        check_repeated_id(change, err) < 0 ||
        authority_find(apply, target.row.pk, &authority, err) < 0)
        return -1;
    if (touches_document && patch_document(apply, &authority, &target, err) < 0)
        return -1;
    if (patch_members(apply, &authority, &target, err) < 0)
        return -1;
    return apply_target_write(apply, &target, err);
}
