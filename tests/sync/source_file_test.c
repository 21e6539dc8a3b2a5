#include "table.h"

#include "source_fixture.h"
#include "sync/source_file.h"
#include "sync_fixture.h"

#define HEAD "name: corp\ntype: ad\n"
#define SETTINGS "settings: {servers: [ldaps://dc]}\n"
#define LEAST HEAD SETTINGS

static struct schema_set *set;

static int read_text(const char *file, const char *bytes, size_t length,
                     struct source_definition **out, struct err *err)
{
    const struct source_reader reader = {.schemas = set, .connectors = fixture_connectors};
    const struct source_text text = {.file = file, .bytes = bytes, .length = length};

    return source_file_read(&reader, &text, out, err);
}

static struct refused_case {
    const char *name;
    const char *text;
    const char *detail;
} refused_cases[] = {
  /* YAML */
    {"empty",                         "",                                                                         "f.yaml:1: the file is empty"                                },
    {"comments only",                 "# nothing\n",                                                              "f.yaml:2: the file is empty"                                },
    {"a list",                        "- name\n",                                                                 "f.yaml:1: expected keys, such as \"type: ad\", not a list"  },
    {"a word",                        "corp\n",                                                                   "f.yaml:1: expected keys, such as \"type: ad\", not \"corp\""},
    {"malformed",                     "name: [corp\ntype: ad\n",                                                  "f.yaml:2: did not find expected ',' or ']'"                 },
    {"a second document",             LEAST "---\nname: x\n",                                                     "f.yaml:4: a second document"                                },
    {"an alias",                      "name: &a corp\ntype: *a\n",
     "f.yaml:2: aliases are not supported: write the value again"                                                                                                              },
    {"a tag",                         "name: !!str corp\n",                                                       "f.yaml:1: tags are not supported"                           },
    {"a tagged list",                 "name: corp\nmatch: !x [a]\n",                                              "f.yaml:2: tags are not supported"                           },
    {"a key twice",                   "name: corp\ntype: ad\nname: corp\n",
     "f.yaml:3: name: stands in line 1 already"                                                                                                                                },
    {"a key that is a list",          "[a]: b\n",                                                                 "f.yaml:1: a key must be a word"                             },
    {"a control character",           "name: \"a\\x07\"\n",                                                       "f.yaml:1: a malformed or control character"                 },
    {"a C1 control character",        "name: \"a\\x85\"\n",                                                       "f.yaml:1: a malformed or control character"                 },
    {"NUL",                           "name: \"a\\0\"\n",                                                         "f.yaml:1: a malformed or control character"                 },
    {"invalid UTF-8",                 "name: x\ntype: M\xfcller\n",                                               "f.yaml:2: invalid leading UTF-8 octet"                      },
    {"nested too deep",               "name: [[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]\n",
     "f.yaml:1: nested deeper than 16 levels"                                                                                                                                  },
 /* keys */
    {"unknown key",                   LEAST "shedule: every 15m\n",                                               "f.yaml:4: unknown key \"shedule\""                          },
    {"key in another case",           "Name: corp\n",                                                             "f.yaml:1: unknown key \"Name\""                             },
    {"no name",                       "type: ad\n",                                                               "f.yaml:1: name is missing"                                  },
    {"no type",                       "name: corp\n",                                                             "f.yaml:1: type is missing"                                  },
    {"name with a blank",             "type: ad\nname: my corp\n",
     "f.yaml:2: name: expected a name of a-z, 0-9 and inner \"-\", not \"my corp\""                                                                                            },
    {"name in capitals",              "name: Corp\n",
     "f.yaml:1: name: expected a name of a-z, 0-9 and inner \"-\", not \"Corp\""                                                                                               },
    {"name that ends with a hyphen",  "name: corp-\n",
     "f.yaml:1: name: expected a name of a-z, 0-9 and inner \"-\", not \"corp-\""                                                                                              },
    {"name too long",                 "name: a123456789012345678901234567890123456789012345678901234567890123\n",
     "f.yaml:1: name: expected a name of a-z, 0-9 and inner \"-\", not "
     "\"a123456789012345678901234567890123456789012345678901234567...\""                                                                                                       },
    {"name that is nothing",          "name:\n",
     "f.yaml:1: name: expected a name of a-z, 0-9 and inner \"-\", not nothing"                                                                                                },
    {"unknown type",                  "name: corp\ntype: ldap\n",
     "f.yaml:2: type: expected one of ad, okta, not \"ldap\""                                                                                                                  },
    {"type as a list",                "name: corp\ntype: [ad]\n",
     "f.yaml:2: type: expected the name of a type, not a list"                                                                                                                 },
 /* schedules */
    {"a day that never comes",        LEAST "schedule: \"0 0 30 2 *\"\n",                                         NULL                                                         },
    {"five fields, one wrong",        LEAST "full_schedule: \"0 25 * * *\"\n",                                    NULL                                                         },
    {"schedule as a list",            LEAST "schedule: [every 15m]\n",
     "f.yaml:4: schedule: expected a schedule, such as \"every 15m\", not a list"                                                                                              },
    {"unknown time zone",             LEAST "timezone: Mars/Olympus\n",
     "f.yaml:4: timezone: there is none called \"Mars/Olympus\""                                                                                                               },
    {"time zone as a path",           LEAST "timezone: ../../../etc/passwd\n",
     "f.yaml:4: timezone: there is none called \"../../../etc/passwd\""                                                                                                        },
 /* the connector's */
    {"unknown setting",               HEAD "settings:\n  servers: [x]\n  sevrers: [y]\n",
     "f.yaml:5: sevrers: is not known here"                                                                                                                                    },
    {"unknown setting further down",  HEAD "settings:\n  servers: [x]\n  bind:\n    metod: simple\n",
     "f.yaml:6: metod: is not known here"                                                                                                                                      },
    {"setting missing",               HEAD "settings:\n  start_tls: true\n",
     "f.yaml:3: settings.servers: is missing"                                                                                                                                  },
    {"no settings",                   HEAD,                                                                       "f.yaml:1: settings.servers: is missing"                     },
    {"settings as a list",            HEAD "settings: [x]\n",
     "f.yaml:3: settings: expected settings below it, not a list"                                                                                                              },
    {"no switch",                     HEAD "settings:\n  servers: [x]\n  start_tls: perhaps\n",
     "f.yaml:5: settings.start_tls: must be true or false"                                                                                                                     },
    {"number out of range",           HEAD "settings:\n  servers: [x]\n  timeout: 0\n",
     "f.yaml:5: settings.timeout: must be a number from 1 to 600"                                                                                                              },
    {"no such word",                  HEAD "settings:\n  servers: [x]\n  bind: {method: plain}\n",
     "f.yaml:5: settings.bind.method: must be one of simple gssapi"                                                                                                            },
    {"unknown in scope",              LEAST "scope:\n  user: [x]\n",                                              "f.yaml:5: user: is not known here"                          },
    {"secret without a name",         HEAD "settings:\n  servers: [x]\n  bind: {password: \"secret:\"}\n",
     "f.yaml:5: settings.bind.password: expected a name of letters, digits, \".\", \"_\" and "
     "\"-\" behind secret:"                                                                                                                                                    },
    {"secret of a bad name",          HEAD "settings:\n  servers: [x]\n  bind:\n    keytab: secret:a/b\n",
     "f.yaml:6: settings.bind.keytab: expected a name of letters, digits, \".\", \"_\" and "
     "\"-\" behind secret:"                                                                                                                                                    },
 /* mapping */
    {"mapping to nowhere",            LEAST "mapping:\n  title: title\n  titel: title\n",
     "f.yaml:6: mapping: titel: byte 0: there is no attribute \"titel\""                                                                                                       },
    {"unknown transform",             LEAST "mapping:\n  title:\n    from: title\n    transform: [reverse]\n",
     "f.yaml:5: mapping: title: there is no transform \"reverse\""                                                                                                             },
    {"mapping as a list",             LEAST "mapping: [title]\n",
     "f.yaml:4: mapping: expected targets, such as \"title: title\", not a list"                                                                                               },
    {"a user's attribute for groups", LEAST "group_mapping: {userName: cn}\n",
     "f.yaml:4: group_mapping: userName: byte 0: there is no attribute \"userName\""                                                                                           },
    {"members by mapping",            LEAST "group_mapping:\n  members.value: member\n",
     "f.yaml:5: group_mapping: members.value: memberships come of themselves, not by mapping"                                                                                  },
 /* policies */
    {"match by another thing",        LEAST "match: [sourceId, displayName]\n",
     "f.yaml:4: expected match: one of sourceId, userName, email, not \"displayName\""                                                                                         },
    {"match twice",                   LEAST "match: [sourceId, userName, userName]\n",
     "f.yaml:4: match: userName twice"                                                                                                                                         },
    {"source id last",                LEAST "match: [userName, sourceId]\n",
     "f.yaml:4: match: sourceId comes first"                                                                                                                                   },
    {"match as a word",               LEAST "match: sourceId\n",
     "f.yaml:4: match: expected a list of sourceId, userName, email, not \"sourceId\""                                                                                         },
    {"unknown action",                LEAST "removal: {action: purge}\n",
     "f.yaml:4: action: expected one of deactivate, delete, keep, not \"purge\""                                                                                               },
    {"unknown key of removal",        LEAST "removal:\n  after: 30d\n",
     "f.yaml:5: removal: unknown key \"after\""                                                                                                                                },
    {"no duration",                   LEAST "removal: {delete_after: 30}\n",
     "f.yaml:4: delete_after: expected a time such as 12h, 30d or 2w, up to ten years, not "
     "\"30\""                                                                                                                                                                  },
    {"no time at all",                LEAST "removal: {delete_after: 0d}\n",
     "f.yaml:4: delete_after: expected a time such as 12h, 30d or 2w, up to ten years, not "
     "\"0d\""                                                                                                                                                                  },
    {"more time than there is",       LEAST "removal: {delete_after: 99999999999999999999d}\n",
     "f.yaml:4: delete_after: expected a time such as 12h, 30d or 2w, up to ten years, not "
     "\"99999999999999999999d\""                                                                                                                                               },
    {"deletion after deletion",       LEAST "removal: {action: delete, delete_after: 30d}\n",
     "f.yaml:4: delete_after: goes with action: deactivate, which leaves something to delete"                                                                                  },
    {"guard that is none",            LEAST "guard: {percent: 51}\n",
     "f.yaml:4: percent: expected a number from 0 to 50, not \"51\""                                                                                                           },
    {"guard below nothing",           LEAST "guard: {count: -1}\n",
     "f.yaml:4: count: expected a number from 0 to 1000000000, not \"-1\""                                                                                                     },
    {"guard in words",                LEAST "guard: off\n",
     "f.yaml:4: guard: expected {percent: 10, count: 50}, not \"off\""                                                                                                         },
    {"guard of an unknown kind",      LEAST "guard: {people: {percent: 10}}\n",
     "f.yaml:4: guard: unknown key \"people\""                                                                                                                                 },
    {"guard of a kind that is none",  LEAST "guard: {members: {percent: 60}}\n",
     "f.yaml:4: percent: expected a number from 0 to 50, not \"60\""                                                                                                           },
    {"precedence of no attribute",    LEAST "precedence: {default: 5, shoeSize: 1}\n",
     "f.yaml:4: precedence: there is no attribute \"shoeSize\" (a whole one, without its parts)"                                                                               },
    {"precedence of a part",          LEAST "precedence: {name.givenName: 1}\n",
     "f.yaml:4: precedence: there is no attribute \"name.givenName\" (a whole one, without its "
     "parts)"                                                                                                                                                                  },
    {"unknown key of guard",          LEAST "guard: {percentage: 10}\n",
     "f.yaml:4: guard: unknown key \"percentage\""                                                                                                                             },
    {"canaries as a word",            LEAST "canaries: x\n",
     "f.yaml:4: canaries: expected a list of up to 10000 texts, not \"x\""                                                                                                     },
    {"an empty canary",               LEAST "canaries: [x, \"\"]\n",
     "f.yaml:4: expected canaries: a text of up to 1024 bytes, not \"\""                                                                                                       },
    {"precedence in words",           LEAST "precedence: high\n",
     "f.yaml:4: precedence: expected a number from 0 to 1000, not \"high\""                                                                                                    },
};

static void is_refused(void **row)
{
    const struct refused_case *expected = *row;
    struct source_definition *definition = NULL;
    struct err err = {0};

    assert_int_equal(read_text("f.yaml", expected->text, strlen(expected->text), &definition, &err),
                     -1);
    assert_null(definition);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    if (expected->detail != NULL)
        assert_string_equal(err.detail, expected->detail);
    else
        assert_non_null(strstr(err.detail, "f.yaml:4: "));
}

/* ---- what is read ---- */

static struct normal_case {
    const char *name;
    const char *text;
    const char *json;
} normal_cases[] = {
    {"the least",                 LEAST,                                                                           "{'name':'corp','type':'ad','settings':{'servers':['ldaps://dc']}}"},
    {"order and comments",        SETTINGS "# here\ntype: ad # ad\nname: corp\n",
     "{'name':'corp','type':'ad','settings':{'servers':['ldaps://dc']}}"                                                                                                              },
    {"texts that look otherwise",
     HEAD "settings: {servers: [1, true], bind: {password: 007, user: 12}, start_tls: true, "
          "timeout: 60}\n",                                                                                        "{'name':'corp','type':'ad','settings':{'servers':['1','true'],'bind':{'password':'007',"
     "'user':'12'},'start_tls':true,'timeout':60}}"                                                                                                        },
    {"JSON",                      "{\"name\":\"corp\",\"type\":\"ad\",\"settings\":{\"servers\":[\"a\\u00e4\"]}}",
     "{'name':'corp','type':'ad','settings':{'servers':['a\xc3\xa4']}}"                                                                                                               },
    {"mapping is text",           LEAST "mapping: {active: {from: x, transform: {bit: 2}}, title: null}\n",
     "{'name':'corp','type':'ad','settings':{'servers':['ldaps://dc']},'mapping':{'active':{"
     "'from':'x','transform':{'bit':'2'}},'title':null}}"                                                                                                                             },
    {"policies",
     LEAST "precedence: 5\nprotect: [root@x, 7]\ncanaries: [a]\nguard: {count: 0}\nremoval: "
           "{delete_after: 2w}\nmatch: [userName]\nschedule: never\n",                                             "{'name':'corp','type':'ad','schedule':'never','settings':{'servers':['ldaps://dc']},'match':"
     "['userName'],'removal':{'delete_after':'2w'},'guard':{'count':0},'canaries':['a'],'protect':"
     "['root@x',7],'precedence':5}"                                                                             },
};

static void has_a_normal_form(void **row)
{
    const struct normal_case *expected = *row;
    struct source_definition *definition = NULL;
    struct source_definition *again = NULL;
    char json[FIXTURE_TEXT_MAX];
    struct err err = {0};

    for (size_t i = 0; i <= strlen(expected->json); i++)
        json[i] = (char)(expected->json[i] == '\'' ? '"' : expected->json[i]);
    if (read_text("f.yaml", expected->text, strlen(expected->text), &definition, &err) < 0)
        fail_msg("%s", err.detail);
    assert_string_equal(definition->json, json);
    if (read_text("f.yaml", definition->json, definition->json_length, &again, &err) < 0)
        fail_msg("%s", err.detail);
    assert_string_equal(again->json, json);
    source_definition_free(again);
    source_definition_free(definition);
}

static struct source_definition *read_fine(const char *text)
{
    struct source_definition *definition = NULL;
    struct err err = {0};

    if (read_text("corp.yaml", text, strlen(text), &definition, &err) < 0)
        fail_msg("%s", err.detail);
    return definition;
}

static void has_defaults(void **state)
{
    struct source_definition *definition = read_fine(LEAST);

    (void)state;
    assert_string_equal(definition->name, "corp");
    assert_ptr_equal(definition->connector, &fixture_ad);
    assert_int_equal(schedule_next(definition->schedule, 0), INT64_C(900) * 1000000);
    assert_int_equal(schedule_next(definition->full_schedule, 0), INT64_C(86400) * 1000000);
    assert_int_equal(definition->match_count, 1);
    assert_int_equal(definition->match[0], MATCH_SOURCE_ID);
    assert_int_equal(definition->removal, REMOVAL_DEACTIVATE);
    assert_true(definition->delete_after_us == SOURCE_NEVER);
    assert_int_equal(definition->guards[GUARD_USERS].percent, 10);
    assert_int_equal(definition->guards[GUARD_USERS].count, 50);
    assert_int_equal(definition->precedence, 100);
    assert_int_equal(definition->canaries.count, 0);
    assert_int_equal(definition->secrets.count, 0);
    assert_int_equal(definition->warnings.count, 0);
    source_definition_free(definition);
}

static void takes_what_is_written(void **state)
{
    struct arena *arena = arena_new(1024);
    struct source_definition *definition = read_fine(
        "name: corp-ad\ntype: ad\ntimezone: Europe/Berlin\nschedule: never\n"
        "full_schedule: \"0 3 * * *\"\nsettings:\n  servers: [ldaps://dc1, ldaps://dc2]\n"
        "  bind: {method: simple, user: svc, password: secret:corp, keytab: "
        "secret:corp}\nmatch: [sourceId, email, userName]\n"
        "removal: {action: deactivate, delete_after: 30d}\nguard: {percent: 5, count: 7}\n"
        "canaries: [guid-1, guid-2]\nprotect: [Root@Corp.Example]\nprecedence: 1\n");
    const struct connector_settings settings = {.values = definition->values, .rows = fixture_rows};

    (void)state;
    assert_null(definition->schedule);
    assert_int_equal(schedule_next(definition->full_schedule, 0), INT64_C(7200) * 1000000);
    assert_int_equal(connector_list_count(&settings, "settings.servers"), 2);
    assert_string_equal(connector_text(&settings, "settings.bind.user"), "svc");
    assert_int_equal(connector_number(&settings, "settings.timeout"), 30);
    assert_int_equal(definition->match_count, 3);
    assert_int_equal(definition->match[1], MATCH_EMAIL);
    assert_int_equal(definition->match[2], MATCH_USER_NAME);
    assert_true(definition->delete_after_us == INT64_C(30) * 86400 * 1000000);
    assert_int_equal(definition->guards[GUARD_USERS].percent, 5);
    assert_int_equal(definition->guards[GUARD_USERS].count, 7);
    assert_int_equal(definition->canaries.count, 2);
    assert_string_equal(definition->canaries.items[1], "guid-2");
    assert_string_equal(protection_find(definition->protection, arena, "id", "root@corp.EXAMPLE"),
                        "Root@Corp.Example");
    assert_null(protection_find(definition->protection, arena, "id", "x@corp.example"));
    assert_int_equal(definition->precedence, 1);
    assert_int_equal(definition->secrets.count, 1);
    assert_string_equal(definition->secrets.items[0], "corp");
    source_definition_free(definition);
    arena_free(arena);
}

static void warns_of_secrets_in_clear(void **state)
{
    struct source_definition *definition =
        read_fine(HEAD "settings:\n  servers: [x]\n  bind:\n    password: Passw0rd\n    keytab: "
                       "/etc/x.keytab\n");

    (void)state;
    assert_int_equal(definition->warnings.count, 1);
    assert_string_equal(definition->warnings.items[0],
                        "corp.yaml:6: settings.bind.password: the secret itself; secret:NAME keeps "
                        "it out of files");
    source_definition_free(definition);
}

static void maps_over_the_default(void **state)
{
    struct arena *arena = arena_new(1024);
    struct source_definition *definition =
        read_fine(LEAST "mapping:\n  title: {from: jobTitle, transform: upper}\n"
                        "group_mapping: {displayName: sAMAccountName}\n");
    json_t *attributes = fixture_json("{'sAMAccountName': ['ada'], 'jobTitle': ['chief']}");
    const struct mapping_input input = {.attributes = attributes, .limits = &scim_limits_default};
    struct mapped user;
    struct mapped group;

    (void)state;
    mapping_apply(arena, definition->users, &input, &user);
    mapping_apply(arena, definition->groups, &input, &group);
    assert_true(user.usable && group.usable);
    assert_string_equal(json_string_value(json_object_get(user.document, "userName")), "ada");
    assert_string_equal(json_string_value(json_object_get(user.document, "title")), "CHIEF");
    assert_string_equal(json_string_value(json_object_get(group.document, "displayName")), "ada");
    assert_string_equal(user.origins[0].file, "ad");
    assert_string_equal(user.origins[1].file, "corp.yaml");
    json_decref(user.document);
    json_decref(group.document);
    json_decref(attributes);
    source_definition_free(definition);
    arena_free(arena);
}

/* The file of the manual, with the rows of the real connector. */
static void reads_a_whole_file(void **state)
{
    static const char bytes[] =
        "name: corp-ad\ntype: ad\nschedule: \"*/15 * * * *\"\nfull_schedule: \"0 3 * * sun\"\n"
        "timezone: Europe/Berlin\nsettings:\n  servers: [ldaps://dc1.corp.example]\n"
        "  start_tls: false\n  ca_file: /etc/scimd/corp-ca.pem\n"
        "  bind: {method: gssapi, principal: svc-scimd@CORP.EXAMPLE, keytab: "
        "/etc/scimd/corp.keytab}\n  base: DC=corp,DC=example\n  delta: auto\n"
        "scope: {users: [\"OU=Staff,DC=corp,DC=example\"], user_filter: \"(mail=*)\"}\n"
        "mapping:\n  userName: userPrincipalName\n"
        "  \"emails[type eq \\\"work\\\"].value\": {from: [mail, proxyAddresses], transform: "
        "[first, "
        "lower]}\n  nickName: extensionAttribute7\n"
        "  \"" SCHEMA_URN_ENTERPRISE ":department\": department\nmatch: [sourceId]\n"
        "removal: {action: deactivate, delete_after: 30d}\nguard: {percent: 10, count: 50}\n";
    const struct source_reader reader = {.schemas = set, .connectors = connector_all()};
    const struct source_text text = {"corp-ad.yaml", bytes, sizeof(bytes) - 1};
    struct source_definition *definition = NULL;
    struct connector_settings settings;
    struct err err = {0};
    bool found = false;

    (void)state;
    if (source_file_read(&reader, &text, &definition, &err) < 0)
        fail_msg("%s", err.detail);
    settings = (struct connector_settings){.values = definition->values,
                                           .rows = definition->connector->settings};
    for (size_t i = 0; i < connector_list_count(&settings, "settings.attributes"); i++)
        found = found || strcmp(connector_list_item(&settings, "settings.attributes", i),
                                "extensionAttribute7") == 0;
    assert_true(found);
    assert_null(strstr(definition->json, "attributes"));
    source_definition_free(definition);
}

static void refuses_what_is_too_large(void **state)
{
    static char text[SOURCE_YAML_BYTES_MAX + 2];
    struct source_definition *definition = NULL;
    struct err err = {0};
    size_t length = 0;

    (void)state;
    memset(text, '#', sizeof(text));
    assert_int_equal(read_text("f.yaml", text, sizeof(text), &definition, &err), -1);
    assert_string_equal(err.detail, "f.yaml:1: more than 262144 bytes");
    for (size_t i = 0; i <= SOURCE_YAML_NODES_MAX; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "- a\n");
    assert_int_equal(read_text("f.yaml", text, length, &definition, &err), -1);
    assert_string_equal(err.detail, "f.yaml:20000: more than 20000 values");
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(has_defaults),
    cmocka_unit_test(takes_what_is_written),
    cmocka_unit_test(warns_of_secrets_in_clear),
    cmocka_unit_test(maps_over_the_default),
    cmocka_unit_test(reads_a_whole_file),
    cmocka_unit_test(refuses_what_is_too_large),
};

int main(void)
{
    int failed;

    set = fixture_schemas();
    failed = RUN_TABLE("source files refused", refused_cases, is_refused) +
             RUN_TABLE("normal forms", normal_cases, has_a_normal_form) +
             cmocka_run_group_tests_name("source files", others, NULL, NULL);
    schema_set_release(set);
    return failed;
}
