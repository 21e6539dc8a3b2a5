/* filter_lex.h - the tokens of filters and PATCH paths.  Private to filter_*.c and path.c. */
#ifndef SCIMD_SCIM_FILTER_LEX_H
#define SCIMD_SCIM_FILTER_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum filter_token_kind {
    FILTER_TOKEN_END,
    FILTER_TOKEN_WORD,   /* a name, operator, number or bare literal */
    FILTER_TOKEN_STRING, /* with its quotes; escapes unread */
    FILTER_TOKEN_OPEN_ENDED /* a string without its closing quote */,
    FILTER_TOKEN_LEFT_PARENTHESIS,
    FILTER_TOKEN_RIGHT_PARENTHESIS,
    FILTER_TOKEN_LEFT_BRACKET,
    FILTER_TOKEN_RIGHT_BRACKET
};

struct filter_token {
    enum filter_token_kind kind;
    size_t at; /* byte offset */
    size_t length;
    size_t blanks; /* before it */
    bool tab;      /* one of them is a tab */
};

struct filter_lexer {
    const char *text;
    size_t length;
    size_t position; /* behind `token` */
    struct filter_token token;
};

void filter_lex_next(struct filter_lexer *lexer);

/* Is the current token this word, in any case? */
bool filter_lex_is_word(const struct filter_lexer *lexer, const char *word);

#endif
