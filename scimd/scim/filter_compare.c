#include "scim/filter_compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define ORDER_OPERATORS (1 << FILTER_GT | 1 << FILTER_GE | 1 << FILTER_LT | 1 << FILTER_LE)
#define TEXT_OPERATORS (1 << FILTER_CO | 1 << FILTER_SW | 1 << FILTER_EW)
#define INTEGER_LIMIT 9223372036854775808.0 /* 2^63: the first double beyond int64_t */

static const char *const operator_names[] = {
    [FILTER_EQ] = "eq", [FILTER_CO] = "co", [FILTER_SW] = "sw", [FILTER_EW] = "ew",
    [FILTER_GT] = "gt", [FILTER_GE] = "ge", [FILTER_LT] = "lt", [FILTER_LE] = "le",
};

static const struct {
    const char *name;
    int operators;
} types[] = {
    [ATTRIBUTE_STRING] = {"string",    1 << FILTER_EQ | ORDER_OPERATORS | TEXT_OPERATORS},
    [ATTRIBUTE_BOOLEAN] = {"boolean",   1 << FILTER_EQ                                   },
    [ATTRIBUTE_DECIMAL] = {"decimal",   1 << FILTER_EQ | ORDER_OPERATORS                 },
    [ATTRIBUTE_INTEGER] = {"integer",   1 << FILTER_EQ | ORDER_OPERATORS                 },
    [ATTRIBUTE_DATETIME] = {"dateTime",  1 << FILTER_EQ | ORDER_OPERATORS                 },
    [ATTRIBUTE_BINARY] = {"binary",    1 << FILTER_EQ                                   },
    [ATTRIBUTE_REFERENCE] = {"reference", 1 << FILTER_EQ | ORDER_OPERATORS | TEXT_OPERATORS},
    [ATTRIBUTE_COMPLEX] = {"complex",   0                                                },
};

const char *filter_operator_name(enum filter_operator op)
{
    return operator_names[op];
}

static int wrong_literal(const struct filter_comparison *comparison, const char *expected,
                         struct err *err)
{
    return err_set(err, ERR_INVALID_FILTER, "byte %zu: %s is of type %s and needs %s",
                   comparison->literal->at, comparison->attribute->path,
                   types[comparison->attribute->type].name, expected);
}

static int set_text(struct arena *arena, const struct filter_comparison *comparison,
                    struct filter *out, struct err *err)
{
    const struct filter_literal *literal = comparison->literal;
    bool exact =
        comparison->attribute->case_exact || comparison->attribute->type == ATTRIBUTE_BINARY;

    if (literal->kind != FILTER_LITERAL_TEXT)
        return wrong_literal(comparison, "text in double quotes", err);
    out->value.text = text_fold(arena, literal->text, literal->length, exact, &out->value.length);
    return 0;
}

static int set_boolean(const struct filter_reader *reader,
                       const struct filter_comparison *comparison, struct filter *out,
                       struct err *err)
{
    const struct filter_literal *literal = comparison->literal;
    bool is_true = text_equals_ascii(literal->text, literal->length, "true");

    if (literal->kind == FILTER_LITERAL_TEXT &&
        (is_true || text_equals_ascii(literal->text, literal->length, "false")) &&
        tolerance_allows(reader->tolerances, TOLERANCE_BOOLEAN_STRING)) {
        out->value.written = is_true ? "true" : "false";
    } else if (literal->kind != FILTER_LITERAL_BOOLEAN) {
        return wrong_literal(comparison, "true or false", err);
    }
    out->value.boolean = is_true;
    return 0;
}

static int set_time(const struct filter_comparison *comparison, struct filter *out, struct err *err)
{
    const struct filter_literal *literal = comparison->literal;

    if (literal->kind != FILTER_LITERAL_TEXT ||
        !clock_parse(literal->text, literal->length, &out->value.integer))
        return wrong_literal(comparison, "a time such as \"2026-01-31T12:00:00Z\"", err);
    return 0;
}

/* The text of a number literal, or of a tolerated string that holds one. */
static int number_text(const struct filter_reader *reader,
                       const struct filter_comparison *comparison, struct filter *out,
                       struct err *err)
{
    const struct filter_literal *literal = comparison->literal;

    if (literal->kind == FILTER_LITERAL_NUMBER)
        return 0;
    if (literal->kind != FILTER_LITERAL_TEXT || !filter_is_number(literal->text, literal->length) ||
        !tolerance_allows(reader->tolerances, TOLERANCE_NUMBER_STRING))
        return wrong_literal(comparison, "a number", err);
    out->value.written = literal->text;
    return 0;
}

static int set_decimal(const struct filter_comparison *comparison, struct filter *out,
                       struct err *err)
{
    out->value.number = strtod(out->value.written, NULL);
    if (!isfinite(out->value.number))
        return wrong_literal(comparison, "a number that is not as large", err);
    return 0;
}

/* An attribute that holds integers against a number that is none, or that no int64_t holds. */
static void compare_beyond_integers(double number, struct filter *out)
{
    bool wants_less = out->op == FILTER_LT || out->op == FILTER_LE;
    double below = floor(number);

    if (out->op == FILTER_EQ) {
        out->kind = FILTER_NEVER;
    } else if (below >= INTEGER_LIMIT || below < -INTEGER_LIMIT) {
        out->kind = wants_less == (number > 0) ? FILTER_PRESENT : FILTER_NEVER;
    } else {
        out->op = wants_less ? FILTER_LE : FILTER_GT;
        out->value.integer = (int64_t)below;
    }
}

static int set_integer(const struct filter_comparison *comparison, struct filter *out,
                       struct err *err)
{
    char *end = NULL;
    double number;

    errno = 0;
    out->value.integer = strtoll(out->value.written, &end, 10);
    if (*end == '\0' && errno == 0)
        return 0;
    if (set_decimal(comparison, out, err) < 0)
        return -1;
    number = out->value.number;
    if (number == floor(number) && number < INTEGER_LIMIT && number >= -INTEGER_LIMIT)
        out->value.integer = (int64_t)number;
    else
        compare_beyond_integers(number, out);
    return 0;
}

int filter_compare(const struct filter_reader *reader, struct arena *arena,
                   const struct filter_comparison *comparison, struct filter *out, struct err *err)
{
    enum attribute_type type = comparison->attribute->type;

    if ((types[type].operators & 1 << comparison->op) == 0)
        return err_set(err, ERR_INVALID_FILTER, "byte %zu: %s is of type %s, which has no %s",
                       comparison->literal->at, comparison->attribute->path, types[type].name,
                       operator_names[comparison->op]);

    *out = (struct filter){.kind = FILTER_COMPARE,
                           .attribute = comparison->attribute,
                           .op = comparison->op,
                           .value.written = comparison->literal->written};
    switch (type) {
    case ATTRIBUTE_BOOLEAN:
        return set_boolean(reader, comparison, out, err);
    case ATTRIBUTE_DATETIME:
        return set_time(comparison, out, err);
    case ATTRIBUTE_DECIMAL:
    case ATTRIBUTE_INTEGER:
        if (number_text(reader, comparison, out, err) < 0)
            return -1;
        return type == ATTRIBUTE_INTEGER ? set_integer(comparison, out, err)
                                         : set_decimal(comparison, out, err);
    case ATTRIBUTE_STRING:
    case ATTRIBUTE_REFERENCE:
    case ATTRIBUTE_BINARY:
    case ATTRIBUTE_COMPLEX:
        break;
    }
    return set_text(arena, comparison, out, err);
}
