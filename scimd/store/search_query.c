#include "store/search_query.h"

#include <string.h>

#include "base/cleanup.h"

#define FIRST_CAPACITY 32

void query_begin(struct query *query, struct session *session, struct arena *arena)
{
    *query = (struct query){.session = session, .arena = arena};
}

void query_end(struct query *query)
{
    buf_free(&query->sql);
}

void query_puts(struct query *query, const char *sql)
{
    buf_puts(&query->sql, sql);
}

void query_bind(struct query *query, struct value value)
{
    if (query->count == query->capacity) {
        size_t capacity = query->capacity > 0 ? 2 * query->capacity : FIRST_CAPACITY;
        struct value *values = arena_array(query->arena, capacity, sizeof(*values));
        if (query->count > 0)
            memcpy(values, query->values, query->count * sizeof(*values));
        query->values = values;
        query->capacity = capacity;
    }
    query->values[query->count++] = value;
}

void query_bind_tenant(struct query *query)
{
    query_bind_integer(query, store_session_tenant(query->session));
}

void query_bind_text(struct query *query, const char *text, size_t length)
{
    query_bind(query, VALUE_STRING_N(text, length));
}

void query_bind_integer(struct query *query, int64_t number)
{
    query_bind(query, VALUE_INT(number));
}

size_t query_open_table(struct query *query, bool pairs)
{
    size_t table = query->tables++;

    buf_printf(&query->sql, "%sn%zu (pk%s) AS (", table == 0 ? "WITH RECURSIVE " : ", ", table,
               pairs ? ", elem" : "");
    return table;
}

void query_close_table(struct query *query)
{
    query_puts(query, ")");
}

void query_select_table(struct query *query, size_t table, bool pairs)
{
    buf_printf(&query->sql, "SELECT pk%s FROM n%zu", pairs ? ", elem" : "", table);
}

int query_run(struct query *query, struct rows **out, struct err *err)
{
    if (query->count > SESSION_PARAMETERS_MAX)
        return err_set(err, ERR_INVALID_FILTER, "the filter has too many comparisons");
    return session_query(query->session, query->sql.bytes, query->values, query->count, out, err);
}

int query_number(struct query *query, int64_t *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (query_run(query, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *out = more > 0 ? rows_integer(rows, 0) : 0;
    return 0;
}
