#include "base/cleanup.h"
#include "directory/apply.h"

/* What can be refused is refused before the first row is written: a page of a pull goes on without
 * this one. */
int apply_set(struct apply *apply, struct err *err)
{
    const struct directory_change *change = apply->change;
    CLEANUP(apply_target_free) struct target target = {0};

    if (apply_target_find(apply, true, &target.row, err) < 0 ||
        apply_target_parse(&target.row, &target.before, err) < 0)
        return -1;
    target.after = json_deep_copy(change->document);
    apply_target_keep_activity(apply, target.before, target.after);
    apply_target_note_activity(apply, target.before, target.after);
    if (resource_check(change->type, target.before, target.after, err) < 0)
        return -1;
    return apply_target_write(apply, &target, err);
}
