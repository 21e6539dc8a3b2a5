/* resource_keys.h - the values of a list by what tells them apart: `value`, then `type`; of simple
 * values, themselves.  Sorted, so that no list a client sends costs more than n log n.  Internal to
 * scim/resource_*. */
#ifndef SCIMD_SCIM_RESOURCE_KEYS_H
#define SCIMD_SCIM_RESOURCE_KEYS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "scim/schema.h"

#define VALUE_KEYS_FEW 8 /* most lists are short: these need no heap */

/* A scalar as it is compared. */
struct value_part {
    const json_t *scalar; /* NULL: none */
    const char *key;      /* of a string, folded unless it is caseExact */
};

struct value_key {
    struct value_part value;
    struct value_part type;
    size_t index; /* in the list */
};

struct value_keys {
    const struct attribute *attribute;
    struct arena *arena; /* owned; folded keys */
    struct value_key few[VALUE_KEYS_FEW];
    struct value_key *many; /* owned; NULL where `few` suffice */
    size_t count;           /* complex values without `value` have no key */
};

/* `list` is canonical and has values of `attribute`, whose caseExact (its sub-attributes') decides
 * what is the same.
 * Lifetime: borrows from `list`, which may be NULL or anything else than a list: no keys. */
void value_keys_sort(struct value_keys *keys, const struct attribute *attribute,
                     const json_t *list);
void value_keys_free(struct value_keys *keys);

const struct value_key *value_keys_items(const struct value_keys *keys);
bool value_keys_equal(const struct value_key *left, const struct value_key *right);

/* Where in the list the element of another list is still: same `value` and, where there is one,
 * same `type`.  False where it is gone, or has no `value`. */
bool value_keys_find(struct value_keys *keys, const json_t *element, size_t *index);

#endif
