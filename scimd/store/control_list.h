/* control_list.h - lists of rows whose number is not known before; for store/ only. */
#ifndef SCIMD_STORE_CONTROL_LIST_H
#define SCIMD_STORE_CONTROL_LIST_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/session.h"

struct control_list {
    struct arena *arena;
    size_t item_bytes;
    void *items;
    size_t count;
    size_t capacity;
};

/* Reads one row into an item, which is zeroed. */
typedef void (*control_read)(struct rows *rows, struct arena *arena, void *item);

/* All rows of a query. */
int control_query(struct session *session, const char *sql, const struct value *values,
                  size_t value_count, control_read read, struct control_list *list,
                  struct err *err);

#endif
