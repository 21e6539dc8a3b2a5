/* What must be there in the end. */
#include "simulation_model.h"

#define BIT(place) (UINT64_C(1) << (place))

/* Somebody else has its name: it must say so. */
static bool is_refused(const struct model *model, const struct picture *end, int object)
{
    int login = world_now(model->world, object)->values[WORLD_LOGIN];

    if (!end->links[object].problem || model->world->is_group[object])
        return false;
    for (int place = 0; place < WORLD_NAMES; place++)
        if (place != object && end->held[place].there && !model->world->is_group[place] &&
            end->held[place].values[WORLD_LOGIN] == login)
            return true;
    return false;
}

/* Gone, and yet it stays as it is: who points to it is not said. */
static bool left_to_itself(const struct model *model, const struct picture *end, int place)
{
    return place >= 0 && place < WORLD_NAMES && !world_now(model->world, place)->present &&
           (model->policy.removal == REMOVAL_KEEP || model_protects(model, &end->held[place]));
}

static bool check_values(struct model *model, const struct picture *end, int object)
{
    const struct world_state *state = world_now(model->world, object);
    const struct held *held = &end->held[object];
    int manager = world_manager_at(model->world, object, model->world->seq);

    if (!model->world->is_group[object] && !model_protects(model, held) &&
        held->active != (state->values[WORLD_ENABLED] == WORLD_YES))
        return model_fail(model, "%s is %s in the end", model_name(model, object),
                          held->active ? "active" : "inactive");
    for (int which = 0; which <= WORLD_TITLE; which++) {
        if (which == WORLD_LOGIN && is_refused(model, end, object))
            continue;
        if (held->values[which] != state->values[which])
            return model_fail(model, "value %d of %s is %d in the end, not %d", which,
                              model_name(model, object), held->values[which], state->values[which]);
    }
    if (manager != WORLD_NOBODY && !end->held[manager].there)
        manager = WORLD_NOBODY; /* refused: see there */
    if (held->values[WORLD_MANAGER] != manager + 1 &&
        !left_to_itself(model, end, held->values[WORLD_MANAGER] - 1))
        return model_fail(model, "the manager of %s is %d in the end, not %d",
                          model_name(model, object), held->values[WORLD_MANAGER] - 1, manager);
    return true;
}

static bool check_members(struct model *model, const struct picture *end, int group)
{
    for (int member = 0; member < PICTURE_PLACES; member++) {
        bool held = (end->held[group].members & BIT(member)) != 0;
        bool due = member < WORLD_NAMES && end->held[member].there &&
                   world_member_at(model->world, group, member, model->world->seq);

        if (held != due && !left_to_itself(model, end, member))
            return model_fail(model, "%s is %s %s in the end", model_name(model, member),
                              held ? "still in" : "not in", model_name(model, group));
    }
    return true;
}

static bool check_present(struct model *model, const struct picture *end, int object)
{
    if (!end->held[object].there)
        return is_refused(model, end, object) ||
               model_fail(model, "%s is not there in the end", model_name(model, object));
    if (end->links[object].problem && !is_refused(model, end, object))
        return model_fail(model, "%s has a problem in the end, and why?",
                          model_name(model, object));
    return check_values(model, end, object) &&
           (!model->world->is_group[object] || check_members(model, end, object));
}

/* Left the source, or never was in scope. */
static bool check_absent(struct model *model, const struct picture *end, int object)
{
    const struct model_policy *policy = &model->policy;
    const struct held *held = &end->held[object];
    bool is_group = model->world->is_group[object];
    bool stays = policy->removal == REMOVAL_KEEP || model_protects(model, held) ||
                 (policy->removal == REMOVAL_DEACTIVATE && !is_group && !policy->deletes_later);

    if ((model->brought & BIT(object)) == 0)
        return !held->there || model_fail(model, "%s was never brought", model_name(model, object));
    if (!stays && held->there)
        return model_fail(model, "%s is left over in the end", model_name(model, object));
    if (stays && !held->there && !policy->adopts && policy->removal != REMOVAL_DELETE)
        return model_fail(model, "%s was to stay and is not there in the end",
                          model_name(model, object));
    if (held->there && !is_group && policy->removal == REMOVAL_DEACTIVATE &&
        !model_protects(model, held) && held->active)
        return model_fail(model, "%s left and is active in the end", model_name(model, object));
    return true;
}

bool model_check_end(struct model *model, const struct picture *end)
{
    for (int object = 0; object < model->world->count; object++) {
        bool fine = world_now(model->world, object)->present ? check_present(model, end, object)
                                                             : check_absent(model, end, object);

        if (!fine)
            return false;
    }
    return true;
}
