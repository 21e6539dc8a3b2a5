#include "base/buf.h"
#include "base/cleanup.h"
#include "config/expect.h"
#include "config/rows.h"

#include <string.h>

static void append_default(const struct setting *row, struct buf *out)
{
    switch (row->type) {
    case SETTING_NUMBER:
        buf_printf(out, "%u", row->standard);
        break;
    case SETTING_SWITCH:
    case SETTING_WORD:
        for (unsigned i = 0; i < row->word_count; i++)
            if (row->words[i].val == (int64_t)row->standard)
                buf_puts(out, row->words[i].str);
        break;
    case SETTING_TEXT:
        if (row->text == NULL)
            buf_printf(out, "state_directory%s", row->below);
        else
            buf_puts(out, row->text[0] != '\0' ? row->text : "\"\"");
        break;
    case SETTING_LIST:
        buf_puts(out, "[]");
        break;
    }
    if (row->variable == VARIABLE_STATE_DIRECTORY)
        buf_printf(out, ", under systemd $STATE_DIRECTORY%s", row->below);
    if (row->variable == VARIABLE_RUNTIME_DIRECTORY)
        buf_printf(out, ", under systemd $RUNTIME_DIRECTORY%s", row->below);
}

/* "a number from 0 to 65535; default 8443" */
static void append_summary(const struct setting *row, struct buf *out)
{
    if (row->type == SETTING_LIST)
        buf_puts(out, "a list, each entry ");
    expect_describe(row, out);
    buf_puts(out, "; default ");
    append_default(row, out);
    if (row->reloads)
        buf_puts(out, "; SIGHUP is enough");
}

static void describe_text(const struct setting *row, struct buf *out)
{
    buf_printf(out, "  %s\n    ", row->name);
    append_summary(row, out);
    buf_printf(out, "\n    %s\n", row->help);
}

/* groff_char(7): a bare "-" becomes a hyphen, "\" begins an escape. */
static void append_roff(const char *text, struct buf *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '-')
            buf_putc(out, '\\');
        if (*text == '\\')
            buf_puts(out, "\\e");
        else
            buf_putc(out, *text);
    }
    buf_putc(out, '\n');
}

static void describe_roff(const struct setting *row, struct buf *out)
{
    CLEANUP(buf_free) struct buf summary = {0};

    append_summary(row, &summary);
    buf_puts(out, ".TP\n.B ");
    append_roff(row->name, out);
    append_roff(buf_text(&summary), out);
    buf_puts(out, ".br\n");
    append_roff(row->help, out);
}

static void describe_row(enum settings_notation notation, const struct setting *row,
                         struct buf *out)
{
    if (notation == SETTINGS_AS_ROFF)
        describe_roff(row, out);
    else
        describe_text(row, out);
}

void settings_describe(enum settings_notation notation, struct buf *out)
{
    for (size_t i = 0; i < setting_row_count; i++)
        if (strchr(setting_rows[i].name, '.') == NULL)
            describe_row(notation, &setting_rows[i], out);

    for (size_t i = 0; i < setting_section_count; i++) {
        const struct setting_section *section = &setting_sections[i];

        buf_printf(out, notation == SETTINGS_AS_ROFF ? ".SS %s\n%s\n" : "\n%s: %s\n", section->name,
                   section->help);
        for (size_t j = 0; j < setting_row_count; j++)
            if (setting_is_in(&setting_rows[j], section))
                describe_row(notation, &setting_rows[j], out);
    }
}
