#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
#define DAY_SECONDS 86400
#define FRACTION_DIGITS 6
#define ZONE_MINUTES_MAX (14 * 60)              /* xsd:dateTime */
#define YEAR_MIN_US INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define YEAR_MAX_US INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        abort(); /* both clocks exist on every Linux */
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

struct date {
    int year;
    int month; /* 1 to 12 */
    int day;
};

/* Days since 1970-01-01 in the Gregorian calendar.  Years are counted from March, so that the leap
 * day is the last of its year; 719468 days lie between 0000-03-01 and 1970-01-01. */
static int64_t days_of(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct date date_of(int64_t days)
{
    int64_t shifted = days + 719468; /* never negative: years before 1 are not ours */
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */

    return (struct date){
        .year = (int)(era * 400 + year_of_era + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

/* Writes `number` as `count` digits and returns the place after them. */
static char *put_digits(char *text, int64_t number, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        text[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return text + count;
}

void clock_format(int64_t time_us, char text[CLOCK_TEXT_BYTES])
{
    int64_t time = time_us < YEAR_MIN_US ? YEAR_MIN_US : time_us;
    int64_t days;
    int64_t rest_us;
    struct date date;

    if (time > YEAR_MAX_US)
        time = YEAR_MAX_US;
    days = (time - YEAR_MIN_US) / (DAY_SECONDS * SECOND_US);
    rest_us = (time - YEAR_MIN_US) % (DAY_SECONDS * SECOND_US);
    date = date_of(days + YEAR_MIN_US / (DAY_SECONDS * SECOND_US));

    text = put_digits(text, date.year, 4);
    *text++ = '-';
    text = put_digits(text, date.month, 2);
    *text++ = '-';
    text = put_digits(text, date.day, 2);
    *text++ = 'T';
    text = put_digits(text, rest_us / (3600 * SECOND_US), 2);
    *text++ = ':';
    text = put_digits(text, rest_us / (60 * SECOND_US) % 60, 2);
    *text++ = ':';
    text = put_digits(text, rest_us / SECOND_US % 60, 2);
    *text++ = '.';
    text = put_digits(text, rest_us % SECOND_US / 1000, 3);
    *text++ = 'Z';
    *text = '\0';
}

struct reader {
    const char *at;
    const char *end;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool read_byte(struct reader *reader, char byte)
{
    if (reader->at == reader->end || *reader->at != byte)
        return false;
    reader->at++;
    return true;
}

/* Exactly `count` digits. */
static bool read_number(struct reader *reader, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++) {
        if (reader->at == reader->end || !is_digit(*reader->at))
            return false;
        *number = *number * 10 + (*reader->at++ - '0');
    }
    return true;
}

static bool read_date(struct reader *reader, struct date *date)
{
    static const int lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap;

    if (!read_number(reader, 4, &date->year) || !read_byte(reader, '-') ||
        !read_number(reader, 2, &date->month) || !read_byte(reader, '-') ||
        !read_number(reader, 2, &date->day))
        return false;
    if (date->year < 1 || date->month < 1 || date->month > 12 || date->day < 1)
        return false;
    is_leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);
    return date->day <= lengths[date->month] + (date->month == 2 && is_leap);
}

/* Digits past the sixth are checked and dropped. */
static bool read_fraction(struct reader *reader, int64_t *fraction_us)
{
    int digits = 0;

    *fraction_us = 0;
    if (!read_byte(reader, '.'))
        return true;
    for (; reader->at < reader->end && is_digit(*reader->at); reader->at++, digits++)
        if (digits < FRACTION_DIGITS)
            *fraction_us = *fraction_us * 10 + (*reader->at - '0');
    for (int i = digits; i < FRACTION_DIGITS; i++)
        *fraction_us *= 10;
    return digits > 0;
}

static bool read_time(struct reader *reader, int64_t *of_day_us)
{
    int hour;
    int minute;
    int second;
    int64_t fraction_us;

    if (!read_number(reader, 2, &hour) || !read_byte(reader, ':') ||
        !read_number(reader, 2, &minute) || !read_byte(reader, ':') ||
        !read_number(reader, 2, &second) || !read_fraction(reader, &fraction_us))
        return false;
    *of_day_us = (hour * 3600 + minute * 60 + second) * SECOND_US + fraction_us;
    /* xsd:dateTime knows 24:00:00, the first instant of the next day, but no leap second */
    return minute <= 59 && second <= 59 && *of_day_us <= DAY_SECONDS * SECOND_US;
}

static bool read_zone(struct reader *reader, int *minutes)
{
    int sign;
    int hour;
    int minute;

    *minutes = 0;
    if (reader->at == reader->end || read_byte(reader, 'Z'))
        return true;
    sign = *reader->at == '-' ? -1 : 1;
    if (!read_byte(reader, '+') && !read_byte(reader, '-'))
        return false;
    if (!read_number(reader, 2, &hour) || !read_byte(reader, ':') ||
        !read_number(reader, 2, &minute) || minute > 59)
        return false;
    *minutes = sign * (hour * 60 + minute);
    return hour * 60 + minute <= ZONE_MINUTES_MAX;
}

bool clock_parse(const char *text, size_t length, int64_t *time_us)
{
    struct reader reader = {text, text + length};
    struct date date;
    int64_t of_day_us;
    int64_t result;
    int zone_minutes;

    if (!read_date(&reader, &date) || !read_byte(&reader, 'T') || !read_time(&reader, &of_day_us) ||
        !read_zone(&reader, &zone_minutes) || reader.at != reader.end)
        return false;
    result = (days_of(date) * DAY_SECONDS - zone_minutes * 60) * SECOND_US + of_day_us;
    if (result < YEAR_MIN_US || result > YEAR_MAX_US)
        return false;
    *time_us = result;
    return true;
}
