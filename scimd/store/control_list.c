#include "store/control_list.h"

#include <string.h>

#include "base/cleanup.h"

#define CAPACITY_FIRST 8

static void *add(struct control_list *list)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : CAPACITY_FIRST;
        void *items = arena_array(list->arena, capacity, list->item_bytes);

        if (list->count > 0)
            memcpy(items, list->items, list->count * list->item_bytes);
        list->items = items;
        list->capacity = capacity;
    }
    return (char *)list->items + list->count++ * list->item_bytes;
}

int control_query(struct session *session, const char *sql, const struct value *values,
                  size_t value_count, control_read read, struct control_list *list, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session, sql, values, value_count, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0)
        read(rows, list->arena, add(list));
    return more;
}
