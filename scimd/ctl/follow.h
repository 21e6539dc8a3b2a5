/* follow.h - watching a run until it ends, and what to say then. */
#ifndef SCIMD_CTL_FOLLOW_H
#define SCIMD_CTL_FOLLOW_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"
#include "ctl/invocation.h"

#define STATUS_INTERRUPTED 130 /* as shells have it: Ctrl-C; the run goes on */

/* Shows on standard error how far the run is until it ends, then prints how it ended.  Returns an
 * exit status: STATUS_HELD where it waits for approval; STATUS_INTERRUPTED after Ctrl-C, with how
 * to look again. */
int follow_run(struct invocation *invocation, int64_t run, struct err *err);

/* Waits until a source has a run newer than `after`; *run is that one, or 0 after Ctrl-C. */
struct followed_source {
    const char *tenant;
    const char *name;
    int64_t after;
};
int follow_begin(struct invocation *invocation, const struct followed_source *source, int64_t *run,
                 struct err *err);
/* The newest run of a source; 0: there was none. */
int follow_newest(struct invocation *invocation, const struct followed_source *source, int64_t *run,
                  struct err *err);

/* "1,200 read, 3 created, 1 deactivated": what is not 0 of a run's counters. */
void follow_append_counters(const json_t *counters, struct buf *out);
/* How a run ended, with what to do next; the exit status. */
int follow_tell(const struct invocation *invocation, const json_t *run);

#endif
