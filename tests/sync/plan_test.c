#include "table.h"

#include "sync/plan.h"
#include "sync_fixture.h"

#define ENTERPRISE SCHEMA_URN_ENTERPRISE

static struct render_case {
    const char *name;
    enum plan_action action;
    const char *before;
    const char *after;
    const char *text;
} render_cases[] = {
    {"created",                   PLAN_CREATE,     NULL,                                              "{'schemas': ['x'], 'userName': 'ada', 'active': true}",
     "+ User \"ada\" \"7\"\n    + active: true\n    + userName: \"ada\"\n"                                                                                                                                                   },
    {"updated",                   PLAN_UPDATE,     "{'title': 'a', 'nickName': 'n'}",                 "{'title': 'b', 'locale': 'de'}",
     "~ User \"ada\" \"7\"\n    + locale: \"de\"\n    - nickName: \"n\"\n    ~ title: \"a\" -> "
     "\"b\"\n"                                                                                                                                                                                                               },
    {"nothing",                   PLAN_UPDATE,     "{'title': 'a', 'active': true}",                  "{'active': true, 'title': 'a'}",
     "~ User \"ada\" \"7\"\n"                                                                                                                                                                                                },
    {"below a complex value",     PLAN_UPDATE,     "{'name': {'givenName': 'A', 'familyName': 'B'}}",
     "{'name': {'givenName': 'C', 'familyName': 'B'}}",                                                                                                        "~ User \"ada\" \"7\"\n    ~ name.givenName: \"A\" -> \"C\"\n"},
    {"a complex value goes",      PLAN_UPDATE,     "{'name': {'givenName': 'A'}}",                    "{}",
     "~ User \"ada\" \"7\"\n    - name.givenName: \"A\"\n"                                                                                                                                                                   },
    {"in an extension",           PLAN_UPDATE,     "{'" ENTERPRISE "': {'department': 'x'}}",
     "{'" ENTERPRISE "': {'department': 'y', 'manager': {'value': 'm'}}}",
     "~ User \"ada\" \"7\"\n    ~ " ENTERPRISE ":department: \"x\" -> \"y\"\n    + " ENTERPRISE
     ":manager.value: \"m\"\n"                                                                                                                                                                                               },
    {"several values as one",     PLAN_UPDATE,     "{'emails': [{'value': 'a'}]}",
     "{'emails': [{'value': 'a'}, {'value': 'b'}]}",                                                                                                           "~ User \"ada\" \"7\"\n    ~ emails: [{\"value\":\"a\"}] -> "
     "[{\"value\":\"a\"},{\"value\":\"b\"}]\n"                                                                                                                           },
    {"deactivated",               PLAN_DEACTIVATE, "{'active': true}",                                "{'active': false}",
     "- User \"ada\" \"7\" (deactivate)\n    ~ active: true -> false\n"                                                                                                                                                      },
    {"deleted",                   PLAN_DELETE,     NULL,                                              NULL,                                                    "- User \"ada\" \"7\"\n"                                      },
    {"deeper than documents are", PLAN_UPDATE,     "{'a': {'b': {'c': {'d': 1}}}}",
     "{'a': {'b': {'c': {'d': 2}}}}",                                                                                                                          "~ User \"ada\" \"7\"\n    ~ a.b.c: {\"d\":1} -> {\"d\":2}\n" },
};

static void renders(void **row)
{
    const struct render_case *expected = *row;
    struct arena *arena = arena_new(1024);
    json_t *before = fixture_json(expected->before);
    json_t *after = fixture_json(expected->after);
    struct plan_object object = {
        .action = expected->action, .type = "User", .source_id = "7", .name = "ada"};
    struct buf text = {0};

    object.lines = plan_compare(arena, before, after, &object.line_count);
    plan_render(&text, &object);
    assert_string_equal(buf_text(&text), expected->text);
    buf_free(&text);
    json_decref(before);
    json_decref(after);
    arena_free(arena);
}

static void forges_no_line(void **state)
{
    const struct plan_object object = {.action = PLAN_DELETE,
                                       .type = "Group",
                                       .source_id = "x\n- User \"root\"",
                                       .name = "\x1b[2J\"\\"};
    struct buf text = {0};

    (void)state;
    plan_render(&text, &object);
    assert_string_equal(buf_text(&text),
                        "- Group \"\\u001b[2J\\\"\\\\\" \"x\\n- User \\\"root\\\"\"\n");
    buf_free(&text);
}

static const struct plan_line lines[] = {
    {PLAN_MEMBERS, NULL,     "\"m1\""},
    {PLAN_MEMBERS, "\"m2\"", NULL    },
    {"title",      "\"a\"",  "\"b\"" },
    {"nickName",   "\"n\"",  NULL    },
    {"locale",     NULL,     "\"de\""},
};
static const struct plan_line turned[] = {
    {"locale",     NULL,     "\"de\""},
    {"title",      "\"a\"",  "\"b\"" },
    {PLAN_MEMBERS, "\"m2\"", NULL    },
    {"nickName",   "\"n\"",  NULL    },
    {PLAN_MEMBERS, NULL,     "\"m1\""},
};

static const struct plan_object changed = {PLAN_UPDATE, "Group", "g", "Staff", lines, 5};
static const struct plan_object changed_turned = {PLAN_UPDATE, "Group", "g", "Staff", turned, 5};
static const struct plan_object created = {PLAN_CREATE, "User", "u", "ada", lines, 5};
static const struct plan_object deleted = {PLAN_DELETE, "User", "d", NULL, NULL, 0};
static const struct plan_object deactivated = {PLAN_DEACTIVATE, "User", "d", NULL, NULL, 0};

#define OBJECTS_MAX 3

static struct hash_case {
    const char *name;
    const struct plan_object *objects[OBJECTS_MAX];
    const struct plan_object *others[OBJECTS_MAX];
    bool equal;
} hash_cases[] = {
    {"nothing and nothing",    {NULL},                         {NULL},                         true },
    {"nothing and something",  {NULL},                         {&deleted},                     false},
    {"another order",          {&changed, &created, &deleted}, {&deleted, &changed, &created}, true },
    {"another order of lines", {&changed},                     {&changed_turned},              true },
    {"one more",               {&changed},                     {&changed, &deleted},           false},
    {"one twice",              {&deleted},                     {&deleted, &deleted},           false},
    {"another action",         {&deleted},                     {&deactivated},                 false},
};

static void hash_of(const struct plan_object *const objects[OBJECTS_MAX],
                    char text[DIGEST_HEX_BYTES])
{
    struct plan *plan = plan_new();

    for (size_t i = 0; i < OBJECTS_MAX && objects[i] != NULL; i++)
        plan_add(plan, objects[i]);
    plan_hash(plan, text);
    plan_free(plan);
}

static void hashes(void **row)
{
    const struct hash_case *expected = *row;
    char first[DIGEST_HEX_BYTES];
    char second[DIGEST_HEX_BYTES];

    hash_of(expected->objects, first);
    hash_of(expected->others, second);
    assert_int_equal(strcmp(first, second) == 0, expected->equal);
}

static void hash_of_a_value_differs(void **state)
{
    static const struct plan_line other[] = {
        {"title", "\"a\"", "\"c\""}
    };
    static const struct plan_line one[] = {
        {"title", "\"a\"", "\"b\""}
    };
    const struct plan_object left = {PLAN_UPDATE, "User", "u", "ada", one, 1};
    const struct plan_object right = {PLAN_UPDATE, "User", "u", "ada", other, 1};
    const struct plan_object *const lefts[OBJECTS_MAX] = {&left};
    const struct plan_object *const rights[OBJECTS_MAX] = {&right};
    char first[DIGEST_HEX_BYTES];
    char second[DIGEST_HEX_BYTES];

    (void)state;
    hash_of(lefts, first);
    hash_of(rights, second);
    assert_string_not_equal(first, second);
}

static void counts_what_changes(void **state)
{
    struct plan *plan = plan_new();
    struct buf text = {0};
    char before[DIGEST_HEX_BYTES];
    char after[DIGEST_HEX_BYTES];

    (void)state;
    for (size_t i = 0; i < 100; i++)
        plan_add(plan, &changed);
    plan_add(plan, &created);
    plan_add(plan, &deleted);
    plan_add(plan, &deactivated);
    plan_summarise(&text, plan_counts(plan));
    assert_string_equal(buf_text(&text),
                        "1 created, 100 updated, 1 deactivated, 1 deleted; attributes: 100 added, "
                        "100 changed, 100 blanked; memberships: 101 added, 101 removed");
    plan_hash(plan, before);
    plan_hash(plan, after);
    assert_string_equal(before, after);
    plan_add(plan, &deleted);
    plan_hash(plan, after);
    assert_string_not_equal(before, after);
    buf_free(&text);
    plan_free(plan);
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(forges_no_line),
    cmocka_unit_test(hash_of_a_value_differs),
    cmocka_unit_test(counts_what_changes),
};

int main(void)
{
    return RUN_TABLE("plans", render_cases, renders) + RUN_TABLE("hashes", hash_cases, hashes) +
           cmocka_run_group_tests_name("plans, others", others, NULL, NULL);
}
