#include "sync/due.h"

#include <stdlib.h>

#include "base/memory.h"
#include "sync/states.h"

#define SECOND_US INT64_C(1000000)
/* No failure waits longer (states.h: a quarter more than the longest backoff). */
#define RETRY_MAX_US (BACKOFF_MAX_S * SECOND_US / 4 * 5)

/* When a source runs, and as what. */
struct due_time {
    int64_t at_us;
    enum run_kind kind;
    bool continues;
    bool taken; /* chosen already */
};

int64_t due_next(const struct schedule *schedule, int64_t source, int64_t now_us)
{
    int64_t next_us;

    if (schedule == NULL)
        return DUE_NEVER;
    next_us = schedule_next(schedule, now_us);
    return next_us + schedule_jitter_us(schedule, next_us, (uint64_t)source);
}

static int64_t earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

static int64_t later(int64_t left, int64_t right)
{
    return left > right ? left : right;
}

/* What the row says, or the schedule where the row is of another time. */
static int64_t scheduled(int64_t stored_us, const struct schedule *schedule, int64_t source,
                         int64_t now_us)
{
    if (stored_us <= now_us || schedule == NULL)
        return stored_us;
    return earlier(stored_us, due_next(schedule, source, now_us));
}

static struct due_time time_of(const struct due_source *source, int64_t now_us)
{
    const struct source_row *row = source->row;
    int64_t delta_us = scheduled(row->next_delta_us, source->schedule, row->id, now_us);
    int64_t full_us = scheduled(row->next_full_us, source->full_schedule, row->id, now_us);
    struct due_time due = {.at_us = earlier(delta_us, full_us), .kind = RUN_KIND_DELTA};

    if (row->state == SOURCE_PAUSED || !source->tenant_active) {
        due.at_us = DUE_NEVER;
        return due;
    }
    due.continues = row->run != 0;
    if (due.continues) {
        due.at_us = row->lease_until_us;
        return due;
    }
    if (row->wanted != WANTED_NOTHING)
        due.at_us = earlier(due.at_us, row->changed_us);
    if (row->wanted == WANTED_FULL || full_us <= later(due.at_us, now_us))
        due.kind = RUN_KIND_FULL;
    if (row->failures > 0)
        due.at_us = later(due.at_us, earlier(row->retry_us, now_us + RETRY_MAX_US));
    due.at_us = later(due.at_us, row->lease_until_us);
    return due;
}

/* Sources of the tenant that run, here or in another replica, or were chosen. */
static size_t running(const struct due_source *sources, const struct due_time *times, size_t count,
                      int tenant, int64_t now_us)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        if (sources[i].row->tenant == tenant &&
            (times[i].taken || sources[i].row->lease_until_us > now_us))
            found++;
    return found;
}

/* The index of the best one that is due; `count`: none is. */
static size_t best(const struct due_source *sources, const struct due_time *times, size_t count,
                   int64_t now_us)
{
    size_t chosen = count;
    size_t chosen_running = 0;

    for (size_t i = 0; i < count; i++) {
        size_t load;

        if (times[i].taken || times[i].at_us > now_us)
            continue;
        load = running(sources, times, count, sources[i].row->tenant, now_us);
        if (chosen == count || load < chosen_running ||
            (load == chosen_running && times[i].at_us < times[chosen].at_us)) {
            chosen = i;
            chosen_running = load;
        }
    }
    return chosen;
}

size_t due_choose(const struct due_source *sources, size_t count, int64_t now_us, size_t room,
                  struct due_choice *out, int64_t *wake_us)
{
    struct due_time *times = memory_calloc(count + 1, sizeof(*times));
    int64_t wake = DUE_NEVER;
    size_t chosen = 0;

    for (size_t i = 0; i < count; i++) {
        times[i] = time_of(&sources[i], now_us);
        if (times[i].at_us > now_us)
            wake = earlier(wake, times[i].at_us);
    }
    while (chosen < room) {
        size_t index = best(sources, times, count, now_us);

        if (index == count)
            break;
        times[index].taken = true;
        out[chosen++] = (struct due_choice){
            .index = index, .kind = times[index].kind, .continues = times[index].continues};
    }
    free(times);
    *wake_us = wake;
    return chosen;
}
