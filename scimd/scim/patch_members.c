#include <string.h>

#include "base/cleanup.h"
#include "scim/patch_build.h"

static bool is_value(const struct attribute *sub)
{
    return strcmp(sub->name, "value") == 0;
}

/* Counts the nodes of a filter that asks for nothing but ids: `value eq`, joined by or; 0 for any
 * other.  A chain leans to the left. */
static size_t count_ids(const struct filter *filter)
{
    size_t count = 0;

    for (;; filter = filter->left) {
        const struct filter *leaf = filter->kind == FILTER_OR ? filter->right : filter;
        if (leaf->kind != FILTER_COMPARE || leaf->op != FILTER_EQ || !is_value(leaf->attribute))
            return 0;
        count++;
        if (leaf == filter)
            return count;
    }
}

static const char *decoded(struct arena *arena, const char *written)
{
    CLEANUP(json_decrefp) json_t *text = json_loads(written, JSON_DECODE_ANY, NULL);

    return arena_strdup(arena, json_string_value(text));
}

static void remove_by_filter(struct patch_builder *builder, const struct filter *filter)
{
    size_t count = count_ids(filter);
    struct member_name *names;

    if (count == 0) {
        patch_push_members(builder,
                           &(struct member_step){.kind = MEMBERS_REMOVE_FILTER, .filter = filter});
        return;
    }
    names = arena_array(builder->arena, count, sizeof(*names));
    for (size_t i = count; i-- > 0; filter = filter->left) {
        const struct filter *leaf = filter->kind == FILTER_OR ? filter->right : filter;
        names[i].value = decoded(builder->arena, leaf->value.written);
    }
    patch_push_members(builder,
                       &(struct member_step){
                           .kind = MEMBERS_REMOVE, .names = {names, count, .present = true}
    });
}

static int read_names(struct patch_builder *builder, const struct patch_step *step,
                      struct member_list *out, struct err *err)
{
    if (resource_read_members(builder->reader, builder->arena, step->path.attribute, step->value,
                              out, err) < 0)
        return -1;
    builder->members_named += out->count;
    if (builder->members_named > builder->reader->limits->member_count)
        return err_set(err, ERR_INVALID_VALUE, "members: more than %zu in one request",
                       builder->reader->limits->member_count);
    return 0;
}

static int remove_names(struct patch_builder *builder, const struct patch_step *step,
                        struct err *err)
{
    struct member_step removal = {.kind = MEMBERS_REMOVE};

    if (!tolerance_allows(builder->reader->tolerances, TOLERANCE_REMOVE_VALUE))
        return err_set(err, ERR_INVALID_SYNTAX,
                       "members: remove takes no value; use members[value eq \"id\"]");
    if (read_names(builder, step, &removal.names, err) < 0)
        return -1;
    if (removal.names.count > 0)
        patch_push_members(builder, &removal);
    return 0;
}

static int remove_members(struct patch_builder *builder, const struct patch_step *step,
                          struct err *err)
{
    const struct member_step all = {.kind = MEMBERS_REPLACE, .names.present = true};

    if (step->value != NULL && !json_is_null(step->value))
        return remove_names(builder, step, err);
    patch_push_members(builder, &all);
    return 0;
}

/* A membership is there or not; nothing about it can be changed. */
static int check_target(const struct patch_step *step, struct err *err)
{
    const struct path *path = &step->path;
    bool has_value = step->value != NULL && !json_is_null(step->value);

    if (path->filter != NULL && (path->sub != NULL || step->verb != PATCH_REMOVE))
        return err_set(err, ERR_MUTABILITY,
                       "members: a membership can be added or removed, not changed");
    if (path->sub != NULL && !(is_value(path->sub) && has_value))
        return err_set(err, ERR_MUTABILITY, "%s cannot be changed", path->sub->path);
    return 0;
}

int patch_add_members(struct patch_builder *builder, const struct patch_step *step, struct err *err)
{
    struct member_step change = {.kind = step->verb == PATCH_ADD ? MEMBERS_ADD : MEMBERS_REPLACE};

    if (check_target(step, err) < 0)
        return -1;
    if (step->path.filter != NULL) {
        remove_by_filter(builder, step->path.filter);
        return 0;
    }
    if (step->verb == PATCH_REMOVE)
        return remove_members(builder, step, err);
    if (read_names(builder, step, &change.names, err) < 0)
        return -1;
    if (change.kind == MEMBERS_REPLACE || change.names.count > 0)
        patch_push_members(builder, &change);
    return 0;
}
