#include "table.h"

#include "base/clock.h"

#include <string.h>

/* clang-format off */
static struct parse_case {
    const char *name;
    const char *text;
    const char *formatted; /* NULL: must be refused */
    int64_t below_ms;      /* microseconds that the format does not show */
} parse_cases[] = {
    {"zone Z", "2026-11-25T02:07:57Z", "2026-11-25T02:07:57.000Z", 0},
    {"no zone is UTC", "2026-11-25T02:07:57", "2026-11-25T02:07:57.000Z", 0},
    {"milliseconds", "2026-11-25T02:07:57.123Z", "2026-11-25T02:07:57.123Z", 0},
    {"one digit", "2026-11-25T02:07:57.5Z", "2026-11-25T02:07:57.500Z", 0},
    {"microseconds", "2026-11-25T02:07:57.123456Z", "2026-11-25T02:07:57.123Z", 456},
    {"seven digits are cut", "2011-08-01T21:32:44.8829999Z", "2011-08-01T21:32:44.882Z", 999},
    {"thirty digits", "2011-08-01T00:00:00.123456789012345678901234567890Z",
     "2011-08-01T00:00:00.123Z", 456},
    {"fraction without zone", "2011-08-01T00:00:00.25", "2011-08-01T00:00:00.250Z", 0},
    {"east of Greenwich", "2011-05-13T04:42:34+02:00", "2011-05-13T02:42:34.000Z", 0},
    {"west, into the next day", "2011-12-31T20:00:00-05:30", "2012-01-01T01:30:00.000Z", 0},
    {"zone of zero", "2011-05-13T04:42:34-00:00", "2011-05-13T04:42:34.000Z", 0},
    {"largest zone", "2011-05-13T14:00:00+14:00", "2011-05-13T00:00:00.000Z", 0},
    {"leap day", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z", 0},
    {"leap day of a 400th year", "2000-02-29T23:59:59Z", "2000-02-29T23:59:59.000Z", 0},
    {"day after a leap day", "2024-02-29T23:00:00-01:00", "2024-03-01T00:00:00.000Z", 0},
    {"hour 24", "2023-12-31T24:00:00Z", "2024-01-01T00:00:00.000Z", 0},
    {"before 1970", "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", 0},
    {"first year", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", 0},
    {"last year", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", 0},
    {"zone leads before the first year", "0001-01-01T00:00:00+00:01", NULL, 0},
    {"zone leads past the last year", "9999-12-31T23:59:59-00:01", NULL, 0},
    {"year 0", "0000-01-01T00:00:00Z", NULL, 0},
    {"negative year", "-2024-01-01T00:00:00Z", NULL, 0},
    {"no leap day", "2023-02-29T00:00:00Z", NULL, 0},
    {"no leap day in a 100th year", "1900-02-29T00:00:00Z", NULL, 0},
    {"day 31 of April", "2024-04-31T00:00:00Z", NULL, 0},
    {"day 0", "2024-04-00T00:00:00Z", NULL, 0},
    {"month 13", "2024-13-01T00:00:00Z", NULL, 0},
    {"month 0", "2024-00-01T00:00:00Z", NULL, 0},
    {"hour 25", "2024-01-01T25:00:00Z", NULL, 0},
    {"hour 24 and a bit", "2024-01-01T24:00:00.1Z", NULL, 0},
    {"minute 60", "2024-01-01T00:60:00Z", NULL, 0},
    {"leap second", "2016-12-31T23:59:60Z", NULL, 0},
    {"fraction without digits", "2024-01-01T00:00:00.Z", NULL, 0},
    {"zone above 14:00", "2024-01-01T00:00:00+14:01", NULL, 0},
    {"zone minute 60", "2024-01-01T00:00:00+01:60", NULL, 0},
    {"zone without colon", "2024-01-01T00:00:00+0100", NULL, 0},
    {"zone of hours only", "2024-01-01T00:00:00+01", NULL, 0},
    {"date only", "2024-01-01", NULL, 0},
    {"no seconds", "2024-01-01T00:00Z", NULL, 0},
    {"blank for T", "2024-01-01 00:00:00Z", NULL, 0},
    {"small letters", "2024-01-01t00:00:00z", NULL, 0},
    {"text behind", "2024-01-01T00:00:00Z ", NULL, 0},
    {"text before", " 2024-01-01T00:00:00Z", NULL, 0},
    {"five digits of year", "12024-01-01T00:00:00Z", NULL, 0},
    {"letters", "yyyy-mm-ddThh:mm:ssZ", NULL, 0},
    {"empty", "", NULL, 0},
};
/* clang-format on */

static void parses_and_formats(void **row)
{
    const struct parse_case *expected = *row;
    char text[CLOCK_TEXT_BYTES];
    int64_t time_us = -7;
    bool is_time = clock_parse(expected->text, strlen(expected->text), &time_us);
    int64_t below_ms = ((time_us % 1000) + 1000) % 1000;

    assert_int_equal(is_time, expected->formatted != NULL);
    if (!is_time) {
        assert_int_equal(time_us, -7);
        return;
    }
    clock_format(time_us, text);
    assert_string_equal(text, expected->formatted);
    assert_int_equal(below_ms, expected->below_ms);
}

static struct format_case {
    const char *name;
    int64_t time_us;
    const char *text;
} format_cases[] = {
    {"epoch",               0,                         "1970-01-01T00:00:00.000Z"},
    {"just before epoch",   -1,                        "1969-12-31T23:59:59.999Z"},
    {"billion",             INT64_C(1000000000000000), "2001-09-09T01:46:40.000Z"},
    {"end of 32 bits",      INT64_C(2147483647000000), "2038-01-19T03:14:07.000Z"},
    {"above what is shown", INT64_MAX,                 "9999-12-31T23:59:59.999Z"},
    {"below what is shown", INT64_MIN,                 "0001-01-01T00:00:00.000Z"},
};

static void formats(void **row)
{
    const struct format_case *expected = *row;
    char text[CLOCK_TEXT_BYTES];

    clock_format(expected->time_us, text);
    assert_string_equal(text, expected->text);
}

/* Every day of 400 years and its neighbours: there and back. */
static void days_are_consecutive(void **row)
{
    const int64_t day_us = INT64_C(86400000000);
    char text[CLOCK_TEXT_BYTES];
    int64_t back_us = 0;

    (void)row;
    for (int64_t day = -80000; day < 70000; day++) {
        clock_format(day * day_us, text);
        assert_true(clock_parse(text, strlen(text), &back_us));
        assert_int_equal(back_us, day * day_us);
    }
    assert_true(clock_monotonic_us() <= clock_monotonic_us());
    assert_true(clock_now_us() > INT64_C(1577836800000000)); /* 2020 */
}

static struct single {
    const char *name;
} singles[] = {{"400 years"}};

int main(void)
{
    return RUN_TABLE("clock_parse", parse_cases, parses_and_formats) +
           RUN_TABLE("clock_format", format_cases, formats) +
           RUN_TABLE("clock", singles, days_are_consecutive);
}
