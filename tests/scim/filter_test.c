#include "scim/filter.h"

#include "base/cleanup.h"
#include "filter_fixture.h"
#include "table.h"

static struct schema_set *set;

/* Takes the URNs of core schemas out, so that the rows below can be read. */
static const char *shortened(struct arena *arena, const char *text)
{
    static const char *const urns[] = {SCHEMA_URN_USER ":", SCHEMA_URN_GROUP ":",
                                       "urn:example:scim:schemas:2.0:Device:"};
    char *out = arena_strdup(arena, text);

    for (size_t i = 0; i < ARRAY_LENGTH(urns); i++) {
        for (char *found = strstr(out, urns[i]); found != NULL; found = strstr(found, urns[i]))
            memmove(found, found + strlen(urns[i]), strlen(found + strlen(urns[i])) + 1);
    }
    return out;
}

#define ENTERPRISE SCHEMA_URN_ENTERPRISE
#define LEASE "urn:example:scim:schemas:extension:2.0:Lease"

static struct filter_case {
    const char *name;
    const char *type;
    const char *filter;
    const char *canonical;
    int how;
} filter_cases[] = {
  /* clang-format off */
    /* operators */
    {"eq", "User", "userName eq \"bjensen\"", "userName eq \"bjensen\"", STRICT},
    {"ne is not eq", "User", "userName ne \"b\"", "not (userName eq \"b\")", STRICT},
    {"co", "User", "name.familyName co \"O'Malley\"", "name.familyName co \"O'Malley\"", STRICT},
    {"sw", "User", "userName sw \"J\"", "userName sw \"J\"", STRICT},
    {"ew", "User", "userName ew \"J\"", "userName ew \"J\"", STRICT},
    {"gt", "User", "userName gt \"J\"", "userName gt \"J\"", STRICT},
    {"ge", "User", "userName ge \"J\"", "userName ge \"J\"", STRICT},
    {"lt", "User", "userName lt \"J\"", "userName lt \"J\"", STRICT},
    {"le", "User", "userName le \"J\"", "userName le \"J\"", STRICT},
    {"pr", "User", "title pr", "title pr", STRICT},
    {"operator in capitals", "User", "title PR and userName Eq \"b\"",
     "(title pr and userName eq \"b\")", STRICT},
    {"attribute in another case", "User", "USERNAME eq \"b\"", "userName eq \"b\"", STRICT},
    {"empty text", "User", "userName eq \"\"", "userName eq \"\"", STRICT},

    /* precedence and groups */
    {"and binds before or", "User", "title pr or id pr and active pr",
     "(title pr or (id pr and active pr))", STRICT},
    {"and before or, the other way", "User", "title pr and id pr or active pr",
     "((title pr and id pr) or active pr)", STRICT},
    {"parentheses win", "User", "(title pr or id pr) and active pr",
     "((title pr or id pr) and active pr)", STRICT},
    {"a chain", "User", "title pr and id pr and active pr and locale pr",
     "(title pr and id pr and active pr and locale pr)", STRICT},
    {"not binds most", "User", "not (title pr) and id pr", "(not (title pr) and id pr)", STRICT},
    {"not without a blank", "User", "not(title pr)", "not (title pr)", STRICT},
    {"not in capitals", "User", "NOT (title pr) AND id pr OR id pr",
     "((not (title pr) and id pr) or id pr)", STRICT},
    {"not of not", "User", "not (not (title pr))", "not (not (title pr))", STRICT},
    {"a group of one", "User", "(title pr)", "title pr", STRICT},
    {"not of a group", "User", "not (title pr or id pr)", "not ((title pr or id pr))", STRICT},
    {"example of the RFC", "User",
     "userType ne \"Employee\" and not (emails co \"example.com\" or emails.value co \"x.org\")",
     "(not (userType eq \"Employee\") and not ((emails[value co \"example.com\"] or emails[value "
     "co \"x.org\"])))",
     STRICT},

    /* multi-valued, complex, value paths */
    {"a multi-valued one compares its value", "User", "emails eq \"a@b\"",
     "emails[value eq \"a@b\"]", STRICT},
    {"ne of a multi-valued one", "User", "emails ne \"a@b\"", "not (emails[value eq \"a@b\"])",
     STRICT},
    {"sub-attribute of a multi-valued one", "User", "emails.type eq \"work\"",
     "emails[type eq \"work\"]", STRICT},
    {"presence of a multi-valued one", "User", "emails pr", "emails pr", STRICT},
    {"presence of its sub-attribute", "User", "emails.value pr", "emails[value pr]", STRICT},
    {"value path", "User", "emails[type eq \"work\" and value co \"@x\"]",
     "emails[(type eq \"work\" and value co \"@x\")]", STRICT},
    {"value path with or and not", "User", "emails[not (type eq \"work\") or primary eq true]",
     "emails[(not (type eq \"work\") or primary eq true)]", STRICT},
    {"two value paths", "User", "emails[type eq \"work\"] or ims[type eq \"xmpp\"]",
     "(emails[type eq \"work\"] or ims[type eq \"xmpp\"])", STRICT},
    {"value path and sub-attribute", "User", "emails[type eq \"work\"].value eq \"a@b\"",
     "emails[(type eq \"work\" and value eq \"a@b\")]", STRICT},
    {"value path and sub-attribute, ne", "User", "emails[type eq \"work\"].value ne \"a@b\"",
     "not (emails[(type eq \"work\" and value eq \"a@b\")])", STRICT},
    {"value path and presence", "User", "emails[type eq \"work\"].value pr",
     "emails[(type eq \"work\" and value pr)]", STRICT},
    {"value path, then and", "User", "emails[type eq \"work\"].value pr and title pr",
     "(emails[(type eq \"work\" and value pr)] and title pr)", STRICT},
    {"a complex one compares its value", "User", "manager eq \"26118915\"",
     ENTERPRISE ":manager.value eq \"26118915\"", STRICT},
    {"presence of a complex one", "User", "name pr", "name pr", STRICT},
    {"members", "Group", "members eq \"1\"", "members[value eq \"1\"]", STRICT},
    {"members.value", "Group", "members.value eq \"1\"", "members[value eq \"1\"]", STRICT},
    {"members and id", "Group", "id eq \"g\" and members eq \"1\"",
     "(id eq \"g\" and members[value eq \"1\"])", STRICT},
    {"members.$ref", "Group", "members.$ref pr", "members[$ref pr]", STRICT},
    {"groups.value", "User", "groups.value eq \"1\"", "groups[value eq \"1\"]", STRICT},
    {"simple multi-valued", "Device", "labels eq \"a\"", "labels eq \"a\"", STRICT},
    {"value path of a simple one", "Device", "labels[value sw \"a\" and value ew \"b\"]",
     "labels[(value sw \"a\" and value ew \"b\")]", STRICT},

    /* common attributes and URNs */
    {"id", "User", "id eq \"1\"", "id eq \"1\"", STRICT},
    {"externalId", "User", "externalId eq \"1\"", "externalId eq \"1\"", STRICT},
    {"meta.resourceType", "User", "meta.resourceType eq \"User\"", "meta.resourceType eq \"User\"",
     STRICT},
    {"meta.lastModified", "User", "meta.lastModified ge \"2011-05-13T04:42:34Z\"",
     "meta.lastModified ge \"2011-05-13T04:42:34Z\"", STRICT},
    {"meta.created with zone and fraction", "User",
     "meta.created lt \"2011-05-13T04:42:34.1234567+02:00\"",
     "meta.created lt \"2011-05-13T04:42:34.1234567+02:00\"", STRICT},
    {"schemas", "User", "schemas eq \"" ENTERPRISE "\"", "schemas eq \"" ENTERPRISE "\"", STRICT},
    {"core URN", "User", SCHEMA_URN_USER ":userName sw \"J\"", "userName sw \"J\"", STRICT},
    {"core URN with sub-attribute", "User",
     "urn:ietf:params:scim:schemas:core:2.0:user:NAME.familyname eq \"J\"",
     "name.familyName eq \"J\"", STRICT},
    {"core URN with value path", "User", SCHEMA_URN_USER ":emails[type eq \"work\"]",
     "emails[type eq \"work\"]", STRICT},
    {"extension URN", "User", ENTERPRISE ":department eq \"R&D\"",
     ENTERPRISE ":department eq \"R&D\"", STRICT},
    {"extension URN with sub-attribute", "User", ENTERPRISE ":manager.value eq \"1\"",
     ENTERPRISE ":manager.value eq \"1\"", STRICT},
    {"extension of a tenant", "Device", LEASE ":rate gt 1.5", LEASE ":rate gt 1.5", STRICT},

    /* literals */
    {"true", "User", "active eq true", "active eq true", STRICT},
    {"TRUE", "User", "active eq TRUE", "active eq true", STRICT},
    {"false", "User", "active ne False", "not (active eq false)", STRICT},
    {"boolean as text", "User", "roles[primary eq \"True\"]", "roles[primary eq true]", AUTO},
    {"eq null", "User", "title eq null", "not (title pr)", STRICT},
    {"ne null", "User", "title ne NULL", "title pr", STRICT},
    {"eq null behind a value path", "User", "emails[type eq \"work\"].value eq null",
     "not (emails[(type eq \"work\" and value pr)])", STRICT},
    {"eq null of a sub-attribute", "User", "emails.display eq null", "not (emails[display pr])",
     STRICT},
    {"escaped letter", "User", "userName eq \"Stra\\u00dfe\"", "userName eq \"Straße\"", STRICT},
    {"surrogate pair", "User", "userName eq \"\\uD83D\\ude00\"", "userName eq \"😀\"", STRICT},
    {"named escapes", "User", "userName eq \"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
     "userName eq \"\\\"\\\\/\\b\\f\\n\\r\\t\"", STRICT},
    {"brackets in text", "User", "emails[value eq \"])(\"]", "emails[value eq \"])(\"]", STRICT},
    {"integer", "Device", "ports eq 8", "ports eq 8", STRICT},
    {"negative integer", "Device", "ports gt -1", "ports gt -1", STRICT},
    {"integer as text", "Device", "ports eq \"8\"", "ports eq 8", AUTO},
    {"no integer equals a fraction", "Device", "ports eq 1.5", "never", STRICT},
    {"nor more than the largest", "Device", "ports gt 1e30", "never", STRICT},
    {"but all are less", "Device", "ports lt 1e30", "ports pr", STRICT},
    {"decimal", "Device", "weight le -1.25e2", "weight le -1.25e2", STRICT},
    {"integer literal for a decimal", "Device", "weight eq 3", "weight eq 3", STRICT},
    {"binary eq", "Device", "fingerprint eq \"AAEC\"", "fingerprint eq \"AAEC\"", STRICT},
    {"reference sw", "Device", "manual sw \"https://\"", "manual sw \"https://\"", STRICT},
    {"writeOnly but returned on request", "Device", "slots[note eq \"x\"]", "slots[note eq \"x\"]",
     STRICT},

    /* spacing */
    {"blanks around", "User", "  title pr\t", "title pr", AUTO},
    {"blanks doubled", "User", "userName  eq   \"b\"  and  title  pr",
     "(userName eq \"b\" and title pr)", AUTO},
    {"blanks in parentheses", "User", "( title pr )and( id pr )", "(title pr and id pr)", AUTO},
    {"blanks at brackets", "User", "emails [ type eq \"work\" ] .value eq \"x\"",
     "emails[(type eq \"work\" and value eq \"x\")]", AUTO},
    {"no blanks at quotes", "User", "userName eq\"b\"and title pr",
     "(userName eq \"b\" and title pr)", AUTO},
    {"not and blanks", "User", "not   (title pr)", "not (title pr)", AUTO},

    /* several types */
    {"an attribute of the other type", "User", "members eq \"1\" or userName eq \"b\"",
     "(never or userName eq \"b\")", MIXED},
    {"its value path", "User", "members[value eq \"1\" and foo pr]", "never", MIXED},
    {"its value path with sub-attribute", "User", "members[value eq \"1\"].type ne \"User\"",
     "not (never)", MIXED},
    {"a sub-attribute of the other type", "User", "emails[foo eq 1].bar eq 2", "never", MIXED},
  /* clang-format on */
};

static void parses_to_canonical_form(void **row)
{
    const struct filter_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct filter *filter = NULL;
    const struct filter *again = NULL;
    const struct resource_type *type = schema_set_type_by_name(set, expected->type);
    struct err err = parse(arena, type, expected->filter, expected->how, &filter);

    if (err.code != 0)
        fail_msg("refused: %s", err.detail);
    assert_string_equal(shortened(arena, filter_format(arena, filter)), expected->canonical);
    if (strstr(expected->canonical, "never") == NULL) {
        assert_int_equal(parse(arena, type, filter_format(arena, filter), STRICT, &again).code, 0);
        assert_string_equal(filter_format(arena, again), filter_format(arena, filter));
    }
    arena_free(arena);
}

static struct integer_case {
    const char *name; /* and the filter */
    enum filter_operator op;
    int64_t integer;
} integer_cases[] = {
  /* clang-format off */
    {"ports gt 1.5", FILTER_GT, 1},
    {"ports ge 1.5", FILTER_GT, 1},
    {"ports lt 1.5", FILTER_LE, 1},
    {"ports le 1.5", FILTER_LE, 1},
    {"ports gt -1.5", FILTER_GT, -2},
    {"ports le -1.5", FILTER_LE, -2},
    {"ports eq 2.0", FILTER_EQ, 2},
    {"ports lt 2e2", FILTER_LT, 200},
    {"ports eq 9007199254740993", FILTER_EQ, 9007199254740993},
    {"ports eq -9223372036854775808", FILTER_EQ, INT64_MIN},
    {"ports ge 9223372036854775807", FILTER_GE, INT64_MAX},
    {"ports eq -0", FILTER_EQ, 0},
    {"boughtAt eq \"1970-01-01T01:00:00.000001+01:00\"", FILTER_EQ, 1},
  /* clang-format on */
};

static void types_integers(void **row)
{
    const struct integer_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct filter *filter = NULL;
    const struct resource_type *type = schema_set_type_by_name(set, "Device");

    assert_int_equal(parse(arena, type, expected->name, STRICT, &filter).code, 0);
    assert_int_equal(filter->kind, FILTER_COMPARE);
    assert_int_equal(filter->op, expected->op);
    assert_true(filter->value.integer == expected->integer);
    arena_free(arena);
}

static struct beyond_case {
    const char *name; /* and the filter */
    enum filter_kind kind;
} beyond_cases[] = {
  /* clang-format off */
    {"ports gt -1e30", FILTER_PRESENT},
    {"ports lt -1e30", FILTER_NEVER},
    {"ports ge 1e30", FILTER_NEVER},
    {"ports le 9223372036854775808", FILTER_PRESENT},
    {"ports eq 9223372036854775808", FILTER_NEVER},
    {"ports gt 9223372036854775808", FILTER_NEVER},
    {"ports ge -9223372036854777000", FILTER_PRESENT},
  /* clang-format on */
};

static void knows_what_integers_cannot_be(void **row)
{
    const struct beyond_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct filter *filter = NULL;
    const struct resource_type *type = schema_set_type_by_name(set, "Device");

    assert_int_equal(parse(arena, type, expected->name, STRICT, &filter).code, 0);
    assert_int_equal(filter->kind, expected->kind);
    arena_free(arena);
}

static struct fold_case {
    const char *name;
    const char *type;
    const char *filter;
    const char *key;
} fold_cases[] = {
  /* clang-format off */
    {"userName is folded", "User", "userName eq \"STRASSE\"", "strasse"},
    {"sharp s is folded", "User", "userName eq \"Stra\\u00dfe\"", "strasse"},
    {"externalId is not", "User", "externalId eq \"ABC\"", "ABC"},
    {"codes are not", "Device", "codes eq \"ABC\"", "ABC"},
    {"binary is not", "Device", "fingerprint eq \"AbCd\"", "AbCd"},
  /* clang-format on */
};

static void folds_by_the_case_rule(void **row)
{
    const struct fold_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct filter *filter = NULL;
    const struct resource_type *type = schema_set_type_by_name(set, expected->type);

    assert_int_equal(parse(arena, type, expected->filter, STRICT, &filter).code, 0);
    assert_int_equal(filter->value.length, strlen(expected->key));
    assert_memory_equal(filter->value.text, expected->key, filter->value.length);
    arena_free(arena);
}

static void counts_the_spacing(void **state)
{
    static const char text[] = "( title  pr )";
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use use = {.profile = PROFILE_ENTRA};
    const struct filter_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                         .limits = &scim_limits_default,
                                         .tolerances = &use};
    const struct filter *filter = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(filter_parse(&reader, arena, text, sizeof(text) - 1, &filter, &err), 0);
    assert_int_equal(use.count[TOLERANCE_FILTER_SPACING], 3);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest whole[] = {
        cmocka_unit_test(counts_the_spacing),
    };
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("filter", filter_cases, parses_to_canonical_form) +
             RUN_TABLE("integers", integer_cases, types_integers) +
             RUN_TABLE("beyond integers", beyond_cases, knows_what_integers_cannot_be) +
             RUN_TABLE("folding", fold_cases, folds_by_the_case_rule) +
             cmocka_run_group_tests_name("whole filters", whole, NULL, NULL);
    schema_set_release(set);
    return failed;
}
