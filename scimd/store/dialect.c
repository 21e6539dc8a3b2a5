#include "store/dialect.h"

#include <string.h>

#include "base/cleanup.h"

static bool starts_with(const char *text, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

/* One "name type" of {rows ..}; false where it is neither bigint nor text. */
static bool expand_column(const struct dialect *dialect, const char *column, size_t length,
                          struct buf *out)
{
    size_t name = strspn(column, "abcdefghijklmnopqrstuvwxyz_");
    const char *const *around = NULL;

    if (name == 0 || name >= length || column[name] != ' ')
        return false;
    if (length - name == strlen(" bigint") && starts_with(column + name, length, " bigint"))
        around = dialect->json_column_bigint;
    if (length - name == strlen(" text") && starts_with(column + name, length, " text"))
        around = dialect->json_column_text;
    if (around == NULL)
        return false;
    buf_puts(out, around[0]);
    buf_append(out, column, name);
    buf_puts(out, around[1]);
    buf_append(out, column, name);
    return true;
}

static bool expand_rows(const struct dialect *dialect, const char *columns, size_t length,
                        struct buf *out)
{
    const char *end = columns + length;

    buf_puts(out, dialect->json_rows[0]);
    while (columns < end) {
        const char *comma = memchr(columns, ',', (size_t)(end - columns));
        const char *stop = comma != NULL ? comma : end;

        if (!expand_column(dialect, columns, (size_t)(stop - columns), out))
            return false;
        if (comma != NULL)
            buf_puts(out, dialect->json_rows[1]);
        columns = comma != NULL ? stop + 1 + strspn(stop + 1, " ") : end;
    }
    buf_puts(out, dialect->json_rows[2]);
    return true;
}

static bool expand_token(const struct dialect *dialect, const char *token, size_t length,
                         struct buf *out)
{
    const struct {
        const char *token;
        const char *text;
    } words[] = {
        {"limit",       dialect->limit           },
        {"page",        dialect->page            },
        {"lock",        dialect->lock            },
        {"for update",  dialect->for_update      },
        {"list bigint", dialect->json_list_bigint},
        {"list text",   dialect->json_list_text  },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strlen(words[i].token) == length && starts_with(token, length, words[i].token)) {
            buf_puts(out, words[i].text);
            return true;
        }
    return starts_with(token, length, "rows ") &&
           expand_rows(dialect, token + strlen("rows "), length - strlen("rows "), out);
}

int dialect_expand(const struct dialect *dialect, const char *sql, struct buf *out, struct err *err)
{
    for (const char *open = strchr(sql, '{'); open != NULL; open = strchr(sql, '{')) {
        const char *close = strchr(open, '}');

        buf_append(out, sql, (size_t)(open - sql));
        if (close == NULL || !expand_token(dialect, open + 1, (size_t)(close - open - 1), out)) {
            (void)err_set(err, ERR_INTERNAL, "internal error");
            return err_because(err, "unknown token in SQL: %s", open);
        }
        sql = close + 1;
    }
    buf_puts(out, sql);
    return 0;
}
