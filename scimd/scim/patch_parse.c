#include "scim/patch.h"

#include <string.h>

#include "base/text.h"
#include "scim/json.h"
#include "scim/patch_build.h"

#define PATCH_URN "urn:ietf:params:scim:api:messages:2.0:PatchOp"

/* An operation's members. */
enum { MEMBER_OP, MEMBER_PATH, MEMBER_VALUE, MEMBER_COUNT };

static const char *const member_names[MEMBER_COUNT] = {
    [MEMBER_OP] = "op", [MEMBER_PATH] = "path", [MEMBER_VALUE] = "value"};

static const char *const verb_names[] = {
    [PATCH_ADD] = "add", [PATCH_REMOVE] = "remove", [PATCH_REPLACE] = "replace"};

int patch_failed(size_t operation, struct err *err)
{
    const struct err inner = *err;

    return err_set(err, inner.code, "Operations[%zu]: %s", operation, inner.detail);
}

static bool names_patch(const json_t *schemas)
{
    for (size_t i = 0; i < json_array_size(schemas); i++) {
        const char *urn = json_string_value(json_array_get(schemas, i));
        if (urn != NULL && text_compare_ascii(urn, PATCH_URN) == 0)
            return true;
    }
    return false;
}

/* A member of an object by its name in any case, which is a tolerance. */
static const json_t *find_member(const struct resource_reader *reader, const json_t *object,
                                 const char *name)
{
    const json_t *exact = json_object_get(object, name);
    const char *key;
    json_t *value;

    if (exact != NULL)
        return exact;
    json_object_foreach(json_iterable(object), key, value)
    {
        if (text_compare_ascii(key, name) == 0 &&
            tolerance_allows(reader->tolerances, TOLERANCE_ATTRIBUTE_CASE))
            return value;
    }
    return NULL;
}

/* Sorts an operation's members out. */
static int read_members(const struct resource_reader *reader, const json_t *operation,
                        const json_t *members[MEMBER_COUNT], struct err *err)
{
    const char *key;
    json_t *value;

    for (int i = 0; i < MEMBER_COUNT; i++)
        members[i] = find_member(reader, operation, member_names[i]);
    json_object_foreach(json_iterable(operation), key, value)
    {
        if (value != members[MEMBER_OP] && value != members[MEMBER_PATH] &&
            value != members[MEMBER_VALUE] &&
            !tolerance_allows(reader->tolerances, TOLERANCE_UNKNOWN_ATTRIBUTE))
            return err_set(err, ERR_INVALID_SYNTAX, "there is no member \"%s\" here", key);
    }
    return 0;
}

static int read_verb(const struct resource_reader *reader, const json_t *op, enum patch_verb *out,
                     struct err *err)
{
    const char *name = json_string_value(op);

    if (name == NULL)
        return err_set(err, ERR_INVALID_SYNTAX, "op must be \"add\", \"replace\" or \"remove\"");
    for (int verb = PATCH_ADD; verb <= PATCH_REPLACE; verb++) {
        if (text_compare_ascii(name, verb_names[verb]) != 0)
            continue;
        if (strcmp(name, verb_names[verb]) != 0 &&
            !tolerance_allows(reader->tolerances, TOLERANCE_OPERATION_CASE))
            break;
        *out = (enum patch_verb)verb;
        return 0;
    }
    return err_set(err, ERR_INVALID_SYNTAX, "op \"%s\" is not \"add\", \"replace\" or \"remove\"",
                   name);
}

int patch_read_path(const struct patch_builder *builder, const char *text, size_t length,
                    struct path *out, struct err *err)
{
    const struct filter_reader reader = {.type = builder->reader->type,
                                         .limits = builder->reader->limits,
                                         .tolerances = builder->reader->tolerances};

    return path_parse(&reader, builder->arena, text, length, out, err);
}

static int add_whole(struct patch_builder *builder, enum patch_verb verb, const json_t *value,
                     struct err *err)
{
    if (verb == PATCH_REMOVE)
        return err_set(err, ERR_NO_TARGET, "remove needs a path");
    if (!json_is_object(value))
        return err_set(err, ERR_INVALID_VALUE, "without a path, value must be an object");
    return patch_add_keys(builder, verb, NULL, value, err);
}

static int add_operation(struct patch_builder *builder, const json_t *operation, struct err *err)
{
    struct patch_step step = {.operation = builder->operation};
    const json_t *members[MEMBER_COUNT] = {NULL};
    const json_t *path;

    if (!json_is_object(operation))
        return err_set(err, ERR_INVALID_SYNTAX, "must be an object");
    if (read_members(builder->reader, operation, members, err) < 0 ||
        read_verb(builder->reader, members[MEMBER_OP], &step.verb, err) < 0)
        return -1;

    step.value = members[MEMBER_VALUE];
    path = members[MEMBER_PATH];
    if (step.verb != PATCH_REMOVE && step.value == NULL)
        return err_set(err, ERR_INVALID_VALUE, "%s needs a value", verb_names[step.verb]);
    if (path == NULL || json_is_null(path))
        return add_whole(builder, step.verb, step.value, err);
    if (!json_is_string(path))
        return err_set(err, ERR_INVALID_SYNTAX, "path must be a string");
    if (patch_read_path(builder, json_string_value(path), json_string_length(path), &step.path,
                        err) < 0)
        return -1;
    return patch_add_step(builder, &step, err);
}

static int check_body(const struct resource_reader *reader, const json_t *body,
                      const json_t **operations, struct err *err)
{
    const json_t *list;

    if (!json_is_object(body))
        return err_set(err, ERR_INVALID_SYNTAX, "the body must be an object");
    if (!names_patch(find_member(reader, body, "schemas")) &&
        !tolerance_allows(reader->tolerances, TOLERANCE_SCHEMAS_MISSING))
        return err_set(err, ERR_INVALID_SYNTAX, "schemas must name %s", PATCH_URN);
    list = find_member(reader, body, "Operations");
    if (!json_is_array(list) || json_array_size(list) == 0)
        return err_set(err, ERR_INVALID_SYNTAX, "Operations must be a list and not empty");
    if (json_array_size(list) > reader->limits->patch_operations)
        return err_set(err, ERR_TOO_LARGE, "Operations: more than %zu",
                       reader->limits->patch_operations);
    *operations = list;
    return 0;
}

int patch_parse(const struct resource_reader *reader, struct arena *arena, const json_t *body,
                const struct patch **out, struct err *err)
{
    struct patch_builder builder = {.reader = reader, .arena = arena};
    const json_t *operations = NULL;
    struct patch *patch;

    if (check_body(reader, body, &operations, err) < 0)
        return -1;
    for (; builder.operation < json_array_size(operations); builder.operation++) {
        if (add_operation(&builder, json_array_get(operations, builder.operation), err) < 0)
            return patch_failed(builder.operation, err);
    }

    patch = arena_alloc(arena, sizeof(*patch));
    *patch = (struct patch){.steps = builder.steps,
                            .step_count = builder.step_count,
                            .members = builder.members,
                            .member_step_count = builder.member_step_count,
                            .touches_document = builder.touches_document,
                            .repeated_id = builder.repeated_id};
    *out = patch;
    return 0;
}

size_t patch_member_step_count(const struct patch *patch)
{
    return patch->member_step_count;
}

const struct member_step *patch_member_step(const struct patch *patch, size_t index)
{
    return index < patch->member_step_count ? &patch->members[index] : NULL;
}

bool patch_touches_document(const struct patch *patch)
{
    return patch->touches_document;
}

const char *patch_repeated_id(const struct patch *patch)
{
    return patch->repeated_id;
}
