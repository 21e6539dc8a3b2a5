/* reading.h - a search from its first entry to its last, over all its pages. */
#ifndef SCIMD_CONNECTORS_AD_READING_H
#define SCIMD_CONNECTORS_AD_READING_H

#include "connectors/ad/entry.h"
#include "connectors/ad/search.h"

struct reading {
    const struct query *query;
    struct arena *arena; /* where the entries live; `take` may reset it */
    void (*take)(void *context, const struct entry *entry);
    void *context;
};

/* Gives every entry to `take`.  Errors: as search_next() and entry_read(); some were given then. */
int reading_run(struct link *link, const struct reading *reading, struct err *err);

/* A `take` for one entry: copies it to its context, a struct entry. */
void reading_keep(void *context, const struct entry *entry);

/* reading_run() from search->cookie on; leaves there the one to go on with.  The caller ends it. */
int reading_continue(struct link *link, const struct reading *reading, struct search *search,
                     struct err *err);

#endif
