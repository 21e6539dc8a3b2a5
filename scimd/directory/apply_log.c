#include "base/cleanup.h"
#include "directory/apply.h"
#include "scim/diff.h"

int log_change(const struct apply *apply, const struct change_row *row, struct err *err)
{
    struct change_row complete = *row;

    complete.at_us = apply->now_us;
    complete.actor = apply->actor->name;
    complete.request_id = apply->actor->request_id;
    return changes_write(apply->session, &complete, err);
}

static int log_some_members(const struct apply *apply, const char *group_id, bool came,
                            const struct member_ids *ids, struct err *err)
{
    CLEANUP(buf_free) struct buf add = {0};
    CLEANUP(buf_free) struct buf remove = {0};

    diff_append_members(&add, "add", ids->ids, ids->count);
    diff_append_members(&remove, "remove", ids->ids, ids->count);
    return log_change(apply,
                      &(struct change_row){
                          .action = CHANGED_MEMBERS,
                          .type = RESOURCE_TYPE_GROUP,
                          .resource_id = group_id,
                          .forward = buf_text(came ? &add : &remove),
                          .reverse = buf_text(came ? &remove : &add),
                      },
                      err);
}

/* A row names MEMBERS_CHUNK members at most: a reader's memory does not depend on the group. */
int log_members(const struct apply *apply, const char *group_id, bool came,
                const struct member_ids *ids, struct err *err)
{
    for (size_t done = 0; done < ids->count; done += MEMBERS_CHUNK) {
        size_t left = ids->count - done;
        struct member_ids some = {.ids = ids->ids + done,
                                  .count = left < MEMBERS_CHUNK ? left : MEMBERS_CHUNK};

        if (log_some_members(apply, group_id, came, &some, err) < 0)
            return -1;
    }
    return 0;
}
