/* source_settings.c - prints what each type of source takes as sections of a manual page; run by
 * the build. */
#include <inttypes.h>
#include <stdio.h>

#include "connectors/connector.h"

/* groff_char(7): a bare "-" becomes a hyphen, "\" begins an escape. */
static void print_roff(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '-')
            (void)putchar('\\');
        if (*text == '\\')
            (void)fputs("\\e", stdout);
        else
            (void)putchar(*text);
    }
}

static void print_words(const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (i > 0)
            (void)fputs(words[i + 1] == NULL ? " or " : ", ", stdout);
        print_roff(words[i]);
    }
}

static void print_form(const struct connector_setting *row)
{
    static const char *const forms[] = {
        [CONNECTOR_TEXT] = "a text",
        [CONNECTOR_SWITCH] = "true or false",
        [CONNECTOR_LIST] = "a list of texts",
        [CONNECTOR_SECRET] = "secret:NAME",
        [CONNECTOR_CONTENT] = "the path of a file, or secret:NAME for its content",
    };

    if (row->type == CONNECTOR_WORD)
        print_words(row->words);
    else if (row->type == CONNECTOR_NUMBER)
        (void)printf("a number from %" PRId64 " to %" PRId64 "%s%s", row->low, row->high,
                     row->unit != NULL ? " " : "", row->unit != NULL ? row->unit : "");
    else
        print_roff(forms[row->type]);
}

static void print_row(const struct connector_setting *row)
{
    (void)fputs(".TP\n.B ", stdout);
    print_roff(row->name);
    (void)putchar('\n');
    print_form(row);
    if (row->required)
        (void)fputs("; required", stdout);
    if (row->fallback != NULL) {
        (void)fputs("; default ", stdout);
        print_roff(row->fallback);
    }
    (void)fputs("\n.br\n", stdout);
    print_roff(row->help);
    (void)putchar('\n');
}

int main(void)
{
    for (const struct connector *const *one = connector_all(); *one != NULL; one++) {
        (void)printf(".SS Of type %s\n", (*one)->name);
        for (const struct connector_setting *row = (*one)->settings; row->name != NULL; row++)
            print_row(row);
    }
    return ferror(stdout);
}
