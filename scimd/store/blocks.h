/* blocks.h - exact totals of a resource type, and the place of a startIndex, without walking there.
 *
 * Unsorted order is pk; scimd_block holds counts of consecutive rows.  Where writers run side by
 * side they don't queue for these: each leaves a row with what it changes, readers add these up,
 * and blocks_merge() keeps them few.  Called from works only (store.h). */
#ifndef SCIMD_STORE_BLOCKS_H
#define SCIMD_STORE_BLOCKS_H

#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

/* `type` is resource_type.number. */
int blocks_total(struct session *session, int type, int64_t *total, struct err *err);

/* Where the resources begin of which `skip` precede: skip *rest of those with pk >= *pk. */
int blocks_seek(struct session *session, int type, int64_t skip, int64_t *pk, int64_t *rest,
                struct err *err);

/* Takes what writers of the tenant have left into the blocks; other engines have nothing left. */
int blocks_merge(struct session *session, struct err *err);
/* The tenant has no resources any more. */
int blocks_forget(struct session *session, struct err *err);

#endif
