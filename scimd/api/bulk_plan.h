/* bulk_plan.h - a BulkRequest, checked and put in order.  Pure.
 *
 * Every creation gets its id before anything is written, so a bulkId is just a name for an id:
 * references are replaced in values and paths, forwards and backwards.  What refers to a creation
 * waits for it; creations that refer to each other form one step and are applied together. Source:
 * RFC 7644 section 3.7. */
#ifndef SCIMD_API_BULK_PLAN_H
#define SCIMD_API_BULK_PLAN_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "http/http.h"
#include "scim/limits.h"
#include "scim/schema.h"

#define BULK_REQUEST_URN "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
#define BULK_ID_MAX 128 /* bytes of a bulkId */

enum bulk_state { BULK_PENDING, BULK_DONE, BULK_FAILED };

struct bulk_operation {
    enum http_method method;          /* POST, PUT, PATCH, DELETE; else `problem` is set */
    const char *bulk_id;              /* NULL if none */
    const char *version;              /* NULL if none */
    const struct resource_type *type; /* NULL if the path names none */
    const char *id;                   /* the target; of a POST the id it will have */
    json_t *data;            /* borrowed from the body, references replaced; NULL if none */
    const size_t *waits_for; /* indices of creations it refers to, itself not included */
    size_t wait_count;
    struct err problem; /* code 0, or why it can't even be tried */
    enum bulk_state state;
};

struct bulk_plan {
    struct bulk_operation *operations; /* in the client's order */
    size_t count;
    size_t fail_on_errors; /* 0: never stop */
};

/* `body` is changed: references are replaced in it; it must outlive the plan.
 * Errors: ERR_INVALID_SYNTAX for the request as a whole, ERR_TOO_LARGE for too many operations. */
int bulk_plan_read(struct arena *arena, const struct schema_set *schemas,
                   const struct scim_limits *limits, json_t *body, struct bulk_plan *out,
                   struct err *err);

/* The next step: indices of operations to apply together (nearly always one); all of them are
 * pending and wait for nothing outside the step but what is done or failed.  Returns 0 when nothing
 * is pending. */
size_t bulk_plan_next(const struct bulk_plan *plan, struct arena *arena, const size_t **step);

/* An operation that this one waits for and that failed; NULL if none. */
const struct bulk_operation *bulk_plan_failed_reference(const struct bulk_plan *plan,
                                                        const struct bulk_operation *operation);

#endif
