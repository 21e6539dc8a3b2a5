/* One function per rule of the grammar, in the order of precedence.  A function returns 0 with the
 * parser on the first token behind its rule, or -1. */
#include "scim/filter.h"

#include <string.h>

#include "base/text.h"
#include "scim/filter_compare.h"
#include "scim/filter_lex.h"

struct parser {
    const struct filter_reader *reader;
    struct arena *arena;
    struct filter_lexer lexer;
    size_t nodes;
    size_t depth;
    bool in_brackets;
    const struct attribute *element; /* whose brackets; NULL if the type doesn't have it */
    struct err *err;
};

/* What a name in a filter stands for. */
struct target {
    const struct attribute *attribute; /* NULL: the type doesn't have it, and may not */
    const struct attribute *sub;       /* NULL if none */
};

static int parse_or(struct parser *parser, const struct filter **out);

/* Goes to the next token.  The grammar has one space between words and none elsewhere; what else
 * clients put there is one tolerance. */
static int advance(struct parser *parser, size_t blanks)
{
    const struct filter_token *token = &parser->lexer.token;

    filter_lex_next(&parser->lexer);
    if ((token->blanks == blanks && !token->tab) ||
        tolerance_allows(parser->reader->tolerances, TOLERANCE_FILTER_SPACING))
        return 0;
    return err_set(parser->err, ERR_INVALID_FILTER, "byte %zu: %s", token->at,
                   blanks == 0 ? "no blank is allowed before this"
                               : "one blank is needed before this");
}

/* What stands behind a name or an operand: a word, or a mark that needs no blank. */
static int advance_behind(struct parser *parser)
{
    struct filter_lexer next = parser->lexer;

    filter_lex_next(&next);
    if (next.token.kind != FILTER_TOKEN_WORD || next.text[next.token.at] == '.')
        return advance(parser, 0);
    return advance(parser, 1);
}

static int count_node(struct parser *parser)
{
    if (++parser->nodes <= parser->reader->limits->filter_nodes)
        return 0;
    return err_set(parser->err, ERR_INVALID_FILTER, "byte %zu: more than %zu comparisons",
                   parser->lexer.token.at, parser->reader->limits->filter_nodes);
}

static int enter(struct parser *parser)
{
    if (++parser->depth <= FILTER_DEPTH_MAX)
        return 0;
    return err_set(parser->err, ERR_INVALID_FILTER, "byte %zu: nested deeper than %d",
                   parser->lexer.token.at, FILTER_DEPTH_MAX);
}

static int expected(struct parser *parser, const char *what)
{
    return err_set(parser->err, ERR_INVALID_FILTER, "byte %zu: expected %s", parser->lexer.token.at,
                   what);
}

static const struct filter *new_node(struct parser *parser, enum filter_kind kind,
                                     const struct filter *left, const struct filter *right)
{
    struct filter *node = arena_alloc(parser->arena, sizeof(*node));

    *node = (struct filter){.kind = kind, .left = left, .right = right};
    return node;
}

static const struct filter *new_leaf(struct parser *parser, enum filter_kind kind,
                                     const struct attribute *attribute, const struct filter *left)
{
    struct filter *node = arena_alloc(parser->arena, sizeof(*node));

    *node = (struct filter){.kind = kind, .attribute = attribute, .left = left};
    return node;
}

static const struct filter *negate(struct parser *parser, const struct filter *node)
{
    return new_node(parser, FILTER_NOT, node, NULL);
}

static int unknown(struct parser *parser)
{
    const struct filter_token *token = &parser->lexer.token;

    if (token->kind != FILTER_TOKEN_WORD)
        return expected(parser, "an attribute");
    if (parser->reader->unknown_is_never)
        return 0;
    return err_set(parser->err, ERR_INVALID_FILTER, "byte %zu: there is no attribute \"%.*s\"",
                   token->at, (int)token->length, parser->lexer.text + token->at);
}

static int check_filterable(struct parser *parser, const struct attribute *attribute)
{
    if (attribute == NULL || (attribute->filterable && attribute->returned != RETURNED_NEVER))
        return 0;
    return err_set(parser->err, ERR_INVALID_FILTER, "byte %zu: %s cannot be filtered by",
                   parser->lexer.token.at, attribute->path);
}

/* A name inside the brackets of a value path. */
static bool resolve_sub(const struct attribute *element, const char *name, size_t length,
                        const struct attribute **out)
{
    if (element == NULL)
        return false;
    if (element->type != ATTRIBUTE_COMPLEX)
        *out = text_equals_ascii(name, length, "value") ? element : NULL;
    else
        *out = schema_sub_attribute(element, name, length);
    return *out != NULL;
}

static int parse_name(struct parser *parser, struct target *out)
{
    const struct filter_token *token = &parser->lexer.token;
    const char *name = parser->lexer.text + token->at;
    const struct schema *schema = NULL;
    bool found = false;

    *out = (struct target){0};
    if (token->kind != FILTER_TOKEN_WORD)
        return expected(parser, "an attribute");
    if (parser->in_brackets)
        found = resolve_sub(parser->element, name, token->length, &out->attribute);
    else
        found = schema_resolve(parser->reader->type, name, token->length, &schema, &out->attribute,
                               &out->sub);
    if (!found || out->attribute == NULL) {
        *out = (struct target){0};
        return unknown(parser);
    }
    if (check_filterable(parser, out->attribute) < 0)
        return -1;
    return check_filterable(parser, out->sub);
}

/* ".value" behind the brackets of a value path. */
static int parse_trailing_sub(struct parser *parser, struct target *target)
{
    const struct filter_token *token = &parser->lexer.token;
    const char *name = parser->lexer.text + token->at;

    if (target->attribute != NULL)
        target->sub = schema_sub_attribute(target->attribute, name + 1, token->length - 1);
    if (target->sub == NULL) {
        target->attribute = NULL;
        return unknown(parser);
    }
    return check_filterable(parser, target->sub);
}

static bool find_operator(const struct filter_lexer *lexer, enum filter_operator *out)
{
    for (int op = FILTER_EQ; op <= FILTER_LE; op++) {
        *out = (enum filter_operator)op;
        if (filter_lex_is_word(lexer, filter_operator_name(*out)))
            return true;
    }
    return false;
}

/* The attribute whose values are compared: of a complex one, its `value`. */
static int compared_attribute(struct parser *parser, struct target *target, size_t at,
                              const struct attribute **out)
{
    const struct attribute *attribute = target->sub != NULL ? target->sub : target->attribute;

    if (attribute->type == ATTRIBUTE_COMPLEX) {
        target->sub = schema_sub_attribute(attribute, "value", strlen("value"));
        if (target->sub == NULL)
            return err_set(parser->err, ERR_INVALID_FILTER,
                           "byte %zu: %s is complex: name one of its sub-attributes", at,
                           attribute->path);
        attribute = target->sub;
    }
    *out = attribute;
    return check_filterable(parser, attribute);
}

struct tail {
    bool negated; /* the node is to be negated, outside all that is put around it */
    const struct filter *node;
};

static int set_comparison(struct parser *parser, struct target *target,
                          struct filter_comparison *comparison, struct tail *out)
{
    struct filter *node = NULL;

    if (target->attribute == NULL) {
        out->node = new_node(parser, FILTER_NEVER, NULL, NULL);
        return 0;
    }
    if (compared_attribute(parser, target, comparison->literal->at, &comparison->attribute) < 0)
        return -1;
    node = arena_alloc(parser->arena, sizeof(*node));
    out->node = node;
    return filter_compare(parser->reader, parser->arena, comparison, node, parser->err);
}

static void set_present(struct parser *parser, const struct target *target, struct tail *out)
{
    const struct attribute *attribute = target->sub != NULL ? target->sub : target->attribute;

    out->node =
        new_leaf(parser, attribute == NULL ? FILTER_NEVER : FILTER_PRESENT, attribute, NULL);
}

/* ... "pr", or ... compareOp SP compValue, on the operator. */
static int parse_tail(struct parser *parser, struct target *target, struct tail *out)
{
    struct filter_literal literal = {0};
    struct filter_comparison comparison = {.op = FILTER_EQ, .literal = &literal};
    bool is_ne = filter_lex_is_word(&parser->lexer, "ne");

    *out = (struct tail){0};
    if (count_node(parser) < 0)
        return -1;
    if (filter_lex_is_word(&parser->lexer, "pr")) {
        set_present(parser, target, out);
        return advance_behind(parser);
    }
    if (!is_ne && !find_operator(&parser->lexer, &comparison.op))
        return expected(parser, "an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)");
    if (advance(parser, 1) < 0 ||
        filter_literal_read(parser->arena, &parser->lexer, &literal, parser->err) < 0)
        return -1;

    if (literal.kind != FILTER_LITERAL_NULL) {
        out->negated = is_ne;
        if (set_comparison(parser, target, &comparison, out) < 0)
            return -1;
    } else if (comparison.op == FILTER_EQ) {
        out->negated = !is_ne; /* eq null: not present */
        set_present(parser, target, out);
    } else {
        return err_set(parser->err, ERR_INVALID_FILTER, "byte %zu: null has eq and ne only",
                       literal.at);
    }
    return advance_behind(parser);
}

/* Puts a comparison of a sub-attribute under the element it is one of, with what the brackets
 * (NULL if there are none) ask of the same element. */
static const struct filter *finish(struct parser *parser, const struct target *target,
                                   const struct tail *tail, const struct filter *brackets)
{
    const struct filter *node = tail->node;
    bool of_element = target->sub != NULL && target->attribute->multi_valued;

    if (brackets != NULL)
        node = new_node(parser, FILTER_AND, brackets, node);
    if (of_element)
        node = new_leaf(parser, FILTER_ELEMENT, target->attribute, node);
    return tail->negated ? negate(parser, node) : node;
}

static int parse_brackets(struct parser *parser, const struct attribute *attribute,
                          const struct filter **out)
{
    if (parser->in_brackets)
        return expected(parser, "no brackets inside brackets");
    if (attribute != NULL && !attribute->multi_valued)
        return err_set(parser->err, ERR_INVALID_FILTER,
                       "byte %zu: %s is not multi-valued and takes no brackets",
                       parser->lexer.token.at, attribute->path);
    if (count_node(parser) < 0 || enter(parser) < 0)
        return -1;

    parser->in_brackets = true;
    parser->element = attribute;
    if (advance(parser, 0) < 0 || parse_or(parser, out) < 0)
        return -1;
    if (parser->lexer.token.kind != FILTER_TOKEN_RIGHT_BRACKET)
        return expected(parser, "\"and\", \"or\" or \"]\"");
    parser->in_brackets = false;
    parser->depth--;
    return 0;
}

/* attrPath "[" valFilter "]", and the comparison that may follow it. */
static int parse_value_path(struct parser *parser, struct target *target, const struct filter **out)
{
    const struct filter *brackets = NULL;
    const struct filter_token *token = &parser->lexer.token;
    struct tail tail = {0};
    bool is_known = target->attribute != NULL;

    if (target->sub != NULL)
        return expected(parser, "an operator: a sub-attribute takes no brackets");
    if (parse_brackets(parser, target->attribute, &brackets) < 0 || advance_behind(parser) < 0)
        return -1;

    if (token->kind != FILTER_TOKEN_WORD || parser->lexer.text[token->at] != '.') {
        *out = new_leaf(parser, is_known ? FILTER_ELEMENT : FILTER_NEVER, target->attribute,
                        is_known ? brackets : NULL);
        return 0;
    }
    if (parse_trailing_sub(parser, target) < 0 || advance(parser, 1) < 0 ||
        parse_tail(parser, target, &tail) < 0)
        return -1;
    *out = finish(parser, target, &tail, target->attribute != NULL ? brackets : NULL);
    return 0;
}

static int parse_comparison(struct parser *parser, const struct filter **out)
{
    struct target target;
    struct tail tail = {0};

    if (parse_name(parser, &target) < 0 || advance_behind(parser) < 0)
        return -1;
    if (parser->lexer.token.kind == FILTER_TOKEN_LEFT_BRACKET)
        return parse_value_path(parser, &target, out);
    if (parse_tail(parser, &target, &tail) < 0)
        return -1;
    *out = finish(parser, &target, &tail, NULL);
    return 0;
}

/* "(" FILTER ")", on the parenthesis. */
static int parse_group(struct parser *parser, const struct filter **out)
{
    if (enter(parser) < 0 || advance(parser, 0) < 0 || parse_or(parser, out) < 0)
        return -1;
    if (parser->lexer.token.kind != FILTER_TOKEN_RIGHT_PARENTHESIS)
        return expected(parser, "\"and\", \"or\" or \")\"");
    parser->depth--;
    return advance_behind(parser);
}

static int parse_not(struct parser *parser, const struct filter **out)
{
    const struct filter *negated = NULL;

    if (count_node(parser) < 0)
        return -1;
    filter_lex_next(&parser->lexer);
    if (parser->lexer.token.kind != FILTER_TOKEN_LEFT_PARENTHESIS)
        return expected(parser, "\"(\" behind \"not\"");
    /* The grammar has no blank here and every example of the RFC has one. */
    if ((parser->lexer.token.blanks > 1 || parser->lexer.token.tab) &&
        !tolerance_allows(parser->reader->tolerances, TOLERANCE_FILTER_SPACING))
        return expected(parser, "\"(\" or one blank and \"(\" behind \"not\"");
    if (parse_group(parser, &negated) < 0)
        return -1;
    *out = negate(parser, negated);
    return 0;
}

static int parse_operand(struct parser *parser, const struct filter **out)
{
    if (parser->lexer.token.kind == FILTER_TOKEN_LEFT_PARENTHESIS)
        return parse_group(parser, out);
    if (filter_lex_is_word(&parser->lexer, "not"))
        return parse_not(parser, out);
    return parse_comparison(parser, out);
}

/* Behind "and" or "or". */
static int advance_to_operand(struct parser *parser)
{
    return count_node(parser) < 0 ? -1 : advance(parser, 1);
}

static int parse_and(struct parser *parser, const struct filter **out)
{
    const struct filter *left = NULL;

    if (parse_operand(parser, &left) < 0)
        return -1;
    while (filter_lex_is_word(&parser->lexer, "and")) {
        const struct filter *right = NULL;
        if (advance_to_operand(parser) < 0 || parse_operand(parser, &right) < 0)
            return -1;
        left = new_node(parser, FILTER_AND, left, right);
    }
    *out = left;
    return 0;
}

static int parse_or(struct parser *parser, const struct filter **out)
{
    const struct filter *left = NULL;

    if (parse_and(parser, &left) < 0)
        return -1;
    while (filter_lex_is_word(&parser->lexer, "or")) {
        const struct filter *right = NULL;
        if (advance_to_operand(parser) < 0 || parse_and(parser, &right) < 0)
            return -1;
        left = new_node(parser, FILTER_OR, left, right);
    }
    *out = left;
    return 0;
}

static int check_text(const struct filter_reader *reader, const char *text, size_t length,
                      struct err *err)
{
    if (length > reader->limits->filter_bytes)
        return err_set(err, ERR_INVALID_FILTER, "byte %zu: a filter may have %zu bytes",
                       reader->limits->filter_bytes, reader->limits->filter_bytes);
    if (!text_is_valid(text, length))
        return err_set(err, ERR_INVALID_FILTER, "byte 0: the filter is not valid UTF-8");
    return 0;
}

int filter_parse(const struct filter_reader *reader, struct arena *arena, const char *text,
                 size_t length, const struct filter **out, struct err *err)
{
    struct parser parser = {.reader = reader, .arena = arena, .err = err};
    const struct filter *filter = NULL;

    parser.lexer = (struct filter_lexer){.text = text, .length = length};
    if (check_text(reader, text, length, err) < 0 || advance(&parser, 0) < 0 ||
        parse_or(&parser, &filter) < 0)
        return -1;
    if (parser.lexer.token.kind != FILTER_TOKEN_END)
        return expected(&parser, "\"and\", \"or\" or the end");
    *out = filter;
    return 0;
}

int filter_parse_element(const struct filter_reader *reader, struct arena *arena,
                         const struct attribute *attribute, const char *text, size_t length,
                         const struct filter **out, size_t *used, struct err *err)
{
    struct parser parser = {.reader = reader, .arena = arena, .err = err};
    const struct filter *filter = NULL;

    parser.lexer = (struct filter_lexer){.text = text, .length = length};
    if (check_text(reader, text, length, err) < 0)
        return -1;
    parser.in_brackets = true;
    parser.element = attribute;
    parser.depth = 1;
    if (advance(&parser, 0) < 0 || parse_or(&parser, &filter) < 0)
        return -1;
    if (parser.lexer.token.kind != FILTER_TOKEN_RIGHT_BRACKET)
        return expected(&parser, "\"and\", \"or\" or \"]\"");
    *out = filter;
    *used = parser.lexer.token.at;
    return 0;
}
