#include "scim/json.h"

#include <string.h>

#include "table.h"

#define TEXT(literal) (literal), sizeof(literal) - 1

static struct parse_case {
    const char *name;
    const char *json;
    size_t length;
    const char *detail; /* part of it; NULL: accepted */
} parses[] = {
    {"object",                         TEXT("{\"a\":1}"),                                                     NULL                               },
    {"blanks around",                  TEXT(" \n{\"a\":[1,2.5,true,false,null,\"x\"]}\t "),                   NULL                               },
    {"no text",                        TEXT(""),                                                              "at byte 0"                        },
    {"cut short",                      TEXT("{\"a\":"),                                                       "at byte 5"                        },
    {"wrong byte",                     TEXT("{\"a\":x}"),                                                     "at byte 5"                        },
    {"wrong word",                     TEXT("{\"a\":nothing}"),                                               "at byte 5"                        },
    {"trailing comma",                 TEXT("{\"a\":1,}"),                                                    "at byte 7"                        },
    {"trailing text",                  TEXT("{} x"),                                                          "at byte 3"                        },
    {"second object",                  TEXT("{}{}"),                                                          "at byte 2"                        },
    {"bare number",                    TEXT("12"),                                                            "malformed JSON"                   },
    {"duplicate key",                  TEXT("{\"a\":1,\"a\":2}"),                                             "malformed JSON: duplicate"        },
    {"duplicate key by escape",        TEXT("{\"a\":1,\"\\u0061\":2}"),                                       "duplicate"                        },
    {"escaped NUL in a value",         TEXT("{\"a\":\"x\\u0000y\"}"),                                         "malformed JSON"                   },
    {"escaped NUL in a key",           TEXT("{\"x\\u0000y\":1}"),                                             "malformed JSON"                   },
    {"raw NUL",                        TEXT("{\"a\":\"x\0y\"}"),                                              "malformed JSON"                   },
    {"NUL after the end",              TEXT("{}\0"),                                                          "malformed JSON"                   },
    {"raw control byte",               TEXT("{\"a\":\"x\ny\"}"),                                              "malformed JSON"                   },
    {"lone high surrogate",            TEXT("{\"a\":\"\\ud800\"}"),                                           "malformed JSON"                   },
    {"lone low surrogate",             TEXT("{\"a\":\"\\udc00\"}"),                                           "malformed JSON"                   },
    {"surrogate pair",                 TEXT("{\"a\":\"\\ud83d\\ude00\"}"),                                    NULL                               },
    {"overlong UTF-8",                 TEXT("{\"a\":\"\xC0\xAF\"}"),                                          "malformed JSON"                   },
    {"surrogate in UTF-8",             TEXT("{\"a\":\"\xED\xA0\x80\"}"),                                      "malformed JSON"                   },
    {"cut UTF-8",                      TEXT("{\"a\":\"\xC3\"}"),                                              "malformed JSON"                   },
    {"largest integer",                TEXT("{\"a\":9223372036854775807}"),                                   NULL                               },
    {"integer beyond",                 TEXT("{\"a\":9223372036854775808}"),                                   "too big integer"                  },
    {"integer far below",              TEXT("{\"a\":-9223372036854775809}"),                                  "integer"                          },
    {"real beyond",                    TEXT("{\"a\":1e400}"),                                                 "real number overflow"             },
    {"leading zero",                   TEXT("{\"a\":01}"),                                                    "malformed JSON"                   },
    {"NaN",                            TEXT("{\"a\":NaN}"),                                                   "malformed JSON"                   },
    {"depth at the limit",             TEXT("[[[[{\"a\":\"[[[[[[\"}]]]]"),                                    NULL                               },
    {"depth beyond",                   TEXT("[[[[[[1]]]]]]"),                                                 "nested more than 5 deep at byte 5"},
    {"brackets in strings don't nest", TEXT("{\"a\":\"[[[[[[[[\\\"[[[\"}"),                                   NULL                               },
    {"unclosed string",                TEXT("{\"a\":\"[[[[[[[["),                                             "malformed JSON"                   },
    {"string at the limit",            TEXT("{\"a\":\"12345678901234567890\"}"),                              NULL                               },
    {"string beyond",                  TEXT("{\"a\":\"123456789012345678901\"}"),                             "longer than 20 bytes at byte 5"   },
    {"escapes count as what they are",
     TEXT("{\"a\":\"\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\"}"),
     NULL                                                                                                                                        },
    {"pairs count as four",
     TEXT("{\"a\":\"\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude00\"}"),
     NULL                                                                                                                                        },
    {"escapes beyond",                 TEXT("{\"a\":\"\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\"}"),
     "longer than 20 bytes"                                                                                                                      },
    {"key beyond",                     TEXT("{\"123456789012345678901\":1}"),                                 "longer than 20 bytes at byte 1"   },
    {"backslash at the end",           TEXT("{\"a\":\"\\"),                                                   "malformed JSON"                   },
};

static void parses_or_names_the_byte(void **row)
{
    const struct parse_case *expected = *row;
    const struct scim_limits limits = {.json_depth = 5, .string_bytes = 20};
    json_t *value = NULL;
    struct err err = {0};
    int result = json_parse_body(expected->json, expected->length, &limits, &value, &err);

    json_decref(value);
    if (expected->detail == NULL) {
        if (result < 0)
            fail_msg("refused: %s", err.detail);
        return;
    }
    assert_int_equal(result, -1);
    assert_int_equal(err.code, ERR_INVALID_SYNTAX);
    assert_non_null(strstr(err.detail, " at byte "));
    if (strstr(err.detail, expected->detail) == NULL)
        fail_msg("\"%s\" does not contain \"%s\"", err.detail, expected->detail);
}

static struct write_case {
    const char *name;
    const char *json;
    const char *text; /* NULL: the same */
} writes[] = {
    {"order of members",          "{\"b\":1,\"a\":2}",                               NULL                            },
    {"empty ones",                "{\"a\":{},\"b\":[]}",                             NULL                            },
    {"nested",                    "[[1,[2]],{\"a\":[{\"b\":null}]}]",                NULL                            },
    {"words",                     "[true,false,null]",                               NULL                            },
    {"blanks go",                 " [ 1 , { \"a\" : 2 } ] ",                         "[1,{\"a\":2}]"                 },
    {"UTF-8 is not escaped",      "[\"\\u00e4\\ud83d\\ude00\"]",                     "[\"\xC3\xA4\xF0\x9F\x98\x80\"]"},
    {"escapes",                   "[\"\\\"\\\\\\/\\n\\u0001\"]",                     "[\"\\\"\\\\/\\n\\u0001\"]"     },
    {"integers",                  "[0,-1,9223372036854775807,-9223372036854775808]", NULL                            },
    {"reals shortest",            "[0.1,1.5,-2.25,123456.789]",                      NULL                            },
    {"real that needs 17 digits", "[0.30000000000000004]",                           NULL                            },
    {"real stays real",           "[1.0,100.0]",                                     NULL                            },
    {"real with an exponent",     "[1e100]",                                         "[1e+100]"                      },
};

static void writes_compact(void **row)
{
    const struct write_case *expected = *row;
    json_t *value = json_loads(expected->json, 0, NULL);
    struct buf text = {0};

    assert_non_null(value);
    json_append(&text, value);
    assert_string_equal(buf_text(&text), expected->text != NULL ? expected->text : expected->json);
    buf_free(&text);
    json_decref(value);
}

static struct same_case {
    const char *name;
    const char *left;
    const char *right;
    bool same;
} sames[] = {
    {"order of members",       "{\"a\":1,\"b\":2}",     "{\"b\":2,\"a\":1}",     true },
    {"order of elements",      "[1,2]",                 "[2,1]",                 false},
    {"one member more",        "{\"a\":1}",             "{\"a\":1,\"b\":2}",     false},
    {"other name",             "{\"a\":1}",             "{\"b\":1}",             false},
    {"one element more",       "[1]",                   "[1,2]",                 false},
    {"integer and real",       "[1]",                   "[1.0]",                 true },
    {"neighbours beyond 2^53", "[9007199254740993]",    "[9007199254740992]",    false},
    {"string and number",      "[\"1\"]",               "[1]",                   false},
    {"strings by case",        "[\"a\"]",               "[\"A\"]",               false},
    {"true and false",         "[true]",                "[false]",               false},
    {"null and false",         "[null]",                "[false]",               false},
    {"deep",                   "{\"a\":[{\"b\":[1]}]}", "{\"a\":[{\"b\":[1]}]}", true },
    {"deep difference",        "{\"a\":[{\"b\":[1]}]}", "{\"a\":[{\"b\":[2]}]}", false},
};

static void compares_as_scim_values(void **row)
{
    const struct same_case *expected = *row;
    json_t *left = json_loads(expected->left, 0, NULL);
    json_t *right = json_loads(expected->right, 0, NULL);

    assert_int_equal(json_same(left, right), expected->same);
    assert_int_equal(json_same(right, left), expected->same);
    json_decref(left);
    json_decref(right);
}

static void survives_ten_thousand_levels(void **state)
{
    const struct scim_limits limits = scim_limits_default;
    struct buf text = {0};
    json_t *value = NULL;
    struct err err = {0};

    (void)state;
    for (int i = 0; i < 10000; i++)
        buf_puts(&text, "{\"a\":[");
    assert_int_equal(json_parse_body(buf_text(&text), text.length, &limits, &value, &err), -1);
    assert_string_equal(err.detail, "JSON is nested more than 32 deep at byte 96");
    assert_int_equal(json_parse_file("f.json", buf_text(&text), text.length, &value, &err), -1);
    assert_string_equal(err.detail, "f.json:1: nested more than 32 deep");
    assert_null(value);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(survives_ten_thousand_levels)};

    return RUN_TABLE("json parse", parses, parses_or_names_the_byte) +
           RUN_TABLE("json write", writes, writes_compact) +
           RUN_TABLE("json same", sames, compares_as_scim_values) +
           cmocka_run_group_tests_name("json depth", tests, NULL, NULL);
}
