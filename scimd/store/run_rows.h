/* run_rows.h - what runs of sources did, one row each.
 *
 * Called from works on the control scope (control.h). */
#ifndef SCIMD_STORE_RUN_ROWS_H
#define SCIMD_STORE_RUN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

enum run_kind { RUN_KIND_DELTA = 1, RUN_KIND_FULL, RUN_KIND_OBJECT }; /* stored: never renumber */

struct run_row {
    int64_t id; /* counts from 1, over all tenants */
    int tenant;
    int64_t source;
    const char *source_name; /* joined; not written */
    enum run_kind kind;
    bool dry;
    int state; /* enum run_state of sync/states.h */
    int64_t started_us;
    int64_t ended_us;     /* 0: not yet */
    const char *counters; /* JSON */
    const char *words;    /* why it is held or failed; NULL */
    char hash[DIGEST_HEX_BYTES];
    const char *summary; /* of the plan; NULL */
    const char *asked_by;
    const char *decided_by;
};

int run_insert(struct session *session, const struct run_row *row, int64_t *id, struct err *err);
/* All but the source, by tenant and id.  Errors: ERR_NOT_FOUND. */
int run_update(struct session *session, const struct run_row *row, struct err *err);
/* `tenant` 0: whoever's it is. */
int run_find(struct session *session, struct arena *arena, int tenant, int64_t id,
             struct run_row *out, struct err *err); /* ERR_NOT_FOUND */
/* The newest first; `tenant` and `source` 0: of all; `before` 0: from the newest. */
int runs_list(struct session *session, struct arena *arena, int tenant, int64_t source,
              int64_t before, size_t limit, const struct run_row **out, size_t *count,
              struct err *err);
/* How many runs of each source are in each state, as far as they are remembered. */
struct run_tally {
    int64_t source;
    int state;
    int64_t count;
};
int runs_tally(struct session *session, struct arena *arena, const struct run_tally **out,
               size_t *count, struct err *err);
/* Forgets runs that ended before `before_us`, but for each source's newest one, and those it
 * names as under way or held. */
int runs_purge(struct session *session, int64_t before_us, struct err *err);

#endif
