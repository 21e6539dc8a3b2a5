#include "scim/tolerance.h"

#include "table.h"

static struct allowed_case {
    const char *name;
    enum profile profile;
    enum tolerance tolerance;
    bool allowed;
} allowed_cases[] = {
    {"auto allows Add",                        PROFILE_AUTO,   TOLERANCE_OPERATION_CASE,     true },
    {"auto allows a bare token",               PROFILE_AUTO,   TOLERANCE_BARE_AUTHORIZATION, true },
    {"strict refuses Add",                     PROFILE_STRICT, TOLERANCE_OPERATION_CASE,     false},
    {"strict refuses parked members",          PROFILE_STRICT, TOLERANCE_PARKED_MEMBER,      false},
    {"entra sends Add",                        PROFILE_ENTRA,  TOLERANCE_OPERATION_CASE,     true },
    {"entra sends booleans as strings",        PROFILE_ENTRA,  TOLERANCE_BOOLEAN_STRING,     true },
    {"entra never sends a bare token",         PROFILE_ENTRA,  TOLERANCE_BARE_AUTHORIZATION, false},
    {"okta sends a bare token",                PROFILE_OKTA,   TOLERANCE_BARE_AUTHORIZATION, true },
    {"okta never sends Add",                   PROFILE_OKTA,   TOLERANCE_OPERATION_CASE,     false},
    {"google drops unknown attributes",        PROFILE_GOOGLE, TOLERANCE_UNKNOWN_ATTRIBUTE,  true },
    {"google removes by filter or not at all", PROFILE_GOOGLE, TOLERANCE_REMOVE_VALUE,       false},
};

static void allows_by_profile(void **row)
{
    const struct allowed_case *expected = *row;
    struct tolerance_use use = {.profile = expected->profile};

    assert_int_equal(tolerance_allows(&use, expected->tolerance), expected->allowed);
    assert_int_equal(use.count[expected->tolerance], expected->allowed ? 1 : 0);
    assert_false(tolerance_allows(NULL, expected->tolerance));
}

static struct profile_case {
    const char *name; /* also the name that is looked up */
    bool known;
    enum profile profile;
} profile_cases[] = {
    {"auto",      true,  PROFILE_AUTO     },
    {"strict",    true,  PROFILE_STRICT   },
    {"entra",     true,  PROFILE_ENTRA    },
    {"okta",      true,  PROFILE_OKTA     },
    {"onelogin",  true,  PROFILE_ONELOGIN },
    {"ping",      true,  PROFILE_PING     },
    {"jumpcloud", true,  PROFILE_JUMPCLOUD},
    {"google",    true,  PROFILE_GOOGLE   },
    {"Entra",     false, PROFILE_AUTO     },
    {"",          false, PROFILE_AUTO     },
};

static void finds_by_name(void **row)
{
    const struct profile_case *expected = *row;
    enum profile profile = PROFILE_COUNT;

    assert_int_equal(profile_from_name(expected->name, &profile), expected->known);
    if (!expected->known)
        return;
    assert_int_equal(profile, expected->profile);
    assert_string_equal(profile_name(profile), expected->name);
}

static struct agent_case {
    const char *name;
    const char *user_agent;
    enum profile profile;
} agent_cases[] = {
    {"okta",               "Okta SCIM Client 1.0.0", PROFILE_OKTA    },
    {"lower case",         "okta-lifecycle",         PROFILE_OKTA    },
    {"onelogin",           "OneLogin SCIM",          PROFILE_ONELOGIN},
    {"ping",               "PingFederate/12",        PROFILE_PING    },
    {"a ping is not Ping", "ping/1.0",               PROFILE_AUTO    },
    {"azure",              "Azure AD Provisioning",  PROFILE_ENTRA   },
    {"curl",               "curl/7.88.1",            PROFILE_AUTO    },
    {"empty",              "",                       PROFILE_AUTO    },
    {"none",               NULL,                     PROFILE_AUTO    },
};

static void recognises_the_agent(void **row)
{
    const struct agent_case *expected = *row;

    assert_int_equal(profile_recognise(expected->user_agent), expected->profile);
}

static void every_rule_has_name_and_help(void **state)
{
    (void)state;
    for (int i = 0; i < TOLERANCE_COUNT; i++) {
        assert_non_null(tolerance_name((enum tolerance)i));
        assert_non_null(tolerance_help((enum tolerance)i));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tolerance_name((enum tolerance)i),
                                    tolerance_name((enum tolerance)j));
    }
}

static void reactivation_is_a_providers_matter(void **state)
{
    (void)state;
    assert_false(profile_reactivates(PROFILE_AUTO));
    assert_false(profile_reactivates(PROFILE_STRICT));
    assert_true(profile_reactivates(PROFILE_ONELOGIN));
}

int main(void)
{
    const struct CMUnitTest whole[] = {
        cmocka_unit_test(every_rule_has_name_and_help),
        cmocka_unit_test(reactivation_is_a_providers_matter),
    };

    return RUN_TABLE("tolerance", allowed_cases, allows_by_profile) +
           RUN_TABLE("profile", profile_cases, finds_by_name) +
           RUN_TABLE("user agent", agent_cases, recognises_the_agent) +
           cmocka_run_group_tests_name("rules", whole, NULL, NULL);
}
