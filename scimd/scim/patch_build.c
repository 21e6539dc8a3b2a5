/* What each step is checked for before anything is applied. */
#include "scim/patch_build.h"

#include <string.h>

#include "scim/patch_value.h"

#define FIRST_CAPACITY 8

/* `items`, or twice the room and its content. */
static void *grown(struct arena *arena, void *items, size_t item_bytes, size_t count,
                   size_t *capacity)
{
    void *larger;

    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    larger = arena_array(arena, *capacity, item_bytes);
    if (count > 0)
        memcpy(larger, items, count * item_bytes);
    return larger;
}

static void push_step(struct patch_builder *builder, const struct patch_step *step)
{
    builder->steps = grown(builder->arena, builder->steps, sizeof(*step), builder->step_count,
                           &builder->step_capacity);
    builder->steps[builder->step_count++] = *step;
    builder->touches_document = true;
}

void patch_push_members(struct patch_builder *builder, const struct member_step *step)
{
    builder->members = grown(builder->arena, builder->members, sizeof(*step),
                             builder->member_step_count, &builder->member_step_capacity);
    builder->members[builder->member_step_count++] = *step;
}

static bool has_writable(const struct schema *schema)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        if (schema->attributes[i].mutability != READ_ONLY)
            return true;
    }
    return false;
}

/* The URN of an extension: all of it is removed, or each key of the value is a target in it. */
static int add_extension(struct patch_builder *builder, const struct patch_step *step,
                         struct err *err)
{
    struct patch_step removal = *step;

    if (step->verb != PATCH_REMOVE && json_is_object(step->value))
        return patch_add_keys(builder, step->verb, step->path.extension, step->value, err);
    if (step->verb != PATCH_REMOVE && !json_is_null(step->value))
        return err_set(err, ERR_INVALID_VALUE, "%s: must be an object", step->path.extension->id);
    if (step->verb == PATCH_ADD)
        return 0;
    if (!has_writable(step->path.extension))
        return err_set(err, ERR_MUTABILITY, "%s is read-only", step->path.extension->id);
    removal.verb = PATCH_REMOVE;
    removal.value = NULL;
    push_step(builder, &removal);
    return 0;
}

static int check_mutability(const struct path *path, struct err *err)
{
    const struct attribute *attribute = path->attribute;

    /* `schemas` follows from what the document holds */
    if (attribute->mutability == READ_ONLY ||
        (attribute->schema == NULL && strcmp(attribute->name, "schemas") == 0))
        return err_set(err, ERR_MUTABILITY, "%s is read-only", attribute->path);
    if (path->sub != NULL && path->sub->mutability == READ_ONLY)
        return err_set(err, ERR_MUTABILITY, "%s is read-only", path->sub->path);
    return 0;
}

/* null means unassigned: to replace by it is to remove, to add it to a list changes nothing. */
static bool is_nothing(struct patch_step *step)
{
    bool is_list =
        step->path.attribute->multi_valued && step->path.filter == NULL && step->path.sub == NULL;
    bool is_null = step->value != NULL && json_is_null(step->value);

    if (!is_null)
        return false;
    if (step->verb == PATCH_ADD && is_list)
        return true;
    step->verb = PATCH_REMOVE;
    step->value = NULL;
    return false;
}

int patch_add_step(struct patch_builder *builder, const struct patch_step *step, struct err *err)
{
    struct patch_step plain = *step;

    if (step->path.extension != NULL)
        return add_extension(builder, step, err);
    if (check_mutability(&step->path, err) < 0)
        return -1;
    if (step->path.attribute->role == ROLE_MEMBERS)
        return patch_add_members(builder, step, err);
    if (is_nothing(&plain))
        return 0;
    if (patch_value_check(builder->reader, &plain, err) < 0)
        return -1;
    if (step->path.attribute->role == ROLE_SECRET)
        builder->touches_document = true; /* checked, and dropped like that of a POST */
    else
        push_step(builder, &plain);
    return 0;
}
