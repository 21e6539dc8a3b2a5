#include "base/cleanup.h"
#include "directory/apply.h"
#include "directory/apply_authority.h"
#include "scim/diff.h"

/* The last row of a resource: undone first, it brings the document back before its members. */
static int log_delete(const struct apply *apply, const struct resource_row *row, struct err *err)
{
    CLEANUP(buf_free) struct buf reverse = {0};

    diff_append_whole(&reverse, row->document, row->document_length);
    return log_change(apply,
                      &(struct change_row){
                          .action = CHANGED_DELETE,
                          .type = row->type,
                          .resource_id = row->id,
                          .forward = "[]", /* the action says it */
                          .reverse = buf_text(&reverse),
                      },
                      err);
}

int apply_delete(struct apply *apply, struct err *err)
{
    struct resource_row row = {0};
    struct authority authority;

    if (apply_target_find(apply, true, &row, err) < 0 ||
        authority_find(apply, row.pk, &authority, err) < 0 ||
        authority_check_deletion(&authority, err) < 0)
        return -1;
    if (members_dismiss(apply, &row, err) < 0 ||
        resources_delete(apply->session, row.type, row.pk, err) < 0 ||
        log_delete(apply, &row, err) < 0)
        return -1;
    *apply->result = (struct directory_result){.row = row, .changed = true};
    return 0;
}
