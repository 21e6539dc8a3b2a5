#include "simulation_model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BIT(place) (UINT64_C(1) << (place))

bool model_fail(struct model *model, const char *format, ...)
{
    va_list arguments;

    if (model->words[0] != '\0')
        return false;
    va_start(arguments, format);
    (void)vsnprintf(model->words, sizeof(model->words), format, arguments);
    va_end(arguments);
    return false;
}

const char *model_name(const struct model *model, int place)
{
    static char names[4][WORLD_TEXT_BYTES]; /* of one message */
    static unsigned turn;
    char *text = names[turn++ % 4];

    if (place >= PICTURE_PUSHED)
        (void)snprintf(text, WORLD_TEXT_BYTES, PICTURE_PUSHED_NAME, place - PICTURE_PUSHED);
    else
        world_name(model->world, place, text);
    return text;
}

bool model_protects(const struct model *model, const struct held *held)
{
    int object = model->policy.protected;

    return object != WORLD_NOBODY && held->there &&
           held->values[WORLD_LOGIN] == world_now(model->world, object)->values[WORLD_LOGIN];
}

/* ---- facts ---- */

enum fact_kind { FACT_PRESENT, FACT_ENABLED, FACT_VALUE, FACT_MEMBER };

struct fact {
    enum fact_kind kind;
    int object;
    int which; /* value, or member */
};

static bool holds(const struct world *world, const struct fact *fact, int seq)
{
    const struct world_state *state = world_at(world, fact->object, seq);

    switch (fact->kind) {
    case FACT_PRESENT:
        return state->present;
    case FACT_ENABLED:
        return state->present && state->values[WORLD_ENABLED] != WORLD_NO;
    case FACT_VALUE:
        if (fact->which == WORLD_MANAGER)
            return world_manager_at(world, fact->object, seq) != WORLD_NOBODY;
        return state->present && state->values[fact->which] != 0;
    case FACT_MEMBER:
        break;
    }
    return world_member_at(world, fact->object, fact->which, seq);
}

static int *since(struct model *model, const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_PRESENT:
        return &model->present[fact->object];
    case FACT_ENABLED:
        return &model->enabled[fact->object];
    case FACT_VALUE:
        return &model->values[fact->object][fact->which];
    case FACT_MEMBER:
        break;
    }
    return &model->members[fact->object][fact->which];
}

/* Did it not hold at some time since the database has it? */
static bool ended(struct model *model, const struct fact *fact)
{
    int first = *since(model, fact);

    for (int seq = first > model->confirmed ? first : model->confirmed; seq <= model->world->seq;
         seq++)
        if (!holds(model->world, fact, seq))
            return true;
    return false;
}

static void gained(struct model *model, const struct fact *fact, int from)
{
    *since(model, fact) = from;
}

/* ---- what went ---- */

/* One look at two pictures. */
struct look {
    struct model *model;
    const struct picture *before;
    const struct picture *after;
    const struct model_run *run;
    struct guard_tally tally;
    int removals;
};

static bool lied_of(const struct look *look, int place)
{
    return place < WORLD_NAMES && (look->model->lied & BIT(place)) != 0;
}

static void went(struct look *look, enum guard_kind kind)
{
    look->tally.planned[kind]++;
    look->removals++;
}

/* By another object that has its name now: the person is the same for an administrator who says
 * match: userName. */
static bool was_adopted(const struct look *look, int place)
{
    int heir = picture_find(look->after, look->before->held[place].id);

    return look->model->policy.adopts && heir != WORLD_NOBODY && heir != place &&
           heir < WORLD_NAMES;
}

static bool check_delete(struct look *look, int place)
{
    struct model *model = look->model;
    const struct model_policy *policy = &model->policy;
    const struct fact fact = {FACT_PRESENT, place, 0};
    bool is_group = model->world->is_group[place];

    if (was_adopted(look, place))
        return true;
    went(look, is_group ? GUARD_GROUPS : GUARD_USERS);
    if (!is_group && model_protects(model, &look->before->held[place]))
        return model_fail(model, "%s is protected and was deleted", model_name(model, place));
    if (policy->removal == REMOVAL_KEEP)
        return model_fail(model, "%s is to be kept and was deleted", model_name(model, place));
    if (policy->removal == REMOVAL_DEACTIVATE && !is_group && !policy->deletes_later)
        return model_fail(model, "%s is to be deactivated and was deleted",
                          model_name(model, place));
    if (!ended(model, &fact) && !lied_of(look, place))
        return model_fail(model, "%s was deleted and never left", model_name(model, place));
    return true;
}

static bool check_deactivate(struct look *look, int place)
{
    struct model *model = look->model;
    const struct fact here = {FACT_PRESENT, place, 0};
    const struct fact enabled = {FACT_ENABLED, place, 0};
    bool left = ended(model, &here) || lied_of(look, place);

    went(look, GUARD_USERS);
    if (model_protects(model, &look->before->held[place]))
        return model_fail(model, "%s is protected and was deactivated", model_name(model, place));
    if (!left && !ended(model, &enabled))
        return model_fail(model, "%s was deactivated and never left", model_name(model, place));
    return true;
}

/* Did the source name another manager since?  He may not be known yet. */
static bool has_another(struct model *model, int place, int manager)
{
    int first = model->values[place][WORLD_MANAGER];

    for (int seq = first > model->confirmed ? first : model->confirmed; seq <= model->world->seq;
         seq++) {
        int named = world_at(model->world, place, seq)->values[WORLD_MANAGER] - 1;

        if (named >= 0 && named != manager)
            return true;
    }
    return false;
}

static bool check_blank(struct look *look, int place, int which)
{
    struct model *model = look->model;
    const struct fact fact = {FACT_VALUE, place, which};
    int manager = look->before->held[place].values[WORLD_MANAGER] - 1;

    /* nobody's resource any more: that was judged when another object got it */
    if (which == WORLD_MANAGER &&
        (look->before->links[manager].state == 0 || has_another(model, place, manager)))
        return true;
    if (which == WORLD_MANAGER && !look->after->held[manager].there) {
        if (ended(model, &fact) || lied_of(look, manager) || was_adopted(look, manager))
            return true;
    } else {
        went(look, GUARD_VALUES);
    }
    if (!ended(model, &fact) && !(which == WORLD_MANAGER && lied_of(look, manager)))
        return model_fail(model, "value %d of %s was blanked and never was", which,
                          model_name(model, place));
    return true;
}

static bool check_part(struct look *look, int group, int member)
{
    struct model *model = look->model;
    const struct fact fact = {FACT_MEMBER, group, member};
    const struct held *after = &look->after->held[member];

    if (was_adopted(look, member))
        return true;
    /* what ends with its member counts as the member */
    if (after->there && (model->world->is_group[member] || after->active))
        went(look, GUARD_MEMBERS);
    if (!ended(model, &fact) && !lied_of(look, member) && !lied_of(look, group))
        return model_fail(model, "%s left %s and never did", model_name(model, member),
                          model_name(model, group));
    return true;
}

static bool check_place(struct look *look, int place)
{
    const struct held *before = &look->before->held[place];
    const struct held *after = &look->after->held[place];
    bool is_group = look->model->world->is_group[place];

    if (!before->there)
        return true;
    if (!after->there)
        return check_delete(look, place);
    if (strcmp(before->id, after->id) != 0) /* or it came anew, after its heir */
        return was_adopted(look, place) ||
               model_fail(look->model, "%s has another id", model_name(look->model, place));
    if (!is_group && before->active && !after->active && !check_deactivate(look, place))
        return false;
    if (before->values[WORLD_LOGIN] != 0 && after->values[WORLD_LOGIN] == 0)
        return model_fail(look->model, "%s lost its name", model_name(look->model, place));
    for (int which = WORLD_GIVEN; which < WORLD_VALUES; which++)
        if (before->values[which] != 0 && after->values[which] == 0 &&
            !check_blank(look, place, which))
            return false;
    for (int member = 0; member < PICTURE_PLACES; member++)
        if ((before->members & ~after->members & BIT(member)) != 0 &&
            !check_part(look, place, member))
            return false;
    if (before->nick && !after->nick)
        return model_fail(look->model, "%s lost what a client wrote",
                          model_name(look->model, place));
    return true;
}

/* What a client pushed is none of a source's business. */
static bool check_pushed(struct look *look)
{
    for (int place = PICTURE_PUSHED; place < PICTURE_PLACES; place++) {
        const struct held *before = &look->before->held[place];
        const struct held *after = &look->after->held[place];

        if (before->there != after->there || before->version != after->version)
            return model_fail(look->model, "%s is not the source's and was changed",
                              model_name(look->model, place));
    }
    return true;
}

/* ---- what came ---- */

static const struct held nothing;

static void note_gains(struct look *look, int from)
{
    struct model *model = look->model;

    for (int place = 0; place < WORLD_NAMES; place++) {
        const struct held *before = &look->before->held[place];
        const struct held *after = &look->after->held[place];

        if (!after->there)
            continue;
        if (strcmp(before->id, after->id) != 0)
            before = &nothing;
        model->brought |= BIT(place);
        if (!before->there)
            gained(model, &(struct fact){FACT_PRESENT, place, 0}, from);
        if (after->active && (!before->there || !before->active)) {
            gained(model, &(struct fact){FACT_PRESENT, place, 0}, from);
            gained(model, &(struct fact){FACT_ENABLED, place, 0}, from);
        }
        for (int which = 0; which < WORLD_VALUES; which++)
            if (after->values[which] != 0 && before->values[which] == 0)
                gained(model, &(struct fact){FACT_VALUE, place, which}, from);
        for (int member = 0; member < PICTURE_PLACES; member++)
            if ((after->members & ~before->members & BIT(member)) != 0)
                gained(model, &(struct fact){FACT_MEMBER, place, member}, from);
    }
}

/* ---- the guard ---- */

/* Was the engine told of a membership that then ended with one of its ends?  It stood when the
 * run was judged, and no picture shows it. */
static bool passed_by(const struct look *look, int group, int member)
{
    const struct world *world = look->model->world;
    const struct held *held = &look->after->held[member];

    if (look->after->held[group].there && held->there && (world->is_group[member] || held->active))
        return false;
    for (int seq = look->run->told.from; seq <= world->seq; seq++)
        if ((world_at(world, group, seq)->members & BIT(member)) != 0)
            return true; /* also of one that had left by then: its end was not carried out yet */
    return false;
}

static int64_t count_members(const struct look *look, int group)
{
    uint64_t members = look->before->held[group].members | look->after->held[group].members;
    int64_t count = __builtin_popcountll(members);

    for (int member = 0; member < look->model->world->count; member++)
        if ((members & BIT(member)) == 0 && passed_by(look, group, member))
            count++;
    return count;
}

/* What stood, before or after additions: more than the engine can have counted. */
static void count_present(struct look *look)
{
    for (int place = 0; place < WORLD_NAMES; place++) {
        bool linked = look->before->links[place].state == LINK_LIVE ||
                      look->after->links[place].state == LINK_LIVE;
        bool is_group = look->model->world->is_group[place];

        look->tally.present[is_group ? GUARD_GROUPS : GUARD_USERS] += linked ? 1 : 0;
        look->tally.present[GUARD_MEMBERS] += count_members(look, place);
    }
}

static bool check_guard(struct look *look)
{
    static const char *const kinds[GUARD_KINDS] = {"users", "groups", "memberships", "values"};

    count_present(look);
    for (int kind = 0; kind < GUARD_VALUES; kind++) {
        int64_t allowed = guard_allowance(&look->model->policy.guard, look->tally.present[kind]);

        if (look->tally.planned[kind] > allowed)
            return model_fail(
                look->model,
                "%" PRId64 " of %" PRId64 " %s went, allowed %" PRId64 ", without approval",
                look->tally.planned[kind], look->tally.present[kind], kinds[kind], allowed);
    }
    return true;
}

static bool check_bounds(struct look *look)
{
    const struct model_run *run = look->run;
    int place = 0;

    if (run->dry && !run->approved && !picture_same(look->before, look->after, &place))
        return model_fail(look->model, "a dry run changed %s", model_name(look->model, place));
    if (look->removals == 0)
        return true;
    if (run->state == RUN_HELD || !run->applied)
        return model_fail(look->model, "a run that is %s%s removed something",
                          run_state_name(run->state), run->applied ? "" : " before its judgement");
    return run->approved || check_guard(look);
}

bool model_check(struct model *model, const struct picture *before, const struct picture *after,
                 const struct model_run *run)
{
    struct look look = {.model = model, .before = before, .after = after, .run = run};

    if (after->fault[0] != '\0')
        return model_fail(model, "%s", after->fault);
    if (run->told.lied != 0 && !run->told.admitted)
        model->lied |= run->told.lied;
    for (int place = 0; place < WORLD_NAMES; place++)
        if (!check_place(&look, place))
            return false;
    if (!check_pushed(&look) || !check_bounds(&look))
        return false;
    note_gains(&look, run->told.from < model->world->seq ? run->told.from : model->world->seq);
    if (run->state == RUN_APPLIED && !run->dry && !run->approved && run->told.to > 0) {
        if (run->told.to > model->confirmed)
            model->confirmed = run->told.to;
        if (run->told.full)
            model->lied = run->told.admitted ? 0 : run->told.lied;
    }
    return true;
}
