/* metrics.h - counters of the daemon, as Prometheus text.  Lock-free. */
#ifndef SCIMD_API_METRICS_H
#define SCIMD_API_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "http/http.h"
#include "store/store.h"

#define METRICS_DURATIONS 12 /* buckets: upper bounds in metrics.c, the last one is +Inf */

struct metrics {
    _Atomic uint64_t requests[HTTP_METHOD_COUNT + 1][6]; /* by method and status class 0..5 */
    _Atomic uint64_t durations[METRICS_DURATIONS];
    _Atomic uint64_t duration_sum_us;
    _Atomic uint64_t refused_rate;
    _Atomic uint64_t refused_token;
    int64_t started_us;
};

void metrics_count(struct metrics *metrics, enum http_method method, int status,
                   int64_t duration_us);
/* Appends everything in text exposition format 0.0.4. */
void metrics_append(struct buf *buf, const struct metrics *metrics,
                    const struct store_counters *store);

#endif
