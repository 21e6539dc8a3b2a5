/* index_cells.h - cells of index rows: one value each, and lists of rows that can be compared.
 *
 * Pure. */
#ifndef SCIMD_STORE_INDEX_CELLS_H
#define SCIMD_STORE_INDEX_CELLS_H

#include <jansson.h>

#include "base/arena.h"
#include "scim/schema.h"
#include "store/session.h"

/* A text as it stands in a row; all NULL where there is none. */
struct index_cells {
    struct value text; /* as sent */
    struct value key;
    struct value full; /* the key before it was cut; NULL where it is whole */
};

struct index_cells index_cells_of_text(struct arena *arena, const struct attribute *attribute,
                                       const json_t *value);
/* A boolean, integer, decimal or dateTime; NULL where `value` is none. */
struct value index_cell_of_number(const struct attribute *attribute, const json_t *value);

/* Rows with the same number of cells; the first INDEX_KEY_CELLS tell those of a resource apart. */
#define INDEX_KEY_CELLS 2

struct index_list {
    struct value *cells;
    size_t columns; /* cells a row has */
    size_t count;   /* rows */
    size_t capacity;
};

struct value *index_list_add(struct arena *arena, struct index_list *list);
/* Orders the rows by their keys; of rows with the same key one stays. */
void index_list_settle(struct index_list *list);
/* Rows of `list` that `other` does not have with the same cells; both are settled. */
void index_list_without(struct arena *arena, const struct index_list *list,
                        const struct index_list *other, struct index_list *out);

bool index_cell_equals(const struct value *left, const struct value *right);

#endif
