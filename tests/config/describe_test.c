#include "table.h"

#include "base/buf.h"
#include "config/rows.h"

#include <string.h>

/* clang-format off */
static struct text_case {
    const char *name;
    enum settings_notation notation;
    const char *part;
} text_cases[] = {
    {"a number", SETTINGS_AS_TEXT,
     "  listen.port\n    a number from 0 to 65535; default 8443\n    The TCP port;"},
    {"a number with unit", SETTINGS_AS_TEXT,
     "  listen.idle_timeout\n    a number of seconds from 0 to 86400; default 60\n"},
    {"a switch", SETTINGS_AS_TEXT, "  listen.plain\n    false or true; default false\n"},
    {"a word", SETTINGS_AS_TEXT,
     "  log.level\n    error, warning, info or debug; default info; SIGHUP is enough\n"},
    {"a path", SETTINGS_AS_TEXT,
     "  state_directory\n    an absolute path; default /var/lib/scimd, under systemd "
     "$STATE_DIRECTORY\n"},
    {"a path below", SETTINGS_AS_TEXT,
     "  admin.socket\n    an absolute path of at most 107 bytes; default /run/scimd/admin.sock, "
     "under systemd $RUNTIME_DIRECTORY/admin.sock\n"},
    {"a file", SETTINGS_AS_TEXT,
     "  secret_key\n    an absolute path or credential:NAME; default state_directory/secret.key\n"},
    {"an empty text", SETTINGS_AS_TEXT, "without a slash at its end; default \"\"\n"},
    {"a list", SETTINGS_AS_TEXT,
     "  listen.trusted_proxies\n    a list, each entry "
     "an address or a network such as 10.0.0.0/8; default []\n"},
    {"a section", SETTINGS_AS_TEXT, "\nlog: What is written to standard error or the journal.\n"},
    {"roff", SETTINGS_AS_ROFF,
     ".TP\n.B listen.port\na number from 0 to 65535; default 8443\n.br\nThe TCP port;"},
    {"a section in roff", SETTINGS_AS_ROFF,
     ".SS log\nWhat is written to standard error or the journal.\n"},
    {"hyphens in roff", SETTINGS_AS_ROFF,
     "Proxies whose X\\-Forwarded\\-For, \\-Proto and \\-Host are believed.\n"},
};
/* clang-format on */

static void describes(void **row)
{
    const struct text_case *expected = *row;
    struct buf out = {0};

    settings_describe(expected->notation, &out);
    assert_non_null(strstr(buf_text(&out), expected->part));
    buf_free(&out);
}

/* One of a kind, in a section that exists, with a default inside its range and help. */
static void rows_are_sound(void **row)
{
    (void)row;
    for (size_t i = 0; i < setting_row_count; i++) {
        const struct setting *setting = &setting_rows[i];
        const struct setting_section *section = NULL;

        for (size_t j = 0; j < setting_section_count; j++)
            if (setting_is_in(setting, &setting_sections[j]))
                section = &setting_sections[j];
        assert_ptr_equal(setting_find(section, setting_key(setting)), setting);
        assert_true(section != NULL || strchr(setting->name, '.') == NULL);
        assert_non_null(setting->help);
        if (setting->type == SETTING_NUMBER) {
            assert_true(setting->minimum <= setting->standard);
            assert_true(setting->standard <= setting->maximum);
        }
        if (setting->type == SETTING_TEXT && setting->text != NULL)
            assert_true(setting->form->matches(setting->text));
        if (setting->variable != VARIABLE_NONE ||
            (setting->type == SETTING_TEXT && setting->text == NULL))
            assert_non_null(setting->below);
    }
}

static struct single {
    const char *name;
} singles[] = {{"rows"}};

int main(void)
{
    return RUN_TABLE("settings_describe", text_cases, describes) +
           RUN_TABLE("settings' rows", singles, rows_are_sound);
}
