#include "scim/resource.h"

#include "resource_fixture.h"

static struct schema_set *set;

/* resource_check: a document, perhaps after another one. */
static struct check_case {
    const char *name;
    const char *type;
    const char *before; /* NULL: created */
    const char *after;
    enum err_code code; /* 0: fine */
    const char *detail;
} checks[] = {
    {"complete",                                         "User",   NULL,                                             "{" SU ",\"userName\":\"a\"}", 0,                 NULL                       },
    {"userName missing",                                 "User",   NULL,                                             "{" SU "}",                    ERR_INVALID_VALUE, "userName is required"     },
    {"userName empty",                                   "User",   NULL,                                             "{" SU ",\"userName\":\"\"}",  ERR_INVALID_VALUE,
     "userName is required"                                                                                                                                                                       },
    {"group without displayName",                        "Group",  NULL,                                             "{" SG "}",                    ERR_INVALID_VALUE,
     "displayName is required"                                                                                                                                                                    },
    {"required sub-attribute missing",                   "Device", NULL,
     "{" SD ",\"name\":\"d\",\"owner\":{\"since\":\"2026-01-01T00:00:00Z\"}}",                                                                      ERR_INVALID_VALUE,
     "owner.value is required"                                                                                                                                                                    },
    {"extension absent",                                 "Device", NULL,                                             "{" SD ",\"name\":\"d\"}",     0,                 NULL                       },
    {"required attribute of an extension that is there", "Device", NULL,
     "{" SD ",\"name\":\"d\",\"" LEASE "\":{\"ends\":\"2026-01-01T00:00:00Z\"}}",                                                                   ERR_INVALID_VALUE,
     LEASE ":lessor is required"                                                                                                                                                                  },
    {"immutable: first value",                           "Device", "{" SD ",\"name\":\"d\"}",
     "{" SD ",\"name\":\"d\",\"serialNumber\":\"1\"}",                                                                                              0,                 NULL                       },
    {"immutable: same value",                            "Device", "{" SD ",\"name\":\"d\",\"serialNumber\":\"1\"}",
     "{" SD ",\"name\":\"e\",\"serialNumber\":\"1\"}",                                                                                              0,                 NULL                       },
    {"immutable: changed",                               "Device", "{" SD ",\"name\":\"d\",\"serialNumber\":\"1\"}",
     "{" SD ",\"name\":\"d\",\"serialNumber\":\"2\"}",                                                                                              ERR_MUTABILITY,    "serialNumber is immutable"},
    {"immutable: removed",                               "Device", "{" SD ",\"name\":\"d\",\"serialNumber\":\"1\"}",
     "{" SD ",\"name\":\"d\"}",                                                                                                                     ERR_MUTABILITY,    "serialNumber is immutable"},
    {"immutable complex: order of members",              "Device",
     "{" SD ",\"name\":\"d\",\"origin\":{\"country\":\"DE\",\"factory\":\"f\"}}",
     "{" SD ",\"name\":\"d\",\"origin\":{\"factory\":\"f\",\"country\":\"DE\"}}",                                                                   0,                 NULL                       },
    {"immutable complex: changed",                       "Device",
     "{" SD ",\"name\":\"d\",\"origin\":{\"country\":\"DE\"}}",
     "{" SD ",\"name\":\"d\",\"origin\":{\"country\":\"FR\"}}",                                                                                     ERR_MUTABILITY,    "origin is"                },
    {"immutable below a single value",                   "Device",
     "{" SD ",\"name\":\"d\",\"owner\":{\"value\":\"u\",\"since\":\"2026-01-01T00:00:00Z\"}}",
     "{" SD ",\"name\":\"d\",\"owner\":{\"value\":\"u\",\"since\":\"2026-01-02T00:00:00Z\"}}",
     ERR_MUTABILITY,                                                                                                                                                   "owner.since is immutable" },
    {"immutable below: another value may differ",        "Device",
     "{" SD ",\"name\":\"d\",\"owner\":{\"value\":\"u\",\"since\":\"2026-01-01T00:00:00Z\"}}",
     "{" SD ",\"name\":\"d\",\"owner\":{\"value\":\"v\",\"since\":\"2026-01-02T00:00:00Z\"}}",                                                      0,
     NULL                                                                                                                                                                                         },
    {"immutable in elements: by value, not by place",    "Device",
     "{" SD ",\"name\":\"d\",\"slots\":[{\"value\":\"a\",\"serial\":\"1\"},{\"value\":\"b\","
     "\"serial\":\"2\"}]}",                                                                                          "{" SD ",\"name\":\"d\",\"slots\":[{\"value\":\"b\",\"serial\":\"2\"},{\"value\":\"a\","
     "\"serial\":\"1\"}]}",                                                                                              0,                 NULL                       },
    {"immutable in an element",                          "Device",
     "{" SD ",\"name\":\"d\",\"slots\":[{\"value\":\"a\",\"serial\":\"1\"}]}",
     "{" SD ",\"name\":\"d\",\"slots\":[{\"value\":\"b\"},{\"value\":\"a\",\"serial\":\"2\"}]}",
     ERR_MUTABILITY,                                                                                                                                                   "slots.serial is immutable"},
    {"immutable of an element that is gone",             "Device",
     "{" SD ",\"name\":\"d\",\"slots\":[{\"value\":\"a\",\"serial\":\"1\"}]}",
     "{" SD ",\"name\":\"d\"}",                                                                                                                     0,                 NULL                       },
};

static void checks_documents(void **row)
{
    const struct check_case *expected = *row;
    json_t *before = expected->before != NULL ? fixture_json(expected->before) : NULL;
    json_t *after = fixture_json(expected->after);
    struct err err = {0};
    int result = resource_check(schema_set_type_by_name(set, expected->type), before, after, &err);

    if (expected->code == 0)
        assert_int_equal(result, 0);
    else
        assert_refused(result, &err, expected->code, expected->detail);
    json_decref(before);
    json_decref(after);
}

/* resource_keep_read_only and resource_settle: a PUT's document on top of the old one. */
static struct keep_case {
    const char *name;
    const char *type;
    const char *before;
    const char *after;
    const char *result;
} keeps[] = {
    {"readOnly attribute",                                 "Device", "{" SD ",\"name\":\"d\",\"state\":\"s\"}",
     "{" SD ",\"name\":\"e\"}",                                                                                                               "{" SD ",\"name\":\"e\",\"state\":\"s\"}"    },
    {"readWrite attribute is gone",                        "Device", "{" SD ",\"name\":\"d\",\"assetTag\":\"s\"}",
     "{" SD ",\"name\":\"e\"}",                                                                                                               "{" SD ",\"name\":\"e\"}"                    },
    {"immutable left out",                                 "Device", "{" SD ",\"serialNumber\":\"1\"}",            "{" SD ",\"name\":\"e\"}",
     "{" SD ",\"name\":\"e\",\"serialNumber\":\"1\"}"                                                                                                                                      },
    {"immutable sent is for the check",                    "Device", "{" SD ",\"serialNumber\":\"1\"}",
     "{" SD ",\"serialNumber\":\"2\"}",                                                                                                       "{" SD ",\"serialNumber\":\"2\"}"            },
    {"writeOnly left out",                                 "Device", "{" SD ",\"pin\":\"1\"}",                     "{" SD "}",
     "{" SD ",\"pin\":\"1\"}"                                                                                                                                                              },
    {"writeOnly sent",                                     "Device", "{" SD ",\"pin\":\"1\"}",                     "{" SD ",\"pin\":\"2\"}",
     "{" SD ",\"pin\":\"2\"}"                                                                                                                                                              },
    {"readOnly in an element that stays",                  "Device",
     "{" SD ",\"slots\":[{\"value\":\"a\",\"checked\":true},{\"value\":\"b\",\"checked\":true}]}",
     "{" SD ",\"slots\":[{\"value\":\"b\",\"note\":\"n\"}]}",
     "{" SD ",\"slots\":[{\"value\":\"b\",\"note\":\"n\",\"checked\":true}]}"                                                                                                              },
    {"our extension",                                      "User",
     "{\"schemas\":[\"" SCHEMA_URN_USER "\",\"" SCHEMA_URN_SCIMD_USER
     "\"],\"userName\":\"a\",\"" SCHEMA_URN_SCIMD_USER "\":{\"source\":\"ad\"}}",
     "{" SU ",\"userName\":\"b\"}",
     "{\"schemas\":[\"" SCHEMA_URN_USER "\",\"" SCHEMA_URN_SCIMD_USER
     "\"],\"userName\":\"b\",\"" SCHEMA_URN_SCIMD_USER "\":{\"source\":\"ad\"}}"                                                                                                           },
    {"settles: empties, order, extension without content", "User",   "{" SU "}",
     "{\"" SCHEMA_URN_ENTERPRISE "\":{\"department\":null},\"title\":\"t\",\"userName\":\"a\","
     "\"name\":{},\"emails\":[{}],\"schemas\":[\"x\"]}",                                                                                      "{" SU ",\"userName\":\"a\",\"title\":\"t\"}"},
    {"settles: one primary",                               "User",   "{" SU "}",
     "{\"emails\":[{\"value\":\"a\",\"primary\":true},{\"primary\":true,\"value\":\"b\"}]}",                                                  "{" SU
     ",\"emails\":[{\"value\":\"a\",\"primary\":false},{\"value\":\"b\",\"primary\":true}]}"   },
};

static void keeps_what_a_put_may_not_touch(void **row)
{
    const struct keep_case *expected = *row;
    json_t *before = fixture_json(expected->before);
    json_t *after = fixture_json(expected->after);

    resource_keep_read_only(schema_set_type_by_name(set, expected->type), before, after);
    assert_json(after, expected->result);
    assert_json(before, expected->before);
    json_decref(before);
    json_decref(after);
}

#define META                                                                                       \
    ",\"meta\":{\"resourceType\":\"User\",\"created\":\"2026-01-01T00:00:00.000Z\","               \
    "\"lastModified\":\"2026-01-02T00:00:00.500Z\","                                               \
    "\"location\":\"https://h/t/scim/v2/Users/7\",\"version\":\"W/\\\"3\\\"\"}}"

static struct render_case {
    const char *name;
    const char *document;
    const char *extra;
    const char *text;
} renders[] = {
    {"document",            "{" SU ",\"userName\":\"a\"}",  NULL,
     "{" SU ",\"id\":\"7\",\"userName\":\"a\"" META                                                      },
    {"nothing but schemas", "{" SU "}",                     NULL,             "{" SU ",\"id\":\"7\"" META},
    {"extra members",       "{" SU ",\"userName\":\"a\"}",  ",\"groups\":[]",
     "{" SU ",\"id\":\"7\",\"userName\":\"a\",\"groups\":[]" META                                        },
    {"brackets in values",  "{" SU ",\"userName\":\"]\"}",  NULL,
     "{" SU ",\"id\":\"7\",\"userName\":\"]\"" META                                                      },
    {"two schemas",         "{" SUE ",\"userName\":\"a\"}", NULL,
     "{" SUE ",\"id\":\"7\",\"userName\":\"a\"" META                                                     },
};

static void renders_the_same_as_text_and_value(void **row)
{
    const struct render_case *expected = *row;
    const struct resource_frame frame = {
        .type = schema_set_type_by_name(set, "User"),
        .id = "7",
        .version = 3,
        .created_us = INT64_C(1767225600000000),
        .modified_us = INT64_C(1767312000500000),
        .base_url = "https://h/t/scim/v2",
    };
    struct buf text = {0};
    json_t *document = fixture_json(expected->document);
    json_t *framed = resource_framed(&frame, document);

    resource_append(&text, &frame, expected->document, strlen(expected->document), expected->extra);
    assert_string_equal(buf_text(&text), expected->text);
    if (expected->extra == NULL)
        assert_json(framed, expected->text);
    buf_free(&text);
    json_decref(framed);
    json_decref(document);
}

static void finds_places(void **state)
{
    json_t *document = fixture_json(
        "{" SUE ",\"userName\":\"a\",\"title\":\"core\",\"name\":{\"givenName\":"
        "\"g\"},\"emails\":[{\"value\":\"x\"},{\"value\":\"y\"}],\"" SCHEMA_URN_ENTERPRISE
        "\":{\"department\":\"d\"}}");
    const struct resource_type *user = schema_set_type_by_name(set, "User");
    const struct schema *enterprise =
        schema_of_type(user, SCHEMA_URN_ENTERPRISE, strlen(SCHEMA_URN_ENTERPRISE));
    const struct schema *own =
        schema_of_type(user, SCHEMA_URN_SCIMD_USER, strlen(SCHEMA_URN_SCIMD_USER));
    const struct attribute *name = schema_attribute(user->schema, "name", 4);
    const struct attribute *source = schema_attribute(own, "source", 6);
    char etag[RESOURCE_ETAG_BYTES];

    (void)state;
    assert_json(resource_value(document, schema_sub_attribute(name, "givenName", 9)), "\"g\"");
    assert_json(resource_value(document, schema_attribute(enterprise, "department", 10)), "\"d\"");
    assert_null(resource_value(document, source));
    assert_null(resource_container(document, source, false));
    assert_non_null(resource_container(document, source, true));
    assert_ptr_equal(resource_container(document, name, false), document);
    assert_int_equal(resource_count_values(document), 6);
    resource_etag(12, etag);
    assert_string_equal(etag, "W/\"12\"");
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_places)};
    int failed;

    set = fixture_set("device.json", "badge.json");
    failed = RUN_TABLE("resource check", checks, checks_documents) +
             RUN_TABLE("resource keep", keeps, keeps_what_a_put_may_not_touch) +
             RUN_TABLE("resource render", renders, renders_the_same_as_text_and_value) +
             cmocka_run_group_tests_name("resource places", tests, NULL, NULL);
    schema_set_release(set);
    return failed;
}
