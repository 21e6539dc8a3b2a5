#include "scim/tolerance.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Columns of the table below.  PROFILE_AUTO allows every row and PROFILE_STRICT none, so neither
 * has one. */
enum {
    ENTRA = 1 << PROFILE_ENTRA,
    OKTA = 1 << PROFILE_OKTA,
    ONELOGIN = 1 << PROFILE_ONELOGIN,
    PING = 1 << PROFILE_PING,
    JUMPCLOUD = 1 << PROFILE_JUMPCLOUD,
    GOOGLE = 1 << PROFILE_GOOGLE,
    EVERY_PROVIDER = ENTRA | OKTA | ONELOGIN | PING | JUMPCLOUD | GOOGLE
};

static const struct {
    const char *name;
    const char *help;
    int profiles;
} rules[TOLERANCE_COUNT] = {
    [TOLERANCE_OPERATION_CASE] = {"operation-case",     "PATCH op in any case: Add, Replace, Remove",
                                  ENTRA | ONELOGIN                                                                                                    },
    [TOLERANCE_BOOLEAN_STRING] = {"boolean-string",     "\"True\" or \"false\" where a boolean is due",
                                  ENTRA | ONELOGIN | PING | JUMPCLOUD | GOOGLE                                                                        },
    [TOLERANCE_NUMBER_STRING] = {"number-string",      "\"7\" where a number is due",
                                  ENTRA | ONELOGIN | PING                                                                                             },
    [TOLERANCE_DOTTED_KEY] = {"dotted-key",         "\"name.givenName\" as a key of a PATCH value",
                                  ENTRA | ONELOGIN | PING                                                                                             },
    [TOLERANCE_URN_KEY] = {"urn-key",            "\"urn:...:User:department\" as a key of a value or body",
                                  ENTRA | OKTA | ONELOGIN | PING                                                                                      },
    [TOLERANCE_PATH_KEY] = {"path-key",           "a path with a value filter as a key of a PATCH value",
                                  ENTRA | ONELOGIN                                                                                                    },
    [TOLERANCE_CREATE_FILTERED] = {"create-filtered",
                                  "add by a value filter that matches nothing makes the element",                  EVERY_PROVIDER                     },
    [TOLERANCE_MANAGER_STRING] = {"manager-string",     "manager: \"id\" for {\"value\": \"id\"}",
                                  ENTRA | OKTA | ONELOGIN                                                                                             },
    [TOLERANCE_SINGLE_FOR_MULTI] = {"single-for-multi",   "one value where a list is due",
                                  EVERY_PROVIDER                                                                                                      },
    [TOLERANCE_MULTI_FOR_SINGLE] = {"multi-for-single",   "a list of one where a single value is due",
                                  ENTRA | ONELOGIN | PING                                                                                             },
    [TOLERANCE_STRING_FOR_COMPLEX] = {"string-for-complex",
                                  "emails: [\"a@b\"] for [{\"value\": \"a@b\"}]",                                  ENTRA | ONELOGIN | PING | JUMPCLOUD},
    [TOLERANCE_REMOVE_VALUE] = {"remove-value",       "PATCH remove that lists the values to remove",
                                  ENTRA | OKTA | ONELOGIN | PING | JUMPCLOUD                                                                          },
    [TOLERANCE_SCHEMAS_MISSING] = {"schemas-missing",
                                  "a body without schemas, or naming another version",                             EVERY_PROVIDER                     },
    [TOLERANCE_FOREIGN_SCHEMA] = {"foreign-schema",     "a URN in schemas that is unknown here",
                                  EVERY_PROVIDER                                                                                                      },
    [TOLERANCE_UNKNOWN_ATTRIBUTE] = {"unknown-attribute",  "an unknown attribute is dropped",
                                  EVERY_PROVIDER                                                                                                      },
    [TOLERANCE_REPEATED_ID] = {"repeated-id",
                                  "id, schemas, meta or groups repeated inside a PATCH value",                     EVERY_PROVIDER                     },
    [TOLERANCE_NULL_SUB_ATTRIBUTE] = {"null-sub-attribute", "null members of a value are dropped",
                                  EVERY_PROVIDER                                                                                                      },
    [TOLERANCE_REMOVE_NO_MATCH] = {"remove-no-match",
                                  "remove by a filter that matches nothing succeeds",                              EVERY_PROVIDER                     },
    [TOLERANCE_ATTRIBUTE_CASE] = {"attribute-case",     "attribute names in another case: UserName",
                                  EVERY_PROVIDER                                                                                                      },
    [TOLERANCE_FILTER_SPACING] = {"filter-spacing",     "blanks that a filter must not have",
                                  EVERY_PROVIDER                                                                                                      },
    [TOLERANCE_TRAILING_SLASH] = {"trailing-slash",     "/Users/ for /Users",                                      EVERY_PROVIDER                     },
    [TOLERANCE_DUPLICATE_VALUE] = {"duplicate-value",    "the same type and value twice",
                                  EVERY_PROVIDER                                                                                                      },
    [TOLERANCE_SEVERAL_PRIMARIES] = {"several-primaries",
                                  "more than one primary value: the last one stays",                               EVERY_PROVIDER                     },
    [TOLERANCE_PARKED_MEMBER] = {"parked-member",
                                  "a member that does not exist yet is attached when it comes",                    EVERY_PROVIDER                     },
    [TOLERANCE_BARE_AUTHORIZATION] = {"bare-authorization",
                                  "an Authorization header that holds the token alone",                            OKTA | JUMPCLOUD                   },
    [TOLERANCE_CONTENT_TYPE] = {"content-type",       "a missing or unusual Content-Type",
                                  ONELOGIN | PING | JUMPCLOUD | GOOGLE                                                                                },
};

/* Which providers create a person anew where others look for the old one first and set `active`.
 * Auto answers 409: that is what a client that follows the RFC expects. */
static const struct {
    const char *name;
    bool reactivates;
} profiles[PROFILE_COUNT] = {
    [PROFILE_AUTO] = {"auto",      false},
      [PROFILE_STRICT] = {"strict",    false},
    [PROFILE_ENTRA] = {"entra",     false},
      [PROFILE_OKTA] = {"okta",      false},
    [PROFILE_ONELOGIN] = {"onelogin",  true },
      [PROFILE_PING] = {"ping",      false},
    [PROFILE_JUMPCLOUD] = {"jumpcloud", true },
      [PROFILE_GOOGLE] = {"google",    true },
};

/* Words in a User-Agent; the first that is found decides. */
static const struct {
    const char *word;
    enum profile profile;
} user_agents[] = {
    {"okta",          PROFILE_OKTA     },
    {"onelogin",      PROFILE_ONELOGIN },
    {"jumpcloud",     PROFILE_JUMPCLOUD},
    {"pingone",       PROFILE_PING     },
    {"pingfederate",  PROFILE_PING     },
    {"ping identity", PROFILE_PING     },
    {"google",        PROFILE_GOOGLE   },
    {"microsoft",     PROFILE_ENTRA    },
    {"azure",         PROFILE_ENTRA    },
    {"entra",         PROFILE_ENTRA    },
};

bool tolerance_allows(struct tolerance_use *use, enum tolerance tolerance)
{
    if (use == NULL || use->profile == PROFILE_STRICT)
        return false;
    if (use->profile != PROFILE_AUTO && (rules[tolerance].profiles & 1 << use->profile) == 0)
        return false;

    use->count[tolerance]++;
    return true;
}

const char *tolerance_name(enum tolerance tolerance)
{
    return rules[tolerance].name;
}

const char *tolerance_help(enum tolerance tolerance)
{
    return rules[tolerance].help;
}

const char *profile_name(enum profile profile)
{
    return profiles[profile].name;
}

bool profile_from_name(const char *name, enum profile *out)
{
    for (int i = 0; i < PROFILE_COUNT; i++) {
        if (strcmp(profiles[i].name, name) != 0)
            continue;
        *out = (enum profile)i;
        return true;
    }
    return false;
}

bool profile_reactivates(enum profile profile)
{
    return profiles[profile].reactivates;
}

static bool contains_ascii(const char *text, const char *word)
{
    size_t length = strlen(text);
    size_t word_length = strlen(word);

    for (size_t i = 0; i + word_length <= length; i++) {
        if (text_equals_ascii(text + i, word_length, word))
            return true;
    }
    return false;
}

enum profile profile_recognise(const char *user_agent)
{
    if (user_agent == NULL)
        return PROFILE_AUTO;
    for (size_t i = 0; i < ARRAY_LENGTH(user_agents); i++) {
        if (contains_ascii(user_agent, user_agents[i].word))
            return user_agents[i].profile;
    }
    return PROFILE_AUTO;
}
