#include "scim/path.h"

#include <assert.h>

#include "base/text.h"
#include "scim/filter_lex.h"

/* Goes to the next token; outside the brackets, no blank belongs before one. */
static int advance(const struct filter_reader *reader, struct filter_lexer *lexer, struct err *err)
{
    filter_lex_next(lexer);
    if (lexer->token.blanks == 0 || tolerance_allows(reader->tolerances, TOLERANCE_FILTER_SPACING))
        return 0;
    return err_set(err, ERR_INVALID_PATH, "byte %zu: no blank is allowed before this",
                   lexer->token.at);
}

/* A filter's error, as one of the path it stands in: `from` is where the filter begins. */
static int filter_failed(size_t from, struct err *err)
{
    const struct err inner = *err;

    return err_set(err, ERR_INVALID_PATH, "the filter from byte %zu: %s", from, inner.detail);
}

static int parse_name(const struct filter_reader *reader, const struct filter_lexer *lexer,
                      struct path *out, struct err *err)
{
    const struct filter_token *token = &lexer->token;
    const struct schema *schema = NULL;

    if (token->kind != FILTER_TOKEN_WORD)
        return err_set(err, ERR_INVALID_PATH, "byte %zu: expected an attribute", token->at);
    if (!schema_resolve(reader->type, lexer->text + token->at, token->length, &schema,
                        &out->attribute, &out->sub))
        return err_set(err, ERR_INVALID_PATH, "byte %zu: there is no attribute \"%.*s\"", token->at,
                       (int)token->length, lexer->text + token->at);
    if (out->attribute != NULL)
        return 0;
    if (!schema_is_extension(reader->type, schema))
        return err_set(err, ERR_INVALID_PATH, "byte %zu: %s names the whole resource", token->at,
                       schema->id);
    out->extension = schema;
    return 0;
}

/* "[" filter "]", on the bracket; moves behind it. */
static int parse_brackets(const struct filter_reader *reader, struct arena *arena,
                          struct filter_lexer *lexer, struct path *out, struct err *err)
{
    size_t start = lexer->position;
    size_t used = 0;

    if (out->attribute == NULL || !out->attribute->multi_valued || out->sub != NULL)
        return err_set(err, ERR_INVALID_PATH,
                       "byte %zu: brackets stand behind a multi-valued attribute only",
                       lexer->token.at);
    if (filter_parse_element(reader, arena, out->attribute, lexer->text + start,
                             lexer->length - start, &out->filter, &used, err) < 0)
        return filter_failed(start, err);
    lexer->position = start + used + 1;
    return 0;
}

/* "." subAttr behind the brackets. */
static int parse_sub(const struct filter_lexer *lexer, struct path *out, struct err *err)
{
    const struct filter_token *token = &lexer->token;
    const char *name = lexer->text + token->at;

    assert(out->attribute != NULL); /* brackets stood behind it */
    if (token->kind != FILTER_TOKEN_WORD || name[0] != '.')
        return err_set(err, ERR_INVALID_PATH, "byte %zu: expected \".\" or the end", token->at);
    out->sub = schema_sub_attribute(out->attribute, name + 1, token->length - 1);
    if (out->sub == NULL)
        return err_set(err, ERR_INVALID_PATH, "byte %zu: %s has no sub-attribute \"%.*s\"",
                       token->at, out->attribute->path, (int)token->length - 1, name + 1);
    return 0;
}

static int check_text(const struct filter_reader *reader, const char *text, size_t length,
                      struct err *err)
{
    if (length == 0)
        return err_set(err, ERR_INVALID_PATH, "byte 0: the path is empty");
    if (length > reader->limits->filter_bytes)
        return err_set(err, ERR_INVALID_PATH, "byte %zu: a path may have %zu bytes",
                       reader->limits->filter_bytes, reader->limits->filter_bytes);
    if (!text_is_valid(text, length))
        return err_set(err, ERR_INVALID_PATH, "byte 0: the path is not valid UTF-8");
    return 0;
}

int path_parse(const struct filter_reader *reader, struct arena *arena, const char *text,
               size_t length, struct path *out, struct err *err)
{
    struct filter_lexer lexer = {.text = text, .length = length};
    struct path path = {0};

    if (check_text(reader, text, length, err) < 0 || advance(reader, &lexer, err) < 0 ||
        parse_name(reader, &lexer, &path, err) < 0 || advance(reader, &lexer, err) < 0)
        return -1;
    if (lexer.token.kind == FILTER_TOKEN_LEFT_BRACKET) {
        if (parse_brackets(reader, arena, &lexer, &path, err) < 0 ||
            advance(reader, &lexer, err) < 0)
            return -1;
        if (lexer.token.kind != FILTER_TOKEN_END &&
            (parse_sub(&lexer, &path, err) < 0 || advance(reader, &lexer, err) < 0))
            return -1;
    }
    if (lexer.token.kind != FILTER_TOKEN_END)
        return err_set(err, ERR_INVALID_PATH, "byte %zu: expected the end of the path",
                       lexer.token.at);
    *out = path;
    return 0;
}
