#include "table.h"

#include <string.h>

#include "base/cleanup.h"
#include "connectors/connector.h"

static const char *const methods[] = {"simple", "gssapi", NULL};
static const struct connector_setting rows[] = {
    {.name = "settings.url",         .type = CONNECTOR_TEXT, .required = true},
    {.name = "settings.bind.method",
     .type = CONNECTOR_WORD,
     .words = methods,
     .fallback = "simple"},
    {.name = "settings.bind.password", .type = CONNECTOR_SECRET},
    {.name = "settings.timeout",               .type = CONNECTOR_NUMBER, .low = 1, .high = 600, .fallback = "30"},
    {.name = "settings.start_tls",                              .type = CONNECTOR_SWITCH, .fallback = "true"},
    {.name = "settings.ca",      .type = CONNECTOR_CONTENT},
    {.name = "scope.users",     .type = CONNECTOR_LIST},
    {.name = NULL                     },
};

static struct check_case {
    const char *name;
    const char *values;
    const char *detail; /* NULL: accepted */
} cases[] = {
    {"least",               "{'settings': {'url': 'x'}}",                                NULL                          },
    {"most",
     "{'settings': {'url': 'x', 'bind': {'method': 'gssapi', 'password': 'secret:a'}, 'timeout': "
     "600, "
     "'start_tls': false, 'ca': '/x'}, 'scope': {'users': ['a', 'b']}}",                 NULL                          },
    {"empty list",          "{'settings': {'url': 'x'}, 'scope': {'users': []}}",        NULL                          },
    {"null is absent",      "{'settings': {'url': 'x', 'timeout': null, 'bind': null}}", NULL                          },
    {"missing",             "{'settings': {}}",                                          "settings.url: is missing"    },
    {"null where required", "{'settings': {'url': null}}",                               "settings.url: is missing"    },
    {"unknown at the top",  "{'settings': {'url': 'x'}, 'scop': {}}",                    "scop: is not known here"     },
    {"unknown below",       "{'settings': {'url': 'x', 'bind': {'metod': 'simple'}}}",
     "metod: is not known here"                                                                                        },
    {"a path as key",       "{'settings': {'url': 'x', 'bind.method': 'simple'}}",
     "bind.method: is not known here"                                                                                  },
    {"known elsewhere",     "{'settings': {'url': 'x', 'users': []}}",                   "users: is not known here"    },
    {"section as text",     "{'settings': {'url': 'x', 'bind': 'simple'}}",
     "bind: must have settings below it"                                                                               },
    {"text as section",     "{'settings': {'url': {}}}",                                 "settings.url: must be a text"},
    {"empty text",          "{'settings': {'url': ''}}",                                 "settings.url: must be a text"},
    {"number as text",      "{'settings': {'url': 1}}",                                  "settings.url: must be a text"},
    {"unknown word",        "{'settings': {'url': 'x', 'bind': {'method': 'digest'}}}",
     "settings.bind.method: must be one of simple gssapi"                                                              },
    {"number too small",    "{'settings': {'url': 'x', 'timeout': 0}}",
     "settings.timeout: must be a number from 1 to 600"                                                                },
    {"number too large",    "{'settings': {'url': 'x', 'timeout': 601}}",
     "settings.timeout: must be a number from 1 to 600"                                                                },
    {"fraction",            "{'settings': {'url': 'x', 'timeout': 1.5}}",
     "settings.timeout: must be a number from 1 to 600"                                                                },
    {"switch as text",      "{'settings': {'url': 'x', 'start_tls': 'yes'}}",
     "settings.start_tls: must be true or false"                                                                       },
    {"list as text",        "{'settings': {'url': 'x'}, 'scope': {'users': 'a'}}",
     "scope.users: must be a list of texts"                                                                            },
    {"list of numbers",     "{'settings': {'url': 'x'}, 'scope': {'users': [1]}}",
     "scope.users: must be a list of texts, none of them empty"                                                        },
    {"secret as number",    "{'settings': {'url': 'x', 'bind': {'password': 7}}}",
     "settings.bind.password: must be a text"                                                                          },
};

/* JSON with single quotes. */
static json_t *values_of(const char *text)
{
    json_error_t error;
    json_t *values;
    char quoted[1024];
    size_t length = strlen(text);

    assert_true(length < sizeof(quoted));
    for (size_t i = 0; i <= length; i++)
        quoted[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    values = json_loads(quoted, 0, &error);
    if (values == NULL)
        fail_msg("%s", error.text);
    return values;
}

static void is_checked(void **row)
{
    const struct check_case *expected = *row;
    json_t *values = values_of(expected->values);
    const char *where = NULL;
    struct err err = {0};
    int result = connector_settings_check(rows, values, &where, &err);

    assert_int_equal(result, expected->detail == NULL ? 0 : -1);
    if (expected->detail != NULL) {
        assert_int_equal(err.code, ERR_INVALID_VALUE);
        assert_string_equal(err.detail, expected->detail);
        assert_memory_equal(where, err.detail, strlen(where));
    }
    json_decref(values);
}

static int give_secret(void *context, const char *name, struct secret *out, struct err *err)
{
    if (strcmp(name, context) != 0)
        return err_set(err, ERR_CONFIGURATION, "there is no secret %s", name);
    secret_set(out, "s3cret", 6);
    return 0;
}

static void values_and_fallbacks_arrive(void **state)
{
    json_t *least = values_of("{'settings': {'url': 'x'}}");
    json_t *most =
        values_of("{'settings': {'bind': {'method': 'gssapi'}, 'timeout': 7, 'start_tls': false}, "
                  "'scope': {'users': ['a', 'b']}}");
    struct connector_settings settings = {.values = least, .rows = rows};

    (void)state;
    assert_string_equal(connector_text(&settings, "settings.url"), "x");
    assert_string_equal(connector_text(&settings, "settings.bind.method"), "simple");
    assert_int_equal(connector_number(&settings, "settings.timeout"), 30);
    assert_true(connector_switch(&settings, "settings.start_tls"));
    assert_null(connector_text(&settings, "settings.ca"));
    assert_int_equal(connector_list_count(&settings, "scope.users"), 0);
    settings.values = most;
    assert_string_equal(connector_text(&settings, "settings.bind.method"), "gssapi");
    assert_int_equal(connector_number(&settings, "settings.timeout"), 7);
    assert_false(connector_switch(&settings, "settings.start_tls"));
    assert_int_equal(connector_list_count(&settings, "scope.users"), 2);
    assert_string_equal(connector_list_item(&settings, "scope.users", 1), "b");
    json_decref(least);
    json_decref(most);
}

static struct secret_case {
    const char *name;
    const char *values;
    int result;
    const char *secret;
} secret_cases[] = {
    {"absent",                      "{'settings': {}}",                                     0,  NULL    },
    {"itself",                      "{'settings': {'bind': {'password': 'p'}}}",            1,  "p"     },
    {"by name",                     "{'settings': {'bind': {'password': 'secret:corp'}}}",  1,  "s3cret"},
    {"by a name that is not there", "{'settings': {'bind': {'password': 'secret:other'}}}", -1,
     NULL                                                                                               },
};

static void secret_is_resolved(void **row)
{
    const struct secret_case *expected = *row;
    json_t *values = values_of(expected->values);
    char name[] = "corp";
    struct connector_settings settings = {
        .values = values, .rows = rows, .secret = give_secret, .secret_context = name};
    struct secret secret = {0};
    struct err err = {0};

    assert_int_equal(connector_secret(&settings, "settings.bind.password", &secret, &err),
                     expected->result);
    if (expected->secret != NULL)
        assert_string_equal(secret.bytes, expected->secret);
    if (expected->result < 0)
        assert_string_equal(err.detail, "there is no secret other");
    secret_free(&secret);
    json_decref(values);
}

static void content_comes_from_a_file_or_a_secret(void **state)
{
    json_t *file = values_of("{'settings': {'ca': '/nonexistent/ca.pem'}}");
    json_t *named = values_of("{'settings': {'ca': 'secret:corp'}}");
    char name[] = "corp";
    struct connector_settings settings = {
        .values = file, .rows = rows, .secret = give_secret, .secret_context = name};
    struct secret secret = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(connector_secret(&settings, "settings.ca", &secret, &err), -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    settings.values = named;
    assert_int_equal(connector_secret(&settings, "settings.ca", &secret, &err), 1);
    assert_string_equal(secret.bytes, "s3cret");
    secret_free(&secret);
    json_decref(file);
    json_decref(named);
}

static void findings_are_kept(void **state)
{
    struct arena *arena = arena_new(1024);
    struct findings findings = {.arena = arena};
    char text[] = "0";

    (void)state;
    for (int i = 0; i < 20; i++) {
        text[0] = (char)('a' + i);
        findings_add(&findings,
                     &(struct finding){.verdict = FINDING_WARNING, .subject = "x", .text = text});
    }
    assert_int_equal(findings.count, 20);
    assert_string_equal(findings.items[0].text, "a");
    assert_string_equal(findings.items[19].text, "t");
    assert_null(findings.items[19].advice);
    arena_free(arena);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(values_and_fallbacks_arrive),
        cmocka_unit_test(content_comes_from_a_file_or_a_secret),
        cmocka_unit_test(findings_are_kept),
    };

    return RUN_TABLE("connector settings", cases, is_checked) +
           RUN_TABLE("connector secrets", secret_cases, secret_is_resolved) +
           cmocka_run_group_tests_name("connector", others, NULL, NULL);
}
