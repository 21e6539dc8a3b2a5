#include "table.h"

#include <string.h>

#include "base/clock.h"
#include "sync/transform.h"

/* JSON with single quotes, which are easier to read here. */
static json_t *json_of(const char *text)
{
    json_error_t error;
    char quoted[1024];
    size_t length = strlen(text);
    json_t *json;

    assert_true(length < sizeof(quoted));
    for (size_t i = 0; i <= length; i++)
        quoted[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    json = json_loads(quoted, JSON_DECODE_ANY, &error);
    if (json == NULL)
        fail_msg("%s: %s", text, error.text);
    return json;
}

#define NOW "2026-11-25T05:37:12Z"

static struct apply_case {
    const char *name;
    const char *step;
    const char *values; /* of attribute "a", or all attributes */
    const char *result; /* NULL: refused */
    const char *detail;
} apply_cases[] = {
    {"first of two",                   "'first'",                                "['x', 'y']",                                               "['x']",                                    NULL                    },
    {"first of none",                  "'first'",                                "[]",                                                       "[]",                                       NULL                    },
    {"all",                            "'all'",                                  "['x', 'y']",                                               "['x', 'y']",                               NULL                    },
    {"lower",                          "'lower'",                                "['Ab@X', 'Ä']",                                           "['ab@x', 'Ä']",                           NULL                    },
    {"upper",                          "'upper'",                                "['az{é']",                                                "['AZ{é']",                                NULL                    },
    {"trim",                           "'trim'",                                 "['  a b \\t', '   ', '']",                                 "['a b']",                                  NULL                    },
    {"prefix",                         "{'prefix': 'SMTP:'}",                    "['smtp:x', 'SMTP:y', 'SMTP']",                             "['y']",                                    NULL                    },
    {"constant",                       "{'constant': 'c'}",                      "['x', 'y']",                                               "['c']",                                    NULL                    },
    {"constant of none",               "{'constant': 'c'}",                      "[]",                                                       "['c']",                                    NULL                    },
    {"default of one",                 "{'default': 'd'}",                       "['x']",                                                    "['x']",                                    NULL                    },
    {"default of none",                "{'default': 'd'}",                       "[]",                                                       "['d']",                                    NULL                    },
    {"template",                       "{'template': '{givenName} {sn}!'}",
     "{'givenName': ['Ada', 'A'], 'sn': ['Lovelace']}",                                                                                      "['Ada Lovelace!']",                        NULL                    },
    {"template, any case",             "{'template': '{GIVENNAME}'}",            "{'givenName': ['Ada']}",                                   "['Ada']",
     NULL                                                                                                                                                                                                        },
    {"template, one absent",           "{'template': '{givenName} {sn}'}",       "{'sn': ['Lovelace']}",
     "[' Lovelace']",                                                                                                                                                                    NULL                    },
    {"template, all absent",           "{'template': '{givenName} {sn}'}",       "{'x': ['y'], 'sn': []}",                                   "[]",
     NULL                                                                                                                                                                                                        },
    {"map",                            "{'map': {'F': 'female'}}",               "['F', 'M']",                                               "['female']",                               NULL                    },
    {"map and the rest",               "{'map': {'F': 'female', '*': 'other'}}", "['F', 'M']",
     "['female', 'other']",                                                                                                                                                              NULL                    },
    {"boolean",                        "'boolean'",                              "['TRUE', '0', 'yes', 'No']",                               "['true', 'false', 'true', 'false']",
     NULL                                                                                                                                                                                                        },
    {"no boolean",                     "'boolean'",                              "['perhaps']",                                              NULL,                                       "not a boolean"         },
    {"not",                            "'not'",                                  "['TRUE', 'false']",                                        "['false', 'true']",                        NULL                    },
    {"bit as text",                    "{'bit': '2'}",                           "['514', '512']",                                           "['true', 'false']",                        NULL                    },
    {"values that are no texts",       "'all'",                                  "['x', 1, null, 'y']",                                      "['x', 'y']",                               NULL                    },
    {"bit",                            "{'bit': 2}",                             "['514', '512']",                                           "['true', 'false']",                        NULL                    },
    {"bit of no number",               "{'bit': 2}",                             "['0x2']",                                                  NULL,                                       "not a number"          },
    {"bit of an empty text",           "{'bit': 2}",                             "['']",                                                     NULL,                                       "not a number"          },
    {"bit of a huge number",           "{'bit': 2}",                             "['99999999999999999999']",                                 NULL,                                       "not a number"          },
    {"bit of a negative number",       "{'bit': 2}",                             "['-2147483646']",                                          "['true']",                                 NULL                    },
    {"guid",                           "'guid'",                                 "['wfNjebJRRRDjxAECAwQFBg==']",                             "['7963f3c1-51b2-1045-e3c4-010203040506']",
     NULL                                                                                                                                                                                                        },
    {"guid as text",                   "'guid'",                                 "['7963F3C1-51b2-4510-82f1-0123456789ab']",
     "['7963F3C1-51b2-4510-82f1-0123456789ab']",                                                                                                                                         NULL                    },
    {"guid too short",                 "'guid'",                                 "['wfNj']",                                                 NULL,                                       "not a GUID"            },
    {"guid too long",                  "'guid'",                                 "['wfNjebJRRRDjxAECAwQFBgcI']",                             NULL,                                       "not a GUID"            },
    {"guid of no base64",              "'guid'",                                 "['***']",                                                  NULL,                                       "not a GUID"            },
    {"sid",                            "'sid'",                                  "['AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA9AEAAA==']",             "['S-1-5-21-1-2-3-500']",
     NULL                                                                                                                                                                                                        },
    {"sid without parts",              "'sid'",                                  "['AQAAAAAAAAU=']",                                         "['S-1-5']",                                NULL                    },
    {"sid as text",                    "'sid'",                                  "['S-1-5-32-544']",                                         "['S-1-5-32-544']",                         NULL                    },
    {"sid cut",                        "'sid'",                                  "['AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA']",                     NULL,                                       "not a SID"             },
    {"sid of another revision",        "'sid'",                                  "['AgAAAAAAAAU=']",                                         NULL,                                       "not a SID"             },
    {"filetime",                       "'filetime'",                             "['133772866320000000']",                                   "['2024-11-28T16:57:12.000Z']",             NULL                    },
    {"filetime of 1601",               "'filetime'",                             "['10']",                                                   "['1601-01-01T00:00:00.000Z']",             NULL                    },
    {"filetime never",                 "'filetime'",                             "['0', '9223372036854775807']",                             "[]",                                       NULL                    },
    {"no filetime",                    "'filetime'",                             "['soon']",                                                 NULL,                                       "not a FILETIME"        },
    {"generalized time",               "'generalized_time'",                     "['20261125053712.0Z']",
     "['2026-11-25T05:37:12.000Z']",                                                                                                                                                     NULL                    },
    {"generalized time with a comma",  "'generalized_time'",                     "['20261125053712,25Z']",
     "['2026-11-25T05:37:12.250Z']",                                                                                                                                                     NULL                    },
    {"generalized time with a zone",   "'generalized_time'",                     "['20261125053712+0130']",
     "['2026-11-25T04:07:12.000Z']",                                                                                                                                                     NULL                    },
    {"generalized time to the minute", "'generalized_time'",                     "['202611250537Z']",
     "['2026-11-25T05:37:00.000Z']",                                                                                                                                                     NULL                    },
    {"generalized time to the hour",   "'generalized_time'",                     "['2026112505Z']",
     "['2026-11-25T05:00:00.000Z']",                                                                                                                                                     NULL                    },
    {"generalized time without zone",  "'generalized_time'",                     "['20261125053712']",                                       NULL,
     "not a generalized time"                                                                                                                                                                                    },
    {"generalized time of no day",     "'generalized_time'",                     "['20260230053712Z']",                                      NULL,
     "not a generalized time"                                                                                                                                                                                    },
    {"generalized time and more",      "'generalized_time'",                     "['20261125053712Zx']",                                     NULL,
     "not a generalized time"                                                                                                                                                                                    },
    {"no generalized time",            "'generalized_time'",                     "['2026-11-25']",                                           NULL,                                       "not a generalized time"},
    {"generalized time, long",         "'generalized_time'",
     "['20261125053712.00000000000000000000000000Z']",                                                                                       NULL,                                       "not a generalized time"},
    {"active",                         "'account_active'",                       "{'userAccountControl': ['512'], 'accountExpires': ['0']}",
     "['true']",                                                                                                                                                                         NULL                    },
    {"active, nothing known",          "'account_active'",                       "{'accountExpires': ['0']}",                                "[]",                                       NULL                    },
    {"disabled",                       "'account_active'",                       "{'userAccountControl': ['514']}",                          "['false']",                                NULL                    },
    {"expired",                        "'account_active'",
     "{'userAccountControl': ['512'], 'accountExpires': ['133772866320000000']}",                                                            "['false']",
     NULL                                                                                                                                                                                                        },
    {"expires later",                  "'account_active'",
     "{'userAccountControl': ['512'], 'accountExpires': ['149000000000000000']}",                                                            "['true']",                                 NULL                    },
    {"expires never",                  "'account_active'",
     "{'userAccountControl': ['512'], 'accountExpires': ['9223372036854775807']}",                                                           "['true']",
     NULL                                                                                                                                                                                                        },
    {"disabled, expires never",        "'account_active'",
     "{'userAccountControl': ['66050'], 'accountExpires': ['0']}",                                                                           "['false']",                                NULL                    },
    {"locked does not matter",         "'account_active'",
     "{'userAccountControl': ['512'], 'msDS-User-Account-Control-Computed': ['16']}",                                                        "['true']",
     NULL                                                                                                                                                                                                        },
    {"locked",                         "'account_active_unlocked'",
     "{'userAccountControl': ['512'], 'msDS-User-Account-Control-Computed': ['16']}",                                                        "['false']",
     NULL                                                                                                                                                                                                        },
    {"not locked",                     "'account_active_unlocked'",
     "{'userAccountControl': ['512'], 'msDS-User-Account-Control-Computed': ['8388608']}",                                                   "['true']",                                 NULL                    },
    {"disabled, not locked",           "'account_active_unlocked'",
     "{'userAccountControl': ['514'], 'msDS-User-Account-Control-Computed': ['0']}",                                                         "['false']",
     NULL                                                                                                                                                                                                        },
    {"account control of no number",   "'account_active'",                       "{'userAccountControl': ['x']}",                            NULL,
     "userAccountControl: not a number"                                                                                                                                                                          },
    {"expiry of no number",            "'account_active'",                       "{'accountExpires': ['x']}",                                NULL,
     "accountExpires: not a number"                                                                                                                                                                              },
};

static json_t *json_of_values(const struct values *values)
{
    json_t *list = json_array();

    for (size_t i = 0; i < values->count; i++)
        assert_int_equal(json_array_append_new(list, json_string(values->items[i])), 0);
    return list;
}

static void turns_into(void **row)
{
    const struct apply_case *expected = *row;
    struct arena *arena = arena_new(1024);
    json_t *step = json_of(expected->step);
    json_t *given = json_of(expected->values);
    json_t *attributes = json_is_array(given) ? json_pack("{s:O}", "a", given) : json_incref(given);
    struct transform_input input = {.attributes = attributes};
    const struct transform *transform = NULL;
    struct values values = {0};
    struct err err = {0};
    int result;

    assert_true(clock_parse(NOW, strlen(NOW), &input.now_us));
    if (transform_parse(arena, step, &transform, &err) < 0)
        fail_msg("%s", err.detail);
    values_of(attributes, "A", arena, &values);
    result = transform_apply(transform, &input, arena, &values, &err);
    assert_int_equal(result, expected->result != NULL ? 0 : -1);
    if (result == 0) {
        json_t *wanted = json_of(expected->result);
        json_t *got = json_of_values(&values);

        if (!json_equal(wanted, got))
            fail_msg("%s", json_dumps(got, 0));
        json_decref(wanted);
        json_decref(got);
    } else {
        assert_int_equal(err.code, ERR_INVALID_VALUE);
        assert_string_equal(err.detail, expected->detail);
    }
    json_decref(step);
    json_decref(given);
    json_decref(attributes);
    arena_free(arena);
}

static struct refused_case {
    const char *name;
    const char *step;
    const char *detail;
} refused_cases[] = {
    {"unknown",                 "'reverse'",              "there is no transform \"reverse\""                   },
    {"in another case",         "'First'",                "there is no transform \"First\""                     },
    {"a number",                "7",                      "a transform is a name, or one name with its argument"},
    {"two names",               "{'bit': 2, 'map': {}}",  "a transform is a name, or one name with its argument"},
    {"no name",                 "{}",                     "a transform is a name, or one name with its argument"},
    {"argument missing",        "'bit'",                  "bit: takes a number above 0"                         },
    {"argument not wanted",     "{'first': 1}",           "first: takes no argument"                            },
    {"bit zero",                "{'bit': 0}",             "bit: takes a number above 0"                         },
    {"bit as a word",           "{'bit': 'two'}",         "bit: takes a number above 0"                         },
    {"constant as number",      "{'constant': 1}",        "constant: takes a text"                              },
    {"map as list",             "{'map': ['a']}",         "map: takes an object of texts"                       },
    {"map to a number",         "{'map': {'a': 1}}",      "map: \"a\" must become a text"                       },
    {"template left open",      "{'template': 'x {sn'}",
     "template: braces enclose an attribute's name: \"x {sn\""                                                  },
    {"template closed only",    "{'template': 'x }sn'}",
     "template: braces enclose an attribute's name: \"x }sn\""                                                  },
    {"template without a name", "{'template': '{}'}",
     "template: braces enclose an attribute's name: \"{}\""                                                     },
    {"template in a template",  "{'template': '{a{b}}'}",
     "template: braces enclose an attribute's name: \"{a{b}}\""                                                 },
};

static void is_refused(void **row)
{
    const struct refused_case *expected = *row;
    struct arena *arena = arena_new(1024);
    json_t *step = json_of(expected->step);
    const struct transform *transform = NULL;
    struct err err = {0};

    assert_int_equal(transform_parse(arena, step, &transform, &err), -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
    assert_string_equal(err.detail, expected->detail);
    json_decref(step);
    arena_free(arena);
}

int main(void)
{
    return RUN_TABLE("transforms", apply_cases, turns_into) +
           RUN_TABLE("transforms refused", refused_cases, is_refused);
}
