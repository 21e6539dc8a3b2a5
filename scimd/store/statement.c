#include "store/statement.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/odbc_error.h"

static uint64_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a */

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    return hash;
}

static void statement_drop(struct statement *statement)
{
    if (statement->handle != NULL)
        (void)SQLFreeHandle(SQL_HANDLE_STMT, statement->handle);
    free(statement->parameters);
    free(statement->sql);
    memset(statement, 0, sizeof(*statement));
}

void statement_cache_clear(struct statement_cache *cache)
{
    while (cache->count > 0)
        statement_drop(&cache->statements[--cache->count]);
}

/* A free place, or that of the statement not used for the longest time. */
static struct statement *statement_slot(struct statement_cache *cache)
{
    struct statement *oldest = &cache->statements[0];

    if (cache->count < SESSION_STATEMENTS_MAX)
        return &cache->statements[cache->count++];
    for (size_t i = 1; i < cache->count; i++)
        if (cache->statements[i].last_used < oldest->last_used)
            oldest = &cache->statements[i];
    statement_drop(oldest);
    return oldest;
}

static bool changes_rows(const char *sql)
{
    return strncasecmp(sql, "INSERT ", 7) == 0 || strncasecmp(sql, "UPDATE ", 7) == 0 ||
           strncasecmp(sql, "DELETE ", 7) == 0;
}

static int write_text(const struct dialect *dialect, const char *sql, struct buf *text,
                      bool *counts_by_query, struct err *err)
{
    *counts_by_query = dialect->keep_prefix != NULL && changes_rows(sql);
    if (*counts_by_query)
        buf_puts(text, dialect->keep_prefix);
    return dialect_expand(dialect, sql, text, err);
}

static int refuse_markers(long markers, struct err *err)
{
    (void)err_set(err, ERR_INTERNAL, "internal error");
    return err_because(err, "%ld markers in one statement, at most %d", markers,
                       SESSION_PARAMETERS_MAX);
}

/* Into a new handle; the slot is untouched on failure. */
static int prepare(SQLHDBC connection, const struct dialect *dialect, const char *sql,
                   struct statement *out, struct failure *failure, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    SQLHSTMT handle = NULL;
    SQLSMALLINT markers = 0;

    if (write_text(dialect, sql, &text, &out->counts_by_query, err) < 0)
        return -1;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, connection, &handle))) {
        *failure = odbc_error(dialect, SQL_HANDLE_DBC, connection, "SQLAllocHandle", err);
        return -1;
    }
    if (!SQL_SUCCEEDED(SQLPrepare(handle, (SQLCHAR *)text.bytes, SQL_NTS)) ||
        !SQL_SUCCEEDED(SQLNumParams(handle, &markers))) {
        *failure = odbc_error(dialect, SQL_HANDLE_STMT, handle, "SQLPrepare", err);
        (void)SQLFreeHandle(SQL_HANDLE_STMT, handle);
        return -1;
    }
    if (markers < 0 || markers > SESSION_PARAMETERS_MAX) {
        (void)SQLFreeHandle(SQL_HANDLE_STMT, handle);
        return refuse_markers(markers, err);
    }
    out->handle = handle;
    out->parameter_count = (size_t)markers;
    return 0;
}

static struct statement *lookup(struct statement_cache *cache, const char *sql, size_t hint,
                                uint64_t *hash)
{
    size_t guess = cache->hints[hint];

    if (guess < cache->count && strcmp(cache->statements[guess].sql, sql) == 0)
        return &cache->statements[guess];
    *hash = hash_text(sql);
    for (size_t i = 0; i < cache->count; i++)
        if (cache->statements[i].hash == *hash && strcmp(cache->statements[i].sql, sql) == 0)
            return &cache->statements[i];
    return NULL;
}

int statement_find(struct statement_cache *cache, SQLHDBC connection, const struct dialect *dialect,
                   const char *sql, struct statement **out, struct failure *failure,
                   struct err *err)
{
    /* texts are literals mostly: the same address is the same text nearly always */
    size_t hint = ((uintptr_t)sql >> 3) % STATEMENT_HINTS;
    uint64_t hash = 0;
    struct statement *statement = lookup(cache, sql, hint, &hash);

    if (statement == NULL) {
        struct statement fresh = {.hash = hash};

        if (prepare(connection, dialect, sql, &fresh, failure, err) < 0)
            return -1;
        fresh.sql = memory_strdup(sql);
        fresh.parameters = memory_calloc(fresh.parameter_count + 1, sizeof(*fresh.parameters));
        statement = statement_slot(cache);
        *statement = fresh;
    }
    cache->hints[hint] = (unsigned char)(statement - cache->statements);
    statement->last_used = ++cache->uses;
    *out = statement;
    return 0;
}

static bool bind_buffer(struct statement *statement, size_t index, SQLSMALLINT c_type,
                        SQLSMALLINT sql_type, size_t bytes, const void *buffer)
{
    union {
        const void *borrowed;
        SQLPOINTER pointer;
    } data = {.borrowed = buffer}; /* an input parameter: the driver only reads it */

    return SQL_SUCCEEDED(SQLBindParameter(statement->handle, (SQLUSMALLINT)(index + 1),
                                          SQL_PARAM_INPUT, c_type, sql_type, bytes > 0 ? bytes : 1,
                                          0, data.pointer, (SQLLEN)bytes,
                                          &statement->parameters[index].indicator));
}

static bool bind_integer(struct statement *statement, size_t index, int64_t integer)
{
    struct parameter *parameter = &statement->parameters[index];

    parameter->integer = integer;
    parameter->indicator = sizeof(parameter->integer);
    if (parameter->bound == BOUND_INTEGER)
        return true;
    parameter->bound = BOUND_INTEGER;
    return bind_buffer(statement, index, SQL_C_SBIGINT, SQL_BIGINT, sizeof(parameter->integer),
                       &parameter->integer);
}

static bool bind_text(struct statement *statement, size_t index, const struct value *value)
{
    struct parameter *parameter = &statement->parameters[index];

    if (value->length >= sizeof(parameter->text)) {
        parameter->indicator = value->terminated ? SQL_NTS : (SQLLEN)value->length;
        parameter->bound = BOUND_ELSEWHERE;
        return bind_buffer(statement, index, SQL_C_CHAR, SQL_LONGVARCHAR, value->length,
                           value->text);
    }
    if (value->length > 0)
        memcpy(parameter->text, value->text, value->length);
    parameter->text[value->length] = '\0';
    parameter->indicator = SQL_NTS; /* with a length the driver would copy it */
    if (parameter->bound == BOUND_INLINE)
        return true;
    parameter->bound = BOUND_INLINE;
    return bind_buffer(statement, index, SQL_C_CHAR, SQL_VARCHAR, sizeof(parameter->text) - 1,
                       parameter->text);
}

static bool bind_null(struct statement *statement, size_t index)
{
    struct parameter *parameter = &statement->parameters[index];

    parameter->indicator = SQL_NULL_DATA;
    /* a text elsewhere may be gone, and some drivers look at its address all the same */
    if (parameter->bound == BOUND_INTEGER || parameter->bound == BOUND_INLINE)
        return true;
    parameter->bound = BOUND_INLINE;
    return bind_buffer(statement, index, SQL_C_CHAR, SQL_VARCHAR, sizeof(parameter->text) - 1,
                       parameter->text);
}

static bool bind_value(struct statement *statement, size_t index, const struct value *value)
{
    switch (value->kind) {
    case VALUE_INTEGER:
        return bind_integer(statement, index, value->integer);
    case VALUE_TEXT:
        return bind_text(statement, index, value);
    case VALUE_NULL:
    default:
        return bind_null(statement, index);
    }
}

int statement_bind(struct statement *statement, const struct dialect *dialect,
                   const struct value *values, size_t count, struct failure *failure,
                   struct err *err)
{
    if (count != statement->parameter_count) {
        (void)err_set(err, ERR_INTERNAL, "internal error");
        return err_because(err, "%zu values for %zu markers in: %s", count,
                           statement->parameter_count, statement->sql);
    }
    for (size_t i = 0; i < count; i++)
        if (!bind_value(statement, i, &values[i])) {
            *failure =
                odbc_error(dialect, SQL_HANDLE_STMT, statement->handle, "SQLBindParameter", err);
            statement->parameters[i].bound = BOUND_NOT;
            return -1;
        }
    return 0;
}
