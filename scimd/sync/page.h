/* page.h - a page of a source, in transactions of RUN_TRANSACTION_CHANGES.  Internal to sync/.
 *
 * The last one carries the page's cursor; the others are repeated with it after a crash, and change
 * nothing then. */
#ifndef SCIMD_SYNC_PAGE_H
#define SCIMD_SYNC_PAGE_H

#include "sync/turn.h"

/* Errors: ERR_CONFLICT, the lease is lost; ERR_UNAVAILABLE.  What is wrong with one object is
 * recorded with it, and the rest goes on. */
int page_apply(struct sync *sync, const struct page *page, struct err *err);

/* Objects whose links are due: mapped again from what is stored, or at the end of their grace.
 * *count is how many there were. */
int page_review(struct sync *sync, const struct link_row *links, size_t count, struct err *err);

/* Runs the body of a turn in its transaction, under the lease's fence; what it did counts after the
 * commit. */
typedef int (*turn_body)(struct turn *turn, void *argument, struct err *err);
int turn_commit(struct turn *turn, turn_body body, void *argument, struct err *err);

#endif
