#include "sync/phases.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sync/page.h"
#include "sync/removal.h"
#include "sync/run_state.h"

/* What a full pass has shown, as keys of links. */
struct seen {
    int64_t *keys; /* owned; ascending */
    size_t count;
};

static void seen_free(struct seen *seen)
{
    free(seen->keys);
}

static int compare_keys(const void *left, const void *right)
{
    int64_t first = *(const int64_t *)left;
    int64_t second = *(const int64_t *)right;

    return (first > second) - (first < second);
}

static bool was_seen(const struct seen *seen, int64_t key)
{
    return seen->count > 0 &&
           bsearch(&key, seen->keys, seen->count, sizeof(key), compare_keys) != NULL;
}

struct survey {
    struct sync *sync;
    struct arena *arena;
    struct seen seen;
    struct {
        int64_t seen;
        int64_t known;
    } kinds[3];
    int64_t unseen;
    const char **canaries; /* that were not seen */
    size_t canary_count;

    /* one page of links */
    int64_t after;
    const struct link_row *rows;
    size_t count;
};

static int read_seen(struct session *session, void *argument, struct err *err)
{
    struct survey *survey = argument;

    free(survey->seen.keys);
    survey->seen = (struct seen){0};
    return sync_set_read(session, survey->sync->order->source, "", &survey->seen.keys,
                         &survey->seen.count, err);
}

static int load_seen(struct survey *survey, struct err *err)
{
    struct sync *sync = survey->sync;

    if (!sync->order->dry)
        return store_read(sync->order->tenant->scope, read_seen, survey, err);
    survey->seen.keys = sync->dry_seen;
    survey->seen.count = sync->dry_seen_count;
    sync->dry_seen = NULL;
    sync->dry_seen_count = 0;
    sync->dry_seen_capacity = 0;
    if (survey->seen.count > 0)
        qsort(survey->seen.keys, survey->seen.count, sizeof(int64_t), compare_keys);
    return 0;
}

static int read_links(struct session *session, void *argument, struct err *err)
{
    struct survey *survey = argument;

    arena_reset(survey->arena);
    return links_walk(session, survey->arena, survey->sync->order->source, survey->after,
                      &survey->rows, &survey->count, err);
}

static bool is_known(const struct link_row *row)
{
    return row->state == LINK_LIVE || row->state == LINK_REFUSED;
}

static void count_links(struct survey *survey)
{
    for (size_t i = 0; i < survey->count; i++) {
        const struct link_row *row = &survey->rows[i];
        bool seen = was_seen(&survey->seen, row->pk);

        survey->after = row->pk;
        if (is_known(row)) {
            survey->kinds[row->object].known++;
            survey->kinds[row->object].seen += seen;
        }
        if (!seen && row->state != LINK_GONE)
            survey->unseen++;
    }
}

static int walk(struct survey *survey, void (*visit)(struct survey *), struct err *err)
{
    survey->after = 0;
    do {
        if (store_read(survey->sync->order->tenant->scope, read_links, survey, err) < 0)
            return -1;
        visit(survey);
    } while (survey->count == LINKS_CHUNK);
    return 0;
}

/* ---- canaries ---- */

static int read_canaries(struct session *session, void *argument, struct err *err)
{
    struct survey *survey = argument;
    const struct run_order *order = survey->sync->order;
    const struct source_texts *names = &order->definition->canaries;

    survey->canary_count = 0;
    for (size_t i = 0; i < names->count; i++) {
        struct link_row row = {0};
        struct staged_row staged;
        bool found = false;

        if (links_find(session, survey->arena, order->source, &names->items[i], 1, false, &row,
                       err) < 0)
            return -1;
        if (row.pk != 0 && was_seen(&survey->seen, row.pk))
            continue;
        if (order->dry && row.pk == 0 &&
            staged_find(session, survey->arena, order->source, order->run, STAGED_UPSERT,
                        names->items[i], &staged, &found, err) < 0)
            return -1;
        if (!found)
            survey->canaries[survey->canary_count++] = names->items[i];
    }
    return 0;
}

static enum health judge(struct survey *survey, char *words, size_t bytes)
{
    const struct sync *sync = survey->sync;
    const struct health_facts facts = {
        .caught_up = true,
        .authentic = true, /* the session opened (connector.h) */
        .users = {.seen =
                      survey->kinds[RESOURCE_TYPE_USER].seen + sync->dry_new[RESOURCE_TYPE_USER],
                  .known = survey->kinds[RESOURCE_TYPE_USER].known,
                  .expected = sync->expected[RESOURCE_TYPE_USER] },
        .groups = {.seen =
                       survey->kinds[RESOURCE_TYPE_GROUP].seen + sync->dry_new[RESOURCE_TYPE_GROUP],
                  .known = survey->kinds[RESOURCE_TYPE_GROUP].known,
                  .expected = sync->expected[RESOURCE_TYPE_GROUP]},
        .canaries_missing = survey->canaries,
        .canaries_missing_count = survey->canary_count,
    };
    const char *text = "";
    enum health health = health_of(&facts, sync->order->definition->guards, survey->arena, &text);

    (void)snprintf(words, bytes, "%s", text);
    return health;
}

/* ---- staging ---- */

struct unseen {
    const char *ids[RUN_TRANSACTION_CHANGES];
    int types[RUN_TRANSACTION_CHANGES];
    size_t count;
};

static int load(struct session *session, void *argument, struct err *err)
{
    if (turn_load(argument, session, err) < 0)
        return -1;
    return turn_load_whole(argument, session, err);
}

static int write_unseen(struct turn *turn, void *argument, struct err *err)
{
    (void)argument;
    for (size_t i = 0; i < turn->count; i++)
        if (removal_stage(turn, turn->objects[i], err) < 0)
            return -1;
    return 0;
}

static int stage_some(struct sync *sync, const struct unseen *unseen, struct err *err)
{
    struct turn turn;
    int result;

    if (unseen->count == 0)
        return 0;
    turn_init(&turn, sync);
    for (size_t i = 0; i < unseen->count; i++)
        turn_object(&turn, unseen->ids[i], unseen->types[i])->spoken = true;
    result = store_read(sync->order->tenant->scope, load, &turn, err);
    if (result == 0)
        result = turn_commit(&turn, write_unseen, NULL, err);
    turn_free(&turn);
    return result < 0 ? -1 : sync_report(sync, err);
}

static int stage_page(struct survey *survey, struct err *err)
{
    struct unseen unseen = {.count = 0};

    for (size_t i = 0; i < survey->count; i++) {
        const struct link_row *row = &survey->rows[i];

        survey->after = row->pk;
        if (row->state == LINK_GONE || was_seen(&survey->seen, row->pk))
            continue;
        unseen.ids[unseen.count] = row->source_id;
        unseen.types[unseen.count++] = row->object;
        if (unseen.count < RUN_TRANSACTION_CHANGES)
            continue;
        if (stage_some(survey->sync, &unseen, err) < 0)
            return -1;
        unseen.count = 0;
    }
    return stage_some(survey->sync, &unseen, err);
}

static int stage_unseen(struct survey *survey, struct err *err)
{
    survey->after = 0;
    if (survey->unseen == 0)
        return 0;
    do {
        if (store_read(survey->sync->order->tenant->scope, read_links, survey, err) < 0 ||
            stage_page(survey, err) < 0)
            return -1;
    } while (survey->count == LINKS_CHUNK);
    return 0;
}

/* The pass counts: deltas go on from its end. */
static void accept(struct sync *sync, enum health health, const char *words)
{
    if (sync->order->dry)
        return;
    buf_reset(&sync->cursor);
    buf_append(&sync->cursor, sync->pass_cursor.bytes, sync->pass_cursor.length);
    buf_reset(&sync->pass_cursor);
    (void)snprintf(sync->doubt, sizeof(sync->doubt), "%s", health == HEALTH_DOUBTFUL ? words : "");
}

static int forget(struct turn *turn, void *argument, struct err *err)
{
    const bool *bad = argument;
    int64_t source = turn->sync->order->source;

    if (*bad) {
        turn->staged = false;
        if (staged_clear(turn->session, source, turn_plan(turn), err) < 0)
            return -1;
    }
    turn->open_sets = 0;
    return sync_set_drop(turn->session, turn_sets(turn), NULL, err);
}

static int conclude(struct sync *sync, bool bad, struct err *err)
{
    struct turn turn;
    int result;

    /* with the set that goes: nobody may sweep by an empty one */
    sync->phase = bad ? PHASE_DONE : PHASE_JUDGE;
    turn_init(&turn, sync);
    result = turn_commit(&turn, forget, &bad, err);
    turn_free(&turn);
    return result;
}

static int sweep(struct survey *survey, enum health *health, char *words, size_t bytes,
                 struct err *err)
{
    struct sync *sync = survey->sync;
    size_t canaries = sync->order->definition->canaries.count;

    survey->canaries = arena_array(sync->arena, canaries + 1, sizeof(*survey->canaries));
    if (load_seen(survey, err) < 0 || walk(survey, count_links, err) < 0 ||
        store_read(sync->order->tenant->scope, read_canaries, survey, err) < 0)
        return -1;
    *health = judge(survey, words, bytes);
    if (*health == HEALTH_BAD)
        return conclude(sync, true, err);
    if (stage_unseen(survey, err) < 0)
        return -1;
    accept(sync, *health, words);
    return conclude(sync, false, err);
}

int sweep_pass(struct sync *sync, enum health *health, char *words, size_t bytes, struct err *err)
{
    struct survey survey = {.sync = sync, .arena = arena_new(ARENA_BLOCK_BYTES)};
    int result = sweep(&survey, health, words, bytes, err);

    seen_free(&survey.seen);
    arena_free(survey.arena);
    return result;
}

/* ---- what is due ---- */

struct due {
    struct sync *sync;
    struct arena *arena;
    int64_t now_us;
    int64_t after;
    const struct link_row *rows;
    size_t count;
};

static int read_due(struct session *session, void *argument, struct err *err)
{
    struct due *due = argument;

    arena_reset(due->arena);
    return links_due(session, due->arena, due->sync->order->source, due->now_us,
                     RUN_TRANSACTION_CHANGES, &due->rows, &due->count, err);
}

static int read_refused(struct session *session, void *argument, struct err *err)
{
    struct due *due = argument;

    arena_reset(due->arena);
    return links_problems(session, due->arena, due->sync->order->source, due->after,
                          RUN_TRANSACTION_CHANGES, &due->rows, &due->count, err);
}

static int review_all(struct sync *sync, store_work read, struct err *err)
{
    struct due due = {
        .sync = sync, .arena = arena_new(ARENA_BLOCK_BYTES), .now_us = sync->order->now_us()};
    int result;

    do {
        result = store_read(sync->order->tenant->scope, read, &due, err);
        if (result == 0 && due.count > 0) {
            due.after = due.rows[due.count - 1].pk;
            result = page_review(sync, due.rows, due.count, err);
        }
        if (result == 0)
            result = sync_report(sync, err);
    } while (result == 0 && due.count == RUN_TRANSACTION_CHANGES);
    arena_free(due.arena);
    return result;
}

int sweep_due(struct sync *sync, struct err *err)
{
    return sync->order->dry ? 0 : review_all(sync, read_due, err);
}

int sweep_refused(struct sync *sync, struct err *err)
{
    return sync->order->dry ? 0 : review_all(sync, read_refused, err);
}
