#include "scim/filter.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "scim/filter_compare.h"

struct formatter {
    struct arena *arena;
    struct buf *buf;
    const struct attribute *element; /* inside whose brackets; NULL outside */
};

static void format(const struct formatter *formatter, const struct filter *filter);

static void format_name(const struct formatter *formatter, const struct attribute *attribute)
{
    if (formatter->element == NULL)
        buf_puts(formatter->buf, attribute->path);
    else
        buf_puts(formatter->buf, attribute == formatter->element ? "value" : attribute->name);
}

/* A chain leans to the left and may be long: it is walked, not recursed into. */
static void format_chain(const struct formatter *formatter, const struct filter *filter)
{
    const char *separator = filter->kind == FILTER_AND ? " and " : " or ";
    const struct filter *node = filter;
    const struct filter **operands;
    size_t count = 1;

    for (; node->kind == filter->kind; node = node->left)
        count++;
    operands = arena_array(formatter->arena, count, sizeof(const struct filter *));
    operands[0] = node;
    node = filter;
    for (size_t i = count; i-- > 1; node = node->left)
        operands[i] = node->right;

    buf_putc(formatter->buf, '(');
    for (size_t i = 0; i < count; i++) {
        buf_puts(formatter->buf, i > 0 ? separator : "");
        format(formatter, operands[i]);
    }
    buf_putc(formatter->buf, ')');
}

static void format_element(const struct formatter *formatter, const struct filter *filter)
{
    struct formatter inside = *formatter;

    inside.element = filter->attribute;
    format_name(formatter, filter->attribute);
    buf_putc(formatter->buf, '[');
    format(&inside, filter->left);
    buf_putc(formatter->buf, ']');
}

/* Recursion ends: groups nest no deeper than FILTER_DEPTH_MAX. */
static void format(const struct formatter *formatter, const struct filter *filter)
{
    switch (filter->kind) {
    case FILTER_AND:
    case FILTER_OR:
        format_chain(formatter, filter);
        break;
    case FILTER_NOT:
        buf_puts(formatter->buf, "not (");
        format(formatter, filter->left);
        buf_putc(formatter->buf, ')');
        break;
    case FILTER_COMPARE:
        format_name(formatter, filter->attribute);
        buf_printf(formatter->buf, " %s %s", filter_operator_name(filter->op),
                   filter->value.written);
        break;
    case FILTER_PRESENT:
        format_name(formatter, filter->attribute);
        buf_puts(formatter->buf, " pr");
        break;
    case FILTER_ELEMENT:
        format_element(formatter, filter);
        break;
    case FILTER_NEVER:
        buf_puts(formatter->buf, "never");
        break;
    }
}

const char *filter_format(struct arena *arena, const struct filter *filter)
{
    CLEANUP(buf_free) struct buf buf = {0};
    const struct formatter formatter = {.arena = arena, .buf = &buf};

    format(&formatter, filter);
    return arena_strndup(arena, buf.bytes, buf.length);
}
