#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 4096 /* PIPE_BUF: one write(2) into a pipe is not torn apart */
#define VALUE_BYTES 768 /* a longer value, as escaped, ends in "..." */
#define TAIL_BYTES 32   /* kept free for what ends a line */

struct line {
    char bytes[LINE_BYTES];
    size_t length;
};

static const struct level {
    const char *name;
    const char *priority; /* sd-daemon(3) */
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error",   "<3>"},
    [LOG_LEVEL_WARNING] = {"warning", "<4>"},
    [LOG_LEVEL_INFO] = {"info",    "<6>"},
    [LOG_LEVEL_DEBUG] = {"debug",   "<7>"},
};

static _Atomic enum log_level level_now = LOG_LEVEL_INFO;
static _Atomic enum log_format format_now = LOG_FORMAT_TEXT;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&level_now, level, memory_order_relaxed);
}

void log_set_format(enum log_format format)
{
    atomic_store_explicit(&format_now, format, memory_order_relaxed);
}

bool log_is_on(enum log_level level)
{
    return level <= atomic_load_explicit(&level_now, memory_order_relaxed);
}

const char *log_or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

/* systemd.exec(5): JOURNAL_STREAM is device:inode of the journal's socket; standard error may have
 * been sent elsewhere since. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    char *end = NULL;
    uintmax_t device;
    uintmax_t inode;

    if (stream == NULL)
        return false;
    device = strtoumax(stream, &end, 10);
    if (*end != ':')
        return false;
    inode = strtoumax(end + 1, NULL, 10);
    return fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

/* All or nothing; false where the line has no room for it. */
static bool put(struct line *line, const char *text, size_t length)
{
    if (length > sizeof(line->bytes) - TAIL_BYTES - line->length)
        return false;
    memcpy(line->bytes + line->length, text, length);
    line->length += length;
    return true;
}

static bool puts_to(struct line *line, const char *text)
{
    return put(line, text, strlen(text));
}

/* C1 controls are two bytes in UTF-8 (C2 80 to C2 9F); terminals obey them as they do ESC. */
static bool is_control(const unsigned char *text, size_t length)
{
    return (length == 1 && (text[0] < 0x20 || text[0] == 0x7f)) ||
           (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

/* One character as it may stand between quotes, in the notation both formats share (JSON's). */
static bool put_character(struct line *line, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    char escape[8];

    if (length == 1 && (text[0] == '"' || text[0] == '\\'))
        return put(line, (char[]){'\\', text[0]}, 2);
    if (length == 1 && text[0] == '\n')
        return put(line, "\\n", 2);
    if (!is_control(bytes, length))
        return put(line, text, length);
    (void)snprintf(escape, sizeof(escape), "\\u%04x", bytes[length - 1]);
    return puts_to(line, escape);
}

static bool put_quoted(struct line *line, const char *text)
{
    size_t end = strlen(text);
    size_t start = line->length;
    bool fits = put(line, "\"", 1);

    for (size_t i = 0; i < end && fits;) {
        size_t length = text_sequence_length(text + i, end - i);

        if (line->length - start > VALUE_BYTES)
            return puts_to(line, "...\"");
        if (length == 0) { /* not UTF-8: U+FFFD, byte by byte */
            fits = puts_to(line, "\xef\xbf\xbd");
            i++;
            continue;
        }
        fits = put_character(line, text + i, length);
        i += length;
    }
    return fits && put(line, "\"", 1);
}

/* Bare words need no quotes; all else is quoted, so that a value cannot look like another field. */
static bool is_bare_word(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '\\' || byte == '=')
            return false;
    }
    return length > 0 && length <= VALUE_BYTES;
}

static bool put_value(struct line *line, enum log_format format, const struct log_field *field)
{
    char number[24];

    if (field->text != NULL && format == LOG_FORMAT_TEXT && is_bare_word(field->text))
        return puts_to(line, field->text);
    if (field->text != NULL)
        return put_quoted(line, field->text);
    (void)snprintf(number, sizeof(number), "%" PRId64, field->number);
    return puts_to(line, number);
}

static bool put_field(struct line *line, enum log_format format, const struct log_field *field)
{
    if (format == LOG_FORMAT_JSON)
        return puts_to(line, ",\"") && puts_to(line, field->key) && puts_to(line, "\":") &&
               put_value(line, format, field);
    return puts_to(line, " ") && puts_to(line, field->key) && puts_to(line, "=") &&
           put_value(line, format, field);
}

static void put_head(struct line *line, enum log_format format, enum log_level level,
                     const char *event)
{
    char time[CLOCK_TEXT_BYTES] = "";
    bool journal = is_journal();
    int length;

    if (journal)
        (void)puts_to(line, levels[level].priority);
    else
        clock_format(clock_now_us(), time);

    if (format == LOG_FORMAT_JSON)
        length = snprintf(line->bytes + line->length, LINE_BYTES / 2,
                          "{%s%s%s\"level\":\"%s\",\"event\":\"%s\"", journal ? "" : "\"time\":\"",
                          time, journal ? "" : "\",", levels[level].name, event);
    else if (journal)
        length = snprintf(line->bytes + line->length, LINE_BYTES / 2, "%s", event);
    else
        length = snprintf(line->bytes + line->length, LINE_BYTES / 2, "%s %s %s", time,
                          levels[level].name, event);
    if (length > 0)
        line->length += length < LINE_BYTES / 2 ? (size_t)length : LINE_BYTES / 2 - 1;
}

/* Room for this is TAIL_BYTES. */
static void put_tail(struct line *line, enum log_format format, bool whole)
{
    const char *cut = format == LOG_FORMAT_JSON ? ",\"cut\":true" : " cut=true";
    const char *end = format == LOG_FORMAT_JSON ? "}\n" : "\n";

    if (!whole) {
        memcpy(line->bytes + line->length, cut, strlen(cut));
        line->length += strlen(cut);
    }
    memcpy(line->bytes + line->length, end, strlen(end));
    line->length += strlen(end);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    enum log_format format = atomic_load_explicit(&format_now, memory_order_relaxed);
    struct line line;
    bool whole = true;

    if (!log_is_on(level))
        return;
    line.length = 0;
    put_head(&line, format, level, event);
    for (; fields->key != NULL && whole; fields++) {
        size_t before = line.length;

        whole = put_field(&line, format, fields);
        if (!whole)
            line.length = before;
    }
    put_tail(&line, format, whole);

    /* A line that cannot be written has nobody to be told about it. */
    while (write(STDERR_FILENO, line.bytes, line.length) < 0 && errno == EINTR)
        ;
}
