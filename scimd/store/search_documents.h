/* search_documents.h - from keys to rows with documents, in chunks that fit into memory.  Internal
 * to store/search*. */
#ifndef SCIMD_STORE_SEARCH_DOCUMENTS_H
#define SCIMD_STORE_SEARCH_DOCUMENTS_H

#include "store/search_walk.h"

#define DOCUMENTS_CHUNK_BYTES (256 * 1024) /* read by one statement; a longer one comes alone */

struct delivery {
    search_row row;
    void *context;
    int64_t items; /* delivered so far */
};

/* Hands on the resources of `keys` in that order, and reads the documents that did not come with
 * them.  One that was deleted meanwhile is left out. */
int documents_deliver(const struct walk *walk, const struct walk_key *keys, int64_t count,
                      struct delivery *delivery, struct err *err);

#define DOCUMENTS_AT_ONCE 16 /* read together with the search for them */

/* For a filter that few resources fulfil: one statement finds and reads them, and *found of them
 * are handed on.  Where there are more than DOCUMENTS_AT_ONCE none is, and *found is -1. */
int documents_find(const struct walk *walk, int64_t skip, int64_t limit, struct delivery *delivery,
                   int64_t *found, struct err *err);

#endif
