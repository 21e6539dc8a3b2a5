#include "directory/directory.h"

#include <assert.h>

#include "base/clock.h"
#include "directory/apply.h"
#include "directory/seal_queue.h"

struct batch {
    struct apply *applies;
    size_t count;
    size_t failed; /* of the last run */
};

int apply_prepare(struct apply *apply, struct err *err)
{
    const struct directory_change *change = apply->change;

    if (change->verb == DIRECTORY_CREATE)
        return apply_prepare_create(apply, err);
    assert(change->id != NULL);
    if (change->verb == DIRECTORY_PATCH && change->reader->tolerances != NULL)
        apply->tolerances = *change->reader->tolerances;
    return 0;
}

int apply_run(struct apply *apply, struct err *err)
{
    switch (apply->change->verb) {
    case DIRECTORY_CREATE:
        return apply_create(apply, err);
    case DIRECTORY_REPLACE:
        return apply_replace(apply, err);
    case DIRECTORY_PATCH:
        return apply_patch(apply, err);
    case DIRECTORY_SET:
        return apply_set(apply, err);
    case DIRECTORY_DELETE:
        break;
    }
    return apply_delete(apply, err);
}

/* A creation of the batch may have been changed by a later one: as a parked member it attached. */
static int refresh(const struct apply *apply, struct err *err)
{
    struct resource_row *row = &apply->result->row;
    struct resource_row now = {0};

    if (resources_find_head(apply->session, apply->arena, row->type, row->id, false, &now, err) < 0)
        return -1;
    now.document = row->document;
    now.document_length = row->document_length;
    *row = now;
    return 0;
}

static int finish(const struct batch *batch, size_t index, struct err *err)
{
    const struct apply *apply = &batch->applies[index];

    if (members_check_unknown(apply, err) < 0)
        return -1;
    apply->result->parked = apply->parked;
    if (batch->count == 1 || apply->change->verb != DIRECTORY_CREATE)
        return 0;
    return refresh(apply, err);
}

static int batch_work(struct session *session, void *argument, struct err *err)
{
    struct batch *batch = argument;

    for (size_t i = 0; i < batch->count; i++) {
        struct apply *apply = &batch->applies[i];

        batch->failed = i;
        apply->session = session;
        apply->unknown_count = 0;
        apply->parked = 0;
        *apply->result = (struct directory_result){0};
        if (apply_run(apply, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < batch->count; i++) {
        batch->failed = i;
        if (finish(batch, i, err) < 0)
            return -1;
    }
    return 0;
}

/* A failed insert ends its transaction, so a creation looks for an inactive resource only after it
 * ran into one; the ordinary creation doesn't pay for the question. */
static bool may_revive(struct batch *batch, const struct err *err)
{
    bool found = false;

    if (err->code != ERR_UNIQUENESS)
        return false;
    for (size_t i = 0; i < batch->count; i++) {
        struct apply *apply = &batch->applies[i];

        if (apply->change->verb != DIRECTORY_CREATE || !apply->actor->reactivates || apply->revive)
            continue;
        apply->revive = true;
        found = true;
    }
    return found;
}

static bool anything_changed(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->applies[i].result->changed)
            return true;
    }
    return false;
}

static int batch_apply(struct tenant *tenant, struct batch *batch, struct err *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        batch->failed = i;
        if (apply_prepare(&batch->applies[i], err) < 0)
            return -1;
    }
    while (store_transact(tenant->scope, batch_work, batch, err) < 0) {
        if (!may_revive(batch, err))
            return -1;
    }
    if (anything_changed(batch))
        seal_queue_announce(tenant->unsealed, tenant->scope);
    return 0;
}

int directory_apply(struct tenant *tenant, const struct actor *actor,
                    const struct directory_change *change, struct arena *arena,
                    struct directory_result *out, struct err *err)
{
    struct directory_result result = {0};
    struct apply apply = {.tenant = tenant,
                          .actor = actor,
                          .change = change,
                          .result = &result,
                          .arena = arena,
                          .now_us = clock_now_us()};
    struct batch batch = {.applies = &apply, .count = 1};

    if (batch_apply(tenant, &batch, err) < 0)
        return -1;
    *out = result;
    return 0;
}

int directory_apply_all(struct tenant *tenant, const struct actor *actor,
                        const struct directory_change *changes, size_t count, struct arena *arena,
                        struct directory_result *results, size_t *failed, struct err *err)
{
    struct batch batch = {.applies = arena_array(arena, count, sizeof(struct apply)),
                          .count = count};
    struct directory_result *ours = arena_array(arena, count, sizeof(*ours));
    int64_t now_us = clock_now_us();

    for (size_t i = 0; i < count; i++) {
        batch.applies[i] = (struct apply){.tenant = tenant,
                                          .actor = actor,
                                          .change = &changes[i],
                                          .result = &ours[i],
                                          .arena = arena,
                                          .now_us = now_us};
    }
    if (batch_apply(tenant, &batch, err) < 0) {
        *failed = batch.failed;
        return -1;
    }
    for (size_t i = 0; i < count; i++)
        results[i] = ours[i];
    return 0;
}
