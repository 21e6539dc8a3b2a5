/* index_rows.h - the projection of a document: what stands in typed columns and index rows.
 *
 * Pure: a document in, cells out.  resources.h writes them; a change writes the difference of two
 * projections. */
#ifndef SCIMD_STORE_INDEX_ROWS_H
#define SCIMD_STORE_INDEX_ROWS_H

#include <jansson.h>

#include "base/arena.h"
#include "store/index_cells.h"
#include "store/index_home.h"

/* The tables whose rows a resource has any number of, and the cells of their rows in order:
 * scimd_user_value: attr, idx, value, value_key, value_long, type, type_key, display, display_key,
 *                   is_primary
 * scimd_attribute:  path, elem, skey, num, long_key
 * scimd_unique:     path, skey */
enum index_list_name { INDEX_VALUES, INDEX_ATTRIBUTES, INDEX_UNIQUES, INDEX_LISTS };
enum { INDEX_VALUE_CELLS = 10, INDEX_ATTRIBUTE_CELLS = 5, INDEX_UNIQUE_CELLS = 2 };

struct index_rows {
    /* of index_typed_of(): for each of its columns a cell, and behind a text its key's */
    struct value typed[2 * INDEX_COLUMNS_MAX];
    size_t typed_count;
    struct index_list lists[INDEX_LISTS]; /* settled */
};

/* Cells point into `document` and `arena`. */
void index_rows_of(struct arena *arena, const struct resource_type *type, const json_t *document,
                   struct index_rows *out);

#endif
