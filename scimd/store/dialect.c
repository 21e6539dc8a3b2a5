#include "store/dialect.h"

#include <string.h>

#include "base/cleanup.h"

const struct dialect *dialect_named(const char *name)
{
    const struct dialect *const dialects[] = {&dialect_sqlite, &dialect_postgresql};

    if (name == NULL)
        return &dialect_sqlite;
    for (size_t i = 0; i < ARRAY_LENGTH(dialects); i++) {
        if (strcmp(dialects[i]->name, name) == 0)
            return dialects[i];
    }
    return NULL;
}

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
    if (around[1] != NULL) {
        buf_puts(out, around[1]);
        buf_append(out, column, name);
    }
    buf_puts(out, around[2]);
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

bool dialect_next_item(const char **items, const char *end, struct dialect_item *out)
{
    const char *item = *items;
    const char *comma = memchr(item, ',', (size_t)(end - item));
    const char *stop = comma != NULL ? comma : end;
    const char *type = stop;

    if (item == end)
        return false;
    while (type > item && type[-1] != ' ')
        type--;
    out->expression = item;
    out->length = (size_t)(type > item ? type - 1 - item : 0);
    out->is_text = (size_t)(stop - type) == strlen("text") && memcmp(type, "text", 4) == 0;
    *items = comma != NULL ? stop + 1 + strspn(stop + 1, " ") : end;
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
        {"blocks",      dialect->blocks          },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strlen(words[i].token) == length && starts_with(token, length, words[i].token)) {
            buf_puts(out, words[i].text);
            return true;
        }
    if (starts_with(token, length, "text ")) {
        dialect->text_of(token + strlen("text "), length - strlen("text "), out);
        return true;
    }
    if (starts_with(token, length, "etag ")) {
        buf_puts(out, dialect->etag[0]);
        buf_append(out, token + strlen("etag "), length - strlen("etag "));
        buf_puts(out, dialect->etag[1]);
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
