#include "base/cleanup.h"
#include "directory/apply.h"

/* The groups are bumped by key, but logged by id: those a new resource is a direct member of. */
static int log_attached(const struct apply *apply, const struct resource_row *row, struct err *err)
{
    const struct membership *memberships = NULL;
    size_t count = 0;

    if (members_groups_of(apply->session, apply->arena, row->pk, &memberships, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const char *ids[] = {row->id};

        if (memberships[i].direct &&
            log_members(apply, memberships[i].id, true, &(struct member_ids){ids, 1}, err) < 0)
            return -1;
    }
    return 0;
}

int members_welcome(const struct apply *apply, struct resource_row *row, struct err *err)
{
    const int64_t *groups = NULL;
    int64_t version = 0;
    size_t count = 0;

    if (members_attach(apply->session, apply->arena, row->id, row->pk, &groups, &count, err) < 0)
        return -1;
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (resources_bump(apply->session, groups[i], apply->now_us, &version, err) < 0)
            return -1;
    }
    row->in_groups = true;
    return log_attached(apply, row, err);
}

/* A group's own members end with it; the log can bring them back. */
static int log_own_members(const struct apply *apply, const struct resource_row *group,
                           struct err *err)
{
    CLEANUP(arena_freep) struct arena *scratch = arena_new(ARENA_BLOCK_BYTES);
    const struct member_row *page = NULL;
    size_t count = 0;
    int64_t after = 0;

    do {
        struct member_ids ids;

        arena_reset(scratch);
        if (members_page(apply->session, scratch, group->pk, after, MEMBERS_CHUNK, &page, &count,
                         err) < 0)
            return -1;
        ids = (struct member_ids){.ids = arena_array(scratch, count, sizeof(*ids.ids)),
                                  .count = count};
        for (size_t i = 0; i < count; i++)
            ids.ids[i] = page[i].id;
        if (log_members(apply, group->id, false, &ids, err) < 0)
            return -1;
        after = count > 0 ? page[count - 1].pk : after;
    } while (count == MEMBERS_CHUNK);
    return 0;
}

int members_dismiss(const struct apply *apply, const struct resource_row *row, struct err *err)
{
    const char *ids[] = {row->id};
    struct member_ids groups = {0};

    if (type_has_members(apply->change->type) && log_own_members(apply, row, err) < 0)
        return -1;
    if (members_detach(apply->session, apply->arena, row->pk, apply->now_us, &groups, err) < 0)
        return -1;
    for (size_t i = 0; i < groups.count; i++) {
        if (log_members(apply, groups.ids[i], false, &(struct member_ids){ids, 1}, err) < 0)
            return -1;
    }
    return 0;
}
