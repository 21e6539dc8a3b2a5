#include "api/source_view.h"

#include <inttypes.h>

#include "api/admin_endpoints.h"
#include "base/cleanup.h"

enum { STATE_BACKOFF = 4, STATE_HELD = 5, STATE_PAUSED = 6 };

static const char *const source_states[SOURCE_STATE_COUNT] = {NULL,
                                                              "idle",
                                                              "full",
                                                              "delta",
                                                              [STATE_BACKOFF] = "backoff",
                                                              [STATE_HELD] = "held",
                                                              [STATE_PAUSED] = "paused"};
static const char *const run_states[RUN_STATE_COUNT] = {NULL,     "running",   "held",    "applied",
                                                        "failed", "cancelled", "rejected"};

const char *source_view_state(int state)
{
    return state > 0 && state < SOURCE_STATE_COUNT ? source_states[state] : "unknown";
}

const char *source_view_run_state(int state)
{
    return state > 0 && state < RUN_STATE_COUNT ? run_states[state] : "unknown";
}

int64_t source_view_next_us(const struct source_row *row)
{
    int64_t next_us =
        row->next_delta_us < row->next_full_us ? row->next_delta_us : row->next_full_us;

    if (row->state == STATE_PAUSED)
        return INT64_MAX;
    if (row->wanted != WANTED_NOTHING && row->changed_us < next_us)
        next_us = row->changed_us;
    if (row->failures > 0 && row->retry_us > next_us)
        next_us = row->retry_us;
    return next_us;
}

static json_t *time_or_never(int64_t time_us)
{
    return time_us == INT64_MAX ? json_null() : admin_time(time_us);
}

static json_t *number_or_none(int64_t number)
{
    return number == 0 ? json_null() : json_integer(number);
}

static const char *wanted_name(enum source_wanted wanted)
{
    if (wanted == WANTED_NOTHING)
        return NULL;
    return wanted == WANTED_FULL ? "full" : "delta";
}

json_t *source_view_json(const struct source_row *row, const char *tenant)
{
    json_t *value = json_object();

    if (tenant != NULL)
        json_object_set_new(value, "tenant", json_string(tenant));
    json_object_update_new(
        value,
        json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o}", "name", row->name, "type", row->type,
                  "state", source_view_state(row->state), "precedence", row->precedence,
                  "lastSuccess", admin_time(row->last_success_us), "lastFull",
                  admin_time(row->last_full_us), "nextRun", time_or_never(source_view_next_us(row)),
                  "nextFull", time_or_never(row->next_full_us)));
    json_object_update_new(
        value, json_pack("{s:i, s:s?, s:o, s:o, s:s?, s:s?, s:o, s:o}", "failures", row->failures,
                         "lastError", row->last_error, "run", number_or_none(row->run), "heldRun",
                         number_or_none(row->held_run), "wanted", wanted_name(row->wanted),
                         "wantedBy", row->wanted_by, "created", admin_time(row->created_us),
                         "changed", admin_time(row->changed_us)));
    return value;
}

static const char *kind_name(enum run_kind kind)
{
    static const char *const names[] = {
        [RUN_KIND_DELTA] = "delta", [RUN_KIND_FULL] = "full", [RUN_KIND_OBJECT] = "object"};

    return kind >= RUN_KIND_DELTA && kind <= RUN_KIND_OBJECT ? names[kind] : "unknown";
}

static json_t *parsed(const char *text)
{
    json_t *value = text != NULL ? json_loads(text, 0, NULL) : NULL;

    return value != NULL ? value : json_object();
}

json_t *source_view_run_json(const struct tenant_run *run)
{
    const struct run_row *row = &run->row;

    return json_pack("{s:I, s:s, s:s?, s:s, s:b, s:s, s:o, s:o, s:o, s:s?, s:s?, s:s?, s:s?, s:s?}",
                     "id", (json_int_t)row->id, "tenant", run->tenant, "source", row->source_name,
                     "kind", kind_name(row->kind), "dryRun", (int)row->dry, "state",
                     source_view_run_state(row->state), "started", admin_time(row->started_us),
                     "ended", admin_time(row->ended_us), "counters", parsed(row->counters), "words",
                     row->words, "hash", row->hash[0] != '\0' ? row->hash : NULL, "summary",
                     row->summary, "askedBy", row->asked_by, "decidedBy", row->decided_by);
}

/* ---- metrics ---- */

/* Never: its whole life long, so that an alert on the age sees it, too. */
static double age_s(const struct source_row *row, int64_t now_us)
{
    int64_t since_us = row->last_success_us != 0 ? row->last_success_us : row->created_us;

    return since_us < now_us ? (double)(now_us - since_us) / 1e6 : 0;
}

static double failures(const struct source_row *row, int64_t now_us)
{
    (void)now_us;
    return row->failures;
}

static double held(const struct source_row *row, int64_t now_us)
{
    (void)now_us;
    return row->held_run != 0;
}

static void append_states(struct buf *buf, const struct source_metric *sources, size_t count)
{
    buf_puts(buf, "# HELP scimd_source_state 1 for the state that the source is in.\n"
                  "# TYPE scimd_source_state gauge\n");
    for (size_t i = 0; i < count; i++)
        for (int state = 1; state < SOURCE_STATE_COUNT; state++)
            buf_printf(buf, "scimd_source_state{tenant=\"%s\",source=\"%s\",state=\"%s\"} %d\n",
                       sources[i].tenant, sources[i].row->name, source_states[state],
                       sources[i].row->state == state);
}

static void append_runs(struct buf *buf, const struct source_metric *sources, size_t count)
{
    buf_puts(buf, "# HELP scimd_source_runs Runs that are remembered, by how they ended.\n"
                  "# TYPE scimd_source_runs gauge\n");
    for (size_t i = 0; i < count; i++)
        for (int state = 1; state < RUN_STATE_COUNT; state++)
            buf_printf(
                buf, "scimd_source_runs{tenant=\"%s\",source=\"%s\",state=\"%s\"} %" PRId64 "\n",
                sources[i].tenant, sources[i].row->name, run_states[state], sources[i].runs[state]);
}

void source_view_metrics(struct buf *buf, const struct source_metric *sources, size_t count,
                         int64_t now_us)
{
    static const struct {
        const char *name;
        const char *help;
        double (*value)(const struct source_row *row, int64_t now_us);
    } rows[] = {
        {"scimd_source_last_success_seconds",
         "Age of the last run that ended well; without one, of the source.",                      age_s   },
        {"scimd_source_failures",             "Runs that failed since the last that ended well.", failures},
        {"scimd_source_held",                 "1 where a run waits for approval.",                held    },
    };

    if (count == 0)
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        buf_printf(buf, "# HELP %s %s\n# TYPE %s gauge\n", rows[i].name, rows[i].help,
                   rows[i].name);
        for (size_t j = 0; j < count; j++)
            buf_printf(buf, "%s{tenant=\"%s\",source=\"%s\"} %.10g\n", rows[i].name,
                       sources[j].tenant, sources[j].row->name,
                       rows[i].value(sources[j].row, now_us));
    }
    append_states(buf, sources, count);
    append_runs(buf, sources, count);
}
