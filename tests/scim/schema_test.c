#include "scim/schema.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/text.h"
#include "schemas_fixture.h"
#include "scim/json.h"
#include "table.h"

#define S "\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Schema\"]"
#define T "\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:ResourceType\"]"
#define SCHEMA(attributes)                                                                         \
    "{" S ",\"id\":\"urn:x:A\",\"name\":\"A\",\"attributes\":[" attributes "]}"
#define TYPE(rest) "[" SCHEMA("{\"name\":\"a\",\"type\":\"string\"}") ",{" T "," rest "}]"

/* What a tenant's file must not say, beside our own documents. */
static struct refused_case {
    const char *name;
    const char *json;
    const char *detail; /* part of it; NULL: accepted */
} refused[] = {
    {"smallest schema",                       SCHEMA("{\"name\":\"a\",\"type\":\"string\"}"),                            NULL                                       },
    {"malformed JSON names the line",         "{\n\"a\": x}",                                                            "t.json:2: "                               },
    {"duplicate member",                      "{\"a\":1,\"a\":2}",                                                       "t.json:1: "                               },
    {"neither schema nor type",               "{\"a\":1}",                                                               "t.json: neither a Schema"                 },
    {"a list of numbers",                     "[1]",                                                                     "t.json: neither a Schema"                 },
    {"no attributes",                         "{" S ",\"id\":\"urn:x:A\"}",                                              "attributes must be a list of at least one"},
    {"attributes of wrong kind",              "{" S ",\"id\":\"urn:x:A\",\"attributes\":{}}",                            "attributes must"                          },
    {"definition is text",                    SCHEMA("\"a\""),                                                           "attribute number 1: must be an object"    },
    {"no URN",                                "{" S ",\"id\":\"A\",\"attributes\":[]}",                                  "id must be the schema's URN"              },
    {"URN with a blank",                      "{" S ",\"id\":\"urn:x: A\",\"attributes\":[]}",                           "id must be"                               },
    {"URN ends in a colon",                   "{" S ",\"id\":\"urn:x:A:\",\"attributes\":[]}",                           "id must be"                               },
    {"unknown member of a schema",            "{" S ",\"id\":\"urn:x:A\",\"colour\":1}",                                 "\"colour\" is not"                        },
    {"name missing",                          SCHEMA("{\"type\":\"string\"}"),                                           "attribute number 1: name is missing"      },
    {"name of wrong kind",                    SCHEMA("{\"name\":1,\"type\":\"string\"}"),                                "name must be a string"                    },
    {"name with a dot",                       SCHEMA("{\"name\":\"a.b\",\"type\":\"string\"}"),
     "attribute a.b: a name is"                                                                                                                                     },
    {"name with a colon",                     SCHEMA("{\"name\":\"a:b\",\"type\":\"string\"}"),                          "a name is a letter"                       },
    {"name begins with a digit",              SCHEMA("{\"name\":\"1a\",\"type\":\"string\"}"),                           "a name is"                                },
    {"name with dollar, dash, line",          SCHEMA("{\"name\":\"a$-_9\",\"type\":\"string\"}"),                        NULL                                       },
    {"$ref at the top",                       SCHEMA("{\"name\":\"$ref\",\"type\":\"reference\"}"),                      "a name is"                                },
    {"$ref below",
     SCHEMA("{\"name\":\"a\",\"type\":\"complex\",\"subAttributes\":[{\"name\":\"$ref\","
            "\"type\":\"reference\"}]}"),
     NULL                                                                                                                                                           },
    {"empty name",                            SCHEMA("{\"name\":\"\",\"type\":\"string\"}"),                             "a name is"                                },
    {"type missing",                          SCHEMA("{\"name\":\"a\"}"),                                                "attribute a: type is missing"             },
    {"type unknown",                          SCHEMA("{\"name\":\"a\",\"type\":\"text\"}"),                              "type cannot be \"text\""                  },
    {"type in other case",                    SCHEMA("{\"name\":\"a\",\"type\":\"datetime\"}"),                          "type cannot be"                           },
    {"mutability unknown",                    SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"mutability\":\"ro\"}"),
     "mutability cannot be"                                                                                                                                         },
    {"returned unknown",                      SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"returned\":\"no\"}"),
     "returned cannot be"                                                                                                                                           },
    {"uniqueness unknown",                    SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"uniqueness\":\"yes\"}"),
     "uniqueness cannot"                                                                                                                                            },
    {"flag as a string",                      SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"required\":\"true\"}"),
     "attribute a: required must be true or false"                                                                                                                  },
    {"null means absent",                     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"required\":null}"),          NULL                                       },
    {"mistyped characteristic",               SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"multivalued\":true}"),
     "\"multivalued\" is not"                                                                                                                                       },
    {"role in a tenant's file",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"scimdRole\":\"secret\"}"),                                            "scimdRole is not"                         },
    {"readOnly and required",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"mutability\":\"readOnly\",\"required\":true}"),
     "readOnly and required"                                                                                                                                        },
    {"writeOnly and returned",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"mutability\":\"writeOnly\","
            "\"returned\":\"default\"}"),
     "writeOnly attribute is returned never"                                                                                                                        },
    {"writeOnly alone is never returned",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"mutability\":\"writeOnly\"}"),                                        NULL                                       },
    {"unique boolean",                        SCHEMA("{\"name\":\"a\",\"type\":\"boolean\",\"uniqueness\":\"server\"}"),
     "boolean cannot"                                                                                                                                               },
    {"unique and not filterable",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"uniqueness\":\"server\",\"filterable\":false}"),
     "unique attribute must be filterable"                                                                                                                          },
    {"complex without subs",                  SCHEMA("{\"name\":\"a\",\"type\":\"complex\"}"),
     "attribute a: subAttributes must be a list of at least one"                                                                                                    },
    {"complex with an empty list",
     SCHEMA("{\"name\":\"a\",\"type\":\"complex\","
            "\"subAttributes\":[]}"),
     "subAttributes must be"                                                                                                                                        },
    {"subs of a string",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"subAttributes\":[{\"name\":\"b\",\"type\":"
            "\"string\"}]}"),
     "only a complex attribute"                                                                                                                                     },
    {"complex inside complex",
     SCHEMA("{\"name\":\"a\",\"type\":\"complex\",\"subAttributes\":[{\"name\":\"b\",\"type\":"
            "\"complex\",\"subAttributes\":[]}]}"),
     "attribute a: sub-attribute b: a complex attribute cannot be inside"                                                                                           },
    {"multi-valued below",
     SCHEMA("{\"name\":\"a\",\"type\":\"complex\",\"subAttributes\":[{\"name\":\"b\",\"type\":"
            "\"string\",\"multiValued\":true}]}"),
     "single value"                                                                                                                                                 },
    {"name twice in other case",
     SCHEMA("{\"name\":\"ab\",\"type\":\"string\"},{\"name\":\"AB\",\"type\":\"string\"}"),
     "the name is used twice"                                                                                                                                       },
    {"sub-attribute twice",
     SCHEMA("{\"name\":\"a\",\"type\":\"complex\",\"subAttributes\":[{\"name\":\"b\",\"type\":"
            "\"string\"},{\"name\":\"B\",\"type\":\"string\"}]}"),
     "attribute a: attribute"                                                                                                                                       },
    {"canonical values of a boolean",
     SCHEMA("{\"name\":\"a\",\"type\":\"boolean\",\"canonicalValues\":[\"x\"]}"),                                        "only strings"                             },
    {"canonical value of wrong kind",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"canonicalValues\":[1]}"),                                             "canonicalValues[0]"                       },
    {"reference types of a string",
     SCHEMA("{\"name\":\"a\",\"type\":\"string\",\"referenceTypes\":[\"uri\"]}"),
     "only a reference has"                                                                                                                                         },
    {"our URN again",
     "{" S ",\"id\":\"urn:ietf:params:scim:schemas:core:2.0:user\",\"attributes\":[{\"name\":"
     "\"a\",\"type\":\"string\"}]}",                                                                                     "is defined twice"                         },
    {"URN that reads like an attribute",
     "{" S ",\"id\":\"" SCHEMA_URN_USER
     ":name\",\"attributes\":[{\"name\":\"a\",\"type\":\"string\"}]}",                                                   "reads like an attribute of"               },
    {"schema without schemas",
     "{\"id\":\"urn:x:A\",\"attributes\":[{\"name\":\"a\",\"type\":"
     "\"string\"}]}",                                                                                                    NULL                                       },
    {"ListResponse",                          "{\"Resources\":[" SCHEMA("{\"name\":\"a\",\"type\":\"string\"}") "]}",    NULL                                       },

    {"smallest type",                         TYPE("\"name\":\"A\",\"endpoint\":\"/As\",\"schema\":\"urn:x:A\""),        NULL                                       },
    {"type: schema URN in other case",
     TYPE("\"name\":\"A\",\"endpoint\":\"/As\",\"schema\":\"URN:X:a\""),                                                 NULL                                       },
    {"type: name missing",                    TYPE("\"endpoint\":\"/As\",\"schema\":\"urn:x:A\""),                       "name must be"                             },
    {"type: bad name",                        TYPE("\"name\":\"A b\",\"endpoint\":\"/As\",\"schema\":\"urn:x:A\""),
     "resource type A b: name must be"                                                                                                                              },
    {"type: redefines User",                  TYPE("\"name\":\"user\",\"endpoint\":\"/As\",\"schema\":\"urn:x:A\""),
     "can be extended"                                                                                                                                              },
    {"type: endpoint missing",                TYPE("\"name\":\"A\",\"schema\":\"urn:x:A\""),                             "endpoint must be"                         },
    {"type: endpoint without slash",
     TYPE("\"name\":\"A\",\"endpoint\":\"As\",\"schema\":\"urn:x:A\""),                                                  "endpoint must be"                         },
    {"type: endpoint of two segments",
     TYPE("\"name\":\"A\",\"endpoint\":\"/A/s\",\"schema\":\"urn:x:A\""),                                                "endpoint must be"                         },
    {"type: endpoint of Users in other case",
     TYPE("\"name\":\"A\",\"endpoint\":\"/users\",\"schema\":\"urn:x:A\""),                                              "is that of User"                          },
    {"type: reserved endpoint",
     TYPE("\"name\":\"A\",\"endpoint\":\"/bulk\",\"schema\":\"urn:x:A\""),
     "belongs to the protocol"                                                                                                                                      },
    {"type: .search as endpoint",
     TYPE("\"name\":\"A\",\"endpoint\":\"/.search\",\"schema\":\"urn:x:A\""),                                            "endpoint must be"                         },
    {"type: schema unknown",                  TYPE("\"name\":\"A\",\"endpoint\":\"/As\",\"schema\":\"urn:x:B\""),
     "schema urn:x:B is unknown"                                                                                                                                    },
    {"type: schema missing",                  TYPE("\"name\":\"A\",\"endpoint\":\"/As\""),                               "schema is missing"                        },
    {"type: our User schema",
     TYPE("\"name\":\"A\",\"endpoint\":\"/As\",\"schema\":\"" SCHEMA_URN_USER "\""),
     "for its own resource type"                                                                                                                                    },
    {"type: extension unknown",
     TYPE("\"name\":\"A\",\"endpoint\":\"/As\",\"schema\":\"urn:x:A\",\"schemaExtensions\":[{"
          "\"schema\":\"urn:x:B\"}]"),
     "extension urn:x:B is unknown"                                                                                                                                 },
    {"type: core schema as extension",
     TYPE("\"name\":\"A\",\"endpoint\":\"/As\",\"schema\":\"urn:x:A\",\"schemaExtensions\":[{"
          "\"schema\":\"urn:x:A\"}]"),
     "named twice"                                                                                                                                                  },
    {"type: extensions of wrong kind",
     TYPE("\"name\":\"A\",\"endpoint\":\"/As\",\"schema\":\"urn:x:A\",\"schemaExtensions\":1"),
     "must be a list of objects"                                                                                                                                    },
    {"type: common name in its core",
     "[{" S ",\"id\":\"urn:x:C\",\"attributes\":[{\"name\":\"ID\",\"type\":\"string\"}]},{" T
     ",\"name\":\"C\",\"endpoint\":\"/Cs\",\"schema\":\"urn:x:C\"}]",                                                    "is a common one"                          },
    {"extends: User",
     TYPE("\"name\":\"User\",\"extends\":true,\"schemaExtensions\":[{\"schema\":"
          "\"urn:x:A\"}]"),
     NULL                                                                                                                                                           },
    {"extends: nothing there",                TYPE("\"name\":\"B\",\"extends\":true"),                                   "there is none to extend"                  },
    {"extends: with an endpoint",             TYPE("\"name\":\"User\",\"extends\":true,\"endpoint\":\"/X\""),
     "\"endpoint\" is not"                                                                                                                                          },
    {"extends: an extension it has",
     TYPE("\"name\":\"User\",\"extends\":true,\"schemaExtensions\":[{\"schema\":"
          "\"" SCHEMA_URN_ENTERPRISE "\"}]"),
     "named twice"                                                                                                                                                  },
};

static void refuses_what_contradicts(void **row)
{
    const struct refused_case *expected = *row;
    struct schema_source sources[FIXTURE_SOURCES_MAX];
    size_t count = fixture_own(sources);
    struct schema_set *set = NULL;
    struct err err = {0};
    int result;

    sources[count++] =
        (struct schema_source){"t.json", expected->json, strlen(expected->json), false};
    result = schema_set_new(sources, count, &set, &err);
    schema_set_release(set);
    if (expected->detail == NULL) {
        if (result != 0)
            print_error("%s\n", err.detail);
        assert_int_equal(result, 0);
        return;
    }
    assert_int_equal(result, -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    if (strstr(err.detail, expected->detail) == NULL)
        fail_msg("\"%s\" does not contain \"%s\"", err.detail, expected->detail);
}

/* Paths as filters, PATCH and projections write them. */
static struct resolve_case {
    const char *name;
    const char *type;
    const char *text;
    const char *path; /* of the sub-attribute or attribute, or a schema's URN; NULL: nothing */
} resolved[] = {
    {"core attribute",                       "User",  "userName",                                            SCHEMA_URN_USER ":userName"        },
    {"in other case",                        "User",  "USERNAME",                                            SCHEMA_URN_USER ":userName"        },
    {"sub-attribute",                        "User",  "name.familyName",                                     SCHEMA_URN_USER ":name.familyName" },
    {"sub-attribute in other case",          "User",  "NAME.FAMILYNAME",                                     SCHEMA_URN_USER ":name.familyName" },
    {"sub-attribute with dollar",            "Group", "members.$ref",                                        SCHEMA_URN_GROUP ":members.$ref"   },
    {"behind its URN",                       "User",  SCHEMA_URN_USER ":name.givenName",
     SCHEMA_URN_USER ":name.givenName"                                                                                                          },
    {"URN in other case",                    "User",  "URN:IETF:params:scim:schemas:core:2.0:user:userName",
     SCHEMA_URN_USER ":userName"                                                                                                                },
    {"extension attribute",                  "User",  SCHEMA_URN_ENTERPRISE ":department",
     SCHEMA_URN_ENTERPRISE ":department"                                                                                                        },
    {"extension sub-attribute",              "User",  SCHEMA_URN_ENTERPRISE ":manager.value",
     SCHEMA_URN_ENTERPRISE ":manager.value"                                                                                                     },
    {"extension alone",                      "User",  SCHEMA_URN_ENTERPRISE,                                 SCHEMA_URN_ENTERPRISE              },
    {"core URN alone",                       "User",  SCHEMA_URN_USER,                                       SCHEMA_URN_USER                    },
    {"common attribute",                     "User",  "externalId",                                          "externalId"                       },
    {"common sub-attribute",                 "User",  "meta.lastModified",                                   "meta.lastModified"                },
    {"common attribute behind the core URN", "User",  SCHEMA_URN_USER ":externalId",                         "externalId"                       },
    {"common attribute behind an extension", "User",  SCHEMA_URN_ENTERPRISE ":id",                           NULL                               },
    {"extension attribute without URN",      "User",  "costCenter",                                          SCHEMA_URN_ENTERPRISE ":costCenter"},
    {"without URN in two extensions",        "User",  "department",                                          NULL                               },
    {"tenant's extension",                   "User",  "urn:example:scim:schemas:extension:2.0:Badge:color",
     "urn:example:scim:schemas:extension:2.0:Badge:color"                                                                                       },
    {"attribute of another type",            "Group", "userName",                                            NULL                               },
    {"extension of another type",            "Group", SCHEMA_URN_ENTERPRISE ":department",                   NULL                               },
    {"unknown",                              "User",  "shoeSize",                                            NULL                               },
    {"unknown sub-attribute",                "User",  "name.shoeSize",                                       NULL                               },
    {"sub-attribute of a simple one",        "User",  "userName.x",                                          NULL                               },
    {"three levels",                         "User",  "name.familyName.x",                                   NULL                               },
    {"dot at the end",                       "User",  "name.",                                               NULL                               },
    {"dot at the start",                     "User",  ".name",                                               NULL                               },
    {"colon at the end",                     "User",  SCHEMA_URN_USER ":",                                   NULL                               },
    {"unknown URN",                          "User",  "urn:x:y:userName",                                    NULL                               },
    {"empty",                                "User",  "",                                                    NULL                               },
    {"name longer than any",                 "User",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",                                             NULL                               },
};

static void resolves_paths(void **row)
{
    const struct resolve_case *expected = *row;
    struct schema_set *set = fixture_set("device.json", "badge.json");
    const struct resource_type *type = schema_set_type_by_name(set, expected->type);
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;
    bool found =
        schema_resolve(type, expected->text, strlen(expected->text), &schema, &attribute, &sub);

    assert_int_equal(found, expected->path != NULL);
    if (found)
        assert_string_equal(sub != NULL         ? sub->path
                            : attribute != NULL ? attribute->path
                                                : schema->id,
                            expected->path);
    schema_set_release(set);
}

/* Requirements on what /Schemas says. */
static struct published_case {
    const char *name;
    const char *urn;
    const char *attribute;
    const char *sub; /* NULL: none */
    const char *member;
    const char *value; /* as JSON; NULL: not there */
} published[] = {
    {"userName required",                 SCHEMA_URN_USER,                       "userName",         NULL,    "required",        "true"         },
    {"userName unique",                   SCHEMA_URN_USER,                       "userName",         NULL,    "uniqueness",      "\"server\""   },
    {"userName case",                     SCHEMA_URN_USER,                       "userName",         NULL,    "caseExact",       "false"        },
    {"Group displayName required",        SCHEMA_URN_GROUP,                      "displayName",      NULL,    "required",        "true"         },
    {"password never returned",           SCHEMA_URN_USER,                       "password",         NULL,    "returned",        "\"never\""    },
    {"password writeOnly",                SCHEMA_URN_USER,                       "password",         NULL,    "mutability",      "\"writeOnly\""},
    {"role stays private",                SCHEMA_URN_USER,                       "password",         NULL,    "scimdRole",       NULL           },
    {"groups readOnly",                   SCHEMA_URN_USER,                       "groups",           NULL,    "mutability",      "\"readOnly\"" },
    {"groups.type",                       SCHEMA_URN_USER,                       "groups",           "type",  "canonicalValues",
     "[\"direct\",\"indirect\"]"                                                                                                                },
    {"members.value immutable",           SCHEMA_URN_GROUP,                      "members",          "value", "mutability",
     "\"immutable\""                                                                                                                            },
    {"members.$ref types",                SCHEMA_URN_GROUP,                      "members",          "$ref",  "referenceTypes",
     "[\"User\",\"Group\"]"                                                                                                                     },
    {"binary is case exact",              SCHEMA_URN_USER,                       "x509Certificates", "value", "caseExact",       "true"         },
    {"multi-valued",                      SCHEMA_URN_USER,                       "emails",           NULL,    "multiValued",     "true"         },
    {"default spelt out",                 SCHEMA_URN_USER,                       "title",            NULL,    "uniqueness",      "\"none\""     },
    {"lastLogin is a time",               SCHEMA_URN_SCIMD_USER,                 "lastLogin",        NULL,    "type",            "\"dateTime\"" },
    {"sourceId case exact",               SCHEMA_URN_SCIMD_USER,                 "sourceId",         NULL,    "caseExact",       "true"         },
    {"scimd's are readOnly",              SCHEMA_URN_SCIMD_USER,                 "deactivatedAt",    NULL,    "mutability",
     "\"readOnly\""                                                                                                                             },
    {"tenant's filterable stays private", "urn:example:scim:schemas:2.0:Device", "memo",             NULL,
     "filterable",                                                                                                               NULL           },
    {"tenant's description",              "urn:example:scim:schemas:2.0:Device", "state",            NULL,    "description",
     "\"Set by the service.\""                                                                                                                  },
};

static const json_t *find_named(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        if (strcmp(json_string_value(json_object_get(item, "name")), name) == 0)
            return item;
    }
    return NULL;
}

static void publishes_characteristics(void **row)
{
    const struct published_case *expected = *row;
    struct schema_set *set = fixture_set("device.json", NULL);
    const struct schema *schema =
        schema_set_schema_by_id(set, expected->urn, strlen(expected->urn));
    const json_t *found =
        find_named(json_object_get(schema->document, "attributes"), expected->attribute);
    const json_t *value;
    struct buf text = {0};

    if (expected->sub != NULL)
        found = find_named(json_object_get(found, "subAttributes"), expected->sub);
    assert_non_null(found);
    value = json_object_get(found, expected->member);
    assert_int_equal(value != NULL, expected->value != NULL);
    if (value != NULL) {
        json_append(&text, value);
        assert_string_equal(buf_text(&text), expected->value);
    }
    buf_free(&text);
    schema_set_release(set);
}

static void assert_complete(const json_t *definition)
{
    static const char *const members[] = {"name",       "type",      "multiValued",
                                          "required",   "caseExact", "description",
                                          "mutability", "returned",  "uniqueness"};
    const char *key;
    json_t *value;

    for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
        assert_non_null(json_object_get(definition, members[i]));
    json_object_foreach(json_iterable(definition), key, value) assert_false(json_is_null(value));
}

static void describes_every_attribute_fully(void **state)
{
    struct schema_set *set = fixture_set("device.json", "badge.json");

    (void)state;
    for (size_t i = 0; i < schema_set_schema_count(set); i++) {
        const json_t *list = json_object_get(schema_set_schema(set, i)->document, "attributes");

        for (size_t a = 0; a < json_array_size(list); a++) {
            const json_t *definition = json_array_get(list, a);
            const json_t *subs = json_object_get(definition, "subAttributes");

            assert_complete(definition);
            for (size_t b = 0; b < json_array_size(subs); b++)
                assert_complete(json_array_get(subs, b));
        }
    }
    schema_set_release(set);
}

static void assert_path_id(const struct attribute *attribute)
{
    char key[1024];
    size_t length = strlen(attribute->path);

    for (size_t i = 0; i <= length; i++)
        key[i] = (char)text_lower_ascii((unsigned char)attribute->path[i]);
    assert_true(attribute->path_id == digest_number(key));
}

static void numbers_common_attributes_by_their_path(void **state)
{
    static const char *const names[] = {"id", "externalId", "meta", "schemas"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const struct attribute *attribute = schema_common_attribute(names[i], strlen(names[i]));

        assert_non_null(attribute);
        assert_path_id(attribute);
        for (size_t sub = 0; sub < attribute->sub_count; sub++) {
            assert_path_id(&attribute->subs[sub]);
            assert_ptr_equal(schema_sub_attribute(attribute, attribute->subs[sub].name,
                                                  attribute->subs[sub].name_length),
                             &attribute->subs[sub]);
        }
    }
}

static void finds_types(void **state)
{
    struct schema_set *set = fixture_set("device.json", "badge.json");
    const struct resource_type *user = schema_set_type_by_endpoint(set, "Users");
    const struct resource_type *device = schema_set_type_by_name(set, "Device");
    const json_t *extensions = json_object_get(user->document, "schemaExtensions");

    (void)state;
    assert_int_equal(user->number, RESOURCE_TYPE_USER);
    assert_int_equal(schema_set_type_by_name(set, "Group")->number, RESOURCE_TYPE_GROUP);
    assert_true(device->number >= 1000);
    assert_ptr_equal(schema_set_type_by_number(set, device->number), device);
    assert_null(schema_set_type_by_endpoint(set, "users"));
    assert_null(schema_set_type_by_name(set, "Nothing"));
    assert_int_equal(schema_set_type_count(set), 3);
    assert_null(schema_set_type(set, 3));
    assert_int_equal(json_array_size(extensions), 3); /* enterprise, scimd, badge */
    assert_string_equal(json_string_value(json_object_get(user->document, "description")),
                        "A person's account.");
    assert_ptr_equal(schema_set_hold(set), set);
    schema_set_release(set);
    schema_set_release(set);
}

static void refuses_too_many_attributes(void **state)
{
    struct buf text = {0};
    struct schema_source source = {"many.json", NULL, 0, false};
    struct schema_set *set = NULL;
    struct err err = {0};

    (void)state;
    buf_puts(&text, "{" S ",\"id\":\"urn:x:A\",\"attributes\":[");
    for (int i = 0; i <= SCHEMA_ATTRIBUTES_MAX; i++)
        buf_printf(&text, "%s{\"name\":\"a%d\",\"type\":\"string\"}", i > 0 ? "," : "", i);
    buf_puts(&text, "]}");
    source.json = buf_text(&text);
    source.length = text.length;
    assert_int_equal(schema_set_new(&source, 1, &set, &err), -1);
    assert_non_null(strstr(err.detail, "more than 1000 attributes"));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_every_attribute_fully),
        cmocka_unit_test(numbers_common_attributes_by_their_path),
        cmocka_unit_test(finds_types),
        cmocka_unit_test(refuses_too_many_attributes),
    };

    return RUN_TABLE("schema refused", refused, refuses_what_contradicts) +
           RUN_TABLE("schema resolved", resolved, resolves_paths) +
           RUN_TABLE("schema published", published, publishes_characteristics) +
           cmocka_run_group_tests_name("schema set", tests, NULL, NULL);
}
