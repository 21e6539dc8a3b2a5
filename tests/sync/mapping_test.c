#include "table.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "scim/json.h"
#include "sync/mapping.h"
#include "sync_fixture.h"

#define NOW "2026-11-25T05:37:12Z"
#define ENTERPRISE SCHEMA_URN_ENTERPRISE

static struct schema_set *set;

/* A backquote is an escaped quote: inside a target. */
static json_t *rules_of(const char *text)
{
    char escaped[FIXTURE_TEXT_MAX];
    size_t length = 0;

    if (text == NULL)
        return NULL;
    for (; *text != '\0'; text++) {
        if (*text == '`')
            escaped[length++] = '\\';
        escaped[length++] = (char)(*text == '`' ? '\'' : *text);
    }
    escaped[length] = '\0';
    return fixture_json(escaped);
}

static int compile(struct arena *arena, const char *type, const json_t *first, const json_t *second,
                   const struct mapping **out, struct err *err)
{
    const struct mapping_layer layers[] = {
        {"first.yaml",  first },
        {"second.yaml", second}
    };
    struct mapping_fault fault = {0};

    return mapping_compile(arena, schema_set_type_by_name(set, type), layers, 2, out, &fault, err);
}

static void apply(struct arena *arena, const struct mapping *mapping, const json_t *attributes,
                  struct mapped *out)
{
    struct mapping_input input = {.attributes = attributes, .limits = &scim_limits_default};

    assert_true(clock_parse(NOW, strlen(NOW), &input.now_us));
    mapping_apply(arena, mapping, &input, out);
}

static struct apply_case {
    const char *name;
    const char *rules; /* userName comes from "u", which is "ada" */
    const char *later; /* NULL: no second layer */
    const char *attributes;
    const char *document; /* less schemas and userName */
} apply_cases[] = {
    {"one attribute",                            "{'title': 'a'}",                                            NULL,                                     "{'a': ['x']}",                               "{'title': 'x'}"                                                                            },
    {"in another case",                          "{'title': 'TITLE'}",                                        NULL,                                     "{'Title': ['x']}",                           "{'title': 'x'}"                                                                            },
    {"target in another case",                   "{'TITLE': 'a'}",                                            NULL,                                     "{'a': ['x']}",                               "{'title': 'x'}"                                                                            },
    {"absent",                                   "{'title': 'a'}",                                            NULL,                                     "{'b': ['x']}",                               "{}"                                                                                        },
    {"empty text is none",                       "{'title': ['a', 'b']}",                                     NULL,                                     "{'a': [''], 'b': ['x']}",
     "{'title': 'x'}"                                                                                                                                                                                                                                                                             },
    {"the first of two",                         "{'title': ['a', 'b']}",                                     NULL,                                     "{'b': ['y'], 'a': ['x', 'z']}",
     "{'title': 'x'}"                                                                                                                                                                                                                                                                             },
    {"the second where the first is absent",     "{'title': ['a', 'b']}",                                     NULL,                                     "{'b': ['y']}",
     "{'title': 'y'}"                                                                                                                                                                                                                                                                             },
    {"steps of all",                             "{'title': {'from': 'a', 'transform': ['trim', 'lower']}}",  NULL,
     "{'a': ['  X ']}",                                                                                                                                                                               "{'title': 'x'}"                                                                            },
    {"steps of one attribute",
     "{'title': {'from': [{'attribute': 'a', 'transform': {'prefix': 'p:'}}, 'b']}}",                         NULL,
     "{'a': ['q:x'], 'b': ['y']}",                                                                                                                                                                    "{'title': 'y'}"                                                                            },
    {"a constant",                               "{'userType': {'transform': {'constant': 'staff'}}}",        NULL,                                     "{}",
     "{'userType': 'staff'}"                                                                                                                                                                                                                                                                      },
    {"a template",                               "{'displayName': {'transform': {'template': '{g} {s}'}}}",   NULL,
     "{'g': ['Ada'], 's': ['L']}",                                                                                                                                                                    "{'displayName': 'Ada L'}"                                                                  },
    {"a boolean",                                "{'active': 'a'}",                                           NULL,                                     "{'a': ['TRUE']}",                            "{'active': true}"                                                                          },
    {"sub-attributes of one",                    "{'name.givenName': 'g', 'name.familyName': 's'}",           NULL,
     "{'g': ['Ada'], 's': ['L']}",                                                                                                                                                                    "{'name': {'familyName': 'L', 'givenName': 'Ada'}}"                                         },
    {"an extension",                             "{'" ENTERPRISE ":department': 'd'}",                        NULL,                                     "{'d': ['x']}",
     "{'" ENTERPRISE "': {'department': 'x'}}"                                                                                                                                                                                                                                                    },
    {"an extension without its URN",             "{'department': 'd'}",                                       NULL,                                     "{'d': ['x']}",
     "{'" ENTERPRISE "': {'department': 'x'}}"                                                                                                                                                                                                                                                    },
    {"last login, which only sources may write",
     "{'" SCHEMA_URN_SCIMD_USER ":lastLogin': {'from': 'l', 'transform': 'filetime'}}",                       NULL,
     "{'l': ['134000000000000000']}",                                                                                                                                                                 "{'" SCHEMA_URN_SCIMD_USER "': {'lastLogin': '2025-08-18T14:13:20.000Z'}}"                  },
    {"external id",                              "{'externalId': 'i'}",                                       NULL,                                     "{'i': ['7']}",                               "{'externalId': '7'}"                                                                       },
    {"all of a multi-valued one",                "{'emails.value': 'm'}",                                     NULL,                                     "{'m': ['a@b', 'c@d']}",
     "{'emails': [{'value': 'a@b'}, {'value': 'c@d'}]}"                                                                                                                                                                                                                                           },
    {"what stands beside",                       "{'emails[type eq `work`].value': 'm'}",                     NULL,                                     "{'m': ['a@b', 'c@d']}",
     "{'emails': [{'value': 'a@b', 'type': 'work'}, {'value': 'c@d', 'type': 'work'}]}"                                                                                                                                                                                                           },
    {"nothing beside nothing",                   "{'emails[type eq `work`].value': 'm'}",                     NULL,                                     "{}",                                         "{}"                                                                                        },
    {"primary takes one",                        "{'emails[type eq `work` and primary eq true].value': 'm'}", NULL,
     "{'m': ['a@b', 'c@d']}",                                                                                                                                                                         "{'emails': [{'value': 'a@b', 'type': 'work', 'primary': true}]}"                           },
    {"twice is once",
     "{'emails[type eq `work` and primary eq true].value': 'm', 'emails[type eq `work`].value': "
     "'p'}",                                                                                                  NULL,                                     "{'m': ['a@b'], 'p': ['A@B', 'c@d']}",
     "{'emails': [{'value': 'a@b', 'type': 'work', 'primary': true}, {'value': 'c@d', 'type': "
     "'work'}]}"                                                                                                                                                                                                                                                                                  },
    {"one filter, one element",
     "{'addresses[type eq `work`].streetAddress': 's', 'title': 't', 'addresses[type eq "
     "`work`].locality': 'l'}",                                                                               NULL,                                     "{'s': ['1 Way'], 't': ['x'], 'l': ['Ulm']}",
     "{'title': 'x', 'addresses': [{'streetAddress': '1 Way', 'locality': 'Ulm', 'type': "
     "'work'}]}"                                                                                                                                                                                                                                                                                  },
    {"filter in other words",
     "{'addresses[type eq `work`].streetAddress': 's', 'addresses[TYPE EQ `work`].locality': 'l'}",           NULL,                                     "{'s': ['1 Way'], 'l': ['Ulm']}",
     "{'addresses': [{'streetAddress': '1 Way', 'locality': 'Ulm', 'type': 'work'}]}"                                                                                                                                                                                                             },
    {"other filter, other element",
     "{'addresses[type eq `work`].locality': 'w', 'addresses[type eq `home`].locality': 'h'}",                NULL,
     "{'w': ['Ulm'], 'h': ['Bonn']}",                                                                                                                                                                 "{'addresses': [{'locality': 'Ulm', 'type': 'work'}, {'locality': 'Bonn', 'type': 'home'}]}"},
    {"a later layer replaces",                   "{'title': 'a'}",                                            "{'title': 'b'}",                         "{'a': ['x'], 'b': ['y']}",
     "{'title': 'y'}"                                                                                                                                                                                                                                                                             },
    {"a later layer adds",                       "{'title': 'a'}",                                            "{'nickName': 'b'}",                      "{'a': ['x'], 'b': ['y']}",
     "{'nickName': 'y', 'title': 'x'}"                                                                                                                                                                                                                                                            },
    {"a later layer takes away",                 "{'title': 'a'}",                                            "{'title': null}",                        "{'a': ['x']}",                               "{}"                                                                                        },
    {"a later layer replaces one sub-attribute", "{'name.givenName': 'g', 'name.familyName': 's'}",
     "{'name.givenName': 'h'}",                                                                                                                         "{'g': ['G'], 's': ['S'], 'h': ['H']}",
     "{'name': {'familyName': 'S', 'givenName': 'H'}}"                                                                                                                                                                                                                                            },
    {"a later layer takes a whole name away",    "{'name.givenName': 'g', 'name.familyName': 's'}",
     "{'name': null}",                                                                                                                                  "{'g': ['G'], 's': ['S']}",                   "{}"                                                                                        },
    {"a later layer's values are all there are",
     "{'emails[type eq `work`].value': 'm', 'emails[type eq `home`].value': 'h'}",                            "{'emails[type eq `other`].value': 'o'}", "{'m': ['m@x'], 'h': ['h@x'], 'o': ['o@x']}",
     "{'emails': [{'value': 'o@x', 'type': 'other'}]}"                                                                                                                                                                                                                                            },
    {"a later layer's two filters",              "{'emails.value': 'm'}",
     "{'emails[type eq `work`].value': 'm', 'emails[type eq `home`].value': 'h'}",                                                                      "{'m': ['m@x'], 'h': ['h@x']}",
     "{'emails': [{'value': 'm@x', 'type': 'work'}, {'value': 'h@x', 'type': 'home'}]}"                                                                                                                                                                                                           },
};

static void maps_to(void **row)
{
    const struct apply_case *expected = *row;
    struct arena *arena = arena_new(1024);
    json_t *rules = rules_of(expected->rules);
    json_t *later = rules_of(expected->later);
    json_t *attributes = fixture_json(expected->attributes);
    json_t *document = fixture_json(expected->document);
    const struct mapping *mapping = NULL;
    struct mapped mapped;
    struct err err = {0};

    (void)json_object_set_new(rules, "userName", json_string("u"));
    (void)json_object_set_new(attributes, "u", json_pack("[s]", "ada"));
    (void)json_object_set_new(document, "userName", json_string("ada"));
    if (compile(arena, "User", rules, later, &mapping, &err) < 0)
        fail_msg("%s", err.detail);
    apply(arena, mapping, attributes, &mapped);
    assert_true(mapped.usable);
    assert_int_equal(mapped.problem_count, 0);
    (void)json_object_del(mapped.document, "schemas");
    if (!json_equal(mapped.document, document))
        fail_msg("%s", json_dumps(mapped.document, 0));
    json_decref(mapped.document);
    json_decref(rules);
    json_decref(later);
    json_decref(attributes);
    json_decref(document);
    arena_free(arena);
}

static struct refused_case {
    const char *name;
    const char *rules;
    const char *detail;
} refused_cases[] = {
    {"unknown attribute",              "{'titel': 'a'}",                                           "titel: byte 0: there is no attribute \"titel\""                },
    {"unknown sub-attribute",          "{'name.first': 'a'}",
     "name.first: byte 0: there is no attribute \"name.first\""                                                                                                    },
    {"id",                             "{'id': 'a'}",                                              "id: is not a source's to set"                                  },
    {"meta",                           "{'meta.created': 'a'}",                                    "meta.created: is not a source's to set"                        },
    {"groups",                         "{'groups.value': 'a'}",
     "groups.value: memberships come of themselves, not by mapping"                                                                                                },
    {"password",                       "{'password': 'a'}",                                        "password: passwords are not taken over"                        },
    {"read-only",                      "{'" ENTERPRISE ":manager.displayName': 'a'}",
     ENTERPRISE ":manager.displayName: is read-only"                                                                                                               },
    {"source, which the engine knows", "{'" SCHEMA_URN_SCIMD_USER ":source': 'a'}",
     SCHEMA_URN_SCIMD_USER ":source: is read-only"                                                                                                                 },
    {"a schema",                       "{'" ENTERPRISE "': 'a'}",                                  ENTERPRISE ": names a schema, not an attribute"                 },
    {"a schema, null",                 "{'" ENTERPRISE "': null}",                                 ENTERPRISE ": names a schema, not an attribute"                 },
    {"no sub-attribute",               "{'emails[type eq `work`]': 'a'}",
     "emails[type eq \"work\"]: names no sub-attribute, such as .value"                                                                                            },
    {"filter with or",                 "{'emails[type eq `work` or primary eq true].value': 'a'}",
     "emails[type eq \"work\" or primary eq true].value: the filter must say what stands beside "
     "the value, such as type eq \"work\""                                                                                                                         },
    {"filter of another kind",         "{'emails[type co `work`].value': 'a'}",
     "emails[type co \"work\"].value: the filter must say what stands beside the value, such as "
     "type eq \"work\""                                                                                                                                            },
    {"filter on the value",            "{'emails[value eq `x`].value': 'a'}",
     "emails[value eq \"x\"].value: the filter names the value itself"                                                                                             },
    {"malformed path",                 "{'emails[type eq': 'a'}",                                  NULL                                                            },
    {"a number",                       "{'title': 7}",                                             "title: from: must be names of attributes, of at most 256 bytes"},
    {"an empty name",                  "{'title': ''}",
     "title: from: must be names of attributes, of at most 256 bytes"                                                                                              },
    {"an empty list",                  "{'title': []}",
     "title: needs an attribute (from), or a transform that has a value"                                                                                           },
    {"nothing to go by",               "{'title': {'transform': 'lower'}}",
     "title: needs an attribute (from), or a transform that has a value"                                                                                           },
    {"unknown member",                 "{'title': {'form': 'a'}}",                                 "title: does not know \"form\""                                 },
    {"unknown member below from",      "{'title': {'from': {'attribute': 'a', 'steps': []}}}",
     "title: does not know \"steps\""                                                                                                                              },
    {"unknown step",                   "{'title': {'from': 'a', 'transform': 'reverse'}}",
     "title: there is no transform \"reverse\""                                                                                                                    },
    {"unknown step of an attribute",
     "{'title': {'from': [{'attribute': 'a', 'transform': ['trim', 'reverse']}]}}",                "title: there is no transform \"reverse\""                      },
    {"reference that is no switch",    "{'title': {'from': 'a', 'reference': 'perhaps'}}",
     "title: reference: must be true or false"                                                                                                                     },
    {"reference of several",           "{'emails.value': {'from': 'a', 'reference': true}}",
     "emails.value: reference: only for a single value"                                                                                                            },
    {"a target twice",                 "{'title': 'a', 'TITLE': 'b'}",                             "TITLE: is set by \"title\" already"                            },
    {"an element's value twice",
     "{'emails[type eq `work`].value': 'a', 'emails[type  eq `work`].value': 'b'}",                NULL                                                            },
};

static void is_refused(void **row)
{
    const struct refused_case *expected = *row;
    struct arena *arena = arena_new(1024);
    json_t *rules = rules_of(expected->rules);
    const struct mapping_layer layer = {"x.yaml", rules};
    const struct mapping *mapping = NULL;
    struct mapping_fault fault = {0};
    struct err err = {0};

    assert_int_equal(mapping_compile(arena, schema_set_type_by_name(set, "User"), &layer, 1,
                                     &mapping, &fault, &err),
                     -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
    if (expected->detail != NULL)
        assert_string_equal(err.detail, expected->detail);
    assert_non_null(json_object_get(rules, fault.target));
    json_decref(rules);
    arena_free(arena);
}

static struct problem_case {
    const char *name;
    const char *rules;
    const char *attributes;
    const char *target; /* of the first problem */
    const char *attribute;
    const char *reason;
    bool usable;
    const char *document; /* less schemas */
} problem_cases[] = {
    {"no userName",                       "{'userName': 'u', 'title': 't'}",                                       "{'t': ['x']}",                     "",                                 NULL,
     "userName is required",                                                                                                                                                                                              false, "{'title': 'x'}"     },
    {"no boolean",                        "{'userName': 'u', 'active': 'a'}",                                      "{'u': ['ada'], 'a': ['perhaps']}", "active",
     "a",                                                                                                                                                                                        "must be true or false", true,  "{'userName': 'ada'}"},
    {"a step that fails",                 "{'userName': 'u', 'active': {'from': 'a', 'transform': {'bit': '2'}}}",
     "{'u': ['ada'], 'a': ['x']}",                                                                                                                     "active",                           NULL, "not a number",          true,  "{'userName': 'ada'}"},
    {"a step of an attribute that fails",
     "{'userName': 'u', 'active': {'from': [{'attribute': 'a', 'transform': {'bit': '2'}}]}}",                     "{'u': ['ada'], 'a': ['x']}",       "active",                           "a",  "not a number",          true,  "{'userName': 'ada'}"},
    {"no time",                           "{'userName': 'u', '" SCHEMA_URN_SCIMD_USER ":lastLogin': 'l'}",
     "{'u': ['ada'], 'l': ['yesterday']}",                                                                                                             SCHEMA_URN_SCIMD_USER ":lastLogin", "l",
     "must be a dateTime, as in \"2026-01-31T12:00:00Z\"",                                                                                                                                                                true,  "{'userName': 'ada'}"},
    {"one of three is bad",               "{'userName': 'u', 'x509Certificates.value': 'c'}",
     "{'u': ['ada'], 'c': ['YQ==', '?', 'Yg==']}",                                                                                                     "x509Certificates.value",           "c",  NULL,                    true,
     "{'userName': 'ada', 'x509Certificates': [{'value': 'YQ=='}, {'value': 'Yg=='}]}"                                                                                                                                                                },
};

static void tells_problems(void **row)
{
    const struct problem_case *expected = *row;
    struct arena *arena = arena_new(1024);
    json_t *rules = rules_of(expected->rules);
    json_t *attributes = fixture_json(expected->attributes);
    json_t *document = fixture_json(expected->document);
    const struct mapping *mapping = NULL;
    struct mapped mapped;
    struct err err = {0};

    if (compile(arena, "User", rules, NULL, &mapping, &err) < 0)
        fail_msg("%s", err.detail);
    apply(arena, mapping, attributes, &mapped);
    assert_int_equal(mapped.usable, expected->usable);
    assert_int_equal(mapped.problem_count, 1);
    assert_string_equal(mapped.problems[0].target, expected->target);
    assert_int_equal(mapped.problems[0].place != NULL, expected->usable);
    if (expected->attribute != NULL)
        assert_string_equal(mapped.problems[0].attribute, expected->attribute);
    if (expected->reason != NULL)
        assert_string_equal(mapped.problems[0].reason, expected->reason);
    (void)json_object_del(mapped.document, "schemas");
    if (!json_equal(mapped.document, document))
        fail_msg("%s", json_dumps(mapped.document, 0));
    json_decref(mapped.document);
    json_decref(rules);
    json_decref(attributes);
    json_decref(document);
    arena_free(arena);
}

/* What a row of a table cannot hold. */
static void refuses_large_and_malformed_values(void **state)
{
    struct arena *arena = arena_new(1024);
    json_t *rules = fixture_json("{'userName': 'u', 'title': 't', 'nickName': 'n'}");
    size_t length = scim_limits_default.string_bytes + 1;
    char *text = arena_alloc(arena, length + 1);
    json_t *attributes = fixture_json("{'u': ['ada']}");
    const struct mapping *mapping = NULL;
    struct mapped mapped;
    struct err err = {0};

    (void)state;
    memset(text, 'x', length);
    (void)json_object_set_new(attributes, "t", json_pack("[s]", text));
    (void)json_object_set_new(attributes, "n", json_array());
    (void)json_array_append_new(json_object_get(attributes, "n"), json_string_nocheck("M\xfcller"));
    assert_int_equal(compile(arena, "User", rules, NULL, &mapping, &err), 0);
    apply(arena, mapping, attributes, &mapped);
    assert_true(mapped.usable);
    assert_int_equal(mapped.problem_count, 2);
    assert_string_equal(mapped.problems[0].reason, "is longer than 65536 bytes");
    assert_string_equal(mapped.problems[1].reason, "is not valid UTF-8 text");
    assert_null(json_object_get(mapped.document, "title"));
    assert_null(json_object_get(mapped.document, "nickName"));
    json_decref(mapped.document);
    json_decref(rules);
    json_decref(attributes);
    arena_free(arena);
}

static void refuses_too_many_values(void **state)
{
    struct arena *arena = arena_new(1024);
    json_t *rules = fixture_json("{'userName': 'u', 'emails.value': 'm'}");
    json_t *attributes = fixture_json("{'u': ['ada'], 'm': []}");
    const struct mapping *mapping = NULL;
    struct mapped mapped;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < scim_limits_default.value_count; i++)
        (void)json_array_append_new(json_object_get(attributes, "m"),
                                    json_sprintf("%zu@example.com", i));
    assert_int_equal(compile(arena, "User", rules, NULL, &mapping, &err), 0);
    apply(arena, mapping, attributes, &mapped);
    assert_false(mapped.usable);
    assert_string_equal(mapped.problems[mapped.problem_count - 1].reason,
                        "has more than 2000 values");
    json_decref(mapped.document);
    json_decref(rules);
    json_decref(attributes);
    arena_free(arena);
}

static void explains_each_value(void **state)
{
    struct arena *arena = arena_new(1024);
    json_t *rules = fixture_json("{'userName': ['u', 'v'], 'title': 't'}");
    json_t *later = fixture_json("{'userType': {'from': 'x', 'transform': {'default': 'staff'}}, "
                                 "'manager.value': {'from': 'm', 'reference': true}}");
    json_t *attributes = fixture_json("{'v': ['ada'], 'm': ['guid-7']}");
    const struct mapping *mapping = NULL;
    const char *const *names;
    struct mapped mapped;
    struct err err = {0};
    size_t count = 0;

    (void)state;
    assert_int_equal(compile(arena, "User", rules, later, &mapping, &err), 0);
    apply(arena, mapping, attributes, &mapped);
    assert_true(mapped.usable);
    assert_int_equal(mapped.origin_count, 3);
    assert_string_equal(mapped.origins[0].target, "userName");
    assert_string_equal(mapped.origins[0].attribute, "v");
    assert_string_equal(mapped.origins[0].rule, "[\"u\",\"v\"]");
    assert_string_equal(mapped.origins[0].file, "first.yaml");
    assert_string_equal(mapped.origins[1].target, "userType");
    assert_null(mapped.origins[1].attribute);
    assert_string_equal(mapped.origins[1].file, "second.yaml");
    assert_string_equal(mapped.origins[2].attribute, "m");
    assert_int_equal(mapped.reference_count, 1);
    assert_string_equal(mapped.references[0].source_id, "guid-7");
    assert_string_equal(mapped.references[0].attribute->name, "manager");
    assert_string_equal(mapped.references[0].sub->name, "value");
    assert_null(json_object_get(mapped.document, ENTERPRISE));
    names = mapping_attributes(mapping, &count);
    assert_int_equal(count, 5);
    assert_string_equal(names[0], "u");
    assert_string_equal(names[4], "m");
    json_decref(mapped.document);
    json_decref(rules);
    json_decref(later);
    json_decref(attributes);
    arena_free(arena);
}

/* ---- the defaults ---- */

static struct default_case {
    const char *name;
    const char *source_type;
    const char *type;
    const char *attributes;
    const char *document; /* less schemas */
    const char *stale_at; /* NULL: never */
    const char *manager;  /* source id; NULL: none */
} default_cases[] = {
    {"AD user",                                           "ad",    "User",
     "{'objectGUID': ['7963f3c1-51b2-4510-8a3e-111111111111'], 'sAMAccountName': ['ada'], "
     "'userPrincipalName': ['ada@corp.example'], 'givenName': ['Ada'], 'sn': ['Lovelace'], "
     "'mail': ['Ada.L@corp.example'], 'proxyAddresses': ['smtp:a@corp.example', "
     "'SMTP:ada.l@corp.example', 'X500:/o=x'], 'userAccountControl': ['512'], "
     "'accountExpires': ['149000000000000000'], 'telephoneNumber': ['1'], 'mobile': ['2'], "
     "'department': ['R&D'], 'employeeID': ['007'], 'company': ['Corp'], 'l': ['Ulm'], "
     "'manager': ['guid-9'], 'lastLogonTimestamp': ['134000000000000000']}",                                                      "{'externalId': '7963f3c1-51b2-4510-8a3e-111111111111', 'userName': 'ada@corp.example', "
     "'name': {'familyName': 'Lovelace', 'givenName': 'Ada'}, 'active': true, "
     "'emails': [{'value': 'Ada.L@corp.example', 'type': 'work', 'primary': true}, "
     "{'value': 'a@corp.example', 'type': 'work'}], "
     "'phoneNumbers': [{'value': '1', 'type': 'work'}, {'value': '2', 'type': 'mobile'}], "
     "'addresses': [{'locality': 'Ulm', 'type': 'work'}], "
     "'" ENTERPRISE "': {'employeeNumber': '007', 'organization': 'Corp', 'department': 'R&D'}, "
     "'" SCHEMA_URN_SCIMD_USER "': {'lastLogin': '2025-08-18T14:13:20.000Z'}}",
     "2073-02-28T16:53:20.000Z",                                                                                                                                                     "guid-9"},
    {"AD user without a principal name or mail",          "ad",    "User",
     "{'sAMAccountName': ['bob'], 'userAccountControl': ['514'], "
     "'proxyAddresses': ['smtp:c@x', 'SMTP:b@x']}",                                                                               "{'userName': 'bob', 'active': false, 'emails': [{'value': 'b@x', 'type': 'work', 'primary': "
     "true}, {'value': 'c@x', 'type': 'work'}]}",                                                                           NULL, NULL    },
    {"AD user who never logged in",                       "ad",    "User",
     "{'sAMAccountName': ['bob'], 'lastLogonTimestamp': ['0']}",                                                                  "{'userName': 'bob'}",                       NULL, NULL    },
    {"AD group",                                          "ad",    "Group", "{'objectGUID': ['g'], 'cn': ['Staff']}",
     "{'externalId': 'g', 'displayName': 'Staff'}",                                                                                                                            NULL, NULL    },
    {"Entra user",                                        "entra", "User",
     "{'id': ['e1'], 'userPrincipalName': ['ana@x.example'], 'givenName': ['Ana'], 'surname': "
     "['Kos'], 'displayName': ['Ana Kos'], 'accountEnabled': ['false'], 'mail': ['ana@x.example'], "
     "'businessPhones': ['1', '2'], 'employeeOrgData.costCenter': ['c7'], 'manager': ['e2'], "
     "'signInActivity.lastSignInDateTime': ['2026-02-02T04:22:45Z']}",                                                            "{'externalId': 'e1', 'userName': 'ana@x.example', 'name': {'familyName': 'Kos', 'givenName': "
     "'Ana'}, 'displayName': 'Ana Kos', 'active': false, 'emails': [{'value': 'ana@x.example', "
     "'type': 'work', 'primary': true}], 'phoneNumbers': [{'value': '1', 'type': 'work'}, "
     "{'value': '2', 'type': 'work'}], '" ENTERPRISE "': {'costCenter': 'c7'}, "
     "'" SCHEMA_URN_SCIMD_USER "': {'lastLogin': '2026-02-02T04:22:45Z'}}",
     NULL,                                                                                                                                                                           "e2"    },
    {"Entra user who may not be asked for being enabled", "entra", "User",
     "{'id': ['e1'], 'userPrincipalName': ['ana@x']}",                                                                            "{'externalId': 'e1', 'userName': 'ana@x'}",
     NULL,                                                                                                                                                                           NULL    },
    {"Entra group",                                       "entra", "Group", "{'id': ['g'], 'displayName': ['Staff']}",
     "{'externalId': 'g', 'displayName': 'Staff'}",                                                                                                                            NULL, NULL    },
    {"Okta user",                                         "okta",  "User",
     "{'id': ['00u1'], 'status': ['LOCKED_OUT'], 'lastLogin': ['2026-02-11T08:12:44.000Z'], "
     "'profile.login': ['ana@x'], 'profile.email': ['ana@y'], 'profile.firstName': ['Ana'], "
     "'profile.managerId': ['00u2']}",                                                                                            "{'externalId': '00u1', 'userName': 'ana@x', 'name': {'givenName': 'Ana'}, 'active': true, "
     "'emails': [{'value': 'ana@y', 'type': 'work', 'primary': true}], "
     "'" SCHEMA_URN_SCIMD_USER "': {'lastLogin': '2026-02-11T08:12:44.000Z'}}",
     NULL,                                                                                                                                                                           "00u2"  },
    {"Okta user who was deactivated",                     "okta",  "User",
     "{'status': ['DEPROVISIONED'], 'profile.login': ['a']}",                                                                     "{'userName': 'a', 'active': false}",
     NULL,                                                                                                                                                                           NULL    },
    {"Okta user in passing",                              "okta",  "User",  "{'status': ['ACTIVATING'], 'profile.login': ['a']}",
     "{'userName': 'a'}",                                                                                                                                                      NULL, NULL    },
    {"Okta group",                                        "okta",  "Group", "{'id': ['00g'], 'profile.name': ['Everyone']}",
     "{'externalId': '00g', 'displayName': 'Everyone'}",                                                                                                                       NULL, NULL    },
};

static void maps_by_default(void **row)
{
    const struct default_case *expected = *row;
    struct arena *arena = arena_new(1024);
    json_t *attributes = fixture_json(expected->attributes);
    json_t *document = fixture_json(expected->document);
    json_t *defaults = NULL;
    const struct mapping *mapping = NULL;
    const char *file = NULL;
    char stale_at[CLOCK_TEXT_BYTES];
    struct mapped mapped;
    struct err err = {0};

    if (mapping_default(expected->source_type, &file, &defaults, &err) < 0)
        fail_msg("%s", err.detail);
    assert_non_null(defaults);
    if (compile(arena, expected->type, json_object_get(defaults, expected->type), NULL, &mapping,
                &err) < 0)
        fail_msg("%s", err.detail);
    apply(arena, mapping, attributes, &mapped);
    assert_true(mapped.usable);
    assert_int_equal(mapped.problem_count, 0);
    (void)json_object_del(mapped.document, "schemas");
    if (!json_equal(mapped.document, document))
        fail_msg("%s", json_dumps(mapped.document, 0));
    assert_int_equal(mapped.stale_at_us == INT64_MAX, expected->stale_at == NULL);
    clock_format(mapped.stale_at_us, stale_at);
    if (expected->stale_at != NULL)
        assert_string_equal(stale_at, expected->stale_at);
    assert_int_equal(mapped.reference_count, expected->manager != NULL);
    if (expected->manager != NULL)
        assert_string_equal(mapped.references[0].source_id, expected->manager);
    json_decref(mapped.document);
    json_decref(defaults);
    json_decref(attributes);
    json_decref(document);
    arena_free(arena);
}

static void has_no_default_for_others(void **state)
{
    json_t *defaults = json_null();
    const char *file = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(mapping_default("ldap", &file, &defaults, &err), 0);
    assert_null(defaults);
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(refuses_large_and_malformed_values),
    cmocka_unit_test(refuses_too_many_values),
    cmocka_unit_test(explains_each_value),
    cmocka_unit_test(has_no_default_for_others),
};

int main(void)
{
    int failed;

    set = fixture_schemas();
    failed = RUN_TABLE("mapping", apply_cases, maps_to) +
             RUN_TABLE("mapping refused", refused_cases, is_refused) +
             RUN_TABLE("mapping problems", problem_cases, tells_problems) +
             RUN_TABLE("mapping defaults", default_cases, maps_by_default) +
             cmocka_run_group_tests_name("mapping others", others, NULL, NULL);
    schema_set_release(set);
    return failed;
}
