/* lease.h - who runs a source: the control rows of a run from its begin to its end.
 *
 * A lease is taken for a while, renewed as long as its run lives, and ends with it.  A replica that
 * dies leaves a source with a run and a lease that runs out: whoever takes it next goes on with
 * that run, under a new fence.  Every function here is one transaction that holds the source's row
 * first, so that what two replicas do to one source happens one after the other. */
#ifndef SCIMD_SYNC_LEASE_H
#define SCIMD_SYNC_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/run_rows.h"
#include "store/sources.h"
#include "store/store.h"
#include "sync/states.h"

#define LEASE_S 60      /* where settings say nothing */
#define LEASE_RENEW_S 5 /* with it a replica sees that its run was cancelled elsewhere */
#define LEASE_HELD_RUNS 100

struct lease {
    struct store_scope control;
    const char *owner; /* the replica */
    int tenant;
    int64_t source;
    unsigned seconds; /* how long it holds without being renewed; 0: LEASE_S */
    int64_t fence;    /* filled by lease_begin() and lease_borrow() */
};

/* What is to begin. */
struct lease_order {
    enum run_kind kind;
    bool dry;
    bool continues;       /* only to go on with a run that was cut */
    const char *asked_by; /* NULL: the schedule */
    int64_t approve;      /* the run that is to be carried out; 0: a new one */
    const char *hash;     /* of its plan */
    int64_t now_us;
};

struct lease_begun {
    bool continued;        /* a run that was cut goes on, whatever the order says */
    struct source_row row; /* as it stands now, in the arena */
    struct run_row run;
    const int64_t *replaced; /* dry runs that waited for approval: their plans are void */
    size_t replaced_count;
};

/* Takes the lease and writes what begins.  A new run that writes takes the place of those that wait
 * for approval.
 * Errors: ERR_CONFLICT: somebody else has the source (detail names the run), it is paused, or the
 *         plan is another; ERR_NOT_FOUND: no such source or run. */
int lease_begin(struct lease *lease, const struct lease_order *order, struct arena *arena,
                struct lease_begun *out, struct err *err);

/* Prolongs, and writes the counters (JSON; NULL: as they are).  *cancelled: an administrator ended
 * the run.  Errors: ERR_CONFLICT: the lease was lost. */
int lease_renew(const struct lease *lease, int64_t run, const char *counters, bool *cancelled,
                struct err *err);

/* How it ended. */
struct lease_end {
    const struct run_row *run; /* state RUN_RUNNING: it was stopped, and goes on somewhere */
    bool full;                 /* it was a complete pass in the end */
    enum err_code code;        /* of RUN_FAILED */
    int64_t next_delta_us;     /* where `changed_us` is still the row's */
    int64_t next_full_us;
    int64_t changed_us;
    int64_t now_us;
};
/* Errors: ERR_CONFLICT: the lease was lost, and nothing is written. */
int lease_end(const struct lease *lease, const struct lease_end *end, struct err *err);

/* Keeps runs away from a source while something else is done to it. */
int lease_borrow(struct lease *lease, struct err *err);
void lease_return(const struct lease *lease);

/* Cancels the run, or refuses what a held one staged (RUN_EVENT_REJECT).  One that is under way
 * ends at its replica's next look; a held one is decided under a borrowed lease.
 * *was is what the run was before.  Errors: ERR_CONFLICT. */
struct lease_decision {
    int64_t run;
    enum run_event event;
    const char *by;
    int64_t now_us;
};
int lease_decide(const struct lease *lease, const struct lease_decision *decision,
                 enum run_state *was, struct err *err);

#endif
