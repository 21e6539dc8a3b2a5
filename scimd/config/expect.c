#include "config/expect.h"

#include "base/buf.h"

#include <string.h>

#define NUMBER_DIGITS_MAX 10 /* of UINT_MAX */

static void describe_words(const struct setting *row, struct buf *out)
{
    for (unsigned i = 0; i < row->word_count; i++) {
        if (i > 0)
            buf_puts(out, i + 1 < row->word_count ? ", " : " or ");
        buf_puts(out, row->words[i].str);
    }
}

void expect_describe(const struct setting *row, struct buf *out)
{
    switch (row->type) {
    case SETTING_NUMBER:
        buf_puts(out, "a number ");
        if (row->unit != NULL)
            buf_printf(out, "of %s ", row->unit);
        buf_printf(out, "from %u to %u", row->minimum, row->maximum);
        break;
    case SETTING_SWITCH:
    case SETTING_WORD:
        describe_words(row, out);
        break;
    case SETTING_TEXT:
    case SETTING_LIST:
        buf_puts(out, row->form->what);
        break;
    }
}

/* Decimal digits only: libcyaml would take 0x10, 010 (for eight) and 30s. */
static bool is_number_in_range(const struct setting *row, const char *text)
{
    size_t length = strlen(text);
    unsigned long long number = 0;

    if (length == 0 || length > NUMBER_DIGITS_MAX || (length > 1 && text[0] == '0'))
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (unsigned)(*text - '0');
    }
    return number >= row->minimum && number <= row->maximum;
}

static bool is_one_of(const struct setting *row, const char *text)
{
    for (unsigned i = 0; i < row->word_count; i++)
        if (strcmp(row->words[i].str, text) == 0)
            return true;
    return false;
}

bool expect_matches(const struct setting *row, const char *text, bool quoted)
{
    switch (row->type) {
    case SETTING_NUMBER:
        return !quoted && is_number_in_range(row, text);
    case SETTING_SWITCH:
        return !quoted && is_one_of(row, text);
    case SETTING_WORD:
        return is_one_of(row, text);
    case SETTING_TEXT:
    case SETTING_LIST:
        return (quoted || text[0] != '\0') && row->form->matches(text);
    }
    return false;
}
