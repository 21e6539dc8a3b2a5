/* compose.h - documents of a pull: what of a change is an addition, and what a resource becomes of
 * its sources' values.
 *
 * Pure.  Documents are canonical (resource.h), readOnly attributes included.  A place is a
 * top-level attribute. */
#ifndef SCIMD_SYNC_COMPOSE_H
#define SCIMD_SYNC_COMPOSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scim/schema.h"

struct compose_places {
    const struct resource_type *type;
    const struct attribute *const *items;
    size_t count;
};

/* What a change would take away. */
struct compose_loss {
    int64_t blanked;  /* attributes and single sub-attributes that go; not values of a list that
                         changes */
    bool deactivates; /* `active` turns false */
};

/* `desired`, and from `before` whatever it would take away.  `before` may be NULL.  The caller's.
 */
json_t *compose_additions(const struct resource_type *type, const json_t *before,
                          const json_t *desired, struct compose_loss *loss);

/* The places of a resource's document, and nothing else.  The caller's. */
json_t *compose_owned(const struct compose_places *places, const json_t *document);

/* Copies one place from `from` to `to`, where `to` has none. */
void compose_keep(const struct resource_type *type, const struct attribute *place,
                  const json_t *from, json_t *to);

/* Puts the id of a resource where a reference stands. */
void compose_refer(json_t *document, const struct attribute *attribute, const struct attribute *sub,
                   const char *id);

/* Gives each place of `document` the value of the first candidate that has one, or none.  A NULL
 * candidate has none. */
void compose_resource(const struct compose_places *places, const json_t *const *candidates,
                      size_t count, json_t *document);

/* Writes our extension's source and sourceId; NULL takes them away.  Nothing where the type doesn't
 * have it. */
void compose_origin(const struct resource_type *type, json_t *document, const char *source,
                    const char *source_id);

bool compose_is_active(const json_t *document); /* absent: active */

#endif
