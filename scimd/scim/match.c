#include "scim/match.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "scim/resource.h"

#define MATCH_ARENA_BYTES 1024 /* folded keys; most documents need none */

/* What a filter is held against. */
struct subject {
    const json_t *value; /* a framed resource, or one element */
    bool is_element;
    struct arena **arena; /* made when the first text is folded */
};

static bool matches(const struct subject *subject, const struct filter *filter);

/* Where the values of an attribute are; NULL if it has none. */
static const json_t *find_value(const struct subject *subject, const struct attribute *attribute)
{
    if (!subject->is_element)
        return resource_value(subject->value, attribute);
    if (!json_is_object(subject->value))
        return subject->value;
    return json_object_get(subject->value, attribute->name);
}

static bool order_holds(enum filter_operator op, int order)
{
    switch (op) {
    case FILTER_EQ:
        return order == 0;
    case FILTER_GT:
        return order > 0;
    case FILTER_GE:
        return order >= 0;
    case FILTER_LT:
        return order < 0;
    case FILTER_LE:
        return order <= 0;
    case FILTER_CO:
    case FILTER_SW:
    case FILTER_EW:
        break;
    }
    return false;
}

static int compare_keys(const char *left, size_t left_length, const char *right,
                        size_t right_length)
{
    size_t shorter = left_length < right_length ? left_length : right_length;
    int order = memcmp(left, right, shorter);

    if (order != 0)
        return order;
    return (left_length > right_length) - (left_length < right_length);
}

static bool contains(const char *text, size_t length, const char *part, size_t part_length)
{
    for (size_t i = 0; i + part_length <= length; i++) {
        if (memcmp(text + i, part, part_length) == 0)
            return true;
    }
    return false;
}

static bool key_matches(const struct filter *filter, const char *key, size_t length)
{
    const char *wanted = filter->value.text;
    size_t wanted_length = filter->value.length;

    switch (filter->op) {
    case FILTER_CO:
        return contains(key, length, wanted, wanted_length);
    case FILTER_SW:
        return length >= wanted_length && memcmp(key, wanted, wanted_length) == 0;
    case FILTER_EW:
        return length >= wanted_length &&
               memcmp(key + length - wanted_length, wanted, wanted_length) == 0;
    case FILTER_EQ:
    case FILTER_GT:
    case FILTER_GE:
    case FILTER_LT:
    case FILTER_LE:
        break;
    }
    return order_holds(filter->op, compare_keys(key, length, wanted, wanted_length));
}

static bool text_matches(const struct subject *subject, const struct filter *filter,
                         const json_t *value)
{
    const struct attribute *attribute = filter->attribute;
    bool exact = attribute->case_exact || attribute->type == ATTRIBUTE_BINARY;
    const char *key = json_string_value(value);
    size_t length = json_string_length(value);

    if (key == NULL)
        return false;
    if (!exact) {
        if (*subject->arena == NULL)
            *subject->arena = arena_new(MATCH_ARENA_BYTES);
        key = text_fold(*subject->arena, key, length, false, &length);
    }
    return key_matches(filter, key, length);
}

static bool time_matches(const struct filter *filter, const json_t *value)
{
    int64_t time_us = 0;

    return json_is_string(value) &&
           clock_parse(json_string_value(value), json_string_length(value), &time_us) &&
           order_holds(filter->op,
                       (time_us > filter->value.integer) - (time_us < filter->value.integer));
}

static bool integer_matches(const struct filter *filter, const json_t *value)
{
    json_int_t number = json_integer_value(value);

    return json_is_integer(value) && order_holds(filter->op, (number > filter->value.integer) -
                                                                 (number < filter->value.integer));
}

static bool decimal_matches(const struct filter *filter, const json_t *value)
{
    double number = json_number_value(value);

    return json_is_number(value) && order_holds(filter->op, (number > filter->value.number) -
                                                                (number < filter->value.number));
}

static bool value_matches(const struct subject *subject, const struct filter *filter,
                          const json_t *value)
{
    switch (filter->attribute->type) {
    case ATTRIBUTE_BOOLEAN:
        return json_is_boolean(value) && json_is_true(value) == filter->value.boolean;
    case ATTRIBUTE_DECIMAL:
        return decimal_matches(filter, value);
    case ATTRIBUTE_INTEGER:
        return integer_matches(filter, value);
    case ATTRIBUTE_DATETIME:
        return time_matches(filter, value);
    case ATTRIBUTE_STRING:
    case ATTRIBUTE_BINARY:
    case ATTRIBUTE_REFERENCE:
        return text_matches(subject, filter, value);
    case ATTRIBUTE_COMPLEX:
        break; /* never under a COMPARE */
    }
    return false;
}

static bool compare_matches(const struct subject *subject, const struct filter *filter)
{
    const json_t *value = find_value(subject, filter->attribute);

    if (!json_is_array(value))
        return value_matches(subject, filter, value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (value_matches(subject, filter, json_array_get(value, i)))
            return true;
    }
    return false;
}

static bool is_simple_present(const json_t *value)
{
    return value != NULL && !json_is_null(value) &&
           !(json_is_string(value) && json_string_length(value) == 0);
}

static bool is_present(const struct attribute *attribute, const json_t *value)
{
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            const json_t *element = json_array_get(value, i);
            if (!json_is_array(element) && is_present(attribute, element))
                return true;
        }
        return false;
    }
    if (!json_is_object(value))
        return is_simple_present(value);
    for (size_t i = 0; i < attribute->sub_count; i++) {
        if (is_present(&attribute->subs[i], json_object_get(value, attribute->subs[i].name)))
            return true;
    }
    return false;
}

static bool element_matches(const struct subject *subject, const struct filter *filter)
{
    const json_t *list = find_value(subject, filter->attribute);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const struct subject element = {
            .value = json_array_get(list, i), .is_element = true, .arena = subject->arena};
        if (matches(&element, filter->left))
            return true;
    }
    return false;
}

/* Walks the left-leaning chain of one connective: the value of `decides` ends it. */
static bool chain_matches(const struct subject *subject, const struct filter *filter, bool decides)
{
    enum filter_kind kind = filter->kind;

    for (; filter->kind == kind; filter = filter->left) {
        if (matches(subject, filter->right) == decides)
            return decides;
    }
    return matches(subject, filter);
}

/* Recursion ends: groups nest no deeper than FILTER_DEPTH_MAX. */
static bool matches(const struct subject *subject, const struct filter *filter)
{
    switch (filter->kind) {
    case FILTER_AND:
        return chain_matches(subject, filter, false);
    case FILTER_OR:
        return chain_matches(subject, filter, true);
    case FILTER_NOT:
        return !matches(subject, filter->left);
    case FILTER_COMPARE:
        return compare_matches(subject, filter);
    case FILTER_PRESENT:
        return is_present(filter->attribute, find_value(subject, filter->attribute));
    case FILTER_ELEMENT:
        return element_matches(subject, filter);
    case FILTER_NEVER:
        break;
    }
    return false;
}

static bool match(const struct filter *filter, const json_t *value, bool is_element)
{
    struct arena *arena = NULL;
    const struct subject subject = {.value = value, .is_element = is_element, .arena = &arena};
    bool result = matches(&subject, filter);

    arena_free(arena);
    return result;
}

bool match_resource(const struct filter *filter, const json_t *resource)
{
    return match(filter, resource, false);
}

bool match_element(const struct filter *filter, const json_t *element)
{
    return match(filter, element, true);
}
