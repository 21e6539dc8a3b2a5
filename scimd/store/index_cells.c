#include "store/index_cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/index_key.h"

#define FIRST_CAPACITY 16

static struct value text_cell(struct index_text text)
{
    if (text.text == NULL)
        return (struct value){.kind = VALUE_NULL};
    return (struct value){
        .kind = VALUE_TEXT, .text = text.text, .length = text.length, .terminated = true};
}

struct index_cells index_cells_of_text(struct arena *arena, const struct attribute *attribute,
                                       const json_t *value)
{
    bool exact = attribute->case_exact || attribute->type == ATTRIBUTE_BINARY;
    struct index_cells cells = {0};
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    struct index_key key;

    if (text == NULL)
        return cells;
    cells.text = text_cell((struct index_text){text, length});
    text = text_fold(arena, text, length, exact, &length);
    key = index_key_of(arena, text, length);
    cells.key = text_cell(key.key);
    if (attribute->type != ATTRIBUTE_BINARY) /* eq and pr need the key alone */
        cells.full = text_cell(key.full);
    return cells;
}

struct value index_cell_of_number(const struct attribute *attribute, const json_t *value)
{
    int64_t time_us = 0;

    if (attribute->type == ATTRIBUTE_BOOLEAN && json_is_boolean(value))
        return VALUE_INT(json_is_true(value));
    if (attribute->type == ATTRIBUTE_INTEGER && json_is_integer(value))
        return VALUE_INT(json_integer_value(value));
    if (attribute->type == ATTRIBUTE_DECIMAL && json_is_number(value))
        return VALUE_INT(index_key_decimal(json_number_value(value)));
    if (attribute->type == ATTRIBUTE_DATETIME && json_is_string(value) &&
        clock_parse(json_string_value(value), json_string_length(value), &time_us))
        return VALUE_INT(time_us);
    return (struct value){.kind = VALUE_NULL};
}

struct value *index_list_add(struct arena *arena, struct index_list *list)
{
    struct value *row;

    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : FIRST_CAPACITY;
        struct value *cells = arena_array(arena, capacity * list->columns, sizeof(*cells));
        if (list->count > 0)
            memcpy(cells, list->cells, list->count * list->columns * sizeof(*cells));
        list->cells = cells;
        list->capacity = capacity;
    }
    row = list->cells + list->count * list->columns;
    list->count++;
    return row;
}

static int compare_cells(const struct value *left, const struct value *right)
{
    size_t shorter = left->length < right->length ? left->length : right->length;
    int order = 0;

    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->kind == VALUE_INTEGER)
        return (left->integer > right->integer) - (left->integer < right->integer);
    if (left->kind == VALUE_TEXT)
        order = memcmp(left->text, right->text, shorter);
    return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

bool index_cell_equals(const struct value *left, const struct value *right)
{
    return compare_cells(left, right) == 0;
}

static int compare_keys(const void *left, const void *right)
{
    const struct value *left_row = left;
    const struct value *right_row = right;
    int order = 0;

    for (size_t i = 0; order == 0 && i < INDEX_KEY_CELLS; i++)
        order = compare_cells(&left_row[i], &right_row[i]);
    return order;
}

static const struct value *row_at(const struct index_list *list, size_t row)
{
    return list->cells + row * list->columns;
}

void index_list_settle(struct index_list *list)
{
    size_t row_bytes = list->columns * sizeof(*list->cells);
    size_t kept = 0;

    if (list->count == 0)
        return;
    qsort(list->cells, list->count, row_bytes, compare_keys);
    for (size_t i = 1; i < list->count; i++) {
        if (compare_keys(row_at(list, kept), row_at(list, i)) == 0)
            continue;
        kept++;
        memmove(list->cells + kept * list->columns, row_at(list, i), row_bytes);
    }
    list->count = kept + 1;
}

static bool rows_equal(const struct value *left, const struct value *right, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        if (!index_cell_equals(&left[i], &right[i]))
            return false;
    }
    return true;
}

void index_list_without(struct arena *arena, const struct index_list *list,
                        const struct index_list *other, struct index_list *out)
{
    size_t at = 0;

    *out = (struct index_list){.columns = list->columns};
    for (size_t i = 0; i < list->count; i++) {
        const struct value *row = row_at(list, i);
        while (at < other->count && compare_keys(row_at(other, at), row) < 0)
            at++;
        if (at < other->count && rows_equal(row_at(other, at), row, list->columns))
            continue;
        memcpy(index_list_add(arena, out), row, list->columns * sizeof(*row));
    }
}
