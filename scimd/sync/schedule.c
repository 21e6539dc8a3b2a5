/* A day that matches is looked at minute by minute: 1440 of them at most, and the days in between
 * cost one comparison each. */
#include "sync/schedule.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "sync/schedule_fields.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_S 60
#define HOUR_S 3600
#define DAY_S 86400
#define DAYS_MAX 3000 /* 29 February may be eight years away (2096 to 2104) */
#define JITTER_SHARE 10
#define ZONES "/usr/share/zoneinfo/" /* package tzdata */
#define ZONE_BYTES_MAX 64
#define ZONE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-"
#define ZONE_MAGIC "TZif" /* RFC 8536, section 3.1 */

struct schedule {
    int64_t every_s; /* 0: by fields */
    struct schedule_fields fields;
    GTimeZone *zone; /* owned; NULL for "every" */
};

static int64_t floor_to(int64_t value, int64_t unit)
{
    int64_t rest = value % unit;

    return value - (rest < 0 ? rest + unit : rest);
}

/* GLib would open any path, and complain on standard error about a file that is no zone. */
static bool is_zone(const char *name)
{
    char path[sizeof(ZONES) + ZONE_BYTES_MAX + 1];
    char magic[sizeof(ZONE_MAGIC) - 1];
    FILE *file;
    bool is;

    if (name[0] == '/' || strnlen(name, ZONE_BYTES_MAX + 1) > ZONE_BYTES_MAX ||
        name[strspn(name, ZONE_LETTERS)] != '\0')
        return false;
    (void)snprintf(path, sizeof(path), ZONES "%s", name);
    file = fopen(path, "rbe");
    if (file == NULL)
        return false;
    is = fread(magic, sizeof(magic), 1, file) == 1 && memcmp(magic, ZONE_MAGIC, sizeof(magic)) == 0;
    (void)fclose(file);
    return is;
}

static int parse_zone(const char *name, GTimeZone **out, struct err *err)
{
    if (name == NULL || name[0] == '\0')
        *out = g_time_zone_new_utc();
    else if (is_zone(name))
        *out = g_time_zone_new_identifier(name);
    if (*out == NULL)
        return err_set(err, ERR_INVALID_VALUE, "time zone: there is none called \"%s\"", name);
    return 0;
}

int schedule_parse(const char *text, const char *time_zone, struct schedule **out, struct err *err)
{
    CLEANUP(schedule_freep) struct schedule *schedule = memory_calloc(1, sizeof(*schedule));

    if (parse_zone(time_zone, &schedule->zone, err) < 0 ||
        schedule_fields_parse(text, &schedule->fields, &schedule->every_s, err) < 0)
        return -1;
    *out = TAKE(schedule);
    return 0;
}

void schedule_free(struct schedule *schedule)
{
    if (schedule == NULL)
        return;
    if (schedule->zone != NULL)
        g_time_zone_unref(schedule->zone);
    free(schedule);
}

void schedule_freep(struct schedule **schedule)
{
    schedule_free(*schedule);
}

/* The UTC seconds that a local one may be: two where a clock was put back, else twice the same; the
 * end of a gap for one that is left out. */
struct instants {
    int64_t first;
    int64_t last;
};

static struct instants to_utc(GTimeZone *zone, int64_t local_s)
{
    gint64 adjusted = local_s;
    int interval = g_time_zone_adjust_time(zone, G_TIME_TYPE_DAYLIGHT, &adjusted);
    int64_t first = adjusted - g_time_zone_get_offset(zone, interval);
    int64_t second;

    interval = g_time_zone_adjust_time(zone, G_TIME_TYPE_STANDARD, &adjusted);
    second = adjusted - g_time_zone_get_offset(zone, interval);
    return first < second ? (struct instants){first, second} : (struct instants){second, first};
}

static int64_t to_local(GTimeZone *zone, int64_t utc_s)
{
    int interval = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, utc_s);

    return utc_s + g_time_zone_get_offset(zone, interval);
}

static struct tm date_of(int64_t local_s)
{
    struct tm date;
    time_t seconds = (time_t)local_s;

    (void)gmtime_r(&seconds, &date);
    return date;
}

/* "*" means an interval: an hour that comes twice may not make a pause in it. */
static bool is_repeated(const struct schedule_fields *fields)
{
    return !fields->restricted[SCHEDULE_MINUTE] || !fields->restricted[SCHEDULE_HOUR];
}

/* The first match on the day that starts at `midnight` (local) which is behind `after_s`. */
static bool find_on_day(const struct schedule *schedule, int64_t midnight, int64_t after_s,
                        int64_t *out)
{
    bool repeated = is_repeated(&schedule->fields);
    bool found = false;

    for (int64_t minute = 0; minute < DAY_S / MINUTE_S; minute++) {
        struct instants utc_s;

        if (!schedule_fields_match_time(&schedule->fields, (int)(minute / 60), (int)(minute % 60)))
            continue;
        utc_s = to_utc(schedule->zone, midnight + minute * MINUTE_S);
        if (utc_s.first > after_s) { /* and all that follow are later */
            *out = found && *out < utc_s.first ? *out : utc_s.first;
            return true;
        }
        if (repeated && !found && utc_s.last > after_s) { /* a later minute may come first */
            *out = utc_s.last;
            found = true;
        }
    }
    return found;
}

static int64_t next_by_fields(const struct schedule *schedule, int64_t after_s)
{
    /* a day earlier: what a gap moved, or a zone that skipped a day, is found as well */
    int64_t midnight = floor_to(to_local(schedule->zone, after_s), DAY_S) - DAY_S;
    int64_t found =
        after_s + (int64_t)DAYS_MAX * DAY_S; /* beyond: parsing refuses what never comes */

    for (int day = 0; day < DAYS_MAX; day++, midnight += DAY_S) {
        struct tm date = date_of(midnight);

        if (schedule_fields_match_day(&schedule->fields, &date) &&
            find_on_day(schedule, midnight, after_s, &found))
            break;
    }
    return found;
}

int64_t schedule_next(const struct schedule *schedule, int64_t after_us)
{
    int64_t after_s = floor_to(after_us, SECOND_US) / SECOND_US;

    if (schedule->every_s > 0)
        return (floor_to(after_s, schedule->every_s) + schedule->every_s) * SECOND_US;
    return next_by_fields(schedule, after_s) * SECOND_US;
}

int64_t schedule_jitter_us(const struct schedule *schedule, int64_t due_us, uint64_t seed)
{
    int64_t room_us = (schedule_next(schedule, due_us) - due_us) / JITTER_SHARE;
    int64_t max_us = SCHEDULE_JITTER_S_MAX * SECOND_US;
    uint64_t mixed = seed ^ (uint64_t)due_us;

    /* the finalizer of MurmurHash3: neighbouring seeds lie far apart */
    mixed = (mixed ^ (mixed >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    mixed = (mixed ^ (mixed >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    mixed ^= mixed >> 33;
    room_us = room_us < max_us ? room_us : max_us;
    return (int64_t)(mixed % (uint64_t)(room_us + 1));
}
