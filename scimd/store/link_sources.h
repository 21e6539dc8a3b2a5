/* link_sources.h - which sources a resource comes from.
 *
 * Called from works on the tenant's scope only (store.h). */
#ifndef SCIMD_STORE_LINK_SOURCES_H
#define SCIMD_STORE_LINK_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

/* Sources with a live link to the resource (source_row.id), ascending, at most `max`. */
int links_sources_of(struct session *session, int64_t resource_pk, int64_t sources[], size_t max,
                     size_t *count, struct err *err);

#endif
