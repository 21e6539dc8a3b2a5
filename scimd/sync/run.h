/* run.h - one run of one source: pulls pages, writes what they bring, stages what they take away,
 * judges the whole, and carries it out or holds it.
 *
 * Every turn starts from what is committed: a page, its links and its cursor are one transaction
 * under the lease's fence, so that a crash is just one more turn, and a replica that lost its lease
 * writes nothing.  A run that was cut goes on where it stood.
 *
 *   PULL     additions are written as they come; what would deactivate, blank or end something is
 *            staged
 *   SWEEP    full pass only: links that it did not show are staged, unless the pass's health is
 * bad; then objects whose time has come (an expiry, a retry, the end of a grace) JUDGE    guard and
 * health over all that is staged: apply, or hold with a plan APPLY    what is staged, piece by
 * piece DONE
 *
 * A dry run stages everything, additions too, under a plan of its own, and is held; so nothing but
 * the plan is written until somebody approves its hash. */
#ifndef SCIMD_SYNC_RUN_H
#define SCIMD_SYNC_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "directory/directory.h"
#include "scim/limits.h"
#include "store/run_rows.h"
#include "sync/source_file.h"
#include "sync/states.h"

#define RUN_TRANSACTION_CHANGES 200 /* of one transaction: others wait no longer for theirs */
#define RUN_PLAN_PART_BYTES (256 * 1024)
#define RUN_RETRY_FIRST_S 300 /* an object that could not be written; doubled up to ... */
#define RUN_RETRY_MAX_S 86400
#define RUN_RESTARTS_MAX 2 /* full passes begun anew in one run, after ERR_CURSOR_EXPIRED */

enum run_phase { PHASE_PULL = 1, PHASE_SWEEP, PHASE_JUDGE, PHASE_APPLY, PHASE_DONE }; /* stored */

struct run_counters {
    int64_t pages;
    int64_t seen; /* changes of objects read, repeats counted */
    int64_t created;
    int64_t updated;
    int64_t unchanged;
    int64_t deactivated;
    int64_t deleted;
    int64_t members_added;
    int64_t members_removed;
    int64_t blanked;   /* attributes */
    int64_t refused;   /* objects that no resource stands for, or not wholly */
    int64_t protected; /* removals that were not made because of `protect` */
    int64_t staged;
    int64_t expected; /* objects, as the source counts them; 0: it doesn't */
};

struct run_order {
    struct tenant *tenant;
    const struct source_definition *definition;
    int64_t source;
    int64_t fence;
    int64_t run; /* run_row.id */
    enum run_kind kind;
    bool dry;
    bool approved; /* carry out what is staged under this run's plan, whatever the guard says */
    const char *object; /* RUN_KIND_OBJECT: a source id */
    bool object_is_group;
    const struct scim_limits *limits;
    const struct connector_settings *settings; /* for connector.open() */
    int64_t (*now_us)(void);                   /* NULL: the clock */
    const atomic_bool *stop;                   /* the daemon ends: leave after this transaction */
    /* After each transaction; false ends the run: the lease is lost, or it was cancelled. */
    bool (*progress)(void *context, enum run_phase phase, const struct run_counters *counters);
    void *context;
};

struct run_outcome {
    enum run_state state; /* RUN_RUNNING: it was stopped, and goes on where it stood */
    bool full;            /* what it was in the end: a delta may have become a full pass */
    struct run_counters counters;
    enum err_code code;          /* of RUN_FAILED */
    char words[512];             /* why it is held or failed */
    char hash[DIGEST_HEX_BYTES]; /* of the plan, where it is held */
    char summary[512];
};

/* Never fails: what went wrong is the outcome. */
void run_execute(const struct run_order *order, struct run_outcome *out);

void run_counters_render(const struct run_counters *counters, struct buf *json);
void run_counters_read(const char *json, struct run_counters *out); /* what isn't there is 0 */

#endif
