#include "store/rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/odbc_error.h"
#include "store/session_failed.h"

#define CELL_BYTES_FIRST 128
#define CELL_BYTES_BOUND                                                                           \
    4096 /* at most: some drivers fill what a value leaves free with zeroes                        \
          */
#define CELL_BYTES_KEPT ((size_t)64 * 1024) /* a larger cell is given back with its result */

/* Keeps the contents. */
static void cell_grow(struct rows *rows, size_t column, size_t bytes)
{
    struct cell *cell = &rows->cells[column];
    size_t capacity = cell->capacity > 0 ? cell->capacity : CELL_BYTES_FIRST;

    while (capacity < bytes)
        capacity *= 2;
    if (capacity == cell->capacity)
        return;
    cell->bytes = memory_resize(cell->bytes, capacity);
    cell->capacity = capacity;
    rows->generation++;
}

static bool bind_column(struct rows *rows, size_t column)
{
    struct cell *cell = &rows->cells[column];
    size_t bytes = cell->capacity < CELL_BYTES_BOUND ? cell->capacity : CELL_BYTES_BOUND;

    return SQL_SUCCEEDED(SQLBindCol(rows->statement->handle, (SQLUSMALLINT)(column + 1), SQL_C_CHAR,
                                    cell->bytes, (SQLLEN)bytes, &cell->indicator));
}

static int bind_columns(struct rows *rows, struct failure *failure, struct err *err)
{
    struct statement *statement = rows->statement;

    for (size_t i = 0; i < statement->columns; i++)
        cell_grow(rows, i, CELL_BYTES_FIRST);
    for (size_t i = 0; i < statement->columns; i++)
        if (!bind_column(rows, i)) {
            *failure =
                odbc_error(rows->dialect, SQL_HANDLE_STMT, statement->handle, "SQLBindCol", err);
            return -1;
        }
    statement->bound_columns = rows->generation;
    return 0;
}

static int count_columns(struct statement *statement, struct err *err)
{
    SQLSMALLINT columns = 0;

    if (SQL_SUCCEEDED(SQLNumResultCols(statement->handle, &columns)) && columns > 0 &&
        columns <= SESSION_COLUMNS_MAX) {
        statement->columns = (size_t)columns;
        return 0;
    }
    (void)err_set(err, ERR_INTERNAL, "internal error");
    return err_because(err, "%d columns, at most %d, in: %s", columns, SESSION_COLUMNS_MAX,
                       statement->sql);
}

int rows_open(struct rows *rows, struct statement *statement, struct err *err)
{
    if (statement->columns == 0 && count_columns(statement, err) < 0)
        return -1;
    rows->statement = statement;
    return 0;
}

/* Reads one value anew into its cell, which grows until all of it is there. */
static bool read_whole(struct rows *rows, size_t column)
{
    struct cell *cell = &rows->cells[column];
    size_t length = 0;
    SQLRETURN result = SQL_SUCCESS_WITH_INFO;

    if (cell->indicator != SQL_NO_TOTAL)
        cell_grow(rows, column, (size_t)cell->indicator + 1);
    while (result == SQL_SUCCESS_WITH_INFO) {
        SQLLEN left = 0;
        size_t room = cell->capacity - length;

        result = SQLGetData(rows->statement->handle, (SQLUSMALLINT)(column + 1), SQL_C_CHAR,
                            cell->bytes + length, (SQLLEN)room, &left);
        if (result == SQL_SUCCESS_WITH_INFO) {
            length += room - 1; /* the last byte of the piece is its NUL */
            cell_grow(rows, column, cell->capacity + (left > 0 ? (size_t)left : cell->capacity));
        } else if (result == SQL_SUCCESS) {
            length += (size_t)left;
        }
    }
    cell->indicator = (SQLLEN)length;
    return SQL_SUCCEEDED(result) || result == SQL_NO_DATA;
}

/* The driver cut something: the cells were too small. */
static bool read_long_values(struct rows *rows)
{
    for (size_t i = 0; i < rows->statement->columns; i++) {
        const struct cell *cell = &rows->cells[i];
        size_t bound = cell->capacity < CELL_BYTES_BOUND ? cell->capacity : CELL_BYTES_BOUND;
        bool is_whole = cell->indicator != SQL_NO_TOTAL && cell->indicator < (SQLLEN)bound;

        if (!is_whole && !read_whole(rows, i))
            return false;
    }
    return true;
}

int rows_next(struct rows *rows, struct err *err)
{
    struct statement *statement = rows->statement;
    struct failure failure = {0};
    SQLRETURN result;

    /* cells move when they grow */
    if (statement->bound_columns != rows->generation && bind_columns(rows, &failure, err) < 0)
        return session_failed(rows->session, failure, err);
    result = SQLFetch(statement->handle);
    if (result == SQL_SUCCESS)
        return 1;
    if (result == SQL_NO_DATA)
        return 0;
    if (result == SQL_SUCCESS_WITH_INFO && read_long_values(rows))
        return 1;
    failure = odbc_error(rows->dialect, SQL_HANDLE_STMT, statement->handle, "SQLFetch", err);
    return session_failed(rows->session, failure, err);
}

bool rows_is_null(struct rows *rows, size_t column)
{
    assert(column < rows->statement->columns);
    return rows->cells[column].indicator == SQL_NULL_DATA;
}

int64_t rows_integer(struct rows *rows, size_t column)
{
    return rows_is_null(rows, column) ? 0 : strtoll(rows->cells[column].bytes, NULL, 10);
}

const char *rows_borrow(struct rows *rows, size_t column, size_t *length)
{
    if (rows_is_null(rows, column))
        return NULL;
    if (length != NULL)
        *length = (size_t)rows->cells[column].indicator;
    return rows->cells[column].bytes;
}

const char *rows_text(struct rows *rows, size_t column, struct arena *arena, size_t *length)
{
    size_t bytes = 0;
    const char *text = rows_borrow(rows, column, &bytes);

    if (text == NULL)
        return NULL;
    if (length != NULL)
        *length = bytes;
    return arena_strndup(arena, text, bytes);
}

/* One huge value must not stay in memory for good. */
static void shrink_cells(struct rows *rows, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        struct cell *cell = &rows->cells[i];

        if (cell->capacity <= CELL_BYTES_KEPT)
            continue;
        cell->capacity = CELL_BYTES_FIRST;
        cell->bytes = memory_resize(cell->bytes, cell->capacity);
        rows->generation++;
    }
}

void rows_close(struct rows *rows)
{
    if (rows == NULL || rows->statement == NULL)
        return;
    (void)SQLFreeStmt(rows->statement->handle, SQL_CLOSE);
    shrink_cells(rows, rows->statement->columns);
    rows->statement = NULL;
}

void rows_closep(struct rows **rows)
{
    rows_close(*rows);
}

void rows_free_cells(struct rows *rows)
{
    for (size_t i = 0; i < SESSION_COLUMNS_MAX; i++)
        free(rows->cells[i].bytes);
}
