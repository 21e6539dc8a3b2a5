/* scim_write.h - the four writes, as endpoints and /Bulk both need them: JSON in, an applied change
 * out. */
#ifndef SCIMD_API_SCIM_WRITE_H
#define SCIMD_API_SCIM_WRITE_H

#include "api/scim_exchange.h"

struct write_target {
    const struct resource_type *type;
    const char *id;       /* create: NULL, or an id chosen before */
    const char *if_match; /* an If-Match header's or a bulk version's text; NULL: no condition */
};

/* Reads a creation's body into a change for directory_apply_all(); `change->document` is the
 * caller's to json_decref. */
int write_prepare_create(struct scim_exchange *exchange, const struct write_target *target,
                         const json_t *body, struct directory_change *out, struct err *err);

/* Errors: those of resource_read(), patch_parse() and directory_apply(). */
int write_create(struct scim_exchange *exchange, const struct write_target *target,
                 const json_t *body, struct directory_result *out, struct err *err);
int write_replace(struct scim_exchange *exchange, const struct write_target *target,
                  const json_t *body, struct directory_result *out, struct err *err);
int write_patch(struct scim_exchange *exchange, const struct write_target *target,
                const json_t *body, struct directory_result *out, struct err *err);
int write_delete(struct scim_exchange *exchange, const struct write_target *target,
                 struct directory_result *out, struct err *err);

#endif
