/* What a client that pushes may do to resources that come from a source. */
#include "directory_fixture.h"

#include "base/id.h"
#include "store/links.h"
#include "table.h"

#define AD 11       /* owns userName, title, department, members and a group's name */
#define OKTA 12     /* owns emails and title, and comes after AD */
#define GIVEN_UP 99 /* its links were forgotten to be forgotten */
#define LINKS_MAX 3

#define USER "{'schemas':['" SCHEMA_URN_USER "'],"
#define WORKER "{'schemas':['" SCHEMA_URN_USER "','" SCHEMA_URN_ENTERPRISE "'],"
#define AT(department) ",'" SCHEMA_URN_ENTERPRISE "':{'department':'" department "'}}"
#define DEPARTMENT SCHEMA_URN_ENTERPRISE ":department"
#define ANNA WORKER "'userName':'anna','nickName':'a','title':'Dr'" AT("IT")
#define SET_TO(path, value) "[{'op':'replace','path':'" path "','value':'" value "'}]"
#define MEMBER(op, id) "[{'op':'" op "','path':'members','value':[{'value':'" id "'}]}]"

#define CREATE DIRECTORY_CREATE
#define REPLACE DIRECTORY_REPLACE
#define PATCH DIRECTORY_PATCH
#define DELETE DIRECTORY_DELETE

static const char *const ad_owns[] = {"userName", SCHEMA_URN_USER ":title", DEPARTMENT,
                                      SCHEMA_URN_GROUP ":displayName", "members"};
static const char *const okta_owns[] = {"emails", "title"};
static const struct tenant_source sources[] = {
    {.id = AD,   .name = "corp-ad", .precedence = 10, .owned = ad_owns,   .owned_count = 5},
    {.id = OKTA, .name = "okta",    .precedence = 20, .owned = okta_owns, .owned_count = 2},
};

/* User u1 is ANNA, u2 is bert; group g1 (Crew) has u1. */
static struct authority_case {
    const char *name;
    struct link {
        const char *id; /* NULL: the end */
        int64_t source;
        enum link_state state;
    } links[LINKS_MAX];
    const char *before; /* a PATCH of u1 before it is linked; NULL: none */
    struct fixture_change change;
    bool is_source;
    enum err_code error; /* 0: succeeds */
    bool unchanged;
    const char *detail;   /* in the error */
    const char *document; /* NULL: not looked at */
    const char *members;  /* of g1; NULL: not looked at */
} cases[] = {
    {"a PUT keeps what the source owns",
     {{"u1", AD, LINK_LIVE}},
     .change = {REPLACE, "User", "u1", "{'userName':'zoe','nickName':'b'}", 0},
     .document = WORKER "'userName':'anna','nickName':'b','title':'Dr'" AT("IT")                                                          },
    {"a PUT that changes only that changes nothing",
     {{"u1", AD, LINK_LIVE}},
     .change = {REPLACE, "User", "u1", "{'userName':'zoe','nickName':'a','title':'Prof'}", 0},
     .unchanged = true                                                                                                                    },
    {"a PUT gives the source no value that it doesn't have",
     {{"u1", OKTA, LINK_LIVE}},
     .change = {REPLACE, "User", "u1", USER "'userName':'zoe','emails':[{'value':'a@b.example'}]}",
                0},
     .document = USER "'userName':'zoe','title':'Dr'}"                                                                                    },
    {"a PATCH of the rest",
     {{"u1", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO("nickName", "b"), 0},
     .document = WORKER "'userName':'anna','nickName':'b','title':'Dr'" AT("IT")                                                          },
    {"a PATCH of what the source owns",
     {{"u1", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO("title", "Prof"), 0},
     .error = ERR_MUTABILITY,
     .detail = "title: comes from the source \"corp-ad\""},
    {"a PATCH of an extension's attribute",
     {{"u1", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO(DEPARTMENT, "HR"), 0},
     .error = ERR_MUTABILITY,
     .detail = "User:department: comes from the source \"corp-ad\""},
    {"a PATCH that removes a value",
     {{"u1", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", "[{'op':'remove','path':'title'}]", 0},
     .error = ERR_MUTABILITY,
     .detail = "title"},
    {"a PATCH that adds one where the source has none",
     {{"u1", OKTA, LINK_LIVE}},
     .change = {PATCH, "User", "u1",
                "[{'op':'add','path':'emails','value':[{'value':'a@b.example'}]}]", 0},
     .error = ERR_MUTABILITY,
     .detail = "emails: comes from the source \"okta\""},
    {"a PATCH with the value that is there",
     {{"u1", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO("title", "Dr"), 0},
     .unchanged = true                                                                                 },
    {"of two sources the first by precedence is named",
     {{"u1", OKTA, LINK_LIVE}, {"u1", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO("title", "Prof"), 0},
     .error = ERR_MUTABILITY,
     .detail = "corp-ad"},
    {"a deletion",
     {{"u1", AD, LINK_LIVE}},
     .change = {DELETE, "User", "u1", NULL, 0},
     .error = ERR_MUTABILITY,
     .detail = "\"corp-ad\": remove it there, or give up the source with scimctl source delete"},
    {"somebody whom the source has no more",
     {{"u1", AD, LINK_GONE}},
     .change = {DELETE, "User", "u1", NULL, 0}                                                      },
    {"another one's link",
     {{"u2", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO("title", "Prof"), 0}                                                                        },
    {"a source that is gone",
     {{"u1", GIVEN_UP, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO("title", "Prof"), 0}                                    },
    {"a source is not held back",
     {{"u1", AD, LINK_LIVE}},
     .change = {PATCH, "User", "u1", SET_TO("title", "Prof"), 0},
     .is_source = true                                                                                                              },
    {"a creation that revives is a PUT",
     {{"u1", AD, LINK_LIVE}},
     .before = "[{'op':'replace','path':'active','value':false}]",
     .change = {CREATE, "User", "u9", "{'userName':'ANNA','title':'Prof','nickName':'b'}", 0},
     .document = WORKER "'userName':'anna','nickName':'b','title':'Dr','active':true" AT("IT")},
    {"a PATCH that adds a member",
     {{"g1", AD, LINK_LIVE}},
     .change = {PATCH, "Group", "g1", MEMBER("add", "u2"), 0},
     .error = ERR_MUTABILITY,
     .detail = "members: comes from the source \"corp-ad\"",
     .members = "u1"},
    {"a PATCH that removes a member",
     {{"g1", AD, LINK_LIVE}},
     .change = {PATCH, "Group", "g1", "[{'op':'remove','path':'members'}]", 0},
     .error = ERR_MUTABILITY,
     .detail = "members: comes from",
     .members = "u1"},
    {"a PATCH with the members that are there",
     {{"g1", AD, LINK_LIVE}},
     .change = {PATCH, "Group", "g1", MEMBER("replace", "u1"), 0},
     .unchanged = true,
     .members = "u1"},
    {"a PUT keeps the members",
     {{"g1", AD, LINK_LIVE}},
     .change = {REPLACE, "Group", "g1",
                "{'displayName':'New','externalId':'x','members':[{'value':'u2'}]}", 0},
     .document = "{'schemas':['" SCHEMA_URN_GROUP "'],'externalId':'x','displayName':'Crew'}",
     .members = "u1"},
    {"a PUT of a group whose members nobody owns",
     {{"g1", OKTA, LINK_LIVE}},
     .change = {REPLACE, "Group", "g1", "{'displayName':'New','members':[{'value':'u2'}]}", 0},
     .members = "u2"                                                                               },
};

static struct fixture_change steps[] = {
    {CREATE, "User",  "u1", ANNA,                                                0},
    {CREATE, "User",  "u2", "{'userName':'bert'}",                               0},
    {CREATE, "Group", "g1", "{'displayName':'Crew','members':[{'value':'u1'}]}", 0},
};

struct linking {
    const struct authority_case *expected;
    struct arena *arena;
};

static int link_work(struct session *session, void *argument, struct err *err)
{
    const struct linking *linking = argument;

    for (size_t i = 0; i < LINKS_MAX && linking->expected->links[i].id != NULL; i++) {
        const struct link *link = &linking->expected->links[i];
        int type = link->id[0] == 'g' ? RESOURCE_TYPE_GROUP : RESOURCE_TYPE_USER;
        struct resource_row resource = {0};

        if (resources_find(session, linking->arena, type, link->id, false, &resource, err) < 0 ||
            links_insert(session, link->source,
                         &(struct link_row){.pk = id_new_key(),
                                            .source_id = link->id,
                                            .object = type,
                                            .state = link->state,
                                            .resource_pk = resource.pk},
                         1, err) < 0)
            return -1;
    }
    return 0;
}

/* 0, or -1 with what failed on standard error. */
static int prepare(struct fixture *fixture, const struct authority_case *expected)
{
    struct linking linking = {.expected = expected, .arena = fixture->arena};
    const struct fixture_change before = {PATCH, "User", "u1", expected->before, 0};
    struct directory_result result = {0};
    struct err err = {0};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (fixture_apply(fixture, &steps[i], fixture->arena, &result, &err) < 0)
            return fixture_failed(steps[i].id, &err);
    }
    if (expected->before != NULL &&
        fixture_apply(fixture, &before, fixture->arena, &result, &err) < 0)
        return fixture_failed("before", &err);
    if (store_transact(fixture->tenant->scope, link_work, &linking, &err) < 0)
        return fixture_failed("links", &err);
    return 0;
}

static void respects_sources(void **row)
{
    const struct authority_case *expected = *row;
    struct fixture fixture;
    struct tenant pulled;
    struct tenant *held;
    struct directory_result result = {0};
    struct err err = {0};
    int status;

    assert_int_equal(fixture_open(&fixture), 0);
    assert_int_equal(prepare(&fixture, expected), 0);
    held = fixture.tenant;
    pulled = *held;
    pulled.sources = sources;
    pulled.source_count = sizeof(sources) / sizeof(sources[0]);
    fixture.tenant = &pulled;
    fixture.actor.is_source = expected->is_source;
    fixture.actor.reactivates = true;
    status = fixture_apply(&fixture, &expected->change, fixture.arena, &result, &err);
    if (status < 0 && expected->error == 0)
        print_message("%s (%s)\n", err.detail, err.cause);
    assert_int_equal(status, expected->error == 0 ? 0 : -1);
    assert_int_equal(err.code, status < 0 ? expected->error : err.code);
    if (status == 0)
        assert_int_equal(result.changed, !expected->unchanged);
    if (expected->detail != NULL)
        assert_non_null(strstr(err.detail, expected->detail));
    if (expected->document != NULL)
        assert_string_equal(result.row.document, fixture_quoted(fixture.arena, expected->document));
    if (expected->members != NULL)
        assert_string_equal(fixture_members(&fixture, fixture.arena, "g1"), expected->members);
    fixture.tenant = held;
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("directory_authority", cases, respects_sources);
}
