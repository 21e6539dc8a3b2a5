/* engine.h - runs sources when they are due, and answers what the administration asks of them.
 *
 * One thread decides what runs, one takes questions, each run has a thread of its own, and so have
 * questions that wait for a directory.  Replicas share the work by leases: what one leaves behind,
 * another goes on with. */
#ifndef SCIMD_SYNC_ENGINE_H
#define SCIMD_SYNC_ENGINE_H

#include <stddef.h>

#include "base/err.h"
#include "base/secret.h"
#include "connectors/connector.h"
#include "directory/jobs.h"
#include "directory/tenants.h"
#include "scim/limits.h"
#include "store/store.h"

#define ENGINE_LOOK_MS 5000    /* between two looks at the sources, where nobody tells */
#define ENGINE_RENEW_MS 1000   /* between two writes of what a run has done */
#define ENGINE_LONG_JOBS_MAX 8 /* questions at once that wait for a directory or a run */
#define ENGINE_START_WAIT_S 30 /* a run that is asked for waits so long for its turn */
#define ENGINE_PURGE_S 3600    /* between two forgettings of old runs */

/* Opens a sealed secret of a tenant.  Errors: ERR_CONFIGURATION. */
typedef int (*sync_engine_open_secret)(void *context, int tenant, const char *name,
                                       const char *sealed, struct secret *out, struct err *err);

/* All but `owner` and `limits` (copied) outlive the engine. */
struct sync_engine_settings {
    struct store *store;
    struct tenants *tenants;
    struct jobs *jobs;
    const struct connector *const *connectors; /* connector_all() */
    struct scim_limits limits;
    const char *owner;     /* this replica, unlike all others */
    size_t runs_max;       /* 0: it runs nothing and answers nothing */
    unsigned lease_s;      /* what a replica that died keeps others waiting; 0: LEASE_S */
    unsigned history_days; /* how long runs are remembered */
    unsigned look_ms;      /* 0: ENGINE_LOOK_MS */
    sync_engine_open_secret open_secret;
    void *context;
};

struct sync_engine;

int sync_engine_start(const struct sync_engine_settings *settings, struct sync_engine **out,
                      struct err *err);
/* Runs end after the transaction that they are in, and go on at the next start.  NULL is allowed.
 */
void sync_engine_stop(struct sync_engine *engine);

#endif
