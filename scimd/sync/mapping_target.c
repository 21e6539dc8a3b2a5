#include "sync/mapping_target.h"

#include <string.h>

#include "scim/limits.h"
#include "scim/path.h"

#define CONSTANTS_MAX 8 /* comparisons in a target's filter */

/* Conditions in the order of the filter, which is a chain of `and` that leans to the left. */
static int read_constants(struct arena *arena, const struct filter *filter,
                          struct mapping_target *out, struct err *err)
{
    struct mapping_constant *constants = arena_array(arena, CONSTANTS_MAX, sizeof(*constants));
    size_t first = CONSTANTS_MAX;

    while (filter != NULL && first > 0) {
        const struct filter *last = filter->kind == FILTER_AND ? filter->right : filter;

        if (last->kind != FILTER_COMPARE || last->op != FILTER_EQ ||
            last->attribute->parent == NULL)
            return err_set(err, ERR_INVALID_VALUE,
                           "the filter must say what stands beside the value, such as type eq "
                           "\"work\"");
        if (last->attribute == out->sub)
            return err_set(err, ERR_INVALID_VALUE, "the filter names the value itself");
        constants[--first] = (struct mapping_constant){.name = last->attribute->name,
                                                       .written = last->value.written};
        filter = filter->kind == FILTER_AND ? filter->left : NULL;
    }
    if (filter != NULL)
        return err_set(err, ERR_INVALID_VALUE, "more than %d conditions in the filter",
                       CONSTANTS_MAX);
    out->constants = constants + first;
    out->constant_count = CONSTANTS_MAX - first;
    return 0;
}

/* Sources may write what clients may, and the one value that only we know of. */
static int check_writable(const struct attribute *attribute, const struct attribute *sub,
                          struct err *err)
{
    const struct schema *schema = attribute->schema;

    if (schema == NULL && strcmp(attribute->name, "externalId") != 0)
        return err_set(err, ERR_INVALID_VALUE, "is not a source's to set");
    if (attribute->role == ROLE_MEMBERS || attribute->role == ROLE_GROUPS)
        return err_set(err, ERR_INVALID_VALUE, "memberships come of themselves, not by mapping");
    if (attribute->role == ROLE_SECRET)
        return err_set(err, ERR_INVALID_VALUE, "passwords are not taken over");
    if (schema != NULL && strcmp(schema->id, SCHEMA_URN_SCIMD_USER) == 0 &&
        strcmp(attribute->name, "lastLogin") == 0)
        return 0;
    if (attribute->mutability == READ_ONLY || (sub != NULL && sub->mutability == READ_ONLY))
        return err_set(err, ERR_INVALID_VALUE, "is read-only");
    return 0;
}

static bool is_primary(const struct mapping_target *target)
{
    for (size_t i = 0; i < target->constant_count; i++)
        if (strcmp(target->constants[i].name, "primary") == 0 &&
            strcmp(target->constants[i].written, "true") == 0)
            return true;
    return false;
}

int mapping_target_parse_null(struct arena *arena, const struct resource_type *type,
                              const char *text, struct mapping_target *out, struct err *err)
{
    const struct filter_reader reader = {.type = type, .limits = &scim_limits_default};
    struct mapping_target target = {0};
    struct path path = {0};

    if (path_parse(&reader, arena, text, strlen(text), &path, err) < 0) {
        err->code = ERR_INVALID_VALUE;
        return -1;
    }
    if (path.attribute == NULL) {
        (void)err_set(err, ERR_INVALID_VALUE, "names a schema, not an attribute");
        return -1;
    }
    target.attribute = path.attribute;
    target.sub = path.sub;
    if (check_writable(target.attribute, target.sub, err) < 0 ||
        read_constants(arena, path.filter, &target, err) < 0)
        return -1;
    target.takes_one = !target.attribute->multi_valued || is_primary(&target);
    *out = target;
    return 0;
}

int mapping_target_parse(struct arena *arena, const struct resource_type *type, const char *text,
                         struct mapping_target *out, struct err *err)
{
    struct mapping_target target = {0};

    if (mapping_target_parse_null(arena, type, text, &target, err) < 0)
        return -1;
    if (target.attribute->type == ATTRIBUTE_COMPLEX && target.sub == NULL)
        return err_set(err, ERR_INVALID_VALUE, "names no sub-attribute, such as .%s",
                       target.attribute->sub_count > 0 ? target.attribute->subs[0].name : "value");
    if (target.sub == NULL && target.constant_count > 0)
        return err_set(err, ERR_INVALID_VALUE, "takes no filter");
    *out = target;
    return 0;
}

bool mapping_target_same_element(const struct mapping_target *left,
                                 const struct mapping_target *right)
{
    if (left->attribute != right->attribute || left->constant_count != right->constant_count)
        return false;
    for (size_t i = 0; i < left->constant_count; i++)
        if (strcmp(left->constants[i].name, right->constants[i].name) != 0 ||
            strcmp(left->constants[i].written, right->constants[i].written) != 0)
            return false;
    return true;
}
