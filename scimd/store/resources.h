/* resources.h - resource rows: the exact document, and its projection into typed columns and keys.
 *
 * Called from works only (store.h); the session says which tenant.  Writing a document writes
 * everything that filters, sorting and the vendor's views read, and touches only index rows that
 * differ. */
#ifndef SCIMD_STORE_RESOURCES_H
#define SCIMD_STORE_RESOURCES_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "scim/schema.h"
#include "store/store.h"

struct resource_row {
    int64_t pk; /* id_new_key() */
    int type;   /* resource_type.number */
    const char *id;
    int64_t version;
    int64_t created_us;
    int64_t modified_us;
    const char *document; /* canonical JSON text; NULL where it was not asked for */
    size_t document_length;
    bool in_groups; /* is a member of something: groups are worth reading */
};

/* By type and id.  `lock` reads for update (in a transaction).
 * Errors: ERR_NOT_FOUND. */
int resources_find(struct session *session, struct arena *arena, int type, const char *id,
                   bool lock, struct resource_row *out, struct err *err);
/* Same without the document: existence, version. */
int resources_find_head(struct session *session, struct arena *arena, int type, const char *id,
                        bool lock, struct resource_row *out, struct err *err);
/* The resource that holds a value of an attribute with uniqueness server or global. */
int resources_find_unique(struct session *session, struct arena *arena,
                          const struct resource_type *type, const struct attribute *attribute,
                          const char *value, struct resource_row *out, struct err *err);

/* `document` is the same content as row->document.
 * Errors: ERR_UNIQUENESS, detail names the attribute. */
int resources_insert(struct session *session, struct arena *arena, const struct resource_type *type,
                     const struct resource_row *row, const json_t *document, struct err *err);
/* Writes row->document, version and modified_us, and the index rows by which `before` and `after`
 * differ. */
int resources_update(struct session *session, struct arena *arena, const struct resource_type *type,
                     const struct resource_row *row, const json_t *before, const json_t *after,
                     struct err *err);
/* Version + 1 and modified_us alone: a group whose members changed.  *version is the new one. */
int resources_bump(struct session *session, int64_t pk, int64_t modified_us, int64_t *version,
                   struct err *err);
/* The row and its index rows; members and parked references are members.h's. */
int resources_delete(struct session *session, int type, int64_t pk, struct err *err);

#endif
