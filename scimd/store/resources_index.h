/* resources_index.h - writes the projection of a document (index_rows.h) into the tables that
 * filters, sorting and the views read.  Internal to store/resources.c. */
#ifndef SCIMD_STORE_RESOURCES_INDEX_H
#define SCIMD_STORE_RESOURCES_INDEX_H

#include "store/index_rows.h"
#include "store/resources.h"

int resources_index_insert(struct session *session, const struct resource_type *type,
                           const struct resource_row *row, const struct index_rows *rows,
                           struct err *err);

struct index_change {
    struct arena *arena;
    const struct resource_type *type;
    int64_t pk;
    const struct index_rows *before;
    const struct index_rows *after;
};
/* Writes what differs, and nothing where nothing does. */
int resources_index_update(struct session *session, const struct index_change *change,
                           struct err *err);

int resources_index_delete(struct session *session, int type, int64_t pk, struct err *err);

#endif
