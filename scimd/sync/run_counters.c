#include <string.h>

#include "base/cleanup.h"
#include "sync/run.h"

static const struct {
    const char *name;
    size_t offset;
} rows[] = {
#define ROW(field)                                                                                 \
    {                                                                                              \
#field, offsetof(struct run_counters, field)                                               \
    }
    ROW(pages),       ROW(seen),      ROW(created),       ROW(updated),         ROW(unchanged),
    ROW(deactivated), ROW(deleted),   ROW(members_added), ROW(members_removed), ROW(blanked),
    ROW(refused),     ROW(protected), ROW(staged),        ROW(expected),
#undef ROW
};

static int64_t *at(struct run_counters *counters, size_t row)
{
    return (int64_t *)(void *)((char *)counters + rows[row].offset);
}

void run_counters_render(const struct run_counters *counters, struct buf *json)
{
    struct run_counters copy = *counters;

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        buf_printf(json, "%s\"%s\":%lld", i == 0 ? "{" : ",", rows[i].name,
                   (long long)*at(&copy, i));
    buf_putc(json, '}');
}

void run_counters_read(const char *json, struct run_counters *out)
{
    CLEANUP(json_decrefp) json_t *object = json_loads(json, 0, NULL);

    *out = (struct run_counters){0};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        *at(out, i) = json_integer_value(json_object_get(object, rows[i].name));
}
