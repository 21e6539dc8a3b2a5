/* filter_literal.h - compValue of a filter: a JSON string, number, true, false or null.  Private to
 * filter_*.c. */
#ifndef SCIMD_SCIM_FILTER_LITERAL_H
#define SCIMD_SCIM_FILTER_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "scim/filter_lex.h"

enum filter_literal_kind {
    FILTER_LITERAL_TEXT,
    FILTER_LITERAL_NUMBER,
    FILTER_LITERAL_BOOLEAN,
    FILTER_LITERAL_NULL
};

struct filter_literal {
    enum filter_literal_kind kind;
    size_t at;
    const char *text; /* decoded; the digits of a number */
    size_t length;
    bool boolean;
    const char *written; /* as JSON */
};

/* Reads the current token, which lies in valid UTF-8 without U+0000.
 * Errors: ERR_INVALID_FILTER with the byte offset. */
int filter_literal_read(struct arena *arena, const struct filter_lexer *lexer,
                        struct filter_literal *out, struct err *err);

/* The grammar of JSON numbers. */
bool filter_is_number(const char *text, size_t length);

#endif
