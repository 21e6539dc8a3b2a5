#include "scim/patch.h"

#include "base/cleanup.h"
#include "scim/patch_list.h"
#include "scim/patch_value.h"

#define APPLY_ARENA_BYTES 1024

/* Elements held against each other or a filter, in one request: what a thousand operations need on
 * lists of a usual length, and no more than a second's work. */
#define COMPARISONS_MAX 4000000

struct application {
    const struct resource_reader *reader;
    const struct resource_reader *quiet; /* the same profile; counts into nothing */
    struct arena *arena;
    json_t *document;
    size_t comparisons;
};

/* What readOnly attributes an extension has are ours and stay. */
static void remove_extension(json_t *document, const struct schema *extension)
{
    json_t *object = json_object_get(document, extension->id);

    for (size_t i = 0; i < extension->attribute_count; i++) {
        if (extension->attributes[i].mutability != READ_ONLY)
            (void)json_object_del(object, extension->attributes[i].name);
    }
}

/* The object or list that `attribute` has in `container`, made if there is none. */
static json_t *open_value(json_t *container, const struct attribute *attribute)
{
    json_t *value = json_object_get(container, attribute->name);

    if (value == NULL) {
        value = attribute->multi_valued ? json_array() : json_object();
        (void)json_object_set_new_nocheck(container, attribute->name, value);
    }
    return value;
}

static int apply_single(struct application *application, const struct patch_step *step,
                        json_t *container, struct err *err)
{
    const struct attribute *attribute = step->path.attribute;
    const struct attribute *sub = step->path.sub;

    if (step->verb == PATCH_REMOVE) {
        json_t *object = sub != NULL ? json_object_get(container, attribute->name) : container;
        (void)json_object_del(object, sub != NULL ? sub->name : attribute->name);
        return 0;
    }
    if (attribute->type != ATTRIBUTE_COMPLEX)
        return patch_set(application->quiet, attribute, container, step->value, err);
    if (sub != NULL)
        return patch_set(application->quiet, sub, open_value(container, attribute), step->value,
                         err);
    return patch_merge(application->quiet, attribute, open_value(container, attribute), step->value,
                       err);
}

/* The whole list: no filter and no sub-attribute. */
static int apply_list(struct patch_list *list, const struct patch_step *step, struct err *err)
{
    CLEANUP(json_decrefp) json_t *read = NULL;

    if (step->value != NULL &&
        resource_read_value(list->reader, list->attribute, step->value, &read, err) < 0)
        return -1;
    if (step->verb == PATCH_REMOVE && step->value != NULL) {
        patch_list_remove(list, read);
        return 0;
    }
    if (step->verb != PATCH_ADD)
        (void)json_array_clear(list->values);
    if (step->verb != PATCH_REMOVE)
        patch_list_add(list, read);
    return 0;
}

static int apply_multi_valued(struct application *application, const struct patch_step *step,
                              json_t *container, struct err *err)
{
    struct patch_list list = {.reader = application->quiet,
                              .tolerances = application->reader->tolerances,
                              .arena = application->arena,
                              .attribute = step->path.attribute,
                              .values = open_value(container, step->path.attribute)};

    int result;

    if (step->path.filter != NULL)
        result = patch_list_change(&list, step, err);
    else if (step->path.sub != NULL)
        result = patch_list_change_sub(&list, step, err);
    else
        result = apply_list(&list, step, err);
    application->comparisons += list.comparisons;
    if (result == 0 && application->comparisons > COMPARISONS_MAX)
        return err_set(err, ERR_TOO_LARGE, "the operations compare too many values");
    return result;
}

static int apply_step(struct application *application, const struct patch_step *step,
                      struct err *err)
{
    json_t *container;

    if (step->path.extension != NULL) {
        remove_extension(application->document, step->path.extension);
        return 0;
    }
    /* what is made and stays empty goes again when the document is settled */
    container = resource_container(application->document, step->path.attribute, true);
    if (step->path.attribute->multi_valued)
        return apply_multi_valued(application, step, container, err);
    return apply_single(application, step, container, err);
}

static int check_size(const struct resource_reader *reader, const json_t *document, struct err *err)
{
    if (resource_count_values(document) <= reader->limits->value_count)
        return 0;
    return err_set(err, ERR_INVALID_VALUE, "the resource would have more than %zu values",
                   reader->limits->value_count);
}

int patch_apply(const struct patch *patch, const struct resource_reader *reader, json_t *document,
                struct err *err)
{
    struct tolerance_use unused = {
        .profile = reader->tolerances != NULL ? reader->tolerances->profile : PROFILE_STRICT};
    const struct resource_reader quiet = {
        .type = reader->type, .limits = reader->limits, .tolerances = &unused};
    CLEANUP(arena_freep) struct arena *arena = arena_new(APPLY_ARENA_BYTES);
    struct application application = {
        .reader = reader, .quiet = &quiet, .arena = arena, .document = document};

    for (size_t i = 0; i < patch->step_count; i++) {
        arena_reset(arena);
        if (apply_step(&application, &patch->steps[i], err) < 0)
            return patch_failed(patch->steps[i].operation, err);
    }
    resource_settle(reader->type, document);
    return check_size(reader, document, err);
}
