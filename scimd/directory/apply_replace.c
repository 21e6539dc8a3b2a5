#include "base/cleanup.h"
#include "directory/apply.h"
#include "directory/apply_authority.h"

int apply_replace_row(struct apply *apply, const struct resource_row *row, const json_t *document,
                      struct err *err)
{
    const struct directory_change *change = apply->change;
    CLEANUP(apply_target_free) struct target target = {.row = *row};
    struct authority authority;

    if (apply_target_parse(row, &target.before, err) < 0 ||
        authority_find(apply, row->pk, &authority, err) < 0)
        return -1;
    target.after = json_deep_copy(document);
    resource_keep_read_only(change->type, target.before, target.after);
    authority_keep(apply, &authority, target.before, target.after);
    apply_target_note_activity(apply, target.before, target.after);
    if (resource_check(change->type, target.before, target.after, err) < 0)
        return -1;
    /* A PUT without `members` empties the group, as it removes every attribute it doesn't name
     * (RFC 7644 section 3.5.1). */
    if (type_has_members(change->type) && authority_of_members(apply, &authority) == NULL &&
        members_replace(apply, row, &change->members, &target.members_changed, err) < 0)
        return -1;
    return apply_target_write(apply, &target, err);
}

int apply_replace(struct apply *apply, struct err *err)
{
    struct resource_row row = {0};

    if (apply_target_find(apply, true, &row, err) < 0)
        return -1;
    return apply_replace_row(apply, &row, apply->change->document, err);
}
