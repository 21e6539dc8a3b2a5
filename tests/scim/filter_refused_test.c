#include "filter_fixture.h"
#include "table.h"

static struct schema_set *set;

static struct refused_case {
    const char *name;
    const char *type;
    const char *filter;
    const char *detail; /* how it begins */
    int how;
} refused_cases[] = {
  /* clang-format off */
    {"nothing", "User", "", "byte 0: expected an attribute", AUTO},
    {"blanks only", "User", "   ", "byte 3: expected an attribute", AUTO},
    {"operator missing", "User", "userName", "byte 8: expected an operator", AUTO},
    {"operator unknown", "User", "userName like \"b\"", "byte 9: expected an operator", AUTO},
    {"value missing", "User", "userName eq", "byte 11: a value is missing", AUTO},
    {"value is a bare word", "User", "userName eq bjensen", "byte 12: expected a number", AUTO},
    {"single quotes", "User", "userName eq 'b'", "byte 12: expected a number", AUTO},
    {"text does not end", "User", "userName eq \"b", "byte 12: the string does not end", AUTO},
    {"text ends in a backslash", "User", "userName eq \"b\\", "byte 12: the string does not end",
     AUTO},
    {"trailing words", "User", "title pr userName", "byte 9: expected \"and\"", AUTO},
    {"trailing text", "User", "userName eq \"b\"c", "byte 15: expected \"and\"", AUTO},
    {"two operators", "User", "userName eq eq \"b\"", "byte 12: expected a number", AUTO},
    {"and without right side", "User", "title pr and", "byte 12: expected an attribute", AUTO},
    {"and without left side", "User", "and title pr", "byte 0: there is no attribute \"and\"",
     AUTO},
    {"or or", "User", "title pr or or id pr", "byte 12: there is no attribute \"or\"", AUTO},
    {"empty group", "User", "()", "byte 1: expected an attribute", AUTO},
    {"group does not end", "User", "(title pr", "byte 9: expected \"and\", \"or\" or \")\"", AUTO},
    {"group ends twice", "User", "(title pr))", "byte 10: expected \"and\"", AUTO},
    {"group ends as brackets", "User", "(title pr]", "byte 9: expected", AUTO},
    {"not without parentheses", "User", "not title pr", "byte 4: expected \"(\" behind", AUTO},
    {"not alone", "User", "not", "byte 3: expected \"(\" behind", AUTO},
    {"brackets empty", "User", "emails[]", "byte 7: expected an attribute", AUTO},
    {"brackets do not end", "User", "emails[type pr", "byte 14: expected", AUTO},
    {"brackets end alone", "User", "title pr]", "byte 8: expected", AUTO},
    {"brackets in brackets", "User", "emails[type[value pr]]", "byte 11: expected no brackets",
     AUTO},
    {"brackets of a single-valued one", "User", "name[givenName pr]", "byte 4: urn:ietf:params",
     AUTO},
    {"brackets of a sub-attribute", "User", "emails.type[value pr]", "byte 11: expected an", AUTO},
    {"sub-attribute missing behind brackets", "User", "emails[type pr]. pr", "byte 15: there is",
     AUTO},
    {"sub-attribute unknown behind brackets", "User", "emails[type pr].foo pr",
     "byte 15: there is no attribute", AUTO},
    {"comparison behind brackets", "User", "emails[type pr] eq \"x\"", "byte 16: expected", AUTO},
    {"unknown attribute", "User", "foo eq \"b\"", "byte 0: there is no attribute \"foo\"", AUTO},
    {"unknown sub-attribute", "User", "name.foo eq \"b\"", "byte 0: there is no attribute", AUTO},
    {"unknown in brackets", "User", "emails[foo eq \"b\"]", "byte 7: there is no attribute", AUTO},
    {"too deep a name", "User", "emails.value.x eq \"b\"", "byte 0: there is no", AUTO},
    {"unknown URN", "User", "urn:x:User:userName eq \"b\"", "byte 0: there is no", AUTO},
    {"URN alone", "User", SCHEMA_URN_USER " pr", "byte 0: there is no attribute", AUTO},
    {"attribute of another type", "User", "members eq \"1\"", "byte 0: there is no", AUTO},
    {"other name in a simple one's brackets", "Device", "labels[type eq \"a\"]", "byte 7: there",
     AUTO},
    {"no name but text", "User", "\"userName\" eq \"b\"", "byte 0: expected an attribute", AUTO},

    {"password", "User", "password eq \"x\"", "byte 0: " SCHEMA_URN_USER ":password cannot", AUTO},
    {"password pr", "User", "password pr", "byte 0: " SCHEMA_URN_USER ":password cannot", AUTO},
    {"never returned in brackets", "Device", "slots[key eq \"x\"]", "byte 6: ", AUTO},
    {"never returned behind brackets", "Device", "slots[type pr].key pr", "byte 14: ", AUTO},
    {"declared unfilterable", "Device", "memo pr", "byte 0: ", AUTO},

    {"gt of a boolean", "User", "active gt true", "byte 10: ", AUTO},
    {"co of a boolean", "User", "active co \"t\"", "byte 10: ", AUTO},
    {"gt of binary", "Device", "fingerprint gt \"AA\"", "byte 15: ", AUTO},
    {"co of binary", "Device", "fingerprint co \"AA\"", "byte 15: ", AUTO},
    {"co of a time", "User", "meta.created co \"2011\"", "byte 16: ", AUTO},
    {"sw of a number", "Device", "ports sw 1", "byte 9: ", AUTO},
    {"eq of a complex one without value", "User", "name eq \"x\"", "byte 8: ", AUTO},
    {"gt of a complex one without value", "User", "addresses gt \"x\"", "byte 13: ", AUTO},
    {"number for text", "User", "userName eq 7", "byte 12: ", AUTO},
    {"boolean for text", "User", "userName eq true", "byte 12: ", AUTO},
    {"word for a boolean", "User", "active eq \"yes\"", "byte 10: ", AUTO},
    {"number for a boolean", "User", "active eq 1", "byte 10: ", AUTO},
    {"text for a boolean, strict", "User", "active eq \"true\"", "byte 10: ", STRICT},
    {"text for a number", "Device", "ports eq \"x\"", "byte 9: ", AUTO},
    {"text for a number, strict", "Device", "ports eq \"8\"", "byte 9: ", STRICT},
    {"boolean for a number", "Device", "ports eq true", "byte 9: ", AUTO},
    {"too large a number", "Device", "weight eq 1e999", "byte 10: ", AUTO},
    {"no time", "User", "meta.created gt \"yesterday\"", "byte 16: ", AUTO},
    {"number for a time", "User", "meta.created gt 2011", "byte 16: ", AUTO},
    {"day that does not exist", "User", "meta.created gt \"2011-02-30T00:00:00Z\"",
     "byte 16: ", AUTO},
    {"gt null", "User", "title gt null", "byte 9: null", AUTO},
    {"co null", "User", "title co null", "byte 9: null", AUTO},

    {"number with a leading zero", "Device", "ports eq 007", "byte 9: expected a number", AUTO},
    {"number with a plus", "Device", "ports eq +7", "byte 9: expected a number", AUTO},
    {"number without digits", "Device", "ports eq -", "byte 9: expected a number", AUTO},
    {"number ends in a point", "Device", "ports eq 1.", "byte 9: expected a number", AUTO},
    {"number ends in e", "Device", "ports eq 1e", "byte 9: expected a number", AUTO},
    {"hexadecimal number", "Device", "ports eq 0x10", "byte 9: expected a number", AUTO},

    {"unknown escape", "User", "userName eq \"\\x41\"", "byte 13: bad escape", AUTO},
    {"short escape", "User", "userName eq \"\\u12\"", "byte 13: bad escape", AUTO},
    {"escape without digits", "User", "userName eq \"\\u12g4\"", "byte 13: bad escape", AUTO},
    {"escaped NUL", "User", "userName eq \"a\\u0000\"", "byte 14: bad escape", AUTO},
    {"low surrogate alone", "User", "userName eq \"\\udc00\"", "byte 13: bad escape", AUTO},
    {"high surrogate alone", "User", "userName eq \"\\ud800\"", "byte 13: bad escape", AUTO},
    {"high surrogate twice", "User", "userName eq \"\\ud800\\ud800\"", "byte 13: bad", AUTO},
    {"raw control character", "User", "userName eq \"a\nb\"", "byte 14: control character", AUTO},
    {"raw tab", "User", "userName eq \"a\tb\"", "byte 14: control character", AUTO},
    {"not UTF-8", "User", "userName eq \"\xff\"", "byte 0: the filter is not valid UTF-8", AUTO},
    {"overlong UTF-8", "User", "userName eq \"\xc0\xaf\"", "byte 0: the filter is not", AUTO},
    {"line feed as a blank", "User", "userName\neq \"b\"", "byte 0: there is no", AUTO},

    {"strict: leading blank", "User", " title pr", "byte 1: no blank", STRICT},
    {"strict: trailing blank", "User", "title pr ", "byte 9: no blank", STRICT},
    {"strict: two blanks", "User", "title  pr", "byte 7: one blank", STRICT},
    {"strict: tab", "User", "title\tpr", "byte 6: one blank", STRICT},
    {"strict: blank in parentheses", "User", "( title pr)", "byte 2: no blank", STRICT},
    {"strict: blank in brackets", "User", "emails[type pr ]", "byte 15: no blank", STRICT},
    {"strict: blank before brackets", "User", "emails [type pr]", "byte 7: no blank", STRICT},
    {"strict: no blank before text", "User", "userName eq\"b\"", "byte 11: one blank", STRICT},
    {"strict: no blank behind a group", "User", "(title pr)and id pr", "byte 10: one blank",
     STRICT},
    {"strict: two blanks behind not", "User", "not  (title pr)", "byte 5: expected", STRICT},
    {"mixed: still no syntax", "User", "members eq", "byte 10: a value is missing", MIXED},
    {"mixed: still no operator", "User", "active gt true", "byte 10: ", MIXED},
  /* clang-format on */
};

static void refuses(void **row)
{
    const struct refused_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct filter *filter = NULL;
    struct err err = parse(arena, schema_set_type_by_name(set, expected->type), expected->filter,
                           expected->how, &filter);

    assert_int_equal(err.code, ERR_INVALID_FILTER);
    assert_null(filter);
    if (strncmp(err.detail, expected->detail, strlen(expected->detail)) != 0)
        fail_msg("wrong place or reason: %s", err.detail);
    arena_free(arena);
}

static struct repeat_case {
    const char *name;
    const char *open;
    const char *middle;
    const char *close;
    size_t count;
    const char *detail; /* NULL: accepted */
} repeat_cases[] = {
  /* clang-format off */
    {"groups as deep as allowed", "(", "title pr", ")", FILTER_DEPTH_MAX, NULL},
    {"groups deeper", "(", "title pr", ")", FILTER_DEPTH_MAX + 1, "byte 32: nested deeper"},
    {"nots as deep as allowed", "not (", "title pr", ")", FILTER_DEPTH_MAX, NULL},
    {"nots deeper", "not (", "title pr", ")", FILTER_DEPTH_MAX + 1, "byte 164: nested deeper"},
    {"brackets count", "(", "emails[type pr]", ")", FILTER_DEPTH_MAX, "byte 38: nested deeper"},
    {"groups that never end", "(", "", "", 4000, "byte 32: nested deeper"},
    {"a long chain", "title pr and ", "title pr", "", 49, NULL},
    {"too long a chain", "title pr or ", "title pr", "", 51, "byte 606: more than 100"},
    {"too long a text", "title pr or ", "title pr", "", 400, "byte 4096: a filter may have"},
  /* clang-format on */
};

static void bounds_depth_and_size(void **row)
{
    const struct repeat_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    size_t room = expected->count * (strlen(expected->open) + strlen(expected->close)) +
                  strlen(expected->middle) + 1;
    char *text = arena_alloc(arena, room);
    const struct filter *filter = NULL;
    struct err err;

    for (size_t i = 0; i < expected->count; i++)
        strcat(text, expected->open);
    strcat(text, expected->middle);
    for (size_t i = 0; i < expected->count; i++)
        strcat(text, expected->close);
    err = parse(arena, schema_set_type_by_name(set, "User"), text, AUTO, &filter);
    if (expected->detail == NULL) {
        assert_int_equal(err.code, 0);
        assert_non_null(filter_format(arena, filter));
    } else {
        assert_int_equal(err.code, ERR_INVALID_FILTER);
        if (strncmp(err.detail, expected->detail, strlen(expected->detail)) != 0)
            fail_msg("wrong place or reason: %s", err.detail);
    }
    arena_free(arena);
}

static void refuses_an_embedded_nul(void **state)
{
    static const char text[] = "userName eq \"a\0b\"";
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct filter_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                         .limits = &scim_limits_default};
    const struct filter *filter = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(filter_parse(&reader, arena, text, sizeof(text) - 1, &filter, &err), -1);
    assert_int_equal(err.code, ERR_INVALID_FILTER);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest whole[] = {cmocka_unit_test(refuses_an_embedded_nul)};
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("refused filters", refused_cases, refuses) +
             RUN_TABLE("bounds", repeat_cases, bounds_depth_and_size) +
             cmocka_run_group_tests_name("whole filters", whole, NULL, NULL);
    schema_set_release(set);
    return failed;
}
