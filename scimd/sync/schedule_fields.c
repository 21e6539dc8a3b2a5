#include "sync/schedule_fields.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "sync/schedule.h"

#define NUMBER_DIGITS_MAX 9
#define NAME_BYTES 3
#define SUNDAY 7 /* also 0 */

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

static const struct field {
    const char *name;
    int low;
    int high;
    const char *const *words; /* of low, low + 1, ..; NULL: none */
    size_t word_count;
} fields[SCHEDULE_FIELDS] = {
    [SCHEDULE_MINUTE] = {"minute",       0, 59,     NULL,     0                     },
    [SCHEDULE_HOUR] = {"hour",         0, 23,     NULL,     0                     },
    [SCHEDULE_DAY] = {"day of month", 1, 31,     NULL,     0                     },
    [SCHEDULE_MONTH] = {"month",        1, 12,     months,   ARRAY_LENGTH(months)  },
    [SCHEDULE_WEEKDAY] = {"day of week",  0, SUNDAY, weekdays, ARRAY_LENGTH(weekdays)},
};

static const struct {
    const char *name;
    const char *fields;
} names[] = {
    {"@hourly",   "0 * * * *"},
    {"@daily",    "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly",   "0 0 * * 0"},
    {"@monthly",  "0 0 1 * *"},
    {"@yearly",   "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

/* What is left to read of one field. */
struct reader {
    const struct field *field;
    const char *at;
    const char *end;
};

static int refuse(const struct reader *reader, const char *what, struct err *err)
{
    return err_set(err, ERR_INVALID_VALUE, "schedule: %s: %s at \"%.*s\"", reader->field->name,
                   what, (int)(reader->end - reader->at), reader->at);
}

static bool take(struct reader *reader, char byte)
{
    if (reader->at == reader->end || *reader->at != byte)
        return false;
    reader->at++;
    return true;
}

static bool take_digits(struct reader *reader, int *out)
{
    const char *start = reader->at;
    int number = 0;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' &&
           reader->at - start < NUMBER_DIGITS_MAX)
        number = number * 10 + (*reader->at++ - '0');
    *out = number;
    return reader->at > start;
}

static bool take_word(struct reader *reader, int *out)
{
    const struct field *field = reader->field;

    for (size_t i = 0; i < field->word_count; i++)
        if (reader->end - reader->at >= NAME_BYTES &&
            strncasecmp(reader->at, field->words[i], NAME_BYTES) == 0) {
            *out = field->low + (int)i;
            reader->at += NAME_BYTES;
            return true;
        }
    return false;
}

static int read_number(struct reader *reader, int *out, struct err *err)
{
    const struct field *field = reader->field;
    struct reader before = *reader;

    if (!take_word(reader, out) && !take_digits(reader, out))
        return refuse(reader, field->word_count > 0 ? "no number or name" : "no number", err);
    if (*out < field->low || *out > field->high)
        return err_set(err, ERR_INVALID_VALUE, "schedule: %s: %.*s is not from %d to %d",
                       field->name, (int)(reader->at - before.at), before.at, field->low,
                       field->high);
    return 0;
}

/* "*", "5" or "1-5": its first and last number. */
static int read_range(struct reader *reader, int *first, int *last, struct err *err)
{
    *first = reader->field->low;
    *last = reader->field->high;
    if (take(reader, '*'))
        return 0;
    if (read_number(reader, first, err) < 0)
        return -1;
    *last = *first;
    if (!take(reader, '-'))
        return 0;
    if (read_number(reader, last, err) < 0)
        return -1;
    if (*first == SUNDAY && reader->field == &fields[SCHEDULE_WEEKDAY])
        *first = 0; /* sun-tue */
    if (*last < *first)
        return err_set(err, ERR_INVALID_VALUE, "schedule: %s: %d-%d runs backwards",
                       reader->field->name, *first, *last);
    return 0;
}

/* A range and its step. */
static int read_item(struct reader *reader, uint64_t *set, struct err *err)
{
    const char *start = reader->at;
    int first;
    int last;
    int step = 1;

    if (read_range(reader, &first, &last, err) < 0)
        return -1;
    if (take(reader, '/')) {
        if (!take_digits(reader, &step) || step == 0)
            return refuse(reader, "a step is a number from 1", err);
        if (first == last && *start != '*')
            last = reader->field->high; /* 5/10: from 5 on */
    }
    for (int number = first; number <= last; number += step)
        *set |= UINT64_C(1) << number;
    return 0;
}

static int read_field(struct reader *reader, uint64_t *set, bool *restricted, struct err *err)
{
    *restricted = *reader->at != '*';
    do {
        if (read_item(reader, set, err) < 0)
            return -1;
    } while (take(reader, ','));
    if (reader->at < reader->end)
        return refuse(reader, "not understood", err);
    if (reader->field == &fields[SCHEDULE_WEEKDAY] && (*set >> SUNDAY & 1) != 0)
        *set = (*set | 1) & ~(UINT64_C(1) << SUNDAY);
    return 0;
}

/* 30 February, 31 April: a day that no month of the set has, where no weekday helps. */
static int check_day_comes(const struct schedule_fields *parsed, struct err *err)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (!parsed->restricted[SCHEDULE_DAY] || parsed->restricted[SCHEDULE_WEEKDAY])
        return 0;
    for (size_t month = 0; month < ARRAY_LENGTH(days); month++) {
        uint64_t in_month = (UINT64_C(1) << (days[month] + 1)) - 1;

        if ((parsed->sets[SCHEDULE_MONTH] >> (month + 1) & 1) != 0 &&
            (parsed->sets[SCHEDULE_DAY] & in_month) != 0)
            return 0;
    }
    return err_set(err, ERR_INVALID_VALUE,
                   "schedule: day of month: no month that is named has such a day");
}

static int read_fields(const char *text, struct schedule_fields *out, struct err *err)
{
    static const char blanks[] = " \t";

    for (size_t i = 0; i < SCHEDULE_FIELDS; i++) {
        size_t length;
        struct reader reader = {.field = &fields[i]};

        text += strspn(text, blanks);
        length = strcspn(text, blanks);
        if (length == 0)
            return err_set(err, ERR_INVALID_VALUE,
                           "schedule: %s is missing: five fields are needed", fields[i].name);
        reader.at = text;
        reader.end = text + length;
        if (read_field(&reader, &out->sets[i], &out->restricted[i], err) < 0)
            return -1;
        text += length;
    }
    if (text[strspn(text, blanks)] != '\0')
        return err_set(err, ERR_INVALID_VALUE, "schedule: more than five fields");
    return check_day_comes(out, err);
}

/* "15m" */
static int read_every(const char *text, int64_t *every_s, struct err *err)
{
    char *unit = NULL;
    long number = strtol(text, &unit, 10);
    int64_t unit_s = 0;

    if (*unit == 'm')
        unit_s = 60;
    else if (*unit == 'h')
        unit_s = 3600;
    else if (*unit == 'd')
        unit_s = 86400;
    if (unit == text || unit_s == 0 || unit[1] != '\0' || *text < '0' || *text > '9')
        return err_set(err, ERR_INVALID_VALUE,
                       "schedule: every: \"%s\" is not a number with m, h or d", text);
    if (number < SCHEDULE_EVERY_S_MIN / unit_s || number < 1 ||
        number > SCHEDULE_EVERY_S_MAX / unit_s)
        return err_set(err, ERR_INVALID_VALUE, "schedule: every: %s is not from 1m to 31d", text);
    *every_s = number * unit_s;
    return 0;
}

int schedule_fields_parse(const char *text, struct schedule_fields *out, int64_t *every_s,
                          struct err *err)
{
    static const char every[] = "every ";

    if (strnlen(text, SCHEDULE_BYTES_MAX + 1) > SCHEDULE_BYTES_MAX)
        return err_set(err, ERR_INVALID_VALUE, "schedule: longer than %d bytes",
                       SCHEDULE_BYTES_MAX);
    if (strncmp(text, every, sizeof(every) - 1) == 0)
        return read_every(text + sizeof(every) - 1, every_s, err);
    for (size_t i = 0; text[0] == '@' && i < ARRAY_LENGTH(names); i++)
        if (strcasecmp(text, names[i].name) == 0)
            return read_fields(names[i].fields, out, err);
    if (text[0] == '@')
        return err_set(err, ERR_INVALID_VALUE, "schedule: \"%s\" is not known", text);
    return read_fields(text, out, err);
}

static bool has(const struct schedule_fields *parsed, enum schedule_field field, int number)
{
    return (parsed->sets[field] >> number & 1) != 0;
}

bool schedule_fields_match_time(const struct schedule_fields *parsed, int hour, int minute)
{
    return has(parsed, SCHEDULE_HOUR, hour) && has(parsed, SCHEDULE_MINUTE, minute);
}

/* crontab(5): where both days are restricted, either matches. */
bool schedule_fields_match_day(const struct schedule_fields *parsed, const struct tm *date)
{
    bool day = has(parsed, SCHEDULE_DAY, date->tm_mday);
    bool weekday = has(parsed, SCHEDULE_WEEKDAY, date->tm_wday);

    if (!has(parsed, SCHEDULE_MONTH, date->tm_mon + 1))
        return false;
    if (parsed->restricted[SCHEDULE_DAY] && parsed->restricted[SCHEDULE_WEEKDAY])
        return day || weekday;
    return day && weekday;
}
