/* resources_row.h - how rows of scimd_resource are read; shared by finding and searching.  Internal
 * to store/. */
#ifndef SCIMD_STORE_RESOURCES_ROW_H
#define SCIMD_STORE_RESOURCES_ROW_H

#include "store/resources.h"
#include "store/session.h"

/* A row is one text (session.h, {text ..}), which resources_read_row() takes apart: numbers, id and
 * last the document, where it was asked for.  RESOURCES_SHORT_DOCUMENT has one
 * marker: longer documents are left out, and read as NULL.  Conditions on r follow. */
#define RESOURCES_HEAD_ITEMS                                                                       \
    "r.pk bigint, r.rtype bigint, r.version bigint, r.created_us bigint, r.modified_us bigint, "   \
    "CASE WHEN EXISTS (SELECT 1 FROM scimd_member m "                                              \
    "WHERE m.tenant_id = r.tenant_id AND m.member_pk = r.pk) THEN 1 ELSE 0 END bigint, "           \
    "r.document_bytes bigint, r.id text, "
#define RESOURCES_NO_DOCUMENT "{text " RESOURCES_HEAD_ITEMS "'' text}"
#define RESOURCES_SHORT_DOCUMENT                                                                   \
    "{text " RESOURCES_HEAD_ITEMS "CASE WHEN r.document_bytes <= ? THEN r.document ELSE '' END "   \
    "text}"
#define RESOURCES_HEAD "SELECT " RESOURCES_NO_DOCUMENT " FROM scimd_resource r"
#define RESOURCES_WHOLE                                                                            \
    "SELECT {text " RESOURCES_HEAD_ITEMS "r.document text} FROM scimd_resource r"

/* The row that rows_next() moved to; texts in `arena`.  *document_bytes (may be NULL) is the length
 * of the document, also where it was left out. */
void resources_read_row(struct rows *rows, struct arena *arena, struct resource_row *out,
                        int64_t *document_bytes);

#endif
