/* What is staged becomes so: additions first, then memberships, then what goes. */
#include <string.h>

#include "sync/membership.h"
#include "sync/object.h"
#include "sync/page.h"
#include "sync/phases.h"
#include "sync/removal.h"
#include "sync/run_state.h"
#include "sync/staged.h"

static int drop(struct staged_piece *piece, const struct staged_row *row, struct err *err)
{
    struct turn *turn = &piece->turn;

    return staged_drop(turn->session, turn->sync->order->source, staged_plan(turn->sync), row->kind,
                       row->source_id, row->member[0] != '\0' ? &row->member : NULL,
                       row->member[0] != '\0' ? 1 : 0, err);
}

static int bring_member(struct staged_piece *piece, const struct staged_row *row, struct err *err)
{
    const struct member member = {.source_id = row->member, .kind = OBJECT_UNKNOWN};
    const struct member_set set = {.form = MEMBERS_DIFFERENCE, .added = &member, .added_count = 1};
    const struct change change = {.kind = CHANGE_MEMBERS,
                                  .object = OBJECT_GROUP,
                                  .source_id = row->source_id,
                                  .members = &set};

    return membership_write(&piece->turn, &change, 0, err);
}

static int end_member(struct staged_piece *piece, const struct staged_row *row, struct err *err)
{
    struct turn *turn = &piece->turn;
    const struct object *group = staged_object(piece, row);
    const struct member_name name = {.value = row->member};
    const struct member_list list = {.items = &name, .count = 1, .present = true};
    int64_t added = 0;
    int64_t removed = 0;

    if (group->link.resource_id == NULL)
        return 0;
    if (directory_members(turn->writer, group->link.resource_id, NULL, &list, &added, &removed,
                          err) < 0)
        return -1;
    turn->counters.members_removed += removed;
    return 0;
}

static int upsert(struct staged_piece *piece, struct object *object, struct err *err)
{
    struct turn *turn = &piece->turn;
    struct compose_loss loss = {0};

    json_decref(
        compose_additions(object_type(turn, object->type), object->before, object->desired, &loss));
    if (object_carry_out(turn, object, err) < 0)
        return -1;
    turn->counters.blanked += loss.blanked;
    turn->counters.deactivated += loss.deactivates;
    return 0;
}

static int carry_out_row(struct staged_piece *piece, const struct staged_row *row, struct err *err)
{
    struct object *object = staged_object(piece, row);

    switch (row->kind) {
    case STAGED_UPSERT:
        return upsert(piece, object, err);
    case STAGED_MEMBER_ADD:
        return bring_member(piece, row, err);
    case STAGED_MEMBER_REMOVE:
        return end_member(piece, row, err);
    case STAGED_REMOVE:
        break;
    }
    return removal_apply(&piece->turn, object, err);
}

static int write_piece(struct turn *turn, void *argument, struct err *err)
{
    struct staged_piece *piece = argument;

    for (size_t i = 0; i < piece->count; i++) {
        const struct staged_row *row = &piece->rows[i];

        if (carry_out_row(piece, row, err) < 0 || turn_flush(turn, err) < 0 ||
            drop(piece, row, err) < 0)
            return -1;
    }
    return membership_settle(turn, err) < 0 ? -1 : turn_flush(turn, err);
}

static bool is_of_a_row(const struct err *err)
{
    return err->code != ERR_UNAVAILABLE && err->code != ERR_CONFLICT && err->code != ERR_RETRY;
}

/* The first `limit` rows; *count is how many there were. */
static int carry_out_some(struct sync *sync, size_t limit, const struct err *refusal, size_t *count,
                          struct err *err)
{
    struct staged_piece piece = {.count = 0};
    int result = staged_open(sync, &(struct staged_place){0}, limit, &piece, err);

    *count = piece.count;
    piece.turn.careful = true;
    piece.turn.refusal = refusal;
    if (result == 0 && piece.count > 0)
        result = turn_commit(&piece.turn, write_piece, &piece, err);
    staged_close(&piece);
    return result;
}

/* A piece that fails goes row by row: the row that is to blame is recorded with its object. */
static int carry_out_singly(struct sync *sync, struct err *err)
{
    for (size_t i = 0; i < STAGED_PIECE; i++) {
        struct err failure = {0};
        size_t count = 0;

        if (carry_out_some(sync, 1, NULL, &count, &failure) < 0) {
            if (!is_of_a_row(&failure) || carry_out_some(sync, 1, &failure, &count, err) < 0) {
                if (!is_of_a_row(&failure))
                    *err = failure;
                return -1;
            }
        }
        if (count == 0)
            return 0;
    }
    return 0;
}

int carry_out_staged(struct sync *sync, struct err *err)
{
    size_t count = 0;

    do {
        struct err failure = {0};

        if (carry_out_some(sync, STAGED_PIECE, NULL, &count, &failure) < 0) {
            if (!is_of_a_row(&failure)) {
                *err = failure;
                return -1;
            }
            if (carry_out_singly(sync, err) < 0)
                return -1;
            count = STAGED_PIECE;
        }
        if (sync_report(sync, err) < 0)
            return -1;
    } while (count == STAGED_PIECE);
    sync->staged = false;
    return 0;
}
