#include "table.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static struct json_case {
    const char *name;
    const char *text;
    size_t length;
    const char *json;
} json_cases[] = {
    {"empty",          "",             0, "\"\""                     },
    {"plain",          "abc",          3, "\"abc\""                  },
    {"quote",          "a\"b",         3, "\"a\\\"b\""               },
    {"backslash",      "\\",           1, "\"\\\\\""                 },
    {"short escapes",  "\b\f\n\r\t",   5, "\"\\b\\f\\n\\r\\t\""      },
    {"other controls", "\x01\x1f\x1b", 3, "\"\\u0001\\u001f\\u001b\""},
    {"NUL",            "a\0b",         3, "\"a\\u0000b\""            },
    {"slash and del",  "/\x7f",        2, "\"/\x7f\""                },
    {"UTF-8",
     "stra\xc3\x9f"
     "e",                              7,
     "\"stra\xc3\x9f"
     "e\""                                                           },
    {"cut by length",  "abcdef",       2, "\"ab\""                   },
};

static void writes_json(void **row)
{
    const struct json_case *expected = *row;
    struct buf buf = {0};

    buf_json_string(&buf, expected->text, expected->length);
    assert_string_equal(buf_text(&buf), expected->json);
    assert_int_equal(buf.length, strlen(expected->json));
    buf_free(&buf);
}

static struct place_case {
    const char *name;
    char byte;
    const char *escape;
} place_cases[] = {
    {"quote",            '"',    "\\\""   },
    {"backslash",        '\\',   "\\\\"   },
    {"line end",         '\n',   "\\n"    },
    {"NUL",              '\0',   "\\u0000"},
    {"last control",     '\x1f', "\\u001f"},
    {"blank",            ' ',    " "      },
    {"exclamation mark", '!',    "!"      },
    {"number sign",      '#',    "#"      },
    {"bracket",          '[',    "["      },
    {"closing bracket",  ']',    "]"      },
    {"byte of UTF-8",    '\xa2', "\xa2"   },
};

/* Wherever it stands, and however many of it, in text of any length. */
static void escapes_in_every_place(void **row)
{
    const struct place_case *expected = *row;
    struct buf buf = {0};
    char json[64];

    for (int before = 0; before < 20; before++) {
        for (int after = 0; after < 20; after++) {
            struct buf text = {0};
            buf_printf(&text, "%.*s%c%.*s", before, "abcdefghijklmnopqrst", expected->byte, after,
                       "abcdefghijklmnopqrst");
            (void)snprintf(json, sizeof(json), "\"%.*s%s%.*s\"", before, "abcdefghijklmnopqrst",
                           expected->escape, after, "abcdefghijklmnopqrst");
            buf_reset(&buf);
            buf_json_string(&buf, text.bytes, text.length);
            assert_string_equal(buf_text(&buf), json);
            buf_free(&text);
        }
    }
    buf_free(&buf);
}

static struct int_case {
    const char *name;
    int64_t number;
    const char *text;
} int_cases[] = {
    {"zero",     0,         "0"                   },
    {"positive", 1234567,   "1234567"             },
    {"negative", -10,       "-10"                 },
    {"largest",  INT64_MAX, "9223372036854775807" },
    {"smallest", INT64_MIN, "-9223372036854775808"},
};

static void writes_numbers(void **row)
{
    const struct int_case *expected = *row;
    struct buf buf = {0};

    buf_int(&buf, expected->number);
    assert_string_equal(buf_text(&buf), expected->text);
    buf_free(&buf);
}

static struct growth_case {
    const char *name;
    size_t before; /* bytes in the buffer already */
    int width;     /* of what is formatted into it */
} growth_cases[] = {
    {"from nothing",        0,    1    },
    {"fits",                10,   10   },
    {"fills to the last",   100,  27   },
    {"one more than fits",  100,  28   },
    {"far more than fits",  5,    10000},
    {"behind a long start", 5000, 5000 },
};

static void grows(void **row)
{
    const struct growth_case *expected = *row;
    struct buf buf = {0};
    size_t length = expected->before + (size_t)expected->width;

    assert_string_equal(buf_text(&buf), "");
    for (size_t i = 0; i < expected->before; i++)
        buf_putc(&buf, 'x');
    buf_printf(&buf, "%*d", expected->width, 7);
    assert_int_equal(buf.length, length);
    assert_int_equal(strlen(buf.bytes), length);
    assert_int_equal(buf.bytes[length - 1], '7');
    buf_append(&buf, NULL, 0);
    buf_puts(&buf, "end");
    assert_string_equal(buf.bytes + length, "end");

    buf_reset(&buf);
    assert_string_equal(buf_text(&buf), "");
    assert_true(buf.capacity > length);
    buf_free(&buf);
    assert_null(buf.bytes);
    buf_free(&buf);
}

int main(void)
{
    return RUN_TABLE("buf_json_string", json_cases, writes_json) +
           RUN_TABLE("buf_json_string places", place_cases, escapes_in_every_place) +
           RUN_TABLE("buf_int", int_cases, writes_numbers) +
           RUN_TABLE("buf growth", growth_cases, grows);
}
