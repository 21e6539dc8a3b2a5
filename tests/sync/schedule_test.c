#include "table.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "sync/schedule.h"

static struct next_case {
    const char *name;
    const char *schedule;
    const char *zone;
    const char *after;
    const char *next;
} next_cases[] = {
    {"every minute",                       "* * * * *",          NULL,                  "2026-11-25T05:37:12Z",   "2026-11-25T05:38:00Z"},
    {"not the same minute again",          "* * * * *",          NULL,                  "2026-11-25T05:38:00Z",
     "2026-11-25T05:39:00Z"                                                                                                             },
    {"step",                               "*/15 * * * *",       NULL,                  "2026-11-25T05:37:12Z",   "2026-11-25T05:45:00Z"},
    {"step over the hour",                 "*/25 * * * *",       NULL,                  "2026-11-25T05:51:00Z",   "2026-11-25T06:00:00Z"},
    {"step from a number",                 "5/20 * * * *",       NULL,                  "2026-11-25T05:26:00Z",   "2026-11-25T05:45:00Z"},
    {"step in a range",                    "10-30/10 * * * *",   NULL,                  "2026-11-25T05:31:00Z",   "2026-11-25T06:10:00Z"},
    {"list",                               "7,3 4 * * *",        NULL,                  "2026-11-25T04:03:00Z",   "2026-11-25T04:07:00Z"},
    {"next day",                           "0 3 * * *",          NULL,                  "2026-11-25T03:00:00Z",   "2026-11-26T03:00:00Z"},
    {"next year",                          "30 23 31 12 *",      NULL,                  "2026-12-31T23:30:00Z",   "2027-12-31T23:30:00Z"},
    {"leap day",                           "0 0 29 2 *",         NULL,                  "2026-11-25T00:00:00Z",   "2028-02-29T00:00:00Z"},
    {"leap day over 2100",                 "0 0 29 2 *",         NULL,                  "2096-02-29T00:00:00Z",   "2104-02-29T00:00:00Z"},
    {"month by name",                      "0 0 1 FEB *",        NULL,                  "2026-11-25T00:00:00Z",   "2027-02-01T00:00:00Z"},
    {"months as a range of names",         "0 0 1 jan-Mar *",    NULL,                  "2027-01-05T00:00:00Z",
     "2027-02-01T00:00:00Z"                                                                                                             },
    {"day of week by name",                "0 3 * * sun",        NULL,                  "2026-11-25T00:00:00Z",   "2026-11-29T03:00:00Z"},
    {"Sunday is 7, too",                   "0 3 * * 7",          NULL,                  "2026-11-25T00:00:00Z",   "2026-11-29T03:00:00Z"},
    {"Friday to Sunday",                   "0 3 * * 5-7",        NULL,                  "2026-11-28T04:00:00Z",   "2026-11-29T03:00:00Z"},
    {"sun-tue",                            "0 3 * * sun-tue",    NULL,                  "2026-11-25T00:00:00Z",   "2026-11-29T03:00:00Z"},
    {"either day where both are named",    "0 0 13 * fri",       NULL,                  "2026-11-25T00:00:00Z",
     "2026-11-27T00:00:00Z"                                                                                                             },
    {"day of month where week is *",       "0 0 13 * *",         NULL,                  "2026-11-25T00:00:00Z",
     "2026-12-13T00:00:00Z"                                                                                                             },
    {"both where one begins with *",       "0 0 */2 * mon",      NULL,                  "2026-11-25T00:00:00Z",
     "2026-12-07T00:00:00Z"                                                                                                             },
    {"31 skips short months",              "0 0 31 * *",         NULL,                  "2026-11-25T00:00:00Z",   "2026-12-31T00:00:00Z"},
    {"blanks and tabs",                    " 0\t3  * * * ",      NULL,                  "2026-11-25T00:00:00Z",   "2026-11-25T03:00:00Z"},
    {"hourly",                             "@hourly",            NULL,                  "2026-11-25T05:37:12Z",   "2026-11-25T06:00:00Z"},
    {"daily, any case",                    "@Daily",             NULL,                  "2026-11-25T05:37:12Z",   "2026-11-26T00:00:00Z"},
    {"midnight",                           "@midnight",          NULL,                  "2026-11-25T05:37:12Z",   "2026-11-26T00:00:00Z"},
    {"weekly",                             "@weekly",            NULL,                  "2026-11-25T05:37:12Z",   "2026-11-29T00:00:00Z"},
    {"monthly",                            "@monthly",           NULL,                  "2026-11-25T05:37:12Z",   "2026-12-01T00:00:00Z"},
    {"yearly",                             "@yearly",            NULL,                  "2026-11-25T05:37:12Z",   "2027-01-01T00:00:00Z"},
    {"annually",                           "@annually",          NULL,                  "2026-11-25T05:37:12Z",   "2027-01-01T00:00:00Z"},
    {"every 15m",                          "every 15m",          NULL,                  "2026-11-25T05:37:12Z",   "2026-11-25T05:45:00Z"},
    {"every 7m is no matter of hours",     "every 7m",           NULL,                  "1970-01-01T00:59:00Z",
     "1970-01-01T01:03:00Z"                                                                                                             },
    {"every 2h",                           "every 2h",           "Europe/Berlin",       "2026-11-25T05:37:12Z",   "2026-11-25T06:00:00Z"},
    {"every 31d",                          "every 31d",          NULL,                  "1970-01-01T00:00:00Z",   "1970-02-01T00:00:00Z"},
    {"zone in winter",                     "0 3 * * *",          "Europe/Berlin",       "2026-11-25T00:00:00Z",
     "2026-11-25T02:00:00Z"                                                                                                             },
    {"zone in summer",                     "0 3 * * *",          "Europe/Berlin",       "2026-07-25T00:00:00Z",
     "2026-07-25T01:00:00Z"                                                                                                             },
    {"zone of half an hour",               "0 9 * * *",          "Asia/Kolkata",        "2026-11-25T03:30:00Z",
     "2026-11-26T03:30:00Z"                                                                                                             },
    {"the zone's day of the week",         "0 0 * * mon",        "America/New_York",    "2026-11-29T12:00:00Z",
     "2026-11-30T05:00:00Z"                                                                                                             },
    {"in the gap: at its end",             "30 2 * * *",         "Europe/Berlin",       "2026-03-28T12:00:00Z",
     "2026-03-29T01:00:00Z"                                                                                                             },
    {"in the gap: once",                   "*/20 2 * * *",       "Europe/Berlin",       "2026-03-29T01:00:00Z",
     "2026-03-30T00:00:00Z"                                                                                                             },
    {"after the gap",                      "30 3 * * *",         "Europe/Berlin",       "2026-03-28T12:00:00Z",
     "2026-03-29T01:30:00Z"                                                                                                             },
    {"repeated hour: the first",           "30 2 * * *",         "Europe/Berlin",       "2026-10-24T12:00:00Z",
     "2026-10-25T00:30:00Z"                                                                                                             },
    {"repeated hour: not the second",      "30 2 * * *",         "Europe/Berlin",       "2026-10-25T00:30:00Z",
     "2026-10-26T01:30:00Z"                                                                                                             },
    {"repeated hour: an interval goes on", "*/15 * * * *",       "Europe/Berlin",       "2026-10-25T00:45:00Z",
     "2026-10-25T01:00:00Z"                                                                                                             },
    {"repeated hour: the first quarter",   "*/15 * * * *",       "Europe/Berlin",       "2026-10-25T00:05:00Z",
     "2026-10-25T00:15:00Z"                                                                                                             },
    {"repeated hour: to its end",          "*/15 * * * *",       "Europe/Berlin",       "2026-10-25T01:45:00Z",
     "2026-10-25T02:00:00Z"                                                                                                             },
    {"repeated hour: every hour",          "@hourly",            "Europe/Berlin",       "2026-10-25T00:00:00Z",
     "2026-10-25T01:00:00Z"                                                                                                             },
    {"repeated hour: minutes of one hour", "*/30 2 * * *",       "Europe/Berlin",       "2026-10-25T00:30:00Z",
     "2026-10-25T01:00:00Z"                                                                                                             },
    {"repeated hour: minutes are over",    "*/30 2 * * *",       "Europe/Berlin",       "2026-10-25T01:30:00Z",
     "2026-10-26T01:00:00Z"                                                                                                             },
    {"repeated hour: every two hours",     "0 */2 * * *",        "Europe/Berlin",       "2026-10-25T00:00:00Z",
     "2026-10-25T01:00:00Z"                                                                                                             },
    {"repeated hour: a list is fixed",     "0,15,30,45 2 * * *", "Europe/Berlin",
     "2026-10-25T00:45:00Z",                                                                                      "2026-10-26T01:00:00Z"},
    {"repeated half hour",                 "*/15 * * * *",       "Australia/Lord_Howe", "2026-04-04T14:45:00Z",
     "2026-04-04T15:00:00Z"                                                                                                             },
    {"repeated hour before midnight",      "*/20 * * * *",       "Asia/Beirut",         "2026-10-24T20:40:00Z",
     "2026-10-24T21:00:00Z"                                                                                                             },
    {"repeated hour after midnight",       "*/20 * * * *",       "America/Havana",      "2026-11-01T04:40:00Z",
     "2026-11-01T05:00:00Z"                                                                                                             },
    {"no gap for an interval",             "*/15 * * * *",       "Europe/Berlin",       "2026-03-29T00:45:00Z",
     "2026-03-29T01:00:00Z"                                                                                                             },
    {"a whole day in a gap",               "0 12 * * *",         "Pacific/Apia",        "2011-12-29T23:00:00Z",
     "2011-12-30T10:00:00Z"                                                                                                             },
    {"before 1970",                        "0 3 * * *",          NULL,                  "1969-12-31T23:00:00Z",   "1970-01-01T03:00:00Z"},
    {"a fraction of a second after",       "0 3 * * *",          NULL,                  "2026-11-25T02:59:59.9Z",
     "2026-11-25T03:00:00Z"                                                                                                             },
};

static int64_t time_of(const char *text)
{
    int64_t time_us = 0;

    assert_true(clock_parse(text, strlen(text), &time_us));
    return time_us;
}

static void comes_next(void **row)
{
    const struct next_case *expected = *row;
    struct schedule *schedule = NULL;
    struct err err = {0};
    char text[CLOCK_TEXT_BYTES];
    char wanted[CLOCK_TEXT_BYTES];

    if (schedule_parse(expected->schedule, expected->zone, &schedule, &err) < 0)
        fail_msg("%s", err.detail);
    clock_format(schedule_next(schedule, time_of(expected->after)), text);
    clock_format(time_of(expected->next), wanted);
    schedule_free(schedule);
    assert_string_equal(text, wanted);
}

static struct refused_case {
    const char *name;
    const char *schedule;
    const char *zone;
    const char *detail;
} refused_cases[] = {
    {"empty",                  "",                            NULL,                  "schedule: minute is missing: five fields are needed"     },
    {"four fields",            "* * * *",                     NULL,                  "schedule: day of week is missing: five fields are needed"},
    {"six fields",             "0 0 * * * *",                 NULL,                  "schedule: more than five fields"                         },
    {"minute too large",       "60 * * * *",                  NULL,                  "schedule: minute: 60 is not from 0 to 59"                },
    {"hour too large",         "0 24 * * *",                  NULL,                  "schedule: hour: 24 is not from 0 to 23"                  },
    {"day zero",               "0 0 0 * *",                   NULL,                  "schedule: day of month: 0 is not from 1 to 31"           },
    {"month 13",               "0 0 1 13 *",                  NULL,                  "schedule: month: 13 is not from 1 to 12"                 },
    {"weekday 8",              "0 0 * * 8",                   NULL,                  "schedule: day of week: 8 is not from 0 to 7"             },
    {"huge number",            "4294967296 * * * *",          NULL,                  "schedule: minute: 429496729 is not from 0 to 59"         },
    {"word as minute",         "mon * * * *",                 NULL,                  "schedule: minute: no number at \"mon\""                  },
    {"unknown weekday",        "0 0 * * day",                 NULL,                  "schedule: day of week: no number or name at \"day\""     },
    {"name goes on",           "0 0 * * monday",              NULL,                  "schedule: day of week: not understood at \"day\""        },
    {"backwards",              "30-10 * * * *",               NULL,                  "schedule: minute: 30-10 runs backwards"                  },
    {"step zero",              "*/0 * * * *",                 NULL,                  "schedule: minute: a step is a number from 1 at \"\""     },
    {"step missing",           "*/ * * * *",                  NULL,                  "schedule: minute: a step is a number from 1 at \"\""     },
    {"comma at the end",       "1, * * * *",                  NULL,                  "schedule: minute: no number at \"\""                     },
    {"negative",               "-1 * * * *",                  NULL,                  "schedule: minute: no number at \"-1\""                   },
    {"30 February",            "0 0 30 2 *",                  NULL,
     "schedule: day of month: no month that is named has such a day"                                                                           },
    {"31 of short months",     "0 0 31 4,6,9,11 *",           NULL,
     "schedule: day of month: no month that is named has such a day"                                                                           },
    {"unknown name",           "@often",                      NULL,                  "schedule: \"@often\" is not known"                       },
    {"every without unit",     "every 15",                    NULL,
     "schedule: every: \"15\" is not a number with m, h or d"                                                                                  },
    {"every second",           "every 15s",                   NULL,                  "schedule: every: \"15s\" is not a number with m, h or d" },
    {"every nothing",          "every 0m",                    NULL,                  "schedule: every: 0m is not from 1m to 31d"               },
    {"every so rarely",        "every 32d",                   NULL,                  "schedule: every: 32d is not from 1m to 31d"              },
    {"every negative",         "every -5m",                   NULL,
     "schedule: every: \"-5m\" is not a number with m, h or d"                                                                                 },
    {"every so often",         "every 99999999999999999999m", NULL,
     "schedule: every: 99999999999999999999m is not from 1m to 31d"                                                                            },
    {"unknown zone",           "@daily",                      "Mars/Base",           "time zone: there is none called \"Mars/Base\""           },
    {"a file that is no zone", "@daily",                      "leapseconds",
     "time zone: there is none called \"leapseconds\""                                                                                         },
    {"up and away",            "@daily",                      "../../../etc/passwd",
     "time zone: there is none called \"../../../etc/passwd\""                                                                                 },
    {"a directory as zone",    "@daily",                      "Europe",              "time zone: there is none called \"Europe\""              },
    {"a path as zone",         "@daily",                      "/etc/passwd",         "time zone: there is none called \"/etc/passwd\""         },
};

static void is_refused(void **row)
{
    const struct refused_case *expected = *row;
    struct schedule *schedule = NULL;
    struct err err = {0};

    assert_int_equal(schedule_parse(expected->schedule, expected->zone, &schedule, &err), -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
    assert_string_equal(err.detail, expected->detail);
    assert_null(schedule);
}

static void long_text_is_refused(void **state)
{
    char text[SCHEDULE_BYTES_MAX + 2];
    struct schedule *schedule = NULL;
    struct err err = {0};

    (void)state;
    memset(text, ' ', sizeof(text));
    text[SCHEDULE_BYTES_MAX + 1] = '\0';
    assert_int_equal(schedule_parse(text, NULL, &schedule, &err), -1);
    assert_string_equal(err.detail, "schedule: longer than 256 bytes");
}

/* Sources differ, a source doesn't, and none is late by more than a tenth. */
static void jitter_spreads(void **state)
{
    struct schedule *schedule = NULL;
    struct err err = {0};
    int64_t due_us = time_of("2026-11-25T05:45:00Z");
    int64_t earliest = INT64_MAX;
    int64_t latest = 0;

    (void)state;
    assert_int_equal(schedule_parse("every 5m", NULL, &schedule, &err), 0);
    for (uint64_t seed = 0; seed < 1000; seed++) {
        int64_t jitter_us = schedule_jitter_us(schedule, due_us, seed);

        assert_int_equal(jitter_us, schedule_jitter_us(schedule, due_us, seed));
        earliest = jitter_us < earliest ? jitter_us : earliest;
        latest = jitter_us > latest ? jitter_us : latest;
    }
    schedule_free(schedule);
    assert_in_range(earliest, 0, 1000000);
    assert_in_range(latest, 29000000, 30000000);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(long_text_is_refused),
        cmocka_unit_test(jitter_spreads),
    };

    return RUN_TABLE("schedule next", next_cases, comes_next) +
           RUN_TABLE("schedule refused", refused_cases, is_refused) +
           cmocka_run_group_tests_name("schedule", others, NULL, NULL);
}
