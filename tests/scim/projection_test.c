#include "scim/projection.h"

#include "scim/resource.h"

#include "resource_fixture.h"

#define ENTERPRISE_OBJECT                                                                          \
    "\"" SCHEMA_URN_ENTERPRISE                                                                     \
    "\":{\"department\":\"d\",\"manager\":{\"value\":\"m\",\"displayName\":\"x\"}}"
#define LEASE_OBJECT "\"" LEASE "\":{\"lessor\":\"l\",\"rate\":1.5}"

/* Framed resources; the tests leave out what they are not about. */
static const char user[] =
    "{" SUE ",\"id\":\"1\",\"externalId\":\"x\",\"userName\":\"a\",\"name\":{\"familyName\":\"f\","
    "\"givenName\":\"g\"},\"emails\":[{\"value\":\"w\",\"type\":\"work\"},{\"type\":\"home\"}],"
    "\"groups\":[{\"value\":\"g1\",\"display\":\"G\"}]," ENTERPRISE_OBJECT
    ",\"meta\":{\"resourceType\":\"User\",\"version\":\"W/\\\"1\\\"\"}}";
static const char device[] =
    "{\"schemas\":[\"" DEVICE "\",\"" LEASE "\"],\"id\":\"1\",\"name\":\"d\",\"slots\":[{\"value\":"
    "\"s\",\"note\":\"n\",\"key\":\"k\",\"tag\":\"t\"}],\"pin\":\"p\",\"barcode\":\"b\","
    "\"history\":[\"h\"],\"hidden\":\"x\"," LEASE_OBJECT "}";

#define HEAD "{" SUE ",\"id\":\"1\""
#define DEVICE_HEAD "{\"schemas\":[\"" DEVICE "\",\"" LEASE "\"],\"id\":\"1\""

static struct projection_case {
    const char *name;
    const char *type;
    const char *attributes;
    const char *excluded;
    const char *result; /* NULL: as it was */
} cases[] = {
    {"none",                                       "User",   NULL,                                   NULL,                                             NULL                                           },
    {"empty lists",                                "User",   "",                                     "",                                               NULL                                           },
    {"blanks and commas",                          "User",   " , ,",                                 NULL,                                             NULL                                           },
    {"one attribute",                              "User",   "userName",                             NULL,                                             HEAD ",\"userName\":\"a\"}"                    },
    {"in other case",                              "User",   "USERNAME",                             NULL,                                             HEAD ",\"userName\":\"a\"}"                    },
    {"blanks around names",                        "User",   " userName , externalId ",              NULL,
     HEAD ",\"externalId\":\"x\",\"userName\":\"a\"}"                                                                                                                                                 },
    {"behind its URN",                             "User",   SCHEMA_URN_USER ":userName",            NULL,                                             HEAD ",\"userName\":\"a\"}"                    },
    {"unknown name alone",                         "User",   "shoeSize",                             NULL,                                             HEAD "}"                                       },
    {"unknown name ignored",                       "User",   "shoeSize,userName",                    NULL,                                             HEAD ",\"userName\":\"a\"}"                    },
    {"sub-attribute",                              "User",   "name.familyName",                      NULL,                                             HEAD ",\"name\":{\"familyName\":\"f\"}}"       },
    {"sub-attribute and its parent",               "User",   "name.familyName,name",                 NULL,
     HEAD ",\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"}}"                                                                                                                                     },
    {"sub-attribute of a list",                    "User",   "emails.value",                         NULL,
     HEAD ",\"emails\":[{\"value\":\"w\"}]}"                                                                                                                                                          },
    {"sub-attribute nobody has",                   "User",   "emails.display",                       NULL,                                             HEAD "}"                                       },
    {"extension attribute",                        "User",   SCHEMA_URN_ENTERPRISE ":department",    NULL,
     HEAD ",\"" SCHEMA_URN_ENTERPRISE "\":{\"department\":\"d\"}}"                                                                                                                                    },
    {"extension sub-attribute",                    "User",   SCHEMA_URN_ENTERPRISE ":manager.value", NULL,
     HEAD ",\"" SCHEMA_URN_ENTERPRISE "\":{\"manager\":{\"value\":\"m\"}}}"                                                                                                                           },
    {"whole extension",                            "User",   SCHEMA_URN_ENTERPRISE,                  NULL,                                             HEAD "," ENTERPRISE_OBJECT "}"                 },
    {"meta in part",                               "User",   "meta.version",                         NULL,                                             HEAD ",\"meta\":{\"version\":\"W/\\\"1\\\"\"}}"},
    {"groups",                                     "User",   "groups.value",                         NULL,                                             HEAD ",\"groups\":[{\"value\":\"g1\"}]}"       },
    {"excluded",                                   "User",   NULL,                                   "emails,groups,name,meta," SCHEMA_URN_ENTERPRISE,
     HEAD ",\"externalId\":\"x\",\"userName\":\"a\"}"                                                                                                                                                 },
    {"excluded sub-attribute",                     "User",   NULL,
     "name.givenName,emails,groups,meta," SCHEMA_URN_ENTERPRISE ":manager",
     HEAD ",\"externalId\":\"x\",\"userName\":\"a\",\"name\":{\"familyName\":\"f\"},"
          "\"" SCHEMA_URN_ENTERPRISE "\":{\"department\":\"d\"}}"                                                                                                                                     },
    {"excluded sub-attributes leave nothing",      "User",   NULL,
     "name.givenName,name.familyName,emails,groups,meta,externalId," SCHEMA_URN_ENTERPRISE,
     HEAD ",\"userName\":\"a\"}"                                                                                                                                                                      },
    {"id and schemas cannot be excluded",          "User",   "userName",                             "id,schemas",
     HEAD ",\"userName\":\"a\"}"                                                                                                                                                                      },
    {"unknown name excluded",                      "User",   NULL,                                   "shoeSize",                                       NULL                                           },
    {"both: excluded is taken from attributes",    "User",   "userName,name",                        "name.givenName",
     HEAD ",\"userName\":\"a\",\"name\":{\"familyName\":\"f\"}}"                                                                                                                                      },
    {"both name the same",                         "User",   "userName,externalId",                  "userName",
     HEAD ",\"externalId\":\"x\"}"                                                                                                                                                                    },

    {"default: request and never are left out",    "Device", NULL,                                   NULL,
     DEVICE_HEAD
     ",\"name\":\"d\",\"slots\":[{\"value\":\"s\",\"tag\":\"t\"}],\"barcode\":\"b\",\"" LEASE
     "\":{\"lessor\":\"l\"}}"                                                                                                                                                                         },
    {"request is there when named",                "Device", "history",                              NULL,
     DEVICE_HEAD ",\"barcode\":\"b\",\"history\":[\"h\"]}"                                                                                                                                            },
    {"request sub-attribute when named",           "Device", "slots.note",                           NULL,
     DEVICE_HEAD ",\"slots\":[{\"note\":\"n\",\"tag\":\"t\"}],\"barcode\":\"b\"}"                                                                                                                     },
    {"request sub-attribute is not in its parent", "Device", "slots",                                NULL,
     DEVICE_HEAD ",\"slots\":[{\"value\":\"s\",\"tag\":\"t\"}],\"barcode\":\"b\"}"                                                                                                                    },
    {"never, though named",                        "Device", "pin,hidden,slots.key",                 NULL,
     DEVICE_HEAD ",\"slots\":[{\"tag\":\"t\"}],\"barcode\":\"b\"}"                                                                                                                                    },
    {"always, though excluded",                    "Device", "name",                                 "barcode,slots.tag",
     DEVICE_HEAD ",\"name\":\"d\",\"barcode\":\"b\"}"                                                                                                                                                 },
    {"request in an extension",                    "Device", LEASE ":rate",                          NULL,
     DEVICE_HEAD ",\"barcode\":\"b\",\"" LEASE "\":{\"rate\":1.5}}"                                                                                                                                   },
    {"whole extension: what is default",           "Device", LEASE,                                  NULL,
     DEVICE_HEAD ",\"barcode\":\"b\",\"" LEASE "\":{\"lessor\":\"l\"}}"                                                                                                                               },
};

static void projects(void **row)
{
    const struct projection_case *expected = *row;
    struct schema_set *set = fixture_set("device.json", NULL);
    const struct resource_type *type = schema_set_type_by_name(set, expected->type);
    const char *before = strcmp(expected->type, "User") == 0 ? user : device;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct projection *projection = NULL;
    json_t *shared = fixture_json(before);
    json_t *resource = json_copy(shared);
    struct err err = {0};

    assert_int_equal(
        projection_parse(type, arena, expected->attributes, expected->excluded, &projection, &err),
        0);
    projection_apply(type, projection, resource);
    assert_json(resource, expected->result != NULL ? expected->result : before);
    assert_json(shared, before); /* nothing below was changed */
    if (projection_keeps_document(type, projection))
        assert_json(resource, before);
    json_decref(resource);
    json_decref(shared);
    arena_free(arena);
    schema_set_release(set);
}

/* What need not be read, and what can be sent without parsing. */
static struct wants_case {
    const char *name;
    const char *type;
    const char *attributes;
    const char *excluded;
    const char *attribute;
    bool wants;
    bool keeps;
} wants_cases[] = {
    {"members by default",          "Group",  NULL,            NULL,                        "members",  true,  true },
    {"members excluded",            "Group",  NULL,            "members",                   "members",  false, true },
    {"members excluded by URN",     "Group",  NULL,            SCHEMA_URN_GROUP ":members", "members",  false, true },
    {"members not named",           "Group",  "displayName",   NULL,                        "members",  false, false},
    {"part of members named",       "Group",  "members.value", NULL,                        "members",  true,  false},
    {"part of members excluded",    "Group",  NULL,            "members.$ref",              "members",  true,  true },
    {"groups excluded",             "User",   NULL,            "groups",                    "groups",   false, true },
    {"something else excluded",     "User",   NULL,            "title",                     "groups",   true,  false},
    {"password",                    "User",   "password",      NULL,                        "password", false, false},
    {"type with hidden attributes", "Device", NULL,            NULL,                        "name",     true,  false},
};

/* How rows that are no part of the document are rendered: members, groups. */
static struct wants_sub_case {
    const char *name;
    const char *attributes;
    const char *excluded;
    const char *sub; /* of Group.members */
    bool wants;
} wants_sub_cases[] = {
    {"all by default",       NULL,                 NULL,           "display", true },
    {"named",                "members.value",      NULL,           "value",   true },
    {"not named",            "members.value",      NULL,           "display", false},
    {"the whole is named",   "members",            NULL,           "display", true },
    {"excluded",             NULL,                 "members.$ref", "$ref",    false},
    {"beside an excluded",   NULL,                 "members.$ref", "value",   true },
    {"something else named", "members,externalId", NULL,           "type",    true },
};

static void tells_what_is_wanted_of_members(void **row)
{
    const struct wants_sub_case *expected = *row;
    struct schema_set *set = fixture_set("device.json", NULL);
    const struct resource_type *type = schema_set_type_by_name(set, "Group");
    const struct attribute *members = schema_attribute(type->schema, "members", strlen("members"));
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct projection *projection = NULL;
    struct err err = {0};

    assert_int_equal(
        projection_parse(type, arena, expected->attributes, expected->excluded, &projection, &err),
        0);
    assert_int_equal(projection_wants_sub(projection, schema_sub_attribute(members, expected->sub,
                                                                           strlen(expected->sub))),
                     expected->wants);
    arena_free(arena);
    schema_set_release(set);
}

static void tells_what_is_wanted(void **row)
{
    const struct wants_case *expected = *row;
    struct schema_set *set = fixture_set("device.json", NULL);
    const struct resource_type *type = schema_set_type_by_name(set, expected->type);
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct projection *projection = NULL;
    struct err err = {0};

    assert_int_equal(
        projection_parse(type, arena, expected->attributes, expected->excluded, &projection, &err),
        0);
    assert_int_equal(
        projection_wants(projection, schema_attribute(type->schema, expected->attribute,
                                                      strlen(expected->attribute))),
        expected->wants);
    assert_int_equal(projection_keeps_document(type, projection), expected->keeps);
    arena_free(arena);
    schema_set_release(set);
}

static void refuses_endless_lists(void **state)
{
    struct schema_set *set = fixture_set(NULL, NULL);
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct projection *projection = NULL;
    struct buf list = {0};
    struct err err = {0};

    (void)state;
    while (list.length < PROJECTION_BYTES_MAX)
        buf_puts(&list, "userName,");
    assert_int_equal(projection_parse(schema_set_type_by_name(set, "User"), arena, buf_text(&list),
                                      NULL, &projection, &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
    buf_free(&list);
    arena_free(arena);
    schema_set_release(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_endless_lists),
    };

    return RUN_TABLE("projection", cases, projects) +
           RUN_TABLE("projection wants", wants_cases, tells_what_is_wanted) +
           RUN_TABLE("projection wants of members", wants_sub_cases,
                     tells_what_is_wanted_of_members) +
           cmocka_run_group_tests_name("projection types", tests, NULL, NULL);
}
