/* source_view.h - sources and runs as JSON, for the administration.
 *
 * States and kinds are stored as numbers that the sync engine names (sync/states.h); we may not
 * include it, so the names stand here once more.  They are never renumbered. */
#ifndef SCIMD_API_SOURCE_VIEW_H
#define SCIMD_API_SOURCE_VIEW_H

#include <jansson.h>

#include "base/buf.h"
#include "directory/tenants_sources.h"

#define SOURCE_STATE_COUNT 7 /* from 1 */
#define RUN_STATE_COUNT 7

const char *source_view_state(int state); /* "idle" */
const char *source_view_run_state(int state);

/* When it runs next by itself: never (INT64_MAX) while it is paused. */
int64_t source_view_next_us(const struct source_row *row);

/* The caller's; `tenant` NULL: not said.  Without the definition. */
json_t *source_view_json(const struct source_row *row, const char *tenant);
json_t *source_view_run_json(const struct tenant_run *run);

/* A source with the name of its tenant, and its runs by state. */
struct source_metric {
    const char *tenant;
    const struct source_row *row;
    int64_t runs[RUN_STATE_COUNT];
};
/* Prometheus text: for each source age of the last success, failures, held, state, runs. */
void source_view_metrics(struct buf *buf, const struct source_metric *sources, size_t count,
                         int64_t now_us);

#endif
