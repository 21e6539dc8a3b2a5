/* Several changes in one transaction whose body is the caller's. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "directory/apply.h"
#include "directory/seal_queue.h"

struct directory_writer {
    const struct tenant *tenant;
    const struct actor *actor;
    struct session *session;
    int64_t now_us;
    bool changed;
    bool spoiled; /* a change stopped half-way: this must not be committed */
};

struct transaction {
    const struct tenant *tenant;
    const struct actor *actor;
    directory_work work;
    void *argument;
    int64_t now_us;
    bool changed; /* by the last run */
};

static int run_work(struct session *session, void *argument, struct err *err)
{
    struct transaction *transaction = argument;
    struct directory_writer writer = {.tenant = transaction->tenant,
                                      .actor = transaction->actor,
                                      .session = session,
                                      .now_us = transaction->now_us};

    if (transaction->work(&writer, transaction->argument, err) < 0)
        return -1;
    if (writer.spoiled)
        return err_set(err, ERR_INTERNAL, "a transaction went on after a change that failed");
    transaction->changed = writer.changed;
    return 0;
}

int directory_transact(struct tenant *tenant, const struct actor *actor, directory_work work,
                       void *argument, struct err *err)
{
    struct transaction transaction = {.tenant = tenant,
                                      .actor = actor,
                                      .work = work,
                                      .argument = argument,
                                      .now_us = clock_now_us()};

    if (store_transact(tenant->scope, run_work, &transaction, err) < 0)
        return -1;
    if (transaction.changed)
        seal_queue_announce(tenant->unsealed, tenant->scope);
    return 0;
}

struct session *directory_session(const struct directory_writer *writer)
{
    return writer->session;
}

bool directory_refused(const struct err *err)
{
    return err->code == ERR_INVALID_VALUE || err->code == ERR_MUTABILITY ||
           err->code == ERR_NOT_FOUND || err->code == ERR_PRECONDITION;
}

static struct apply apply_for(const struct directory_writer *writer, struct arena *arena)
{
    return (struct apply){.tenant = writer->tenant,
                          .actor = writer->actor,
                          .arena = arena,
                          .now_us = writer->now_us,
                          .session = writer->session};
}

/* REPLACE and PATCH find out about members on their way. */
static bool checks_first(enum directory_verb verb)
{
    return verb != DIRECTORY_REPLACE && verb != DIRECTORY_PATCH;
}

int directory_write(struct directory_writer *writer, const struct directory_change *change,
                    struct arena *arena, struct directory_result *out, struct err *err)
{
    struct apply apply = apply_for(writer, arena);
    struct directory_result result = {0};

    apply.change = change;
    apply.result = &result;
    if (apply_prepare(&apply, err) < 0)
        return -1;
    /* asked before anything is written, where others learn it in the end */
    if (change->verb == DIRECTORY_CREATE && !writer->actor->park_members &&
        members_must_exist(&apply, &change->members, err) < 0)
        return -1;
    if (apply_run(&apply, err) < 0 || members_check_unknown(&apply, err) < 0) {
        writer->spoiled = writer->spoiled || !checks_first(change->verb) || !directory_refused(err);
        return -1;
    }
    result.parked = apply.parked;
    writer->changed = writer->changed || result.changed;
    *out = result;
    return 0;
}

/* At most MEMBERS_CHUNK names from `from` on, without the group itself. */
static struct member_list names_from(struct arena *arena, const struct member_list *names,
                                     size_t from, const char *group_id)
{
    size_t left = names->count - from;
    size_t length = left < MEMBERS_CHUNK ? left : MEMBERS_CHUNK;
    struct member_name *items = arena_array(arena, length, sizeof(*items));
    struct member_list some = {.items = items, .present = true};

    for (size_t i = 0; i < length; i++) {
        if (strcmp(names->items[from + i].value, group_id) != 0)
            items[some.count++] = names->items[from + i];
    }
    return some;
}

/* Takes back what was parked: a source has references of its own that wait.  `added` names the
 * parked ones too, in the same order. */
static int drop_parked(const struct apply *apply, int64_t group_pk, const struct member_ids *parked,
                       struct member_ids *added, struct err *err)
{
    struct member_name *items = arena_array(apply->arena, parked->count, sizeof(*items));
    const struct member_list names = {.items = items, .count = parked->count, .present = true};
    struct member_ids removed = {0};
    size_t kept = 0;
    size_t next = 0;

    for (size_t i = 0; i < parked->count; i++)
        items[i].value = parked->ids[i];
    for (size_t i = 0; i < added->count; i++) {
        if (next < parked->count && strcmp(added->ids[i], parked->ids[next]) == 0)
            next++;
        else
            added->ids[kept++] = added->ids[i];
    }
    added->count = kept;
    return members_remove(apply->session, apply->arena, group_pk, &names, &removed, err);
}

static int come(const struct apply *apply, const char *group_id, int64_t group_pk,
                const struct member_list *names, int64_t *came, struct err *err)
{
    for (size_t done = 0; names != NULL && done < names->count; done += MEMBERS_CHUNK) {
        struct member_list some;
        struct member_ids added = {0};
        struct member_ids parked = {0};

        arena_reset(apply->arena);
        some = names_from(apply->arena, names, done, group_id);
        if (members_add(apply->session, apply->arena, group_pk, &some, &added, &parked, err) < 0)
            return -1;
        if (parked.count > 0 && drop_parked(apply, group_pk, &parked, &added, err) < 0)
            return -1;
        if (log_members(apply, group_id, true, &added, err) < 0)
            return -1;
        *came += (int64_t)added.count;
    }
    return 0;
}

static int go(const struct apply *apply, const char *group_id, int64_t group_pk,
              const struct member_list *names, int64_t *went, struct err *err)
{
    for (size_t done = 0; names != NULL && done < names->count; done += MEMBERS_CHUNK) {
        struct member_list some;
        struct member_ids removed = {0};

        arena_reset(apply->arena);
        some = names_from(apply->arena, names, done, group_id);
        if (members_remove(apply->session, apply->arena, group_pk, &some, &removed, err) < 0 ||
            log_members(apply, group_id, false, &removed, err) < 0)
            return -1;
        *went += (int64_t)removed.count;
    }
    return 0;
}

int directory_members(struct directory_writer *writer, const char *group_id,
                      const struct member_list *add, const struct member_list *remove,
                      int64_t *added, int64_t *removed, struct err *err)
{
    CLEANUP(arena_freep) struct arena *scratch = arena_new(ARENA_BLOCK_BYTES);
    const struct apply apply = apply_for(writer, scratch);
    struct resource_row group = {0};
    int64_t came = 0;
    int64_t went = 0;

    if (resources_find_head(writer->session, scratch, RESOURCE_TYPE_GROUP, group_id, true, &group,
                            err) < 0)
        return -1;
    if (go(&apply, group_id, group.pk, remove, &went, err) < 0 ||
        come(&apply, group_id, group.pk, add, &came, err) < 0 ||
        (came + went > 0 &&
         resources_bump(writer->session, group.pk, apply_modified_us(&apply, group.modified_us),
                        &group.version, err) < 0)) {
        writer->spoiled = true;
        return -1;
    }
    writer->changed = writer->changed || came + went > 0;
    *added = came;
    *removed = went;
    return 0;
}
