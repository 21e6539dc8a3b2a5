#include "api/metrics.h"

#include "base/cleanup.h"

#include <inttypes.h>

/* Upper bounds in microseconds; the last bucket has none. */
static const int64_t bounds_us[METRICS_DURATIONS - 1] = {
    250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 500000, 2500000};

static const char *const method_names[HTTP_METHOD_COUNT + 1] = {"GET",   "HEAD",   "POST", "PUT",
                                                                "PATCH", "DELETE", "other"};

void metrics_count(struct metrics *metrics, enum http_method method, int status,
                   int64_t duration_us)
{
    size_t class = status >= 100 && status < 600 ? (size_t)status / 100 : 0;
    size_t bucket = 0;

    while (bucket < METRICS_DURATIONS - 1 && duration_us > bounds_us[bucket])
        bucket++;
    atomic_fetch_add_explicit(&metrics->requests[method][class], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->durations[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->duration_sum_us, (uint64_t)duration_us,
                              memory_order_relaxed);
}

static void append_requests(struct buf *buf, const struct metrics *metrics)
{
    buf_puts(buf, "# HELP scimd_http_requests_total Requests answered.\n"
                  "# TYPE scimd_http_requests_total counter\n");
    for (size_t method = 0; method <= HTTP_METHOD_COUNT; method++)
        for (size_t class = 1; class < 6; class ++) {
            uint64_t count = atomic_load(&metrics->requests[method][class]);
            if (count > 0)
                buf_printf(
                    buf, "scimd_http_requests_total{method=\"%s\",status=\"%zuxx\"} %" PRIu64 "\n",
                    method_names[method], class, count);
        }
}

static void append_durations(struct buf *buf, const struct metrics *metrics)
{
    uint64_t sum = 0;

    buf_puts(buf, "# HELP scimd_http_request_duration_seconds Time from first byte to answer.\n"
                  "# TYPE scimd_http_request_duration_seconds histogram\n");
    for (size_t i = 0; i < METRICS_DURATIONS - 1; i++) {
        sum += atomic_load(&metrics->durations[i]);
        buf_printf(buf, "scimd_http_request_duration_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                   (double)bounds_us[i] / 1e6, sum);
    }
    sum += atomic_load(&metrics->durations[METRICS_DURATIONS - 1]);
    buf_printf(buf, "scimd_http_request_duration_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", sum);
    buf_printf(buf, "scimd_http_request_duration_seconds_sum %.6f\n",
               (double)atomic_load(&metrics->duration_sum_us) / 1e6);
    buf_printf(buf, "scimd_http_request_duration_seconds_count %" PRIu64 "\n", sum);
}

static void append_one(struct buf *buf, const char *name, const char *type, const char *help,
                       uint64_t value)
{
    buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, type, name,
               value);
}

void metrics_append(struct buf *buf, const struct metrics *metrics,
                    const struct store_counters *store)
{
    const struct {
        const char *name;
        const char *type;
        const char *help;
        uint64_t value;
    } rows[] = {
        {"scimd_rate_limited_total",        "counter", "Requests answered 429.",
         atomic_load(&metrics->refused_rate)                                                             },
        {"scimd_unauthorized_total",        "counter", "Requests answered 401.",
         atomic_load(&metrics->refused_token)                                                            },
        {"scimd_store_transactions_total",  "counter", "Units of work committed.",
         store->transactions                                                                             },
        {"scimd_store_commits_total",       "counter", "Commits that carried them.", store->commits      },
        {"scimd_store_rollbacks_total",     "counter", "Units of work rolled back.", store->rollbacks    },
        {"scimd_store_retries_total",       "counter", "Units of work run again.",   store->retries      },
        {"scimd_store_reads_total",         "counter", "Reads.",                     store->reads        },
        {"scimd_store_sessions",            "gauge",   "Database sessions open.",    store->sessions_open},
        {"scimd_store_session_waits_total", "counter", "Times no session was free.", store->waits        },
    };

    append_requests(buf, metrics);
    append_durations(buf, metrics);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        append_one(buf, rows[i].name, rows[i].type, rows[i].help, rows[i].value);
    buf_printf(buf,
               "# HELP scimd_start_time_seconds When this process started.\n"
               "# TYPE scimd_start_time_seconds gauge\nscimd_start_time_seconds %.3f\n",
               (double)metrics->started_us / 1e6);
}
