#include <string.h>

#include "scim/json.h"
#include "scim/resource.h"
#include "sync/mapping_rules.h"

struct applying {
    const struct mapping *mapping;
    const struct mapping_input *input;
    struct arena *arena;
    struct mapped *out;
    struct tolerance_use tolerances; /* directories write booleans and numbers as text */
    struct resource_reader reader;
    json_t **slots; /* lists of elements, owned until they are in the document */
    struct mapping_origin *origins;
    struct mapping_problem *problems;
    struct mapping_reference *references;
};

/* A reason without the place in front, which the problem names. */
static const char *reason_of(const struct applying *applying, const struct err *err)
{
    const char *colon = strstr(err->detail, ": ");

    return arena_strdup(applying->arena, colon != NULL ? colon + 2 : err->detail);
}

static void add_problem(struct applying *applying, const struct mapping_rule *rule,
                        const char *attribute, const char *reason)
{
    applying->problems[applying->out->problem_count++] = (struct mapping_problem){
        .target = rule != NULL ? rule->text : "",
        .place = rule != NULL ? rule->target.attribute : NULL,
        .attribute = attribute,
        .reason = reason,
    };
}

static int run_steps(const struct applying *applying, const struct mapping_steps *steps,
                     struct values *values, struct err *err)
{
    const struct transform_input input = {.attributes = applying->input->attributes,
                                          .now_us = applying->input->now_us,
                                          .stale_at_us = &applying->out->stale_at_us};

    for (size_t i = 0; i < steps->count; i++)
        if (transform_apply(steps->items[i], &input, applying->arena, values, err) < 0)
            return -1;
    return 0;
}

static void drop_empty(struct values *values, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < values->count && count < max; i++)
        if (values->items[i][0] != '\0')
            values->items[count++] = values->items[i];
    values->count = count;
}

static void append(struct applying *applying, struct values *values, const struct values *more)
{
    struct values all = {.count = values->count + more->count};

    if (values->count == 0) {
        *values = *more;
        return;
    }
    all.items = arena_array(applying->arena, all.count, sizeof(*all.items));
    memcpy(all.items, values->items, values->count * sizeof(*all.items));
    if (more->count > 0)
        memcpy(all.items + values->count, more->items, more->count * sizeof(*all.items));
    *values = all;
}

/* The values of a rule, and the first attribute that had any.
 * Errors: ERR_INVALID_VALUE; *attribute is the one whose value does not fit. */
static int collect(struct applying *applying, const struct mapping_rule *rule,
                   struct values *values, const char **attribute, struct err *err)
{
    const char *first = NULL;

    for (size_t i = 0; i < rule->from_count; i++) {
        struct values own = {0};

        *attribute = rule->from[i].attribute;
        values_of(applying->input->attributes, *attribute, applying->arena, &own);
        if (run_steps(applying, &rule->from[i].steps, &own, err) < 0)
            return -1;
        if (own.count > 0 && first == NULL)
            first = *attribute;
        append(applying, values, &own);
    }
    *attribute = first;
    if (run_steps(applying, &rule->steps, values, err) < 0)
        return -1;
    drop_empty(values, rule->target.takes_one ? 1 : values->count);
    return 0;
}

/* ---- into the document ---- */

static void add_constants(const struct mapping_target *target, json_t *element)
{
    for (size_t i = 0; i < target->constant_count; i++) {
        const char *text = target->constants[i].written;

        (void)json_object_set_new_nocheck(element, target->constants[i].name,
                                          json_loadb(text, strlen(text), JSON_DECODE_ANY, NULL));
    }
}

/* Takes `value`. */
static void set_element(struct applying *applying, const struct mapping_rule *rule, size_t index,
                        json_t *value)
{
    json_t **slot = &applying->slots[rule->slot];
    json_t *element;

    if (*slot == NULL)
        *slot = json_array();
    if (rule->target.sub == NULL) {
        (void)json_array_append_new(*slot, value);
        return;
    }
    while (json_array_size(*slot) <= index)
        (void)json_array_append_new(*slot, json_object());
    element = json_array_get(*slot, index);
    if (json_object_size(element) == 0)
        add_constants(&rule->target, element);
    (void)json_object_set_new_nocheck(element, rule->target.sub->name, value);
}

/* Takes `value`. */
static void set_single(struct applying *applying, const struct mapping_target *target,
                       json_t *value)
{
    json_t *container = resource_container(applying->out->document, target->attribute, true);
    json_t *object;

    if (target->sub == NULL) {
        (void)json_object_set_new_nocheck(container, target->attribute->name, value);
        return;
    }
    object = json_object_get(container, target->attribute->name);
    if (object == NULL) {
        object = json_object();
        (void)json_object_set_new_nocheck(container, target->attribute->name, object);
    }
    (void)json_object_set_new_nocheck(object, target->sub->name, value);
}

static int set_value(struct applying *applying, const struct mapping_rule *rule, size_t index,
                     const char *text, struct err *err)
{
    const struct mapping_target *target = &rule->target;
    json_t *written = json_string_nocheck(text);
    json_t *value = NULL;
    int result = resource_read_value(&applying->reader,
                                     target->sub != NULL ? target->sub : target->attribute, written,
                                     &value, err);

    json_decref(written);
    if (result < 0 || value == NULL)
        return result;
    if (!target->attribute->multi_valued) {
        set_single(applying, target, value);
    } else if (json_is_array(value)) { /* of a simple attribute: a list of one */
        set_element(applying, rule, index, json_incref(json_array_get(value, 0)));
        json_decref(value);
    } else {
        set_element(applying, rule, index, value);
    }
    return 0;
}

static void set_reference(struct applying *applying, const struct mapping_rule *rule,
                          const char *source_id)
{
    applying->references[applying->out->reference_count++] =
        (struct mapping_reference){.target = rule->text,
                                   .attribute = rule->target.attribute,
                                   .sub = rule->target.sub,
                                   .source_id = source_id};
}

/* One bad value is one problem; its neighbours stay. */
static bool set_values(struct applying *applying, const struct mapping_rule *rule,
                       const struct values *values, const char *attribute)
{
    const char *reason = NULL;
    bool any = false;

    for (size_t i = 0; i < values->count; i++) {
        struct err err = {0};

        if (rule->reference) {
            set_reference(applying, rule, values->items[i]);
            any = true;
        } else if (set_value(applying, rule, i, values->items[i], &err) == 0) {
            any = true;
        } else if (reason == NULL) {
            reason = reason_of(applying, &err);
        }
    }
    if (reason != NULL)
        add_problem(applying, rule, attribute, reason);
    return any;
}

static void apply_rule(struct applying *applying, const struct mapping_rule *rule)
{
    struct values values = {0};
    const char *attribute = NULL;
    struct err err = {0};

    if (collect(applying, rule, &values, &attribute, &err) < 0) {
        add_problem(applying, rule, attribute, reason_of(applying, &err));
        return;
    }
    if (!set_values(applying, rule, &values, attribute))
        return;
    applying->origins[applying->out->origin_count++] = (struct mapping_origin){
        .target = rule->text, .attribute = attribute, .rule = rule->written, .file = rule->file};
}

/* Elements of one attribute stand in the order of the rules. */
static void place_elements(struct applying *applying)
{
    for (size_t i = 0; i < applying->mapping->count; i++) {
        const struct mapping_rule *rule = &applying->mapping->rules[i];
        json_t *elements = applying->slots[rule->slot];
        json_t *container;
        json_t *list;

        if (elements == NULL)
            continue;
        container = resource_container(applying->out->document, rule->target.attribute, true);
        list = json_object_get(container, rule->target.attribute->name);
        if (list == NULL)
            (void)json_object_set_nocheck(container, rule->target.attribute->name, elements);
        else
            (void)json_array_extend(list, elements);
        json_decref(elements);
        applying->slots[rule->slot] = NULL;
    }
}

static void judge(struct applying *applying)
{
    const struct mapped *out = applying->out;
    size_t max = applying->input->limits->value_count;
    struct err err = {0};

    applying->out->usable = false;
    if (resource_count_values(out->document) > max)
        add_problem(applying, NULL, NULL,
                    arena_printf(applying->arena, "has more than %zu values", max));
    else if (resource_check(applying->mapping->type, NULL, out->document, &err) < 0)
        add_problem(applying, NULL, NULL, arena_strdup(applying->arena, err.detail));
    else
        applying->out->usable = true;
}

void mapping_apply(struct arena *arena, const struct mapping *mapping,
                   const struct mapping_input *input, struct mapped *out)
{
    struct applying applying = {.mapping = mapping, .input = input, .arena = arena, .out = out};

    *out = (struct mapped){.document = json_object(), .stale_at_us = INT64_MAX};
    applying.tolerances.profile = PROFILE_AUTO;
    applying.reader = (struct resource_reader){
        .type = mapping->type, .limits = input->limits, .tolerances = &applying.tolerances};
    applying.slots = arena_array(arena, mapping->slots, sizeof(json_t *));
    applying.origins = arena_array(arena, mapping->count, sizeof(*applying.origins));
    applying.problems = arena_array(arena, mapping->count + 1, sizeof(*applying.problems));
    applying.references = arena_array(arena, mapping->count, sizeof(*applying.references));

    for (size_t i = 0; i < mapping->count; i++)
        apply_rule(&applying, &mapping->rules[i]);
    place_elements(&applying);
    resource_settle(mapping->type, out->document);
    judge(&applying);
    out->origins = applying.origins;
    out->problems = applying.problems;
    out->references = applying.references;
}
