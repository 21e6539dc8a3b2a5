/* resources_row.h - how rows of scimd_resource are read; shared by finding and searching.  Internal
 * to store/. */
#ifndef SCIMD_STORE_RESOURCES_ROW_H
#define SCIMD_STORE_RESOURCES_ROW_H

#include "store/resources.h"
#include "store/session.h"

/* A SELECT of resources_read_row(), with or without the document; conditions on r follow. */
#define RESOURCES_COLUMNS                                                                          \
    "SELECT r.pk, r.rtype, r.id, r.version, r.created_us, r.modified_us, "                         \
    "CASE WHEN EXISTS (SELECT 1 FROM scimd_member m "                                              \
    "WHERE m.tenant_id = r.tenant_id AND m.member_pk = r.pk) THEN 1 ELSE 0 END"
#define RESOURCES_HEAD RESOURCES_COLUMNS " FROM scimd_resource r"
#define RESOURCES_WHOLE RESOURCES_COLUMNS ", r.document FROM scimd_resource r"

/* The row that rows_next() moved to; texts in `arena`. */
void resources_read_row(struct rows *rows, struct arena *arena, bool whole,
                        struct resource_row *out);

#endif
