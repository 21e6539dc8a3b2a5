#include "table.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONG_BYTES 5000

static char line[3 * LONG_BYTES];
static char long_text[LONG_BYTES + 1];

/* Runs one log_write() with standard error in a pipe. */
static void capture(enum log_level level, const char *event, const struct log_field *fields,
                    bool as_journal)
{
    int ends[2];
    int saved = dup(STDERR_FILENO);
    ssize_t got;
    struct stat status;
    char stream[64];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fstat(ends[1], &status), 0);
    (void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    if (as_journal)
        assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    log_write(level, event, fields);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    (void)close(ends[1]);
    got = read(ends[0], line, sizeof(line) - 1); /* one write(2), so one read */
    assert_true(got >= 0);
    line[got] = '\0';
    assert_int_equal(read(ends[0], stream, 1), 0);
    (void)close(ends[0]);
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

/* clang-format off */
static struct value_case {
    const char *name;
    const char *value;
    const char *text; /* after "k=" */
    const char *json; /* after "k": */
} value_cases[] = {
    {"word", "GET", "GET", "\"GET\""},
    {"path", "/t/Users?a", "/t/Users?a", "\"/t/Users?a\""},
    {"nothing", NULL, "-", "\"-\""},
    {"empty", "", "\"\"", "\"\""},
    {"blank", "a b", "\"a b\"", "\"a b\""},
    {"forged line", "a\nerror x", "\"a\\nerror x\"", "\"a\\nerror x\""},
    {"forged field", "a=b", "\"a=b\"", "\"a=b\""},
    {"quote", "a\"b", "\"a\\\"b\"", "\"a\\\"b\""},
    {"backslash", "a\\n", "\"a\\\\n\"", "\"a\\\\n\""},
    {"carriage return", "a\rb", "\"a\\u000db\"", "\"a\\u000db\""},
    {"escape sequence", "\x1b[2J", "\"\\u001b[2J\"", "\"\\u001b[2J\""},
    {"delete", "\x7f", "\"\\u007f\"", "\"\\u007f\""},
    {"C1 control sequence", "\xc2\x9b" "2J", "\"\\u009b2J\"", "\"\\u009b2J\""},
    {"no-break space", "\xc2\xa0", "\"\xc2\xa0\"", "\"\xc2\xa0\""},
    {"umlaut", "\xc3\xbc", "\"\xc3\xbc\"", "\"\xc3\xbc\""},
    {"not UTF-8", "a\xff\xfe", "\"a\xef\xbf\xbd\xef\xbf\xbd\"", "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
    {"raw C1 byte", "\x9b" "2J", "\"\xef\xbf\xbd" "2J\"", "\"\xef\xbf\xbd" "2J\""},
    {"cut character", "a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\"",
     "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
};
/* clang-format on */

static void escapes(void **row)
{
    const struct value_case *expected = *row;
    const struct log_field fields[] = {
        LOG_TEXT("k", expected->value), LOG_INT("n", -5), {.key = NULL}};
    char tail[200];

    log_set_format(LOG_FORMAT_TEXT);
    capture(LOG_LEVEL_INFO, "a.b", fields, false);
    (void)snprintf(tail, sizeof(tail), "Z info a.b k=%s n=-5\n", expected->text);
    assert_int_equal(strlen(line), strlen("2026-11-25T02:07:57.123") + strlen(tail));
    assert_string_equal(strchr(line, 'Z'), tail);

    log_set_format(LOG_FORMAT_JSON);
    capture(LOG_LEVEL_INFO, "a.b", fields, false);
    (void)snprintf(tail, sizeof(tail),
                   "Z\",\"level\":\"info\",\"event\":\"a.b\",\"k\":%s,\"n\":-5}\n", expected->json);
    assert_string_equal(strchr(line, 'Z'), tail);
    assert_memory_equal(line, "{\"time\":\"2", 10);
    log_set_format(LOG_FORMAT_TEXT);
}

static struct level_case {
    const char *name;
    enum log_level level;
    enum log_level limit;
    const char *journal; /* "": not written */
    const char *json;
} level_cases[] = {
    {"error",          LOG_LEVEL_ERROR,   LOG_LEVEL_ERROR,   "<3>e k=v\n",
     "<3>{\"level\":\"error\",\"event\":\"e\",\"k\":\"v\"}\n"                },
    {"warning",        LOG_LEVEL_WARNING, LOG_LEVEL_DEBUG,   "<4>e k=v\n",
     "<4>{\"level\":\"warning\",\"event\":\"e\",\"k\":\"v\"}\n"              },
    {"info",           LOG_LEVEL_INFO,    LOG_LEVEL_INFO,    "<6>e k=v\n",
     "<6>{\"level\":\"info\",\"event\":\"e\",\"k\":\"v\"}\n"                 },
    {"debug",          LOG_LEVEL_DEBUG,   LOG_LEVEL_DEBUG,   "<7>e k=v\n",
     "<7>{\"level\":\"debug\",\"event\":\"e\",\"k\":\"v\"}\n"                },
    {"debug is off",   LOG_LEVEL_DEBUG,   LOG_LEVEL_INFO,    "",           ""},
    {"info is off",    LOG_LEVEL_INFO,    LOG_LEVEL_WARNING, "",           ""},
    {"warning is off", LOG_LEVEL_WARNING, LOG_LEVEL_ERROR,   "",           ""},
};

static void obeys_level_and_journal(void **row)
{
    const struct level_case *expected = *row;
    const struct log_field fields[] = {LOG_TEXT("k", "v"), {.key = NULL}};

    log_set_level(expected->limit);
    assert_int_equal(log_is_on(expected->level), expected->journal[0] != '\0');
    capture(expected->level, "e", fields, true);
    assert_string_equal(line, expected->journal);
    log_set_format(LOG_FORMAT_JSON);
    capture(expected->level, "e", fields, true);
    assert_string_equal(line, expected->json);
    log_set_format(LOG_FORMAT_TEXT);
    log_set_level(LOG_LEVEL_INFO);
}

static struct stream_case {
    const char *name;
    const char *stream;
} stream_cases[] = {
    {"another file", "1:1"},
    {"no numbers",   "x"  },
    {"empty",        ""   },
};

/* Standard error was sent elsewhere: whoever reads there wants the time. */
static void foreign_journal_is_none(void **row)
{
    const struct stream_case *expected = *row;
    const struct log_field fields[] = {LOG_TEXT("k", "v"), {.key = NULL}};

    assert_int_equal(setenv("JOURNAL_STREAM", expected->stream, 1), 0);
    capture(LOG_LEVEL_INFO, "e", fields, false);
    assert_string_equal(strchr(line, 'Z'), "Z info e k=v\n");
}

static struct long_case {
    const char *name;
    enum log_format format;
    int fields;
    const char *end;
} long_cases[] = {
    {"a long value",             LOG_FORMAT_TEXT, 1, "x...\"\n"          },
    {"a long value in JSON",     LOG_FORMAT_JSON, 1, "x...\"}\n"         },
    {"many long values",         LOG_FORMAT_TEXT, 8, "\" cut=true\n"     },
    {"many long values in JSON", LOG_FORMAT_JSON, 8, "\",\"cut\":true}\n"},
};

static void long_lines_are_cut(void **row)
{
    const struct long_case *expected = *row;
    struct log_field fields[9] = {{.key = NULL}};
    size_t end = strlen(expected->end);

    memset(long_text, 'x', LONG_BYTES);
    for (int i = 0; i < expected->fields; i++)
        fields[i] = LOG_TEXT("k", long_text);
    log_set_format(expected->format);
    capture(LOG_LEVEL_INFO, "e", fields, false);
    log_set_format(LOG_FORMAT_TEXT);
    assert_true(strlen(line) <= 4096);
    assert_string_equal(line + strlen(line) - end, expected->end);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

int main(void)
{
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    return RUN_TABLE("log values", value_cases, escapes) +
           RUN_TABLE("log levels", level_cases, obeys_level_and_journal) +
           RUN_TABLE("log JOURNAL_STREAM", stream_cases, foreign_journal_is_none) +
           RUN_TABLE("log cuts", long_cases, long_lines_are_cut);
}
