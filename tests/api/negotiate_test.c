#include <string.h>

#include "api/negotiate.h"
#include "table.h"

static struct accept_case {
    const char *name;
    const char *accept;
    bool accepted;
} accept_cases[] = {
    {"no header",                  NULL,                                        true },
    {"empty",                      "",                                          true },
    {"scim",                       "application/scim+json",                     true },
    {"json",                       "application/json",                          true },
    {"in capitals",                "Application/SCIM+JSON",                     true },
    {"with a parameter",           "application/scim+json; charset=utf-8",      true },
    {"anything",                   "*/*",                                       true },
    {"any application",            "application/*",                             true },
    {"second of a list",           "text/html, application/json;q=0.9",         true },
    {"a browser's",                "text/html,application/xhtml+xml,*/*;q=0.8", true },
    {"html only",                  "text/html",                                 false},
    {"xml only",                   "application/xml",                           false},
    {"taken out by q=0",           "application/json;q=0",                      false},
    {"taken out by q=0.000",       "application/json; q=0.000",                 false},
    {"a small weight is a weight", "application/json;q=0.001",                  true },
    {"a name that only begins so", "application/jsonx",                         false},
};

static void knows_what_is_accepted(void **row)
{
    const struct accept_case *expected = *row;

    assert_int_equal(negotiate_accepts(expected->accept), expected->accepted);
}

static struct type_case {
    const char *name;
    const char *content_type;
    bool strict;   /* read in the strict profile */
    bool tolerant; /* read with every tolerance */
} type_cases[] = {
    {"scim",                    "application/scim+json",                true,  true },
    {"json",                    "application/json",                     true,  true },
    {"with charset",            "application/scim+json; charset=utf-8", true,  true },
    {"charset in quotes",       "application/json; charset=\"UTF-8\"",  true,  true },
    {"another parameter first", "application/json; a=b; charset=utf-8", true,  true },
    {"another charset",         "application/json; charset=iso-8859-1", false, false},
    {"charset misspelt",        "application/json; charset=utf8",       false, true },
    {"missing",                 NULL,                                   false, true },
    {"empty",                   "",                                     false, true },
    {"text/json",               "text/json",                            false, true },
    {"a form",                  "application/x-www-form-urlencoded",    false, false},
    {"xml",                     "application/xml",                      false, false},
    {"begins like json",        "application/json5",                    false, false},
};

static void knows_what_it_reads(void **row)
{
    const struct type_case *expected = *row;
    struct tolerance_use strict = {.profile = PROFILE_STRICT};
    struct tolerance_use tolerant = {.profile = PROFILE_AUTO};

    assert_int_equal(negotiate_content_type(expected->content_type, &strict), expected->strict);
    assert_int_equal(negotiate_content_type(expected->content_type, &tolerant), expected->tolerant);
    assert_int_equal(tolerant.count[TOLERANCE_CONTENT_TYPE] > 0,
                     expected->tolerant && !expected->strict);
}

static struct condition_case {
    const char *name;
    const char *header;
    bool names_7;
    bool single;
} condition_cases[] = {
    {"the weak tag",           "W/\"7\"",          true,  true },
    {"the strong form",        "\"7\"",            true,  true },
    {"another version",        "W/\"8\"",          false, true },
    {"any",                    "*",                true,  false},
    {"second of a list",       "W/\"6\", W/\"7\"", true,  false},
    {"a list without it",      "W/\"5\",W/\"6\"",  false, false},
    {"a tag of somebody else", "\"abc\"",          false, false},
    {"a longer number",        "W/\"77\"",         false, true },
    {"unquoted",               "7",                false, false},
    {"unterminated",           "\"7",              false, false},
    {"empty",                  "",                 false, false},
    {"negative",               "W/\"-7\"",         false, false},
    {"digits and letters",     "W/\"7a\"",         false, false},
};

static void reads_conditions(void **row)
{
    const struct condition_case *expected = *row;
    int64_t version = 0;

    assert_int_equal(condition_names(expected->header, 7), expected->names_7);
    assert_int_equal(condition_single(expected->header, &version), expected->single);
}

int main(void)
{
    return RUN_TABLE("accept", accept_cases, knows_what_is_accepted) +
           RUN_TABLE("content type", type_cases, knows_what_it_reads) +
           RUN_TABLE("conditions", condition_cases, reads_conditions);
}
