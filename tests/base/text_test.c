#include "table.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

/* clang-format off */
static struct fold_case {
    const char *name;
    const char *text;
    const char *key;
} fold_cases[] = {
    {"empty", "", ""},
    {"small ASCII", "bjensen@example.com", "bjensen@example.com"},
    {"capital ASCII", "BJensen@Example.COM", "bjensen@example.com"},
    {"neighbours of letters", "@[`{09", "@[`{09"},
    {"sharp s", "stra\xc3\x9f" "e", "strasse"},
    {"capital sharp s", "STRA\xe1\xba\x9e" "E", "strasse"},
    {"STRASSE", "STRASSE", "strasse"},
    {"umlaut", "M\xc3\x9cLLER", "m\xc3\xbcller"},
    {"decomposed umlaut", "mu\xcc\x88ller", "m\xc3\xbcller"},
    {"composed umlaut", "m\xc3\xbcller", "m\xc3\xbcller"},
    {"capital I with dot", "\xc4\xb0", "i\xcc\x87"},
    {"small dotless i", "\xc4\xb1", "\xc4\xb1"},
    {"capital I", "I", "i"},
    {"final sigma", "\xce\xa3\xce\x91\xcf\x82", "\xcf\x83\xce\xb1\xcf\x83"},
    {"ligature", "\xef\xac\x83" "ce", "ffice"},
    {"not compatibility", "\xef\xbc\xa1", "\xef\xbd\x81"},
    {"Cyrillic", "\xd0\x98\xd0\x92\xd0\x90\xd0\x9d", "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd"},
    {"Hangul composes", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c"},
    {"kelvin sign", "\xe2\x84\xaa", "k"},
    {"beyond the BMP", "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8"},
    {"emoji", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"order of accents", "a\xcc\xa3\xcc\x82", "\xe1\xba\xad"},
    {"accents the other way", "a\xcc\x82\xcc\xa3", "\xe1\xba\xad"},
};
/* clang-format on */

static void folds(void **row)
{
    const struct fold_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    size_t length = 0;
    const char *key = text_fold(arena, expected->text, strlen(expected->text), false, &length);

    assert_string_equal(key, expected->key);
    assert_int_equal(length, strlen(expected->key));
    /* a key is its own key, and borrowed */
    assert_ptr_equal(text_fold(arena, key, length, false, &length), key);
    if (strcmp(expected->text, expected->key) == 0)
        assert_ptr_equal(key, expected->text);

    key = text_fold(arena, expected->text, strlen(expected->text), true, &length);
    assert_ptr_equal(key, expected->text);
    assert_int_equal(length, strlen(expected->text));
    arena_free(arena);
}

static struct slice_case {
    const char *name;
    const char *text;
    size_t length;
    bool case_exact;
    const char *key;
} slice_cases[] = {
    {"nothing changes",  "abcdef",         3, false, "abc"       },
    {"capitals",         "ABCDEF",         3, false, "abc"       },
    {"folded Unicode",   "m\xc3\xbcllerX", 4, false, "m\xc3\xbcl"},
    {"case exact",       "ABCDEF",         3, true,  "ABC"       },
    {"decomposed exact", "u\xcc\x88x",     3, true,  "u\xcc\x88" },
    {"not UTF-8",
     "A\xff"
     "B",                                  2, false, "A\xff"     },
};

/* Text that is not terminated where it ends is copied, so that its key is. */
static void folds_slices(void **row)
{
    const struct slice_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    size_t length = 0;
    const char *key =
        text_fold(arena, expected->text, expected->length, expected->case_exact, &length);

    assert_string_equal(key, expected->key);
    assert_int_equal(length, strlen(expected->key));
    arena_free(arena);
}

static struct long_case {
    const char *name;
    const char *unit;
    const char *key;
    size_t count;
} long_cases[] = {
    {"255 characters",         "\xc3\x84",  "\xc3\xa4", 255  },
    {"256 characters",         "\xc3\x84",  "\xc3\xa4", 256  },
    {"257 characters",         "\xc3\x84",  "\xc3\xa4", 257  },
    {"128 sharp s",            "\xc3\x9f",  "ss",       128  },
    {"129 sharp s",            "\xc3\x9f",  "ss",       129  },
    {"64 KiB of combinations", "A\xcc\x88", "\xc3\xa4", 21845},
};

static void folds_long_text(void **row)
{
    const struct long_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    size_t unit = strlen(expected->unit);
    size_t key_unit = strlen(expected->key);
    char *text = arena_alloc(arena, unit * expected->count + 1);
    size_t length = 0;
    const char *key;

    for (size_t i = 0; i < expected->count; i++)
        memcpy(text + i * unit, expected->unit, unit);
    key = text_fold(arena, text, unit * expected->count, false, &length);
    assert_int_equal(length, key_unit * expected->count);
    assert_int_equal(strlen(key), length);
    for (size_t i = 0; i < expected->count; i++)
        assert_memory_equal(key + i * key_unit, expected->key, key_unit);
    arena_free(arena);
}

static struct valid_case {
    const char *name;
    const char *text;
    size_t length;
    bool valid;
} valid_cases[] = {
    {"empty",                     "",                         0,  true },
    {"ASCII",                     "abcdefghijklmnopq",        17, true },
    {"control bytes",             "\x01\x7f",                 2,  true },
    {"NUL",                       "a\0b",                     3,  false},
    {"NUL in a long text",        "abcdefghijk\0mnopqrst",    20, false},
    {"NUL at the eighth",         "abcdefg\0",                8,  false},
    {"two bytes",                 "\xc2\x80\xdf\xbf",         4,  true },
    {"overlong two",              "\xc0\x80",                 2,  false},
    {"overlong slash",            "\xc1\xaf",                 2,  false},
    {"three bytes",               "\xe0\xa0\x80\xef\xbf\xbf", 6,  true },
    {"overlong three",            "\xe0\x9f\xbf",             3,  false},
    {"last before surrogates",    "\xed\x9f\xbf",             3,  true },
    {"first surrogate",           "\xed\xa0\x80",             3,  false},
    {"last surrogate",            "\xed\xbf\xbf",             3,  false},
    {"first after surrogates",    "\xee\x80\x80",             3,  true },
    {"four bytes",                "\xf0\x90\x80\x80",         4,  true },
    {"overlong four",             "\xf0\x8f\xbf\xbf",         4,  false},
    {"U+10FFFF",                  "\xf4\x8f\xbf\xbf",         4,  true },
    {"U+110000",                  "\xf4\x90\x80\x80",         4,  false},
    {"lead F5",                   "\xf5\x80\x80\x80",         4,  false},
    {"lone continuation",         "\x80",                     1,  false},
    {"FF",                        "\xff",                     1,  false},
    {"cut after lead",            "ab\xc3",                   3,  false},
    {"cut after two",             "\xe2\x82",                 2,  false},
    {"cut after three",           "\xf0\x9f\x98",             3,  false},
    {"third is no continuation",  "\xe2\x82\x41",             3,  false},
    {"fourth is no continuation", "\xf0\x9f\x98\x41",         4,  false},
    {"bad byte after plain text",
     "abcdefgh\xc3\xa4"
     "bcdefghijklmnopq\xff",                                  27, false},
    {"mixed",
     "abcdefgh\xc3\xa4"
     "bcdefghijklmnopq\xc3\xa4",                              28, true },
};

static void knows_valid_text(void **row)
{
    const struct valid_case *expected = *row;
    char *exact = malloc(expected->length + 1); /* ASan sees a read past the end */

    assert_non_null(exact);
    memcpy(exact + 1, expected->text, expected->length);
    assert_int_equal(text_is_valid(exact + 1, expected->length), expected->valid);
    free(exact);
}

static struct ascii_case {
    const char *name;
    const char *left;
    const char *right;
    int order; /* sign of the comparison */
} ascii_cases[] = {
    {"same",              "userName", "userName", 0 },
    {"other case",        "USERname", "userName", 0 },
    {"shorter",           "user",     "userName", -1},
    {"longer",            "userName", "user",     1 },
    {"smaller",           "A",        "b",        -1},
    {"empty",             "",         "",         0 },
    {"empty and not",     "",         "a",        -1},
    {"not letters",       "[",        "{",        -1},
    {"sharp s is not ss", "\xc3\x9f", "ss",       1 },
    {"umlauts differ",    "\xc3\x9c", "\xc3\xbc", -1},
};

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void compares_ascii(void **row)
{
    const struct ascii_case *expected = *row;
    size_t length = strlen(expected->left);

    assert_int_equal(sign(text_compare_ascii(expected->left, expected->right)), expected->order);
    assert_int_equal(sign(text_compare_ascii(expected->right, expected->left)), -expected->order);
    assert_int_equal(text_equals_ascii(expected->left, length, expected->right),
                     expected->order == 0);
}

int main(void)
{
    return RUN_TABLE("text_fold", fold_cases, folds) +
           RUN_TABLE("text_fold of slices", slice_cases, folds_slices) +
           RUN_TABLE("text_fold of long text", long_cases, folds_long_text) +
           RUN_TABLE("text_is_valid", valid_cases, knows_valid_text) +
           RUN_TABLE("text ASCII", ascii_cases, compares_ascii);
}
