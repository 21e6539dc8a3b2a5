#include "scim/filter_lex.h"

#include <string.h>

#include "base/text.h"

static bool is_delimiter(char byte)
{
    return byte != '\0' && strchr(" \t()[]\"", byte) != NULL;
}

static void skip_blanks(struct filter_lexer *lexer)
{
    for (; lexer->position < lexer->length; lexer->position++) {
        char byte = lexer->text[lexer->position];
        if (byte != ' ' && byte != '\t')
            return;
        lexer->token.blanks++;
        lexer->token.tab = lexer->token.tab || byte == '\t';
    }
}

static void lex_string(struct filter_lexer *lexer)
{
    lexer->token.kind = FILTER_TOKEN_OPEN_ENDED;
    lexer->position++;
    while (lexer->position < lexer->length) {
        char byte = lexer->text[lexer->position++];
        if (byte == '\\' && lexer->position < lexer->length) {
            lexer->position++;
        } else if (byte == '"') {
            lexer->token.kind = FILTER_TOKEN_STRING;
            return;
        }
    }
}

static void lex_word(struct filter_lexer *lexer)
{
    lexer->token.kind = FILTER_TOKEN_WORD;
    while (lexer->position < lexer->length && !is_delimiter(lexer->text[lexer->position]))
        lexer->position++;
}

static void lex_mark(struct filter_lexer *lexer, enum filter_token_kind kind)
{
    lexer->token.kind = kind;
    lexer->position++;
}

void filter_lex_next(struct filter_lexer *lexer)
{
    lexer->token = (struct filter_token){.kind = FILTER_TOKEN_END};
    skip_blanks(lexer);
    lexer->token.at = lexer->position;
    if (lexer->position == lexer->length)
        return;

    switch (lexer->text[lexer->position]) {
    case '(':
        lex_mark(lexer, FILTER_TOKEN_LEFT_PARENTHESIS);
        break;
    case ')':
        lex_mark(lexer, FILTER_TOKEN_RIGHT_PARENTHESIS);
        break;
    case '[':
        lex_mark(lexer, FILTER_TOKEN_LEFT_BRACKET);
        break;
    case ']':
        lex_mark(lexer, FILTER_TOKEN_RIGHT_BRACKET);
        break;
    case '"':
        lex_string(lexer);
        break;
    default:
        lex_word(lexer);
    }
    lexer->token.length = lexer->position - lexer->token.at;
}

bool filter_lex_is_word(const struct filter_lexer *lexer, const char *word)
{
    return lexer->token.kind == FILTER_TOKEN_WORD &&
           text_equals_ascii(lexer->text + lexer->token.at, lexer->token.length, word);
}
