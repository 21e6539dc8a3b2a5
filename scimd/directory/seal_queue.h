/* seal_queue.h - which tenants have change log rows to seal: directory_apply() announces, the
 * sealer takes.
 *
 * A tenant stands in it once, so that it stays small also where no sealer runs. */
#ifndef SCIMD_DIRECTORY_SEAL_QUEUE_H
#define SCIMD_DIRECTORY_SEAL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/store.h"

struct seal_queue;

struct seal_queue *seal_queue_new(void);
void seal_queue_free(struct seal_queue *queue); /* NULL is allowed */

void seal_queue_announce(struct seal_queue *queue, struct store_scope scope);

/* Waits for announcements; *count is how many there are.  False once seal_queue_stop() was called
 * and nothing is left. */
bool seal_queue_wait(struct seal_queue *queue, size_t *count);
/* Takes the oldest; seal_queue_done() must follow.  False where there is none. */
bool seal_queue_take(struct seal_queue *queue, struct store_scope *out);
void seal_queue_done(struct seal_queue *queue);
void seal_queue_stop(struct seal_queue *queue);
/* Sleeps for `milliseconds`, or until seal_queue_stop(). */
void seal_queue_pause(struct seal_queue *queue, unsigned milliseconds);
/* Makes seal_queue_wait() wait again after a stop: another sealer begins. */
void seal_queue_start(struct seal_queue *queue);

/* Drops what was announced for a scope, and returns when nobody works on it: its rows go. */
void seal_queue_forget(struct seal_queue *queue, struct store_scope scope);

#endif
