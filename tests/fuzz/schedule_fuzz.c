/* Any text as a schedule: it is refused with a reason, or its next time lies ahead. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sync/schedule.h"

#define NOW_US INT64_C(1795585032000000) /* 2026-11-25 */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const zones[] = {NULL, "Europe/Berlin", "Australia/Lord_Howe"};
    char *text = calloc(1, length + 1);

    if (text == NULL)
        abort();
    if (length > 0)
        memcpy(text, bytes, length);
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        struct schedule *schedule = NULL;
        struct err err = {0};
        int64_t next_us;

        if (schedule_parse(text, zones[i], &schedule, &err) < 0) {
            if (err.code != ERR_INVALID_VALUE || err.detail[0] == '\0')
                abort();
            continue;
        }
        next_us = schedule_next(schedule, NOW_US);
        if (next_us <= NOW_US || schedule_next(schedule, next_us) <= next_us ||
            schedule_jitter_us(schedule, next_us, 7) < 0)
            abort();
        schedule_free(schedule);
    }
    free(text);
    return 0;
}
