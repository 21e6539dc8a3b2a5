#include "scim/path.h"

#include "schemas_fixture.h"
#include "table.h"

static struct schema_set *set;

static int parse(struct arena *arena, const char *type, const char *text, enum profile profile,
                 struct path *out, struct err *err)
{
    struct tolerance_use use = {.profile = profile};
    const struct filter_reader reader = {.type = schema_set_type_by_name(set, type),
                                         .limits = &scim_limits_default,
                                         .tolerances = &use};

    return path_parse(&reader, arena, text, strlen(text), out, err);
}

static struct path_case {
    const char *name;
    const char *type;
    const char *path;
    const char *extension; /* NULL in a member: not set */
    const char *attribute;
    const char *filter;
    const char *sub;
    enum profile profile;
} path_cases[] = {
  /* clang-format off */
    {"attribute", "User", "userName", NULL, "userName", NULL, NULL, PROFILE_STRICT},
    {"in another case", "User", "USERNAME", NULL, "userName", NULL, NULL, PROFILE_STRICT},
    {"common attribute", "User", "externalId", NULL, "externalId", NULL, NULL, PROFILE_STRICT},
    {"sub-attribute", "User", "name.familyName", NULL, "name", NULL, "familyName", PROFILE_STRICT},
    {"sub-attribute of a multi-valued one", "User", "emails.type", NULL, "emails", NULL, "type",
     PROFILE_STRICT},
    {"filter", "User", "emails[type eq \"work\"]", NULL, "emails", "type eq \"work\"", NULL,
     PROFILE_STRICT},
    {"filter and sub-attribute", "User", "emails[type eq \"work\"].value", NULL, "emails",
     "type eq \"work\"", "value", PROFILE_STRICT},
    {"filter with and", "User", "addresses[type eq \"work\" and primary eq true].locality", NULL,
     "addresses", "(type eq \"work\" and primary eq true)", "locality", PROFILE_STRICT},
    {"filter with a bracket in its text", "User", "emails[value eq \"]\"]", NULL, "emails",
     "value eq \"]\"", NULL, PROFILE_STRICT},
    {"members by value", "Group", "members[value eq \"2819c223\"]", NULL, "members",
     "value eq \"2819c223\"", NULL, PROFILE_STRICT},
    {"$ref", "Group", "members[value eq \"2\"].$ref", NULL, "members", "value eq \"2\"", "$ref",
     PROFILE_STRICT},
    {"filter of a simple one", "Device", "labels[value eq \"a\"]", NULL, "labels", "value eq \"a\"",
     NULL, PROFILE_STRICT},
    {"core URN", "User", SCHEMA_URN_USER ":name.givenName", NULL, "name", NULL, "givenName",
     PROFILE_STRICT},
    {"core URN and filter", "User", SCHEMA_URN_USER ":emails[type eq \"work\"].value", NULL,
     "emails", "type eq \"work\"", "value", PROFILE_STRICT},
    {"extension URN alone", "User", SCHEMA_URN_ENTERPRISE, "EnterpriseUser", NULL, NULL, NULL,
     PROFILE_STRICT},
    {"extension URN and attribute", "User", SCHEMA_URN_ENTERPRISE ":manager", NULL, "manager", NULL,
     NULL, PROFILE_STRICT},
    {"extension URN and sub-attribute", "User",
     "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value", NULL, "manager",
     NULL, "value", PROFILE_STRICT},
    {"blanks inside and outside", "User", " emails[ type eq  \"work\" ] .value ", NULL, "emails",
     "type eq \"work\"", "value", PROFILE_AUTO},
    {"boolean as text", "User", "roles[primary eq \"True\"].value", NULL, "roles",
     "primary eq true", "value", PROFILE_ENTRA},
  /* clang-format on */
};

static const char *inside(struct arena *arena, const struct path *path)
{
    const struct filter element = {
        .kind = FILTER_ELEMENT, .attribute = path->attribute, .left = path->filter};
    const char *text = filter_format(arena, &element);
    const char *open = strchr(text, '[');

    return arena_strndup(arena, open + 1, strlen(open) - 2);
}

static void parses(void **row)
{
    const struct path_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct path path = {0};
    struct err err = {0};

    if (parse(arena, expected->type, expected->path, expected->profile, &path, &err) < 0)
        fail_msg("refused: %s", err.detail);
    assert_int_equal(path.extension != NULL, expected->extension != NULL);
    assert_int_equal(path.attribute != NULL, expected->attribute != NULL);
    assert_int_equal(path.filter != NULL, expected->filter != NULL);
    assert_int_equal(path.sub != NULL, expected->sub != NULL);
    if (path.attribute != NULL)
        assert_string_equal(path.attribute->name, expected->attribute);
    if (path.filter != NULL)
        assert_string_equal(inside(arena, &path), expected->filter);
    if (path.sub != NULL)
        assert_string_equal(path.sub->name, expected->sub);
    arena_free(arena);
}

static struct refused_case {
    const char *name;
    const char *type;
    const char *path;
    const char *detail; /* how it begins */
    enum profile profile;
} refused_cases[] = {
  /* clang-format off */
    {"empty", "User", "", "byte 0: the path is empty", PROFILE_AUTO},
    {"blank", "User", " ", "byte 1: expected an attribute", PROFILE_AUTO},
    {"unknown", "User", "foo", "byte 0: there is no attribute \"foo\"", PROFILE_AUTO},
    {"unknown sub-attribute", "User", "name.foo", "byte 0: there is no", PROFILE_AUTO},
    {"unknown behind a filter", "User", "emails[type pr].foo", "byte 15: urn:ietf", PROFILE_AUTO},
    {"nothing behind the point", "User", "emails[type pr].", "byte 15: urn:ietf", PROFILE_AUTO},
    {"unknown URN", "User", "urn:x:userName", "byte 0: there is no", PROFILE_AUTO},
    {"core URN alone", "User", SCHEMA_URN_USER, "byte 0: " SCHEMA_URN_USER " names the whole",
     PROFILE_AUTO},
    {"filter of a single-valued one", "User", "name[givenName pr]", "byte 4: brackets stand",
     PROFILE_AUTO},
    {"filter of a sub-attribute", "User", "emails.value[type pr]", "byte 12: brackets stand",
     PROFILE_AUTO},
    {"filter of an extension", "User", SCHEMA_URN_ENTERPRISE "[manager pr]", "byte 58: brackets",
     PROFILE_AUTO},
    {"sub-attribute of a simple one", "Device", "labels[value pr].value", "byte 16: urn:example",
     PROFILE_AUTO},
    {"bad filter", "User", "emails[type foo \"x\"]", "the filter from byte 7: byte 5: expected",
     PROFILE_AUTO},
    {"filter does not end", "User", "emails[type pr", "the filter from byte 7: byte 7: expected",
     PROFILE_AUTO},
    {"filter is empty", "User", "emails[]", "the filter from byte 7: byte 0: expected",
     PROFILE_AUTO},
    {"text behind the filter", "User", "emails[type pr]value", "byte 15: expected \".\"",
     PROFILE_AUTO},
    {"two filters", "User", "emails[type pr][value pr]", "byte 15: expected \".\"", PROFILE_AUTO},
    {"filter behind filter and sub-attribute", "User", "emails[type pr].value[a pr]",
     "byte 21: expected the end", PROFILE_AUTO},
    {"trailing word", "User", "userName x", "byte 9: expected the end", PROFILE_AUTO},
    {"a whole comparison", "User", "userName eq \"x\"", "byte 9: expected the end", PROFILE_AUTO},
    {"trailing bracket", "User", "userName]", "byte 8: expected the end", PROFILE_AUTO},
    {"a slash", "User", "/userName", "byte 0: there is no", PROFILE_AUTO},
    {"not UTF-8", "User", "user\xc3Name", "byte 0: the path is not valid UTF-8", PROFILE_AUTO},
    {"strict: blank", "User", "userName ", "byte 9: no blank", PROFILE_STRICT},
    {"strict: blank inside", "User", "emails[ type pr]", "the filter from byte 7: byte 1: no blank",
     PROFILE_STRICT},
  /* clang-format on */
};

static void refuses(void **row)
{
    const struct refused_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct path path = {0};
    struct err err = {0};

    assert_int_equal(parse(arena, expected->type, expected->path, expected->profile, &path, &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID_PATH);
    if (strncmp(err.detail, expected->detail, strlen(expected->detail)) != 0)
        fail_msg("wrong place or reason: %s", err.detail);
    arena_free(arena);
}

static void bounds_the_length(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    char *text = arena_alloc(arena, scim_limits_default.filter_bytes + 2);
    struct path path = {0};
    struct err err = {0};

    (void)state;
    memset(text, 'a', scim_limits_default.filter_bytes + 1);
    assert_int_equal(parse(arena, "User", text, PROFILE_AUTO, &path, &err), -1);
    assert_int_equal(err.code, ERR_INVALID_PATH);
    assert_non_null(strstr(err.detail, "may have 4096 bytes"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest whole[] = {cmocka_unit_test(bounds_the_length)};
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("path", path_cases, parses) +
             RUN_TABLE("refused paths", refused_cases, refuses) +
             cmocka_run_group_tests_name("whole paths", whole, NULL, NULL);
    schema_set_release(set);
    return failed;
}
