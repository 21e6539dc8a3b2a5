#include "config/check.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "config/expect.h"
#include "config/yaml_problem.h"

#include <string.h>
#include <yaml.h>

#define SHOWN_BYTES 48 /* of a value or key, in a message */

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one; the next call releases it */
    size_t line;        /* where it starts */
    const struct settings_text *text;
    struct setting_lines *lines;
    struct err *err;
};

/* What the administrator wrote, short and on one line. */
static void show(const char *text, struct buf *out)
{
    size_t length = strlen(text);
    size_t shown = length <= SHOWN_BYTES ? length : SHOWN_BYTES;

    while (shown < length && shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--; /* not within a character */
    buf_putc(out, '"');
    for (size_t i = 0; i < shown; i++)
        buf_putc(out, (unsigned char)text[i] < ' ' ? '?' : text[i]);
    buf_puts(out, shown < length ? "...\"" : "\"");
}

static int fail(struct reader *reader, const char *what)
{
    return err_at(reader->err, reader->text->file, reader->line, "%s", what);
}

/* One event on.  A scalar with a NUL inside is refused here, so that all others are strings. */
static int next(struct reader *reader)
{
    const char *problem;

    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event)) {
        reader->line = yaml_problem_line(&reader->parser, reader->text->text, reader->text->length);
        problem = reader->parser.problem;
        return fail(reader, problem != NULL ? problem : "cannot be parsed");
    }
    reader->line = reader->event.start_mark.line + 1;
    if (reader->event.type == YAML_ALIAS_EVENT)
        return fail(reader, "aliases are not supported: write the value again");
    if (reader->event.type == YAML_SCALAR_EVENT &&
        memchr(reader->event.data.scalar.value, '\0', reader->event.data.scalar.length) != NULL)
        return fail(reader, "a NUL character");
    return 0;
}

static const char *scalar(const struct reader *reader)
{
    return (const char *)reader->event.data.scalar.value;
}

static bool is_quoted(const struct reader *reader)
{
    return reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
}

static bool is_nothing(const struct reader *reader)
{
    return reader->event.type == YAML_SCALAR_EVENT && !is_quoted(reader) &&
           reader->event.data.scalar.length == 0;
}

/* "NAME: expected WHAT, not VALUE" about the current event. */
static int fail_expected(struct reader *reader, const char *name, const char *what)
{
    CLEANUP(buf_free) struct buf found = {0};

    if (reader->event.type == YAML_MAPPING_START_EVENT)
        buf_puts(&found, "a mapping");
    else if (reader->event.type == YAML_SEQUENCE_START_EVENT)
        buf_puts(&found, "a list");
    else if (is_nothing(reader))
        buf_puts(&found, "nothing");
    else
        show(scalar(reader), &found);
    return err_at(reader->err, reader->text->file, reader->line, "%s: expected %s, not %s", name,
                  what, buf_text(&found));
}

static int read_scalar(struct reader *reader, const struct setting *row)
{
    CLEANUP(buf_free) struct buf what = {0};

    if (reader->event.type == YAML_SCALAR_EVENT &&
        expect_matches(row, scalar(reader), is_quoted(reader)))
        return 0;
    expect_describe(row, &what);
    return fail_expected(reader, row->name, buf_text(&what));
}

static int read_list(struct reader *reader, const struct setting *row)
{
    if (reader->event.type != YAML_SEQUENCE_START_EVENT)
        return fail_expected(reader, row->name, "a list");
    for (size_t count = 0;; count++) {
        if (next(reader) < 0)
            return -1;
        if (reader->event.type == YAML_SEQUENCE_END_EVENT)
            return 0;
        if (count == SETTING_LIST_MAX)
            return err_at(reader->err, reader->text->file, reader->line, "%s: more than %d entries",
                          row->name, SETTING_LIST_MAX);
        if (read_scalar(reader, row) < 0)
            return -1;
    }
}

/* Notes where a name stands; twice is once too often. */
static int note(struct reader *reader, const char *name, size_t *line)
{
    if (*line != 0)
        return err_at(reader->err, reader->text->file, reader->line,
                      "%s: stands in line %zu already", name, *line);
    *line = reader->line;
    return 0;
}

static int fail_unknown(struct reader *reader, const struct setting_section *section)
{
    CLEANUP(buf_free) struct buf name = {0};

    show(scalar(reader), &name);
    return err_at(reader->err, reader->text->file, reader->line, "unknown setting %s%s%s",
                  buf_text(&name), section != NULL ? " in " : "",
                  section != NULL ? section->name : "");
}

/* The current event is a key; reads its value. */
static int read_setting(struct reader *reader, const struct setting_section *section)
{
    const struct setting *row = setting_find(section, scalar(reader));

    if (row == NULL)
        return fail_unknown(reader, section);
    if (note(reader, row->name, &reader->lines->rows[row - setting_rows]) < 0 || next(reader) < 0)
        return -1;
    return row->type == SETTING_LIST ? read_list(reader, row) : read_scalar(reader, row);
}

/* Goes to the next key: 1, or 0 at the mapping's end. */
static int next_key(struct reader *reader)
{
    if (next(reader) < 0)
        return -1;
    if (reader->event.type == YAML_MAPPING_END_EVENT)
        return 0;
    if (reader->event.type != YAML_SCALAR_EVENT)
        return fail(reader, "expected the name of a setting");
    return 1;
}

static int read_section(struct reader *reader, const struct setting_section *section)
{
    int more;

    if (note(reader, section->name, &reader->lines->sections[section - setting_sections]) < 0 ||
        next(reader) < 0)
        return -1;
    if (reader->event.type != YAML_MAPPING_START_EVENT)
        return fail_expected(reader, section->name, "settings below it");
    while ((more = next_key(reader)) > 0)
        if (read_setting(reader, section) < 0)
            return -1;
    return more;
}

static int read_top(struct reader *reader)
{
    int more;

    while ((more = next_key(reader)) > 0) {
        const struct setting_section *section = setting_section_find(scalar(reader));
        if ((section != NULL ? read_section(reader, section) : read_setting(reader, NULL)) < 0)
            return -1;
    }
    return more;
}

static int read_stream(struct reader *reader)
{
    if (next(reader) < 0 || next(reader) < 0)
        return -1;
    reader->lines->is_empty = reader->event.type == YAML_STREAM_END_EVENT; /* only comments */
    if (reader->lines->is_empty)
        return 0;
    if (next(reader) < 0)
        return -1;
    reader->lines->is_empty = is_nothing(reader);
    if (!reader->lines->is_empty && reader->event.type != YAML_MAPPING_START_EVENT)
        return fail(reader, "expected settings, such as \"log: {level: info}\"");
    if (!reader->lines->is_empty && read_top(reader) < 0)
        return -1;
    if (next(reader) < 0 || next(reader) < 0)
        return -1;
    if (reader->event.type != YAML_STREAM_END_EVENT)
        return fail(reader, "a second document");
    return 0;
}

int check_text(const struct settings_text *text, struct setting_lines *lines, struct err *err)
{
    struct reader reader = {.text = text, .lines = lines, .err = err};
    int result;

    if (!yaml_parser_initialize(&reader.parser))
        return err_set(err, ERR_INTERNAL, "out of memory");
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text->text, text->length);
    result = read_stream(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return result;
}
