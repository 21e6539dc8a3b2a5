#include "base/buf.h"
#include "base/cleanup.h"
#include "patch_fixture.h"
#include "table.h"

static struct schema_set *set;

static struct members_case {
    const char *name;
    const char *operations;
    const char *steps; /* "add:1,2;remove:3;replace:;filter:value sw \"1\"" */
    bool touches_document;
    enum profile profile;
} members_cases[] = {
  /* clang-format off */
    {"add", "[{'op':'add','path':'members','value':[{'value':'1'},{'value':'2'}]}]", "add:1,2",
     false, PROFILE_STRICT},
    {"add with display and $ref",
     "[{'op':'add','path':'members','value':[{'value':'1','$ref':null,"
     "'display':'x','type':'User'}]}]",
     "add:1/User", false, PROFILE_OKTA},
    {"add twice leaves one",
     "[{'op':'add','path':'members','value':[{'value':'1'},{'value':'2'},"
     "{'value':'1'}]}]",
     "add:1,2", false, PROFILE_STRICT},
    {"add one without a list", "[{'op':'Add','path':'members','value':{'value':'1'}}]", "add:1",
     false, PROFILE_ENTRA},
    {"add plain ids", "[{'op':'add','path':'members','value':['1','2']}]", "add:1,2", false,
     PROFILE_AUTO},
    {"add to members.value", "[{'op':'add','path':'members.value','value':['1']}]", "add:1", false,
     PROFILE_AUTO},
    {"add without a path", "[{'op':'add','value':{'members':[{'value':'1'}]}}]", "add:1", false,
     PROFILE_STRICT},
    {"add none", "[{'op':'add','path':'members','value':[]}]", "", false, PROFILE_STRICT},
    {"add null", "[{'op':'add','path':'members','value':null}]", "", false, PROFILE_STRICT},
    {"replace", "[{'op':'replace','path':'members','value':[{'value':'1'}]}]", "replace:1", false,
     PROFILE_STRICT},
    {"replace by none", "[{'op':'replace','path':'members','value':[]}]", "replace:", false,
     PROFILE_STRICT},
    {"replace by null", "[{'op':'replace','path':'members','value':null}]", "replace:", false,
     PROFILE_STRICT},
    {"replace without a path",
     "[{'op':'replace','value':{'id':'9','displayName':'g','members':"
     "[{'value':'1'}]}}]",
     "replace:1", true, PROFILE_OKTA},
    {"remove all", "[{'op':'remove','path':'members'}]", "replace:", false, PROFILE_STRICT},
    {"remove by filter", "[{'op':'remove','path':'members[value eq \\'A1\\']'}]", "remove:A1",
     false, PROFILE_STRICT},
    {"remove several by filter",
     "[{'op':'remove','path':'members[value eq \\'1\\' or value eq \\'2\\' or value eq \\'3\\']'}]",
     "remove:1,2,3", false, PROFILE_STRICT},
    {"remove by another filter", "[{'op':'remove','path':'members[type eq \\'Group\\']'}]",
     "filter:type eq \"Group\"", false, PROFILE_STRICT},
    {"remove by value and type",
     "[{'op':'remove','path':'members[value eq \\'1\\' and type eq \\'User\\']'}]",
     "filter:(value eq \"1\" and type eq \"User\")", false, PROFILE_STRICT},
    {"remove by value or type",
     "[{'op':'remove','path':'members[type eq \\'User\\' or value eq \\'1\\']'}]",
     "filter:(type eq \"User\" or value eq \"1\")", false, PROFILE_STRICT},
    {"remove by not", "[{'op':'remove','path':'members[not (value eq \\'1\\')]'}]",
     "filter:not (value eq \"1\")", false, PROFILE_STRICT},
    {"remove with a list",
     "[{'op':'Remove','path':'members','value':[{'value':'1'},{'value':'2'}]"
     "}]",
     "remove:1,2", false, PROFILE_ENTRA},
    {"remove with an empty list", "[{'op':'remove','path':'members','value':[]}]", "", false,
     PROFILE_ENTRA},
    {"remove with one", "[{'op':'remove','path':'members','value':{'value':'1'}}]", "remove:1",
     false, PROFILE_AUTO},
    {"remove from members.value", "[{'op':'remove','path':'members.value','value':'1'}]",
     "remove:1", false, PROFILE_AUTO},
    {"several, in order",
     "[{'op':'remove','path':'members[value eq \\'1\\']'},"
     "{'op':'add','path':'members','value':[{'value':'2'}]},"
     "{'op':'remove','path':'members[value eq \\'3\\']'}]",
     "remove:1;add:2;remove:3", false, PROFILE_STRICT},
    {"beside the name",
     "[{'op':'replace','path':'displayName','value':'h'},"
     "{'op':'add','path':'members','value':[{'value':'2'}]}]",
     "add:2", true, PROFILE_STRICT},
  /* clang-format on */
};

static void append_step(struct buf *out, struct arena *arena, const struct member_step *step,
                        const struct attribute *members)
{
    static const char *const names[] = {[MEMBERS_ADD] = "add:",
                                        [MEMBERS_REMOVE] = "remove:",
                                        [MEMBERS_REPLACE] = "replace:",
                                        [MEMBERS_REMOVE_FILTER] = "filter:"};
    const struct filter element = {
        .kind = FILTER_ELEMENT, .attribute = members, .left = step->filter};

    if (out->length > 0)
        buf_putc(out, ';');
    buf_puts(out, names[step->kind]);
    for (size_t i = 0; i < step->names.count; i++) {
        buf_puts(out, i > 0 ? "," : "");
        buf_puts(out, step->names.items[i].value);
        if (step->names.items[i].type != NULL)
            buf_printf(out, "/%s", step->names.items[i].type);
    }
    if (step->kind == MEMBERS_REMOVE_FILTER) {
        const char *open = strchr(filter_format(arena, &element), '[');
        buf_append(out, open + 1, strlen(open) - 2);
    }
}

static void steps_members(void **row)
{
    const struct members_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body(expected->operations);
    const struct resource_type *type = schema_set_type_by_name(set, "Group");
    struct tolerance_use use = {.profile = expected->profile};
    const struct resource_reader reader = {
        .type = type, .limits = &scim_limits_default, .tolerances = &use};
    const struct patch *patch = NULL;
    CLEANUP(buf_free) struct buf steps = {0};
    struct err err = {0};

    if (patch_parse(&reader, arena, body, &patch, &err) < 0)
        fail_msg("refused: %s", err.detail);
    for (size_t i = 0; i < patch_member_step_count(patch); i++)
        append_step(&steps, arena, patch_member_step(patch, i),
                    schema_attribute(type->schema, "members", 7));
    assert_string_equal(buf_text(&steps), expected->steps);
    assert_int_equal(patch_touches_document(patch), expected->touches_document);
    assert_null(patch_member_step(patch, patch_member_step_count(patch)));
    json_decref(body);
    arena_free(arena);
}

static struct use_case {
    const char *name;
    const char *document;
    const char *operations;
    enum tolerance tolerance;
    uint32_t count;
} use_cases[] = {
  /* clang-format off */
    {"Add", BABS, "[{'op':'Add','path':'title','value':'T'}]", TOLERANCE_OPERATION_CASE, 1},
    {"active as text, counted once", BABS, "[{'op':'add','path':'active','value':'False'}]",
     TOLERANCE_BOOLEAN_STRING, 1},
    {"dotted key", BABS, "[{'op':'add','value':{'name.givenName':'x'}}]", TOLERANCE_DOTTED_KEY, 1},
    {"URN key", BABS, "[{'op':'add','value':{'" ENTERPRISE ":department':'x'}}]", TOLERANCE_URN_KEY,
     1},
    {"value path key", MAILS, "[{'op':'add','value':{'emails[type eq \\'work\\'].value':'x'}}]",
     TOLERANCE_PATH_KEY, 1},
    {"element made", BABS, "[{'op':'add','path':'emails[type eq \\'work\\'].value','value':'x'}]",
     TOLERANCE_CREATE_FILTERED, 1},
    {"nothing removed", BABS, "[{'op':'remove','path':'emails[type eq \\'work\\']'}]",
     TOLERANCE_REMOVE_NO_MATCH, 1},
    {"removed by value", MAILS, "[{'op':'remove','path':'emails','value':[{'value':'w@x'}]}]",
     TOLERANCE_REMOVE_VALUE, 1},
    {"manager as text", BABS, "[{'op':'add','path':'" ENTERPRISE ":manager','value':'1'}]",
     TOLERANCE_MANAGER_STRING, 1},
    {"repeated id", BABS, "[{'op':'add','value':{'id':'1'}}]", TOLERANCE_REPEATED_ID, 1},
    {"unknown key", BABS, "[{'op':'add','value':{'foo':'1'}}]", TOLERANCE_UNKNOWN_ATTRIBUTE, 1},
    {"no schemas", BABS, "{'Operations':[{'op':'remove','path':'title'}]}",
     TOLERANCE_SCHEMAS_MISSING, 1},
    {"key in another case", BABS, "[{'op':'add','value':{'Active':true}}]",
     TOLERANCE_ATTRIBUTE_CASE, 1},
  /* clang-format on */
};

static void counts_what_it_tolerates(void **row)
{
    const struct use_case *expected = *row;
    struct applied applied = {0};

    apply(schema_set_type_by_name(set, "User"), expected->document, expected->operations,
          PROFILE_AUTO, &applied);
    assert_int_equal(applied.result, 0);
    for (int i = 0; i < TOLERANCE_COUNT; i++) {
        if (applied.use.count[i] != (i == (int)expected->tolerance ? expected->count : 0))
            fail_msg("%s: %u", tolerance_name((enum tolerance)i), applied.use.count[i]);
    }
    free(applied.document);
}

static void may_be_applied_again(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body("[{'op':'add','path':'emails','value':[{'value':'n@x'}]},"
                             "{'op':'add','path':'emails[value eq \\'n@x\\'].type','value':'work'},"
                             "{'op':'add','path':'name','value':{'givenName':'G'}}]");
    char *before = dump(body);
    struct tolerance_use use = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                           .limits = &scim_limits_default,
                                           .tolerances = &use};
    const struct patch *patch = NULL;
    char *after;
    struct err err = {0};

    (void)state;
    assert_int_equal(patch_parse(&reader, arena, body, &patch, &err), 0);
    for (int i = 0; i < 3; i++) {
        json_t *document = load("{'userName':'b'}");
        char *text;

        assert_int_equal(patch_apply(patch, &reader, document, &err), 0);
        (void)json_object_del(document, "schemas");
        text = dump(document);
        assert_string_equal(text, "{'userName':'b','name':{'givenName':'G'},'emails':[{'value':"
                                  "'n@x','type':'work'}]}");
        free(text);
        json_decref(document);
    }
    after = dump(body);
    assert_string_equal(before, after);
    free(before);
    free(after);
    json_decref(body);
    arena_free(arena);
}

static void names_extensions_in_schemas(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body("[{'op':'add','path':'" ENTERPRISE ":department','value':'D'}]");
    json_t *document = load("{'schemas':['" SCHEMA_URN_USER "'],'userName':'b'}");
    const struct resource_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                           .limits = &scim_limits_default};
    const struct patch *patch = NULL;
    struct err err = {0};
    char *text;

    (void)state;
    assert_int_equal(patch_parse(&reader, arena, body, &patch, &err), 0);
    assert_int_equal(patch_apply(patch, &reader, document, &err), 0);
    text = dump(document);
    assert_string_equal(text, "{'schemas':['" SCHEMA_URN_USER "','" ENTERPRISE
                              "'],'userName':'b','" ENTERPRISE "':{'department':'D'}}");
    free(text);
    json_decref(document);
    json_decref(body);
    arena_free(arena);
}

/* A body of `count` operations, or one of `count` values. */
static int parse_many(size_t count, bool as_operations, struct err *err)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body("[{'op':'add','path':'emails','value':[]}]");
    json_t *operations = json_object_get(body, "Operations");
    json_t *values = json_object_get(json_array_get(operations, 0), "value");
    json_t *document = load("{'userName':'b','emails':[{'value':'first'}]}");
    const struct resource_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                           .limits = &scim_limits_default};
    const struct patch *patch = NULL;
    int result;

    for (size_t i = 1; as_operations && i < count; i++)
        (void)json_array_append(operations, json_array_get(operations, 0));
    for (size_t i = 0; !as_operations && i < count; i++)
        (void)json_array_append_new(values, json_pack("{s:o}", "value", json_sprintf("%zu", i)));
    result = patch_parse(&reader, arena, body, &patch, err);
    if (result == 0)
        result = patch_apply(patch, &reader, document, err);
    json_decref(document);
    json_decref(body);
    arena_free(arena);
    return result;
}

static void obeys_its_limits(void **state)
{
    const struct scim_limits *limits = &scim_limits_default;
    struct err err = {0};

    (void)state;
    assert_int_equal(parse_many(limits->patch_operations, true, &err), 0);
    assert_int_equal(parse_many(limits->patch_operations + 1, true, &err), -1);
    assert_int_equal(err.code, ERR_TOO_LARGE);
    assert_int_equal(parse_many(limits->value_count - 2, false, &err), 0);
    assert_int_equal(parse_many(limits->value_count - 1, false, &err), -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
}

/* Values that are new each time: none is found, so each is held against all. */
static json_t *many_values(size_t from, size_t count)
{
    json_t *values = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(values,
                                    json_pack("{s:o}", "value", json_sprintf("%zu", from + i)));
    return values;
}

static void bounds_what_is_compared(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use use = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                           .limits = &scim_limits_default,
                                           .tolerances = &use};
    json_t *body = load_body("[{'op':'remove','path':'emails','value':[]}]");
    json_t *operations = json_object_get(body, "Operations");
    json_t *document = load("{'userName':'b'}");
    const struct patch *patch = NULL;
    struct err err = {0};

    (void)state;
    (void)json_object_set_new(document, "emails", many_values(0, 1900));
    (void)json_object_set_new(json_array_get(operations, 0), "value", many_values(5000, 1900));
    assert_int_equal(patch_parse(&reader, arena, body, &patch, &err), 0);
    assert_int_equal(patch_apply(patch, &reader, document, &err), 0);
    (void)json_array_append(operations, json_array_get(operations, 0));
    assert_int_equal(patch_parse(&reader, arena, body, &patch, &err), 0);
    assert_int_equal(patch_apply(patch, &reader, document, &err), -1);
    assert_int_equal(err.code, ERR_TOO_LARGE);
    assert_string_equal(err.detail, "Operations[1]: the operations compare too many values");
    json_decref(document);
    json_decref(body);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest whole[] = {
        cmocka_unit_test(may_be_applied_again),
        cmocka_unit_test(names_extensions_in_schemas),
        cmocka_unit_test(obeys_its_limits),
        cmocka_unit_test(bounds_what_is_compared),
    };
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("members", members_cases, steps_members) +
             RUN_TABLE("tolerances of patches", use_cases, counts_what_it_tolerates) +
             cmocka_run_group_tests_name("whole patches", whole, NULL, NULL);
    schema_set_release(set);
    return failed;
}
