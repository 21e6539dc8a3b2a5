#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "scim/json.h"
#include "sync/mapping_rules.h"

struct compiling {
    struct arena *arena;
    struct mapping *mapping;
    const struct mapping_layer *layers;
    size_t layer;       /* the current one ... */
    size_t layer_start; /* ... and its first rule */
    struct mapping_fault *fault;
    struct err *err;
};

/* ---- a rule's members ---- */

static int compile_name(const struct compiling *compiling, const json_t *value, const char **out)
{
    const char *name = json_string_value(value);

    if (name == NULL || name[0] == '\0' || strlen(name) > MAPPING_NAME_MAX)
        return err_set(compiling->err, ERR_INVALID_VALUE,
                       "from: must be names of attributes, of at most %d bytes", MAPPING_NAME_MAX);
    *out = name;
    return 0;
}

/* The element at `index` of a list, or the value itself, which is a list of one then. */
static const json_t *item_of(const json_t *value, size_t index)
{
    return json_is_array(value) ? json_array_get(value, index) : value;
}

static size_t count_of(const json_t *value)
{
    if (value == NULL)
        return 0;
    return json_is_array(value) ? json_array_size(value) : 1;
}

static int compile_steps(const struct compiling *compiling, const json_t *value,
                         struct mapping_steps *out)
{
    size_t count = count_of(value);

    if (count > MAPPING_STEPS_MAX)
        return err_set(compiling->err, ERR_INVALID_VALUE, "transform: more than %d steps",
                       MAPPING_STEPS_MAX);
    out->items = arena_array(compiling->arena, count, sizeof(struct transform *));
    for (size_t i = 0; i < count; i++)
        if (transform_parse(compiling->arena, item_of(value, i), &out->items[i], compiling->err) <
            0)
            return -1;
    out->count = count;
    return 0;
}

/* Refuses members that are in none of `names`, which NULL ends. */
static int check_members(const struct compiling *compiling, const json_t *object,
                         const char *const *names)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(object), key, value)
    {
        const char *const *name = names;

        while (*name != NULL && strcmp(*name, key) != 0)
            name++;
        if (*name == NULL)
            return err_set(compiling->err, ERR_INVALID_VALUE, "does not know \"%.64s\"", key);
    }
    return 0;
}

static int compile_attribute(const struct compiling *compiling, const json_t *value,
                             struct mapping_from *out)
{
    static const char *const members[] = {"attribute", "transform", NULL};

    if (!json_is_object(value))
        return compile_name(compiling, value, &out->attribute);
    if (check_members(compiling, value, members) < 0 ||
        compile_name(compiling, json_object_get(value, "attribute"), &out->attribute) < 0)
        return -1;
    return compile_steps(compiling, json_object_get(value, "transform"), &out->steps);
}

static int compile_from(const struct compiling *compiling, const json_t *value,
                        struct mapping_rule *rule)
{
    size_t count = count_of(value);
    struct mapping_from *from = arena_array(compiling->arena, count, sizeof(*from));

    if (count > MAPPING_FROM_MAX)
        return err_set(compiling->err, ERR_INVALID_VALUE, "from: more than %d attributes",
                       MAPPING_FROM_MAX);
    for (size_t i = 0; i < count; i++)
        if (compile_attribute(compiling, item_of(value, i), &from[i]) < 0)
            return -1;
    rule->from = from;
    rule->from_count = count;
    return 0;
}

static bool yields(const struct mapping_steps *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        if (transform_yields(steps->items[i]))
            return true;
    return false;
}

static int compile_rule(const struct compiling *compiling, const json_t *value,
                        struct mapping_rule *rule)
{
    static const char *const members[] = {"from", "transform", "reference", NULL};
    const json_t *reference = json_object_get(value, "reference");
    const json_t *from = json_is_object(value) ? json_object_get(value, "from") : value;
    const char *flag = json_string_value(reference);

    if (json_is_object(value) && check_members(compiling, value, members) < 0)
        return -1;
    if (compile_from(compiling, from, rule) < 0 ||
        compile_steps(compiling, json_object_get(value, "transform"), &rule->steps) < 0)
        return -1;
    if (rule->from_count == 0 && !yields(&rule->steps))
        return err_set(compiling->err, ERR_INVALID_VALUE,
                       "needs an attribute (from), or a transform that has a value");
    rule->reference = json_is_true(reference) || (flag != NULL && strcmp(flag, "true") == 0);
    if (reference != NULL && !rule->reference && !json_is_false(reference) &&
        (flag == NULL || strcmp(flag, "false") != 0))
        return err_set(compiling->err, ERR_INVALID_VALUE, "reference: must be true or false");
    if (rule->reference && rule->target.attribute->multi_valued)
        return err_set(compiling->err, ERR_INVALID_VALUE, "reference: only for a single value");
    return 0;
}

/* ---- rules among each other ---- */

static bool is_replaced(const struct mapping_rule *rule, const struct mapping_target *by)
{
    if (rule->target.attribute != by->attribute)
        return false;
    return by->attribute->multi_valued || by->sub == NULL || by->sub == rule->target.sub;
}

/* Takes away what `target` of the current layer replaces in earlier ones. */
static void replace(struct compiling *compiling, const struct mapping_target *target)
{
    struct mapping *mapping = compiling->mapping;
    size_t kept = 0;
    size_t start = compiling->layer_start;

    for (size_t i = 0; i < mapping->count; i++) {
        if (i < start && is_replaced(&mapping->rules[i], target)) {
            compiling->layer_start--;
            continue;
        }
        mapping->rules[kept++] = mapping->rules[i];
    }
    mapping->count = kept;
}

static int check_repeated(const struct compiling *compiling, const struct mapping_target *target)
{
    for (size_t i = compiling->layer_start; i < compiling->mapping->count; i++) {
        const struct mapping_rule *rule = &compiling->mapping->rules[i];

        if (rule->target.sub == target->sub && mapping_target_same_element(&rule->target, target))
            return err_set(compiling->err, ERR_INVALID_VALUE, "is set by \"%s\" already",
                           rule->text);
    }
    return 0;
}

static const char *write_rule(struct arena *arena, const json_t *value)
{
    CLEANUP(buf_free) struct buf text = {0};

    json_append(&text, value);
    return arena_strndup(arena, buf_text(&text), text.length);
}

static int add_rule(struct compiling *compiling, const char *text, const json_t *value)
{
    struct mapping *mapping = compiling->mapping;
    struct mapping_rule rule = {.text = text, .file = compiling->layers[compiling->layer].file};
    int result = json_is_null(value) ? mapping_target_parse_null(compiling->arena, mapping->type,
                                                                 text, &rule.target, compiling->err)
                                     : mapping_target_parse(compiling->arena, mapping->type, text,
                                                            &rule.target, compiling->err);

    if (result < 0)
        return -1;
    replace(compiling, &rule.target);
    if (json_is_null(value))
        return 0;
    if (check_repeated(compiling, &rule.target) < 0 || compile_rule(compiling, value, &rule) < 0)
        return -1;
    rule.written = write_rule(compiling->arena, value);
    mapping->rules[mapping->count++] = rule;
    return 0;
}

/* "TARGET: what", and where. */
static int rule_failed(const struct compiling *compiling, const char *text)
{
    const struct err inner = *compiling->err;

    *compiling->fault = (struct mapping_fault){.target = text, .layer = compiling->layer};
    return err_set(compiling->err, ERR_INVALID_VALUE, "%.128s: %s", text, inner.detail);
}

static int add_layer(struct compiling *compiling)
{
    const json_t *rules = compiling->layers[compiling->layer].rules;
    const char *key;
    json_t *value;

    compiling->layer_start = compiling->mapping->count;
    if (json_object_size(rules) > MAPPING_RULES_MAX) {
        *compiling->fault = (struct mapping_fault){.layer = compiling->layer};
        return err_set(compiling->err, ERR_INVALID_VALUE, "more than %d targets",
                       MAPPING_RULES_MAX);
    }
    json_object_foreach(json_iterable(rules), key, value)
    {
        if (add_rule(compiling, key, value) < 0)
            return rule_failed(compiling, key);
    }
    return 0;
}

static void number_slots(struct mapping *mapping)
{
    for (size_t i = 0; i < mapping->count; i++) {
        struct mapping_rule *rule = &mapping->rules[i];
        size_t same = 0;

        while (same < i &&
               !mapping_target_same_element(&mapping->rules[same].target, &rule->target))
            same++;
        rule->slot = same < i ? mapping->rules[same].slot : mapping->slots++;
    }
}

/* ---- what is read ---- */

static void note_attribute(struct compiling *compiling, const char *name)
{
    struct values *known = &compiling->mapping->attributes;

    for (size_t i = 0; i < known->count; i++)
        if (text_compare_ascii(known->items[i], name) == 0)
            return;
    values_add(known, compiling->arena, name);
}

static void note_steps(struct compiling *compiling, const struct mapping_steps *steps)
{
    struct values names = {0};

    for (size_t i = 0; i < steps->count; i++)
        transform_attributes(steps->items[i], compiling->arena, &names);
    for (size_t i = 0; i < names.count; i++)
        note_attribute(compiling, names.items[i]);
}

static void note_attributes(struct compiling *compiling)
{
    for (size_t i = 0; i < compiling->mapping->count; i++) {
        const struct mapping_rule *rule = &compiling->mapping->rules[i];

        for (size_t j = 0; j < rule->from_count; j++) {
            note_attribute(compiling, rule->from[j].attribute);
            note_steps(compiling, &rule->from[j].steps);
        }
        note_steps(compiling, &rule->steps);
    }
}

int mapping_compile(struct arena *arena, const struct resource_type *type,
                    const struct mapping_layer *layers, size_t count, const struct mapping **out,
                    struct mapping_fault *fault, struct err *err)
{
    struct mapping *mapping = arena_alloc(arena, sizeof(*mapping));
    struct compiling compiling = {
        .arena = arena, .mapping = mapping, .layers = layers, .fault = fault, .err = err};
    size_t capacity = 0;

    mapping->type = type;
    for (size_t i = 0; i < count; i++)
        capacity += json_object_size(layers[i].rules);
    mapping->rules = arena_array(arena, capacity, sizeof(*mapping->rules));
    for (; compiling.layer < count; compiling.layer++)
        if (add_layer(&compiling) < 0)
            return -1;
    number_slots(mapping);
    note_attributes(&compiling);
    *out = mapping;
    return 0;
}

const char *const *mapping_attributes(const struct mapping *mapping, size_t *count)
{
    *count = mapping->attributes.count;
    return mapping->attributes.items;
}
