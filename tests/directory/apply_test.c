/* Sequences of changes: what each answers, and what the change log says in the end. */
#include "directory_fixture.h"

#include "table.h"

#define STEPS_MAX 8

#define USER "{'schemas':['" SCHEMA_URN_USER "'],"
#define GROUP "{'schemas':['" SCHEMA_URN_GROUP "'],"
#define USER_AWAY "{'schemas':['" SCHEMA_URN_USER "','" SCHEMA_URN_SCIMD_USER "'],"
#define AWAY ",'" SCHEMA_URN_SCIMD_USER "':{'deactivatedAt':'NOW'}}"
#define AWAY_PATH SCHEMA_URN_SCIMD_USER ":deactivatedAt"

#define CREATE DIRECTORY_CREATE
#define REPLACE DIRECTORY_REPLACE
#define PATCH DIRECTORY_PATCH
#define DELETE DIRECTORY_DELETE

static struct apply_case {
    const char *name;
    struct apply_step {
        struct fixture_change change; /* type NULL: the end */
        enum err_code error;          /* 0: must succeed */
        int64_t version;              /* 0: not looked at */
        const char *document;         /* NULL: not looked at */
        bool unchanged;
        const char *revived; /* the id under which a creation found somebody */
        bool strict;
        size_t parked;
        const char *members_of; /* looked at afterwards, with members */
        const char *members;
        const char *detail; /* in the error */
    } steps[STEPS_MAX];
    const char *log; /* NULL: not looked at */
} cases[] = {
    {"a creation",
     {{{CREATE, "User", "u1", "{'userName':'anna','title':'Dr'}", 0},
       .version = 1,
       .document = USER "'userName':'anna','title':'Dr'}"}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna','title':'Dr'}}] []\n" },
    {"a creation without userName",
     {{{CREATE, "User", "u1", "{'title':'Dr'}", 0},
       .error = ERR_INVALID_VALUE,
       .detail = "userName"}},
     ""                                                                                   },
    {"an id is used once",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{CREATE, "User", "u1", "{'userName':'bert'}", 0}, .error = ERR_UNIQUENESS}},
     NULL                                                                                 },
    {"equal content writes nothing",
     {{{CREATE, "User", "u1", "{'userName':'anna','active':true}", 0}, .version = 1},
      {{PATCH, "User", "u1", "[{'op':'replace','path':'active','value':true}]", 0},
       .version = 1,
       .unchanged = true},
      {{REPLACE, "User", "u1", "{'active':true,'userName':'anna'}", 0},
       .version = 1,
       .unchanged = true}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna','active':true}}] []\n"},
    {"a PATCH is logged both ways",
     {{{CREATE, "User", "u1", "{'userName':'anna','title':'Dr'}", 0}, .version = 1},
      {{PATCH, "User", "u1",
        "[{'op':'replace','path':'title','value':'Prof'},"
        "{'op':'add','path':'name.givenName','value':'Anna'}]",
        0},
       .version = 2,
       .document = USER "'userName':'anna','name':{'givenName':'Anna'},'title':'Prof'}"}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna','title':'Dr'}}] []\n"
     "update User u1 [{'op':'add','path':'name','value':{'givenName':'Anna'}},"
     "{'op':'replace','path':'title','value':'Prof'}]"
     " [{'op':'remove','path':'name'},{'op':'replace','path':'title','value':'Dr'}]\n"    },
    {"deactivation is dated, activation undates",
     {{{CREATE, "User", "u1", "{'userName':'anna','active':true}", 0}, .version = 1},
      {{PATCH, "User", "u1", "[{'op':'replace','value':{'active':false}}]", 0},
       .version = 2,
       .document = USER_AWAY "'userName':'anna','active':false" AWAY},
      {{PATCH, "User", "u1", "[{'op':'replace','value':{'active':false}}]", 0},
       .version = 2,
       .unchanged = true},
      {{PATCH, "User", "u1", "[{'op':'replace','path':'active','value':true}]", 0},
       .version = 3,
       .document = USER "'userName':'anna','active':true}"}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna','active':true}}] []\n"
     "update User u1 [{'op':'replace','path':'active','value':false},"
     "{'op':'add','path':'" AWAY_PATH "','value':'NOW'}]"
     " [{'op':'remove','path':'" AWAY_PATH "'},{'op':'replace','path':'active','value':true}]\n"
     "update User u1 [{'op':'remove','path':'" AWAY_PATH
     "'},{'op':'replace','path':'active','value':true}]"
     " [{'op':'replace','path':'active','value':false},"
     "{'op':'add','path':'" AWAY_PATH "','value':'NOW'}]\n"                               },
    {"a PUT removes what it doesn't name, and keeps what is ours",
     {{{CREATE, "User", "u1", "{'userName':'anna','title':'Dr'}", 0}, .version = 1},
      {{REPLACE, "User", "u1", "{'userName':'anna','active':false}", 0},
       .version = 2,
       .document = USER_AWAY "'userName':'anna','active':false" AWAY},
      {{REPLACE, "User", "u1", "{'userName':'anna','active':false,'title':'x'}", 0},
       .version = 3,
       .document = USER_AWAY "'userName':'anna','title':'x','active':false" AWAY},
      {{REPLACE, "User", "u1", "{'userName':'anna'}", 0},
       .version = 4,
       .document = USER "'userName':'anna'}"}},
     NULL                                                                                 },
    {"operations are all or none",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{PATCH, "User", "u1",
        "[{'op':'add','path':'title','value':'x'},{'op':'remove','path':'userName'}]", 0},
       .error = ERR_INVALID_VALUE},
      {{PATCH, "User", "u1", "[{'op':'add','path':'userName','value':'anna'}]", 0},
       .version = 1,
       .document = USER "'userName':'anna'}",
       .unchanged = true}},
     NULL                                                                                 },
    {"a deletion is logged with the whole document",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{DELETE, "User", "u1", NULL, 0}, .version = 1},
      {{DELETE, "User", "u1", NULL, 0}, .error = ERR_NOT_FOUND},
      {{PATCH, "User", "u1", "[{'op':'add','path':'title','value':'x'}]", 0},
       .error = ERR_NOT_FOUND},
      {{REPLACE, "User", "u1", "{'userName':'anna'}", 0}, .error = ERR_NOT_FOUND},
      {{CREATE, "User", "u2", "{'userName':'anna'}", 0}, .version = 1}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna'}}] []\n"
     "delete User u1 [] [{'op':'add','value':" USER "'userName':'anna'}}]\n"
     "create User u2 [{'op':'add','value':" USER "'userName':'anna'}}] []\n"              },
    {"a type's resources are not another's",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{DELETE, "Group", "u1", NULL, 0}, .error = ERR_NOT_FOUND}},
     NULL                                                                                 },
    {"userName is unique over case and folding",
     {{{CREATE, "User", "u1", "{'userName':'STRASSE'}", 0}, .version = 1},
      {{CREATE, "User", "u2", "{'userName':'stra\303\237e'}", 0},
       .error = ERR_UNIQUENESS,
       .detail = "userName"},
      {{CREATE, "User", "u3", "{'userName':'bert'}", 0}, .version = 1},
      {{PATCH, "User", "u3", "[{'op':'replace','path':'userName','value':'Stra\303\237e'}]", 0},
       .error = ERR_UNIQUENESS,
       .detail = "userName"},
      {{REPLACE, "User", "u3", "{'userName':'strasse'}", 0},
       .error = ERR_UNIQUENESS,
       .detail = "userName"},
      {{REPLACE, "User", "u1", "{'userName':'stra\303\237e'}", 0},
       .version = 2,
       .document = USER "'userName':'stra\303\237e'}"}},
     NULL                                                                                 },
    {"dotless i is another letter",
     {{{CREATE, "User", "u1", "{'userName':'ISIL'}", 0}, .version = 1},
      {{CREATE, "User", "u2", "{'userName':'\304\261s\304\261l'}", 0}, .version = 1},
      {{CREATE, "User", "u3", "{'userName':'isil'}", 0}, .error = ERR_UNIQUENESS}},
     NULL                                                                                 },
    {"a creation revives an inactive person",
     {{{CREATE, "User", "u1", "{'userName':'anna','active':true,'title':'Dr'}", 0}, .version = 1},
      {{CREATE, "User", "u2", "{'userName':'ANNA','active':true}", 0}, .error = ERR_UNIQUENESS},
      {{PATCH, "User", "u1", "[{'op':'replace','path':'active','value':false}]", 0}, .version = 2},
      {{CREATE, "User", "u2", "{'userName':'ANNA'}", 0},
       .version = 3,
       .revived = "u1",
       .document = USER "'userName':'ANNA','active':true}"}},
     NULL                                                                                 },
    {"a creation as inactive keeps them so",
     {{{CREATE, "User", "u1", "{'userName':'anna','active':false}", 0}, .version = 1},
      {{CREATE, "User", "u2", "{'userName':'anna','active':false,'title':'x'}", 0},
       .version = 2,
       .revived = "u1",
       .document = USER "'userName':'anna','title':'x','active':false}"}},
     NULL                                                                                 },
    {"If-Match",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{PATCH, "User", "u1", "[{'op':'add','path':'title','value':'x'}]", 1}, .version = 2},
      {{PATCH, "User", "u1", "[{'op':'add','path':'title','value':'y'}]", 1},
       .error = ERR_PRECONDITION},
      {{REPLACE, "User", "u1", "{'userName':'anna'}", 1}, .error = ERR_PRECONDITION},
      {{DELETE, "User", "u1", NULL, 3}, .error = ERR_PRECONDITION},
      {{DELETE, "User", "u1", NULL, IF_MATCH_ANY}, .version = 2},
      {{DELETE, "User", "u1", NULL, IF_MATCH_ANY}, .error = ERR_NOT_FOUND}},
     NULL                                                                                 },
    {"members come and go",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{CREATE, "Group", "g1", "{'displayName':'G','members':[{'value':'u1'}]}", 0},
       .version = 1,
       .document = GROUP "'displayName':'G'}",
       .members_of = "g1",
       .members = "u1"},
      {{PATCH, "Group", "g1", "[{'op':'add','path':'members','value':[{'value':'u1'}]}]", 0},
       .version = 1,
       .unchanged = true},
      {{PATCH, "Group", "g1", "[{'op':'remove','path':'members[value eq \\\"u1\\\"]'}]", 0},
       .version = 2,
       .members_of = "g1",
       .members = ""},
      {{PATCH, "Group", "g1", "[{'op':'remove','path':'members','value':[{'value':'u1'}]}]", 0},
       .version = 2,
       .unchanged = true},
      {{PATCH, "Group", "g1", "[{'op':'add','path':'members','value':[{'value':'u1'}]}]", 0},
       .version = 3,
       .members_of = "g1",
       .members = "u1"}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna'}}] []\n"
     "create Group g1 [{'op':'add','value':" GROUP "'displayName':'G'}}] []\n"
     "members Group g1 [{'op':'add','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'remove','path':'members','value':[{'value':'u1'}]}]\n"
     "members Group g1 [{'op':'remove','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'add','path':'members','value':[{'value':'u1'}]}]\n"
     "members Group g1 [{'op':'add','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'remove','path':'members','value':[{'value':'u1'}]}]\n"                     },
    {"a PATCH of document and members is one version",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{CREATE, "Group", "g1", "{'displayName':'G'}", 0}, .version = 1},
      {{PATCH, "Group", "g1",
        "[{'op':'add','path':'members','value':[{'value':'u1'}]},"
        "{'op':'replace','path':'displayName','value':'H'}]",
        0},
       .version = 2,
       .document = GROUP "'displayName':'H'}",
       .members_of = "g1",
       .members = "u1"}},
     NULL                                                                                 },
    {"member operations run in order",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{CREATE, "User", "u2", "{'userName':'bert'}", 0}, .version = 1},
      {{CREATE, "Group", "g1", "{'displayName':'G','members':[{'value':'u1'}]}", 0}, .version = 1},
      {{PATCH, "Group", "g1",
        "[{'op':'remove','path':'members[value eq \\\"u1\\\"]'},"
        "{'op':'add','path':'members','value':[{'value':'u1'}]},"
        "{'op':'replace','path':'members','value':[{'value':'u2'}]}]",
        0},
       .version = 2,
       .members_of = "g1",
       .members = "u2"},
      {{PATCH, "Group", "g1", "[{'op':'replace','path':'members','value':[]}]", 0},
       .version = 3,
       .members_of = "g1",
       .members = ""}},
     NULL                                                                                 },
    {"members are removed by a filter",
     {{{CREATE, "User", "u1", "{'userName':'anna','displayName':'Anna'}", 0}, .version = 1},
      {{CREATE, "User", "u2", "{'userName':'bert','displayName':'Bert'}", 0}, .version = 1},
      {{CREATE, "Group", "g0", "{'displayName':'Z'}", 0}, .version = 1},
      {{CREATE, "Group", "g1",
        "{'displayName':'G','members':[{'value':'u1'},{'value':'u2'},{'value':'g0'}]}", 0},
       .version = 1},
      {{PATCH, "Group", "g1", "[{'op':'remove','path':'members[display eq \\\"anna\\\"]'}]", 0},
       .version = 2,
       .members_of = "g1",
       .members = "u2 g0"},
      {{PATCH, "Group", "g1", "[{'op':'remove','path':'members[type eq \\\"Group\\\"]'}]", 0},
       .version = 3,
       .members_of = "g1",
       .members = "u2"},
      {{PATCH, "Group", "g1", "[{'op':'remove','path':'members[display eq \\\"x\\\"]'}]", 0},
       .version = 3,
       .unchanged = true},
      {{PATCH, "Group", "g1", "[{'op':'remove','path':'members[display eq \\\"x\\\"]'}]", 0},
       .error = ERR_NO_TARGET,
       .strict = true}},
     NULL                                                                                 },
    {"a PUT replaces members, without them it empties",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{CREATE, "User", "u2", "{'userName':'bert'}", 0}, .version = 1},
      {{CREATE, "Group", "g1", "{'displayName':'G','members':[{'value':'u1'}]}", 0}, .version = 1},
      {{REPLACE, "Group", "g1", "{'displayName':'G','members':[{'value':'u2'}]}", 0},
       .version = 2,
       .members_of = "g1",
       .members = "u2"},
      {{REPLACE, "Group", "g1", "{'displayName':'G','members':[{'value':'u2'}]}", 0},
       .version = 2,
       .unchanged = true},
      {{REPLACE, "Group", "g1", "{'displayName':'G'}", 0},
       .version = 3,
       .members_of = "g1",
       .members = ""}},
     NULL                                                                                 },
    {"a parked member attaches when it comes",
     {{{CREATE, "Group", "g1", "{'displayName':'G','members':[{'value':'u1'}]}", 0},
       .version = 1,
       .parked = 1,
       .members_of = "g1",
       .members = ""},
      {{CREATE, "User", "u1", "{'userName':'anna'}", 0},
       .version = 1,
       .members_of = "g1",
       .members = "u1"},
      {{PATCH, "Group", "g1", "[{'op':'add','path':'externalId','value':'x'}]", 0}, .version = 3}},
     "create Group g1 [{'op':'add','value':" GROUP "'displayName':'G'}}] []\n"
     "members Group g1 [{'op':'add','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'remove','path':'members','value':[{'value':'u1'}]}]\n"
     "create User u1 [{'op':'add','value':" USER "'userName':'anna'}}] []\n"
     "members Group g1 [{'op':'add','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'remove','path':'members','value':[{'value':'u1'}]}]\n"
     "update Group g1 [{'op':'add','path':'externalId','value':'x'}]"
     " [{'op':'remove','path':'externalId'}]\n"                                           },
    {"an unknown member is refused by name where it can't be parked",
     {{{CREATE, "Group", "g1", GROUP "'displayName':'G','members':[{'value':'nobody'}]}", 0},
       .error = ERR_INVALID_VALUE,
       .detail = "nobody",
       .strict = true},
      {{CREATE, "Group", "g1", "{'displayName':'G'}", 0}, .version = 1},
      {{PATCH, "Group", "g1", "[{'op':'add','path':'members','value':[{'value':'nobody'}]}]", 0},
       .error = ERR_INVALID_VALUE,
       .detail = "nobody",
       .strict = true}},
     "create Group g1 [{'op':'add','value':" GROUP "'displayName':'G'}}] []\n"            },
    {"a deleted member leaves its groups, which are bumped",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{CREATE, "Group", "g1", "{'displayName':'G','members':[{'value':'u1'}]}", 0}, .version = 1},
      {{DELETE, "User", "u1", NULL, 0}, .members_of = "g1", .members = ""},
      {{PATCH, "Group", "g1", "[{'op':'add','path':'externalId','value':'x'}]", 2}, .version = 3}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna'}}] []\n"
     "create Group g1 [{'op':'add','value':" GROUP "'displayName':'G'}}] []\n"
     "members Group g1 [{'op':'add','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'remove','path':'members','value':[{'value':'u1'}]}]\n"
     "members Group g1 [{'op':'remove','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'add','path':'members','value':[{'value':'u1'}]}]\n"
     "delete User u1 [] [{'op':'add','value':" USER "'userName':'anna'}}]\n"
     "update Group g1 [{'op':'add','path':'externalId','value':'x'}]"
     " [{'op':'remove','path':'externalId'}]\n"                                           },
    {"a deleted group's members can be brought back",
     {{{CREATE, "User", "u1", "{'userName':'anna'}", 0}, .version = 1},
      {{CREATE, "Group", "g1", "{'displayName':'G','members':[{'value':'u1'}]}", 0}, .version = 1},
      {{DELETE, "Group", "g1", NULL, 0}, .version = 1}},
     "create User u1 [{'op':'add','value':" USER "'userName':'anna'}}] []\n"
     "create Group g1 [{'op':'add','value':" GROUP "'displayName':'G'}}] []\n"
     "members Group g1 [{'op':'add','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'remove','path':'members','value':[{'value':'u1'}]}]\n"
     "members Group g1 [{'op':'remove','path':'members','value':[{'value':'u1'}]}]"
     " [{'op':'add','path':'members','value':[{'value':'u1'}]}]\n"
     "delete Group g1 [] [{'op':'add','value':" GROUP "'displayName':'G'}}]\n"            },
    {"groups may contain each other, but not themselves",
     {{{CREATE, "Group", "g1", "{'displayName':'G','members':[{'value':'g2'}]}", 0},
       .version = 1,
       .parked = 1},
      {{CREATE, "Group", "g2", "{'displayName':'H','members':[{'value':'g1'}]}", 0},
       .version = 1,
       .members_of = "g1",
       .members = "g2"},
      {{PATCH, "Group", "g1", "[{'op':'add','path':'members','value':[{'value':'g1'}]}]", 0},
       .error = ERR_INVALID_VALUE,
       .detail = "members[0].value"},
      {{REPLACE, "Group", "g1", "{'displayName':'G','members':[{'value':'g1'}]}", 0},
       .error = ERR_INVALID_VALUE},
      {{CREATE, "Group", "g3", "{'displayName':'G','members':[{'value':'g3'}]}", 0},
       .error = ERR_INVALID_VALUE},
      {{DELETE, "Group", "g2", NULL, 0}, .members_of = "g1", .members = ""}},
     NULL                                                                                 },
};

static const char *const action_words[] = {"", "create", "update", "delete", "members"};

static const char *format_log(struct fixture *fixture, struct arena *arena)
{
    const struct change_row *rows = NULL;
    struct buf text = {0};
    size_t count = 0;
    const char *result;

    if (fixture_changes(fixture, arena, true, &rows, &count) < 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s %s %s %s %s\n", action_words[rows[i].action],
                   rows[i].type == RESOURCE_TYPE_USER ? "User" : "Group", rows[i].resource_id,
                   rows[i].forward, rows[i].reverse);
    result = fixture_timeless(arena, buf_text(&text));
    buf_free(&text);
    return result;
}

static void assert_answer(struct fixture *fixture, const struct apply_step *step,
                          const struct directory_result *result)
{
    bool created = step->change.verb == CREATE && step->revived == NULL;

    assert_int_equal(result->created, created);
    assert_int_equal(result->changed, !step->unchanged);
    assert_int_equal(result->parked, step->parked);
    assert_string_equal(result->row.id, step->revived != NULL ? step->revived : step->change.id);
    if (step->version != 0)
        assert_int_equal(result->row.version, step->version);
    if (step->document != NULL)
        assert_string_equal(fixture_timeless(fixture->arena, result->row.document),
                            fixture_quoted(fixture->arena, step->document));
}

/* What was answered is what is stored. */
static void assert_stored(struct fixture *fixture, const struct apply_step *step,
                          const struct directory_result *result)
{
    struct fixture_reading reading = {
        .arena = fixture->arena, .id = result->row.id, .type = result->row.type};
    struct err err = {0};
    int status = store_read(fixture->tenant->scope, fixture_read_work, &reading, &err);

    if (step->change.verb == DELETE) {
        assert_int_equal(status, -1);
        assert_int_equal(err.code, ERR_NOT_FOUND);
        return;
    }
    assert_int_equal(status, 0);
    assert_int_equal(reading.row.version, result->row.version);
    assert_int_equal(reading.row.modified_us, result->row.modified_us);
    if (result->row.document != NULL)
        assert_string_equal(reading.row.document, result->row.document);
}

/* The row that a step works on, as it stands; zeroed where there is none. */
static struct resource_row row_of(struct fixture *fixture, const struct apply_step *step)
{
    struct fixture_reading reading = {
        .arena = fixture->arena,
        .id = step->revived != NULL ? step->revived : step->change.id,
        .type = schema_set_type_by_name(fixture->tenant->schemas, step->change.type)->number};
    struct err err = {0};

    (void)store_read(fixture->tenant->scope, fixture_read_work, &reading, &err);
    return reading.row;
}

/* Whatever changes is one version more and later; what does not stays as it was. */
static void assert_progress(const struct resource_row *before, const struct resource_row *after,
                            bool changed)
{
    if (before->id == NULL || after->id == NULL)
        return;
    assert_int_equal(after->version, before->version + (changed ? 1 : 0));
    assert_int_equal(after->modified_us > before->modified_us, changed);
    assert_int_equal(after->created_us, before->created_us);
    assert_int_equal(after->pk, before->pk);
}

static void assert_step(struct fixture *fixture, const struct apply_step *step)
{
    const struct resource_row before = row_of(fixture, step);
    struct directory_result result = {0};
    struct resource_row after;
    struct err err = {0};
    int status;

    fixture->tolerances.profile = step->strict ? PROFILE_STRICT : PROFILE_AUTO;
    fixture->actor.park_members = !step->strict;
    fixture->actor.reactivates = true;
    status = fixture_apply(fixture, &step->change, fixture->arena, &result, &err);
    if (status < 0 && step->error == 0)
        print_message("%s (%s)\n", err.detail, err.cause);
    assert_int_equal(status, step->error == 0 ? 0 : -1);
    assert_int_equal(err.code, status < 0 ? step->error : err.code);
    if (status == 0) {
        assert_answer(fixture, step, &result);
        assert_stored(fixture, step, &result);
    } else if (step->detail != NULL) {
        assert_non_null(strstr(err.detail, step->detail));
    }
    after = row_of(fixture, step);
    assert_progress(&before, &after, status == 0 && !step->unchanged);
    if (step->members_of != NULL)
        assert_string_equal(fixture_members(fixture, fixture->arena, step->members_of),
                            step->members);
}

static void applies(void **row)
{
    const struct apply_case *expected = *row;
    struct fixture fixture;

    assert_int_equal(fixture_open(&fixture), 0);
    for (size_t i = 0; i < STEPS_MAX && expected->steps[i].change.type != NULL; i++)
        assert_step(&fixture, &expected->steps[i]);
    if (expected->log != NULL)
        assert_string_equal(format_log(&fixture, fixture.arena),
                            fixture_quoted(fixture.arena, expected->log));
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("directory_apply", cases, applies);
}
