/* changes.h - collects the changes of a page. */
#ifndef SCIMD_CONNECTORS_AD_CHANGES_H
#define SCIMD_CONNECTORS_AD_CHANGES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "connectors/ad/entry.h"
#include "connectors/connector.h"

struct changes {
    struct arena *arena;
    json_t *kept; /* array that holds the attributes of the page */
    struct change *items;
    size_t count;
    size_t capacity;
};

/* Takes `attributes`. */
void changes_upsert(struct changes *changes, enum object_kind object, const char *guid,
                    json_t *attributes);
void changes_delete(struct changes *changes, enum object_kind object, const char *guid);
void changes_whole(struct changes *changes, const char *guid, const struct members *members,
                   bool more_follows);
/* Copies. */
void changes_difference(struct changes *changes, const char *guid, const struct members *added,
                        const struct members *removed); /* NULL: none */

#endif
