#include "sync/schedules.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "sync/source_file.h"

struct entry {
    int64_t source;
    int64_t changed_us;
    struct schedule *schedule; /* owned */
    struct schedule *full_schedule;
    bool used;
};

struct schedules {
    struct entry *entries; /* by source */
    size_t count;
    size_t capacity;
};

struct schedules *schedules_new(void)
{
    return memory_calloc(1, sizeof(struct schedules));
}

static void forget(struct entry *entry)
{
    schedule_free(entry->schedule);
    schedule_free(entry->full_schedule);
}

void schedules_free(struct schedules *schedules)
{
    if (schedules == NULL)
        return;
    for (size_t i = 0; i < schedules->count; i++)
        forget(&schedules->entries[i]);
    free(schedules->entries);
    free(schedules);
}

/* The place of the source, or where it belongs. */
static size_t place_of(const struct schedules *schedules, int64_t source)
{
    size_t low = 0;
    size_t high = schedules->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (schedules->entries[middle].source < source)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct schedule *read_one(const json_t *definition, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(definition, key));
    struct schedule *schedule = NULL;
    struct err err = {0};

    if (schedule_parse(text != NULL ? text : fallback,
                       json_string_value(json_object_get(definition, "timezone")), &schedule,
                       &err) < 0)
        return NULL; /* "never" */
    return schedule;
}

static void read_entry(const struct source_row *row, struct entry *entry)
{
    CLEANUP(json_decrefp) json_t *definition = json_loads(row->definition, 0, NULL);

    entry->source = row->id;
    entry->changed_us = row->changed_us;
    entry->schedule = read_one(definition, "schedule", SOURCE_SCHEDULE_DEFAULT);
    entry->full_schedule = read_one(definition, "full_schedule", SOURCE_FULL_SCHEDULE_DEFAULT);
}

static struct entry *insert(struct schedules *schedules, size_t place)
{
    if (schedules->count == schedules->capacity) {
        schedules->capacity = schedules->capacity > 0 ? 2 * schedules->capacity : 16;
        schedules->entries =
            memory_resize(schedules->entries, schedules->capacity * sizeof(*schedules->entries));
    }
    memmove(schedules->entries + place + 1, schedules->entries + place,
            (schedules->count - place) * sizeof(*schedules->entries));
    schedules->count++;
    schedules->entries[place] = (struct entry){0};
    return &schedules->entries[place];
}

void schedules_find(struct schedules *schedules, struct due_source *out)
{
    const struct source_row *row = out->row;
    size_t place = place_of(schedules, row->id);
    struct entry *entry;

    if (place == schedules->count || schedules->entries[place].source != row->id) {
        entry = insert(schedules, place);
        read_entry(row, entry);
    } else {
        entry = &schedules->entries[place];
    }
    if (entry->changed_us != row->changed_us) {
        forget(entry);
        read_entry(row, entry);
    }
    entry->used = true;
    out->schedule = entry->schedule;
    out->full_schedule = entry->full_schedule;
}

void schedules_sweep(struct schedules *schedules)
{
    size_t kept = 0;

    for (size_t i = 0; i < schedules->count; i++) {
        struct entry *entry = &schedules->entries[i];

        if (!entry->used) {
            forget(entry);
            continue;
        }
        entry->used = false;
        schedules->entries[kept++] = *entry;
    }
    schedules->count = kept;
}
