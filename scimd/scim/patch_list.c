#include "scim/patch_list.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scim/json.h"
#include "scim/match.h"
#include "scim/patch_value.h"

/* Sub-attributes that describe a value and are none themselves. */
static bool is_descriptive(const char *name)
{
    return strcmp(name, "type") == 0 || strcmp(name, "primary") == 0 ||
           strcmp(name, "display") == 0;
}

/* An element from which all was taken but its description is no value any more. */
static bool is_hollow(const json_t *element)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(element), key, value)
    {
        if (!is_descriptive(key))
            return false;
    }
    return true;
}

static bool same_value(const struct patch_list *list, const struct attribute *attribute,
                       const json_t *left, const json_t *right)
{
    size_t left_length = 0;
    size_t right_length = 0;
    const char *left_key;
    const char *right_key;

    if (json_same(left, right))
        return true;
    if (attribute->case_exact || !json_is_string(left) || !json_is_string(right))
        return false;
    left_key = text_fold(list->arena, json_string_value(left), json_string_length(left), false,
                         &left_length);
    right_key = text_fold(list->arena, json_string_value(right), json_string_length(right), false,
                          &right_length);
    return left_length == right_length && memcmp(left_key, right_key, left_length) == 0;
}

static bool same_sub(const struct patch_list *list, const char *name, const json_t *left,
                     const json_t *right)
{
    const struct attribute *sub = schema_sub_attribute(list->attribute, name, strlen(name));
    const json_t *left_value = json_object_get(left, name);
    const json_t *right_value = json_object_get(right, name);

    if (left_value == NULL || right_value == NULL || sub == NULL)
        return left_value == right_value;
    return same_value(list, sub, left_value, right_value);
}

/* One value: the same (type, value), or the same in all where there is no `value`. */
static bool same_element(const struct patch_list *list, const json_t *left, const json_t *right)
{
    if (!json_is_object(left) || !json_is_object(right))
        return same_value(list, list->attribute, left, right);
    if (json_object_get(left, "value") == NULL)
        return json_same(left, right);
    return same_sub(list, "value", left, right) && same_sub(list, "type", left, right);
}

/* RFC 7644 section 3.5.2: a new primary takes it from the old one. */
static void settle_primary(const struct patch_list *list, const json_t *element)
{
    if (!json_is_true(json_object_get(element, "primary")))
        return;
    for (size_t i = 0; i < json_array_size(list->values); i++) {
        json_t *other = json_array_get(list->values, i);
        if (other != element && json_is_true(json_object_get(other, "primary")))
            (void)json_object_set_new_nocheck(other, "primary", json_false());
    }
}

/* `element` is ours to take apart. */
static void add_element(struct patch_list *list, json_t *element)
{
    json_t *present = NULL;

    for (size_t i = 0; i < json_array_size(list->values) && present == NULL; i++) {
        json_t *candidate = json_array_get(list->values, i);
        list->comparisons++;
        if (same_element(list, candidate, element))
            present = candidate;
    }
    if (present == NULL) {
        (void)json_array_append(list->values, element);
        present = element;
    } else if (json_is_object(present)) {
        (void)json_object_del(element, "value"); /* the old ones stay, in the case they have */
        (void)json_object_del(element, "type");
        (void)json_object_update(present, element);
    }
    settle_primary(list, present);
}

void patch_list_add(struct patch_list *list, const json_t *elements)
{
    for (size_t i = 0; i < json_array_size(elements); i++)
        add_element(list, json_array_get(elements, i));
}

static bool is_described(const struct patch_list *list, const json_t *element, const json_t *given)
{
    size_t compared = 0;
    const char *key;
    json_t *value;

    if (!json_is_object(given))
        return same_value(list, list->attribute, element, given);
    json_object_foreach(json_iterable(given), key, value)
    {
        if (strcmp(key, "display") == 0 || strcmp(key, "primary") == 0 || strcmp(key, "$ref") == 0)
            continue;
        if (!same_sub(list, key, element, given))
            return false;
        compared++;
    }
    return compared > 0;
}

void patch_list_remove(struct patch_list *list, const json_t *given)
{
    for (size_t i = json_array_size(list->values); i-- > 0;) {
        const json_t *element = json_array_get(list->values, i);
        bool found = false;

        for (size_t j = 0; j < json_array_size(given) && !found; j++) {
            list->comparisons++;
            found = is_described(list, element, json_array_get(given, j));
        }
        if (found)
            (void)json_array_remove(list->values, i);
    }
}

static int change_simple(struct patch_list *list, const struct patch_step *step, size_t index,
                         struct err *err)
{
    json_t *read = NULL;

    if (patch_read_element(list->reader, list->attribute, step->value, &read, err) < 0)
        return -1;
    if (read == NULL)
        (void)json_array_remove(list->values, index);
    else
        (void)json_array_set_new(list->values, index, read);
    return 0;
}

static int change_complex(struct patch_list *list, const struct patch_step *step, size_t index,
                          struct err *err)
{
    json_t *element = json_array_get(list->values, index);
    const struct attribute *sub = step->path.sub;
    bool was_hollow = is_hollow(element);
    int result = 0;

    if (step->verb == PATCH_REMOVE)
        (void)json_object_del(element, sub->name);
    else if (sub != NULL)
        result = patch_set(list->reader, sub, element, step->value, err);
    else
        result = patch_merge(list->reader, list->attribute, element, step->value, err);
    if (result < 0)
        return -1;
    settle_primary(list, element);
    if (json_object_size(element) == 0 || (!was_hollow && is_hollow(element)))
        (void)json_array_remove(list->values, index);
    return 0;
}

static int change_element(struct patch_list *list, const struct patch_step *step, size_t index,
                          struct err *err)
{
    if (step->verb == PATCH_REMOVE && step->path.sub == NULL) {
        (void)json_array_remove(list->values, index);
        return 0;
    }
    if (list->attribute->type == ATTRIBUTE_COMPLEX)
        return change_complex(list, step, index, err);
    return change_simple(list, step, index, err);
}

/* What a filter says of the element it looks for: each `sub eq literal`, joined by and.  False
 * where it says anything else. */
static bool describe(const struct filter *filter, json_t *element)
{
    for (;; filter = filter->left) {
        const struct filter *leaf = filter->kind == FILTER_AND ? filter->right : filter;
        if (leaf->kind != FILTER_COMPARE || leaf->op != FILTER_EQ ||
            leaf->attribute->mutability == READ_ONLY)
            return false;
        (void)json_object_set_new_nocheck(element, leaf->attribute->name,
                                          json_loads(leaf->value.written, JSON_DECODE_ANY, NULL));
        if (leaf == filter)
            return true;
    }
}

/* Entra ID relies on it: add emails[type eq "work"].value makes a work address. */
static int add_described(struct patch_list *list, const struct patch_step *step, struct err *err)
{
    CLEANUP(json_decrefp) json_t *element = json_object();
    int result;

    if (step->verb != PATCH_ADD || list->attribute->type != ATTRIBUTE_COMPLEX ||
        !describe(step->path.filter, element))
        return err_set(err, ERR_NO_TARGET, "no value of %s matches the filter",
                       list->attribute->path);
    (void)tolerance_allows(list->tolerances, TOLERANCE_CREATE_FILTERED); /* counted, not asked */
    result = step->path.sub != NULL
                 ? patch_set(list->reader, step->path.sub, element, step->value, err)
                 : patch_merge(list->reader, list->attribute, element, step->value, err);
    if (result < 0)
        return -1;
    add_element(list, element);
    return 0;
}

static int match_nothing(struct patch_list *list, const struct patch_step *step, struct err *err)
{
    if (step->verb == PATCH_REMOVE && tolerance_allows(list->tolerances, TOLERANCE_REMOVE_NO_MATCH))
        return 0;
    return add_described(list, step, err);
}

int patch_list_change(struct patch_list *list, const struct patch_step *step, struct err *err)
{
    bool found = false;

    for (size_t i = json_array_size(list->values); i-- > 0;) {
        list->comparisons++;
        if (!match_element(step->path.filter, json_array_get(list->values, i)))
            continue;
        found = true;
        if (change_element(list, step, i, err) < 0)
            return -1;
    }
    return found ? 0 : match_nothing(list, step, err);
}

int patch_list_change_sub(struct patch_list *list, const struct patch_step *step, struct err *err)
{
    size_t count = json_array_size(list->values);

    if (step->verb != PATCH_REMOVE && count > 1)
        return err_set(err, ERR_NO_TARGET, "%s has several values: name one by a filter",
                       list->attribute->path);
    if (step->verb != PATCH_REMOVE && count == 0)
        (void)json_array_append_new(list->values, json_object());
    for (size_t i = json_array_size(list->values); i-- > 0;) {
        if (change_complex(list, step, i, err) < 0)
            return -1;
    }
    return 0;
}
