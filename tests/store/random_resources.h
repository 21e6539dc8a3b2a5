/* random_resources.h - random resources and random filters that often hit them. */
#ifndef SCIMD_TESTS_STORE_RANDOM_RESOURCES_H
#define SCIMD_TESTS_STORE_RANDOM_RESOURCES_H

#include "population.h"

#define LONG_A                                                                                     \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"             \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" /* 359: one less than a cut key keeps */

static const char *const random_texts[] = {
    "",
    "a",
    "A",
    "b",
    "ab",
    "AB",
    "abc",
    "Work",
    "work",
    "home",
    "true",
    "User",
    "Group",
    "direct",
    "indirect",
    "stra\u00dfe",
    "STRASSE",
    "\u00e4rger",
    "a\u0308rger",
    "\u0130",
    "i",
    "\u0131",
    "a%b",
    "a_b",
    "aXb",
    "%",
    "_",
    "x!y",
    "[z]",
    "z",
    "^",
    "'; DROP TABLE scimd_user; --",
    "\"q\"",
    "\\",
    "a b",
    " ",
    "\U0001f600",
    "\U0001f600x",
    "\U0010ffff",
    "a\U0010ffff",
    "W/\"1\"",
    "1",
    "10",
    "9",
    LONG_A,
    LONG_A "a",
    LONG_A "aa",
    LONG_A "#",
    LONG_A "b#",
    LONG_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",  /* 400: the longest whole key */
    LONG_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", /* cut */
    LONG_A "\U0001f600aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaz",
    LONG_A "\U0001f601AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAy"};

static const char *const random_numbers[] = {"-2.5", "-1", "0",   "1",
                                             "1.5",  "7",  "1e3", "9007199254740993"};
static const int64_t random_integers[] = {-1, 0, 1, 2, 7, 1000, INT64_C(9007199254740993)};
static const double random_decimals[] = {-2.5, -1, -0.0, 0, 1, 1.5, 7, 1e3, 1e-300};
static const char *const random_times[] = {
    "2024-05-01T10:00:00Z",     "2024-05-01T12:00:00+02:00",   "2024-05-01T10:00:00.001Z",
    "2024-05-01T10:00:00.002Z", "2024-05-01T10:00:00.001500Z", "2025-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
};
static const char *const random_binaries[] = {"AAEC", "AA==", "aaec", "AAEC" LONG_A LONG_A "a="};

struct random {
    uint64_t state;
    size_t serial; /* of unique values */
};

static inline size_t random_below(struct random *random, size_t limit)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (size_t)((random->state >> 16) % limit);
}

#define RANDOM_OF(random, array) ((array)[random_below((random), ARRAY_LENGTH(array))])

/* Values of simple attributes come from small pools, so that filters hit. */
static inline json_t *random_simple(struct random *random, const struct attribute *attribute)
{
    char unique[32];

    if (attribute->uniqueness != UNIQUENESS_NONE) {
        (void)snprintf(unique, sizeof(unique), "Name%zu", random->serial++);
        return json_string(unique);
    }
    switch (attribute->type) {
    case ATTRIBUTE_BOOLEAN:
        return json_boolean(random_below(random, 2));
    case ATTRIBUTE_DECIMAL:
        return json_real(RANDOM_OF(random, random_decimals));
    case ATTRIBUTE_INTEGER:
        return json_integer(RANDOM_OF(random, random_integers));
    case ATTRIBUTE_DATETIME:
        return json_string(RANDOM_OF(random, random_times));
    case ATTRIBUTE_BINARY:
        return json_string(RANDOM_OF(random, random_binaries));
    case ATTRIBUTE_STRING:
    case ATTRIBUTE_REFERENCE:
    case ATTRIBUTE_COMPLEX:
        break;
    }
    return json_string(RANDOM_OF(random, random_texts));
}

static inline json_t *random_element(struct random *random, const struct attribute *attribute)
{
    json_t *element;

    if (attribute->type != ATTRIBUTE_COMPLEX)
        return random_simple(random, attribute);
    element = json_object();
    for (size_t i = 0; i < attribute->sub_count; i++) {
        if (random_below(random, 2) == 0)
            (void)json_object_set_new(element, attribute->subs[i].name,
                                      random_simple(random, &attribute->subs[i]));
    }
    return element;
}

static inline void random_attributes(struct random *random, const struct schema *schema,
                                     json_t *object)
{
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];
        json_t *value;
        if (attribute->role != ROLE_STORED || (!attribute->required && random_below(random, 3) > 0))
            continue;
        if (attribute->multi_valued) {
            value = json_array();
            for (size_t n = random_below(random, 3) + 1; n > 0; n--)
                (void)json_array_append_new(value, random_element(random, attribute));
        } else {
            value = random_element(random, attribute);
        }
        (void)json_object_set_new(object, attribute->name, value);
    }
}

/* A canonical document of the type. */
static inline json_t *random_document(struct random *random, const struct resource_type *type)
{
    json_t *document = json_object();

    (void)json_object_set_new(document, "schemas", json_pack("[s]", type->schema->id));
    if (random_below(random, 2) == 0)
        (void)json_object_set_new(document, "externalId",
                                  json_string(RANDOM_OF(random, random_texts)));
    random_attributes(random, type->schema, document);
    for (size_t i = 0; i < type->extension_count; i++) {
        const struct schema *schema = type->extensions[i].schema;
        json_t *object = json_object();
        if (random_below(random, 2) == 0)
            random_attributes(random, schema, object);
        (void)json_object_set_new(document, schema->id, object);
    }
    resource_settle(type, document);
    return document;
}

/* A random filter as text, for attributes of one type. */
struct filter_writer {
    struct random *random;
    const struct resource_type *type;
    struct buf *text;
};

static inline bool writes_attribute(const struct attribute *attribute)
{
    return attribute->filterable && attribute->returned != RETURNED_NEVER &&
           strcmp(attribute->name, "$ref") != 0 && strcmp(attribute->name, "location") != 0;
}

static inline void write_text(struct filter_writer *writer)
{
    const char *text = RANDOM_OF(writer->random, random_texts);
    size_t length = strlen(text);
    size_t from = 0;
    char number[32];

    if (random_below(writer->random, 8) == 0) {
        (void)snprintf(number, sizeof(number), "name%zu", random_below(writer->random, 40));
        text = number;
        length = strlen(text);
    } else if (length > 300 && random_below(writer->random, 3) == 0) {
        from = 350; /* within the run of a: on the boundary of characters */
    }
    buf_json_string(writer->text, text + from, length - from);
}

static inline void write_literal(struct filter_writer *writer, const struct attribute *attribute)
{
    const char *text = NULL;

    if (attribute->type == ATTRIBUTE_BOOLEAN)
        buf_puts(writer->text, random_below(writer->random, 2) == 0 ? "true" : "false");
    else if (attribute->type == ATTRIBUTE_DECIMAL || attribute->type == ATTRIBUTE_INTEGER)
        buf_puts(writer->text, RANDOM_OF(writer->random, random_numbers));
    else if (attribute->type == ATTRIBUTE_DATETIME)
        text = RANDOM_OF(writer->random, random_times);
    else if (attribute->type == ATTRIBUTE_BINARY)
        text = RANDOM_OF(writer->random, random_binaries);
    else
        write_text(writer);
    if (text != NULL)
        buf_json_string(writer->text, text, strlen(text));
}

static inline const char *random_operator(struct random *random, const struct attribute *attribute)
{
    static const char *const operators[] = {"eq", "ne", "gt", "ge", "lt", "le", "co", "sw", "ew"};
    size_t count = 6;

    if (attribute->type == ATTRIBUTE_BOOLEAN || attribute->type == ATTRIBUTE_BINARY)
        count = 2;
    else if (attribute->type == ATTRIBUTE_STRING || attribute->type == ATTRIBUTE_REFERENCE)
        count = ARRAY_LENGTH(operators);
    return operators[random_below(random, count)];
}

/* `name` and an operator; `attribute` is what is compared, or a complex one. */
static inline void write_comparison(struct filter_writer *writer, const char *name,
                                    const struct attribute *attribute)
{
    const struct attribute *compared = attribute;

    if (attribute->type == ATTRIBUTE_COMPLEX)
        compared = schema_sub_attribute(attribute, "value", strlen("value"));
    buf_puts(writer->text, name);
    if (compared == NULL || random_below(writer->random, 5) == 0) {
        buf_puts(writer->text, " pr");
        return;
    }
    buf_printf(writer->text, " %s ", random_operator(writer->random, compared));
    write_literal(writer, compared);
}

static inline const struct attribute *random_attribute(struct filter_writer *writer)
{
    static const char *const common[] = {"id", "externalId", "meta", "schemas"};
    const struct schema *schema;
    const struct attribute *attribute;
    const char *name;

    do {
        size_t pick = random_below(writer->random, writer->type->extension_count + 3);
        if (pick == 0) {
            name = RANDOM_OF(writer->random, common);
            attribute = schema_common_attribute(name, strlen(name));
        } else {
            schema = pick < 3 ? writer->type->schema : writer->type->extensions[pick - 3].schema;
            attribute = &schema->attributes[random_below(writer->random, schema->attribute_count)];
        }
    } while (!writes_attribute(attribute));
    return attribute;
}

static inline const struct attribute *random_sub(struct filter_writer *writer,
                                                 const struct attribute *attribute)
{
    const struct attribute *sub;

    do {
        sub = &attribute->subs[random_below(writer->random, attribute->sub_count)];
    } while (!writes_attribute(sub));
    return sub;
}

static inline void write_filter(struct filter_writer *writer, const struct attribute *element,
                                size_t depth);

static inline void write_leaf(struct filter_writer *writer, const struct attribute *element,
                              size_t depth)
{
    const struct attribute *attribute;
    const struct attribute *sub;

    if (element != NULL) {
        sub = element->type == ATTRIBUTE_COMPLEX ? random_sub(writer, element) : NULL;
        write_comparison(writer, sub != NULL ? sub->name : "value", sub != NULL ? sub : element);
        return;
    }
    attribute = random_attribute(writer);
    if (attribute->multi_valued && random_below(writer->random, 2) == 0) {
        buf_printf(writer->text, "%s[", attribute->path);
        write_filter(writer, attribute, depth);
        buf_putc(writer->text, ']');
    } else if (attribute->type == ATTRIBUTE_COMPLEX && random_below(writer->random, 4) > 0) {
        sub = random_sub(writer, attribute);
        write_comparison(writer, sub->path, sub);
    } else {
        write_comparison(writer, attribute->path, attribute);
    }
}

static inline void write_filter(struct filter_writer *writer, const struct attribute *element,
                                size_t depth)
{
    size_t kind = depth == 0 ? 0 : random_below(writer->random, 7);

    if (kind < 3) {
        write_leaf(writer, element, depth);
    } else if (kind == 3) {
        buf_puts(writer->text, "not (");
        write_filter(writer, element, depth - 1);
        buf_putc(writer->text, ')');
    } else {
        buf_putc(writer->text, '(');
        for (size_t n = random_below(writer->random, 2) + 1; n > 0; n--) {
            write_filter(writer, element, depth - 1);
            buf_puts(writer->text, kind < 6 ? " and " : " or ");
        }
        write_filter(writer, element, depth - 1);
        buf_putc(writer->text, ')');
    }
}

#endif
