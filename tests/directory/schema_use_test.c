/* A tenant's schemas come, change and go, but never from under a resource that uses them. */
#include "directory_fixture.h"

#include "table.h"

#define BADGE "urn:example:params:scim:schemas:extension:badge:2.0:User"
#define BADGE_OF(type_, more_)                                                                     \
    "[{'schemas':['" SCHEMA_URN_SCHEMA "'],'id':'" BADGE "','name':'Badge','attributes':["         \
    "{'name':'colour','type':'" type_ "','multiValued':false}" more_ "]},"                         \
    "{'schemas':['" SCHEMA_URN_RESOURCE_TYPE "'],'extends':true,'name':'User',"                    \
    "'schemaExtensions':[{'schema':'" BADGE "','required':false}]}]"
#define ROOM "urn:example:params:scim:schemas:core:2.0:Room"
#define ROOM_FILE                                                                                  \
    "[{'schemas':['" SCHEMA_URN_SCHEMA "'],'id':'" ROOM "','name':'Room','attributes':["           \
    "{'name':'label','type':'string','multiValued':false,'required':true}]},"                      \
    "{'schemas':['" SCHEMA_URN_RESOURCE_TYPE "'],'name':'Room','endpoint':'/Rooms',"               \
    "'schema':'" ROOM "'}]"

enum schema_act { NO_ACT, PUT_SCHEMA, DELETE_SCHEMA, CREATE_RESOURCE, DELETE_RESOURCE };

static struct schema_case {
    const char *name;
    struct {
        enum schema_act act;
        const char *what; /* the file's name; a resource's type */
        const char *text;
        enum err_code error;
        const char *detail;
    } steps[6];
} schema_cases[] = {
    {"an extension is used and can't go while it is",
     {{PUT_SCHEMA, "badge.json", BADGE_OF("string", ""), 0, NULL},
      {CREATE_RESOURCE, "User", "{'userName':'anna','" BADGE "':{'colour':'red'}}", 0, NULL},
      {DELETE_SCHEMA, "badge.json", NULL, ERR_CONFLICT, "colour"},
      {DELETE_RESOURCE, "User", NULL, 0, NULL},
      {DELETE_SCHEMA, "badge.json", NULL, 0, NULL},
      {DELETE_SCHEMA, "badge.json", NULL, ERR_NOT_FOUND, "badge.json"}}                   },
    {"an extension that nobody uses goes",
     {{PUT_SCHEMA, "badge.json", BADGE_OF("string", ""), 0, NULL},
      {CREATE_RESOURCE, "User", "{'userName':'anna','title':'colour'}", 0, NULL},
      {DELETE_SCHEMA, "badge.json", NULL, 0, NULL}}                                       },
    {"an attribute's type stays",
     {{PUT_SCHEMA, "badge.json", BADGE_OF("string", ""), 0, NULL},
      {PUT_SCHEMA, "badge.json", BADGE_OF("integer", ""), ERR_CONFLICT, "colour"},
      {PUT_SCHEMA, "badge.json", BADGE_OF("string", ",{'name':'size','type':'integer'}"), 0,
       NULL}}                                                                             },
    {"an attribute in use is not removed",
     {{PUT_SCHEMA, "badge.json", BADGE_OF("string", ",{'name':'size','type':'integer'}"), 0, NULL},
      {CREATE_RESOURCE, "User", "{'userName':'anna','" BADGE "':{'size':1}}", 0, NULL},
      {PUT_SCHEMA, "badge.json", BADGE_OF("string", ""), ERR_CONFLICT, "size"},
      {DELETE_RESOURCE, "User", NULL, 0, NULL},
      {PUT_SCHEMA, "badge.json", BADGE_OF("string", ""), 0, NULL}}                        },
    {"a type with resources stays",
     {{PUT_SCHEMA, "room.json", ROOM_FILE, 0, NULL},
      {CREATE_RESOURCE, "Room", "{'label':'1'}", 0, NULL},
      {DELETE_SCHEMA, "room.json", NULL, ERR_CONFLICT, "Room"},
      {DELETE_RESOURCE, "Room", NULL, 0, NULL},
      {DELETE_SCHEMA, "room.json", NULL, 0, NULL}}                                        },
    {"a bad file is refused by name",
     {{PUT_SCHEMA, "bad.json", "{", ERR_INVALID_VALUE, "bad.json"}}                       },
    {"a known URN is refused",
     {{PUT_SCHEMA, "badge.json", BADGE_OF("string", ""), 0, NULL},
      {PUT_SCHEMA, "again.json", BADGE_OF("string", ""), ERR_INVALID_VALUE, "again.json"}}},
};

/* Changing schemas waits for who holds the tenant, so a step holds it only for resources. */
static int run_resource_act(struct fixture *f, enum schema_act act, const char *type,
                            const char *body, struct err *err)
{
    enum directory_verb verb = act == CREATE_RESOURCE ? DIRECTORY_CREATE : DIRECTORY_DELETE;
    struct directory_result result = {0};
    int status;

    if (tenants_find(f->tenants, "acme", &f->tenant, err) < 0)
        return -1;
    status = fixture_apply(f, &(struct fixture_change){verb, type, "r1", body, 0}, f->arena,
                           &result, err);
    tenant_release(f->tenant);
    f->tenant = NULL;
    return status;
}

static int run_schema_act(struct fixture *f, enum schema_act act, const char *what,
                          const char *text, struct err *err)
{
    struct schema_row row = {.name = what, .created_us = 1};

    if (act == DELETE_SCHEMA)
        return tenants_schema_delete(f->tenants, &fixture_admin, "acme", what, err);
    if (act != PUT_SCHEMA)
        return run_resource_act(f, act, what, text, err);
    row.document = fixture_quoted(f->arena, text);
    row.length = strlen(row.document);
    return tenants_schema_put(f->tenants, &fixture_admin, "acme", &row, err);
}

static void keeps_schemas_that_are_used(void **row)
{
    const struct schema_case *expected = *row;
    struct fixture fixture;

    assert_int_equal(fixture_open(&fixture), 0);
    tenant_release(fixture.tenant);
    fixture.tenant = NULL;
    for (size_t i = 0; i < 6 && expected->steps[i].act != NO_ACT; i++) {
        struct err err = {0};
        int result = run_schema_act(&fixture, expected->steps[i].act, expected->steps[i].what,
                                    expected->steps[i].text, &err);

        if (result < 0 && expected->steps[i].error == 0)
            print_message("step %zu: %s (%s)\n", i, err.detail, err.cause);
        assert_int_equal(result, expected->steps[i].error == 0 ? 0 : -1);
        if (result < 0) {
            assert_int_equal(err.code, expected->steps[i].error);
            assert_non_null(strstr(err.detail, expected->steps[i].detail));
        }
    }
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("tenants' schemas", schema_cases, keeps_schemas_that_are_used);
}
