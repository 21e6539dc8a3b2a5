/* The judgement of a run: everything that is staged as one plan, counted against the guard before
 * the first of it is written. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"
#include "scim/resource.h"
#include "store/run_rows.h"
#include "sync/object.h"
#include "sync/page.h"
#include "sync/phases.h"
#include "sync/plan.h"
#include "sync/run_state.h"
#include "sync/staged.h"

struct judging {
    struct sync *sync;
    struct plan *plan; /* owned */
    struct buf text;
    int64_t part;
    struct guard_tally tally;
    struct staged_piece *piece;
    struct session *session;
};

/* ---- one object of the plan ---- */

static const char *name_of(const json_t *document)
{
    const char *name = json_string_value(json_object_get(document, "userName"));

    return name != NULL ? name : json_string_value(json_object_get(document, "displayName"));
}

static const char *json_text(struct turn *turn, const char *text)
{
    CLEANUP(buf_free) struct buf json = {0};

    buf_json_string(&json, text, strlen(text));
    return arena_strdup(turn->scratch, buf_text(&json));
}

static void add_object(struct judging *judging, const struct plan_object *object)
{
    plan_add(judging->plan, object);
    plan_render(&judging->text, object);
}

static void count_losses(struct judging *judging, const struct plan_object *object)
{
    if (object->action == PLAN_DEACTIVATE)
        judging->tally.planned[GUARD_USERS]++;
    for (size_t i = 0; i < object->line_count; i++)
        judging->tally.planned[GUARD_VALUES] += object->lines[i].after == NULL;
}

static struct plan_object plan_object_of(const struct judging *judging, const struct object *object,
                                         enum plan_action action, const json_t *named)
{
    return (struct plan_object){.action = action,
                                .type = object_type(&judging->piece->turn, object->type)->name,
                                .source_id = object->source_id,
                                .name = name_of(named)};
}

/* References to what comes with the same plan have no id yet: the source's stands for it. */
static int add_waiting(struct judging *judging, const struct object_waits *waiting,
                       struct plan_object *plan_object, struct err *err)
{
    struct turn *turn = &judging->piece->turn;
    const struct sync *sync = judging->sync;
    struct plan_line *lines =
        arena_array(turn->scratch, plan_object->line_count + waiting->count, sizeof(*lines));

    if (plan_object->line_count > 0)
        memcpy(lines, plan_object->lines, plan_object->line_count * sizeof(*lines));
    for (size_t i = 0; sync->order->dry && i < waiting->count; i++) {
        struct staged_row row;
        bool found = false;

        if (staged_find(judging->session, turn->scratch, sync->order->source, staged_plan(sync),
                        STAGED_UPSERT, waiting->items[i].target, &row, &found, err) < 0)
            return -1;
        if (found)
            lines[plan_object->line_count++] =
                (struct plan_line){.path = waiting->items[i].place,
                                   .after = json_text(turn, waiting->items[i].target)};
    }
    plan_object->lines = lines;
    return 0;
}

static int plan_create(struct judging *judging, struct object *object, struct err *err)
{
    struct turn *turn = &judging->piece->turn;
    struct plan_object planned = plan_object_of(judging, object, PLAN_CREATE, object->desired);
    json_t *document = turn_keep(turn, json_deep_copy(object->desired));
    struct object_waits waiting = {0};

    if (object_refer(turn, turn->sync->order->source, object->refs, object->type, document,
                     &waiting, err) < 0)
        return -1;
    planned.lines = plan_compare(turn->scratch, NULL, document, &planned.line_count);
    if (add_waiting(judging, &waiting, &planned, err) < 0)
        return -1;
    add_object(judging, &planned);
    return 0;
}

static int plan_upsert(struct judging *judging, struct object *object, struct err *err)
{
    struct turn *turn = &judging->piece->turn;
    const struct object_word word = {.document = object->desired, .refs = object->refs};
    struct object_outcome outcome = {0};
    struct plan_object planned;

    if (object->link.resource_id == NULL)
        return plan_create(judging, object, err);
    if (object_compose(turn, object, &word, &outcome, err) < 0)
        return -1;
    planned = plan_object_of(judging, object, PLAN_UPDATE, outcome.after);
    if (object->type == RESOURCE_TYPE_USER && compose_is_active(outcome.before) &&
        !compose_is_active(outcome.after))
        planned.action = PLAN_DEACTIVATE;
    planned.lines = plan_compare(turn->scratch, outcome.before, outcome.after, &planned.line_count);
    count_losses(judging, &planned);
    if (add_waiting(judging, &outcome.waiting, &planned, err) < 0)
        return -1;
    if (planned.line_count > 0)
        add_object(judging, &planned);
    return 0;
}

static int plan_remove(struct judging *judging, struct object *object, struct err *err)
{
    struct turn *turn = &judging->piece->turn;
    enum source_removal policy = judging->sync->order->definition->removal;
    const json_t *document = turn_parse(turn, object->link.document);
    struct plan_object planned = plan_object_of(judging, object, PLAN_DELETE, document);
    const struct plan_line leaves = {
        .path = "source", .before = json_text(turn, judging->sync->order->definition->name)};

    (void)err;
    if (object->link.resource_id == NULL)
        return 0;
    if (policy == REMOVAL_KEEP) {
        planned.action = PLAN_UPDATE;
        planned.lines = &leaves;
        planned.line_count = 1;
    } else if (policy == REMOVAL_DEACTIVATE && object->type == RESOURCE_TYPE_USER &&
               object->link.state == LINK_LIVE) {
        planned.action = PLAN_DEACTIVATE;
    }
    judging->tally.planned[object->type == RESOURCE_TYPE_GROUP ? GUARD_GROUPS : GUARD_USERS]++;
    add_object(judging, &planned);
    return 0;
}

/* ---- memberships: rows[0..count) of one group ---- */

/* The member of a dry run, by its resource's id or, where it comes with the plan, its source's;
 * NULL: nobody stands for it. */
static int member_to_come(struct judging *judging, const char *source_id, const char **name,
                          struct err *err)
{
    struct turn *turn = &judging->piece->turn;
    const struct sync *sync = judging->sync;
    struct link_row link = {0};
    struct staged_row row;
    bool found = false;

    if (links_find(judging->session, turn->scratch, sync->order->source, &source_id, 1, false,
                   &link, err) < 0 ||
        staged_find(judging->session, turn->scratch, sync->order->source, staged_plan(sync),
                    STAGED_UPSERT, source_id, &row, &found, err) < 0)
        return -1;
    *name = found ? source_id : NULL;
    if (link.state == LINK_LIVE && link.resource_id != NULL)
        *name = link.resource_id;
    return 0;
}

static int plan_members(struct judging *judging, const struct staged_row *rows, size_t count,
                        struct err *err)
{
    struct turn *turn = &judging->piece->turn;
    struct object *group = staged_object(judging->piece, &rows[0]);
    struct plan_line *lines = arena_array(turn->scratch, count, sizeof(*lines));
    struct plan_object planned = plan_object_of(
        judging, group, PLAN_UPDATE,
        group->desired != NULL ? group->desired : turn_parse(turn, group->link.document));

    for (size_t i = 0; i < count; i++) {
        const char *name = rows[i].member;

        if (rows[i].kind == STAGED_MEMBER_ADD &&
            member_to_come(judging, rows[i].member, &name, err) < 0)
            return -1;
        if (name == NULL)
            continue;
        lines[planned.line_count] = (struct plan_line){.path = PLAN_MEMBERS};
        if (rows[i].kind == STAGED_MEMBER_ADD)
            lines[planned.line_count++].after = json_text(turn, name);
        else
            lines[planned.line_count++].before = json_text(turn, name);
    }
    if (rows[0].kind == STAGED_MEMBER_REMOVE)
        judging->tally.planned[GUARD_MEMBERS] += (int64_t)planned.line_count;
    planned.lines = lines;
    if (planned.line_count > 0)
        add_object(judging, &planned);
    return 0;
}

static size_t same_group(const struct staged_row *rows, size_t count)
{
    size_t same = 1;

    while (same < count && rows[same].kind == rows[0].kind &&
           strcmp(rows[same].source_id, rows[0].source_id) == 0)
        same++;
    return same;
}

/* Returns how many rows it took, or -1. */
static long plan_rows(struct judging *judging, const struct staged_row *rows, size_t count,
                      struct err *err)
{
    struct object *object = staged_object(judging->piece, &rows[0]);
    size_t same;

    switch (rows[0].kind) {
    case STAGED_UPSERT:
        return plan_upsert(judging, object, err) < 0 ? -1 : 1;
    case STAGED_REMOVE:
        return plan_remove(judging, object, err) < 0 ? -1 : 1;
    case STAGED_MEMBER_ADD:
    case STAGED_MEMBER_REMOVE:
        break;
    }
    same = same_group(rows, count);
    return plan_members(judging, rows, same, err) < 0 ? -1 : (long)same;
}

static int plan_piece(struct session *session, void *argument, struct err *err)
{
    struct judging *judging = argument;
    struct turn *turn = &judging->piece->turn;
    size_t done = 0;

    turn_read(turn, session);
    judging->session = session;
    while (done < judging->piece->count) {
        long taken =
            plan_rows(judging, judging->piece->rows + done, judging->piece->count - done, err);
        if (taken < 0)
            return -1;
        done += (size_t)taken;
    }
    return 0;
}

/* ---- the whole ---- */

static int put_part(struct turn *turn, void *argument, struct err *err)
{
    struct judging *judging = argument;

    return plan_text_put(turn->session, judging->sync->order->run, judging->part,
                         buf_text(&judging->text), judging->text.length, err);
}

static int drop_text(struct turn *turn, void *argument, struct err *err)
{
    (void)argument;
    return plan_text_drop(turn->session, turn->sync->order->run, err);
}

static int commit(struct judging *judging, turn_body body, struct err *err)
{
    struct turn turn;
    int result;

    turn_init(&turn, judging->sync);
    result = turn_commit(&turn, body, judging, err);
    turn_free(&turn);
    return result;
}

static int write_text(struct judging *judging, bool last, struct err *err)
{
    if (judging->text.length == 0 || (!last && judging->text.length < RUN_PLAN_PART_BYTES))
        return 0;
    if (commit(judging, put_part, err) < 0)
        return -1;
    judging->part++;
    buf_reset(&judging->text);
    return 0;
}

static int plan_all(struct judging *judging, int64_t *count, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct staged_place after = {0};
    size_t read;

    *count = 0;
    do {
        struct staged_piece piece = {.count = 0};
        int result = staged_open(judging->sync, &after, STAGED_PIECE, &piece, err);

        judging->piece = &piece;
        if (result == 0)
            result = store_read(judging->sync->order->tenant->scope, plan_piece, judging, err);
        read = piece.count;
        if (result == 0 && read > 0) {
            const struct staged_row *last = &piece.rows[read - 1];

            arena_reset(arena);
            after = (struct staged_place){.kind = (int)last->kind,
                                          .source_id = arena_strdup(arena, last->source_id),
                                          .member = arena_strdup(arena, last->member)};
            *count += (int64_t)read;
        }
        staged_close(&piece);
        if (result < 0 || write_text(judging, false, err) < 0 ||
            sync_report(judging->sync, err) < 0)
            return -1;
    } while (read == STAGED_PIECE);
    return write_text(judging, true, err);
}

static int read_tally(struct session *session, void *argument, struct err *err)
{
    struct judging *judging = argument;
    struct guard_tally *tally = &judging->tally;
    struct links_tally links = {0};

    if (links_tally(session, judging->sync->order->source, &links, err) < 0)
        return -1;
    tally->present[GUARD_USERS] = links.users;
    tally->present[GUARD_GROUPS] = links.groups;
    tally->present[GUARD_VALUES] = links.users + links.groups;
    if (tally->planned[GUARD_MEMBERS] == 0)
        return 0;
    return links_tally_members(session, judging->sync->order->source,
                               &tally->present[GUARD_MEMBERS], err);
}

static void decide(struct judging *judging, struct judgement *out)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    CLEANUP(buf_free) struct buf summary = {0};
    const struct sync *sync = judging->sync;
    const struct guard_settings *guards = sync->order->definition->guards;

    if (sync->order->dry)
        (void)snprintf(out->words, sizeof(out->words), "a dry run: nothing was written");
    else if (sync->doubt[0] != '\0')
        (void)snprintf(out->words, sizeof(out->words), "%s", sync->doubt);
    else
        (void)snprintf(out->words, sizeof(out->words), "%s",
                       guard_words(guards, &judging->tally, arena));
    out->held = out->words[0] != '\0';
    plan_hash(judging->plan, out->hash);
    plan_summarise(&summary, plan_counts(judging->plan));
    (void)snprintf(out->summary, sizeof(out->summary), "%s", buf_text(&summary));
}

static int judge(struct judging *judging, struct judgement *out, struct err *err)
{
    int64_t count = 0;

    if (commit(judging, drop_text, err) < 0 || plan_all(judging, &count, err) < 0 ||
        store_read(judging->sync->order->tenant->scope, read_tally, judging, err) < 0)
        return -1;
    judging->sync->counters.staged = count;
    out->empty = count == 0;
    if (!out->empty)
        decide(judging, out);
    return out->held || out->empty ? 0 : commit(judging, drop_text, err);
}

int judge_staged(struct sync *sync, struct judgement *out, struct err *err)
{
    struct judging judging = {.sync = sync, .plan = plan_new()};
    int result;

    *out = (struct judgement){0};
    if (!sync->staged) { /* the usual case costs nothing */
        out->empty = true;
        plan_free(judging.plan);
        return 0;
    }
    result = judge(&judging, out, err);
    plan_free(judging.plan);
    buf_free(&judging.text);
    return result;
}
