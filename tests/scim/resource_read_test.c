#include "scim/resource.h"

#include "resource_fixture.h"

#define NONE (-1)

static struct schema_set *set;

/* Bodies: what becomes of them, or why not; and the tolerance that is counted. */
static struct read_case {
    const char *name;
    enum profile profile;
    const char *type;
    const char *body;
    const char *document; /* NULL: refused */
    enum err_code code;
    const char *detail;
    int tolerance; /* counted at least once; NONE: none at all */
} reads[] = {
    {"smallest",                                  PROFILE_STRICT, "User",   "{" SU ",\"userName\":\"a\"}",
     "{" SU ",\"userName\":\"a\"}",                                                                                                                                                                                   0,                  NULL,                                     NONE                        },
    {"schema order",                              PROFILE_STRICT, "User",
     "{\"title\":\"t\",\"userName\":\"a\",\"externalId\":\"x\"," SU "}",
     "{" SU ",\"externalId\":\"x\",\"userName\":\"a\",\"title\":\"t\"}",                                                                                                                                              0,                  NULL,                                     NONE                        },
    {"sub-attributes in order",                   PROFILE_STRICT, "User",
     "{" SU ",\"name\":{\"givenName\":\"g\",\"familyName\":\"f\"}}",
     "{" SU ",\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"}}",                                                                                                                                                  0,                  NULL,                                     NONE                        },
    {"name in other case",                        PROFILE_AUTO,   "User",   "{" SU ",\"UserName\":\"a\"}",
     "{" SU ",\"userName\":\"a\"}",                                                                                                                                                                                   0,                  NULL,                                     TOLERANCE_ATTRIBUTE_CASE    },
    {"name in other case, strict",                PROFILE_STRICT, "User",   "{" SU ",\"USERNAME\":\"a\"}",
     "{" SU ",\"userName\":\"a\"}",                                                                                                                                                                                   0,                  NULL,                                     NONE                        },
    {"name in two cases",                         PROFILE_AUTO,   "User",   "{" SU ",\"userName\":\"a\",\"username\":\"b\"}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_SYNTAX, "userName: is there twice",               NONE                        },
    {"sub-attribute in two cases",                PROFILE_AUTO,   "User",
     "{" SU ",\"emails\":[{\"value\":\"a\",\"Value\":\"b\"}]}",                                                                        NULL,                                                                          ERR_INVALID_SYNTAX,
     "emails[0].value: is there twice",                                                                                                                                                                                                                                             NONE                        },
    {"body is a list",                            PROFILE_AUTO,   "User",   "[]",                                                      NULL,                                                                          ERR_INVALID_SYNTAX, "must be an object",
     NONE                                                                                                                                                                                                                                                                                                       },

    {"id, meta and groups are ignored",           PROFILE_STRICT, "User",
     "{" SU ",\"id\":\"1\",\"meta\":{\"resourceType\":\"User\"},\"groups\":[{\"value\":\"g\"}],"
     "\"userName\":\"a\"}",                                                                                                            "{" SU ",\"userName\":\"a\"}",                                                 0,                  NULL,                                     NONE                        },
    {"readOnly extension is ignored",             PROFILE_STRICT, "User",
     "{" SU ",\"" SCHEMA_URN_SCIMD_USER "\":{\"source\":\"x\"},\"userName\":\"a\"}",
     "{" SU ",\"userName\":\"a\"}",                                                                                                                                                                                   0,                  NULL,                                     NONE                        },
    {"readOnly sub-attribute is ignored",         PROFILE_STRICT, "User",
     "{" SUE ",\"" SCHEMA_URN_ENTERPRISE
     "\":{\"manager\":{\"value\":\"m\",\"displayName\":\"d\"}}}",                                                                      "{" SUE ",\"" SCHEMA_URN_ENTERPRISE "\":{\"manager\":{\"value\":\"m\"}}}",     0,                  NULL,                                     NONE                        },
    {"password is dropped",                       PROFILE_STRICT, "User",
     "{" SU ",\"userName\":\"a\",\"password\":\"p\"}",                                                                                 "{" SU ",\"userName\":\"a\"}",                                                 0,                  NULL,
     NONE                                                                                                                                                                                                                                                                                                       },
    {"password is checked",                       PROFILE_AUTO,   "User",   "{" SU ",\"password\":1}",                                 NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "password: must be a string",             NONE                        },
    {"a tenant's writeOnly is stored",            PROFILE_STRICT, "Device", "{" SD ",\"pin\":\"1\"}",
     "{" SD ",\"pin\":\"1\"}",                                                                                                                                                                                        0,                  NULL,                                     NONE                        },

    {"null is absent",                            PROFILE_STRICT, "User",   "{" SU ",\"title\":null}",                                 "{" SU "}",                                                                    0,                  NULL,
     NONE                                                                                                                                                                                                                                                                                                       },
    {"empty list is absent",                      PROFILE_STRICT, "User",   "{" SU ",\"roles\":[],\"emails\":[]}",
     "{" SU "}",                                                                                                                                                                                                      0,                  NULL,                                     NONE                        },
    {"empty object is absent",                    PROFILE_STRICT, "User",   "{" SU ",\"name\":{}}",                                    "{" SU "}",                                                                    0,                  NULL,
     NONE                                                                                                                                                                                                                                                                                                       },
    {"null sub-attribute",                        PROFILE_AUTO,   "User",
     "{" SU ",\"emails\":[{\"value\":\"a\",\"display\":null}]}",
     "{" SU ",\"emails\":[{\"value\":\"a\"}]}",                                                                                                                                                                       0,                  NULL,                                     TOLERANCE_NULL_SUB_ATTRIBUTE},
    {"only null sub-attributes",                  PROFILE_AUTO,   "User",   "{" SU ",\"name\":{\"givenName\":null}}",
     "{" SU "}",                                                                                                                                                                                                      0,                  NULL,                                     TOLERANCE_NULL_SUB_ATTRIBUTE},
    {"null element",                              PROFILE_STRICT, "User",   "{" SU ",\"emails\":[null,{\"value\":\"a\"}]}",
     "{" SU ",\"emails\":[{\"value\":\"a\"}]}",                                                                                                                                                                       0,                  NULL,                                     NONE                        },
    {"empty string stays",                        PROFILE_STRICT, "User",   "{" SU ",\"title\":\"\"}",
     "{" SU ",\"title\":\"\"}",                                                                                                                                                                                       0,                  NULL,                                     NONE                        },

    {"unknown attribute is dropped",              PROFILE_AUTO,   "User",   "{" SU ",\"shoeSize\":4}",                                 "{" SU "}",                                                                    0,
     NULL,                                                                                                                                                                                                                                                                          TOLERANCE_UNKNOWN_ATTRIBUTE },
    {"unknown attribute, strict",                 PROFILE_STRICT, "User",   "{" SU ",\"shoeSize\":4}",                                 NULL,
     ERR_INVALID_SYNTAX,                                                                                                                                                                                                                  "unknown attribute \"shoeSize\"",         NONE                        },
    {"unknown sub-attribute is dropped",          PROFILE_AUTO,   "User",
     "{" SU ",\"name\":{\"familyName\":\"f\",\"nick\":\"n\"}}",
     "{" SU ",\"name\":{\"familyName\":\"f\"}}",                                                                                                                                                                      0,                  NULL,                                     TOLERANCE_UNKNOWN_ATTRIBUTE },
    {"unknown sub-attribute, strict",             PROFILE_STRICT, "User",   "{" SU ",\"name\":{\"nick\":\"n\"}}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_SYNTAX, "name: unknown attribute \"nick\"",       NONE                        },
    {"extension attribute at the top is unknown", PROFILE_STRICT, "User",
     "{" SU ",\"costCenter\":\"d\"}",                                                                                                  NULL,                                                                          ERR_INVALID_SYNTAX, "costCenter",                             NONE                        },

    {"schemas missing",                           PROFILE_AUTO,   "User",   "{\"userName\":\"a\"}",                                    "{" SU ",\"userName\":\"a\"}",
     0,                                                                                                                                                                                                                                   NULL,                                     TOLERANCE_SCHEMAS_MISSING   },
    {"schemas missing, strict",                   PROFILE_STRICT, "User",   "{\"userName\":\"a\"}",                                    NULL,
     ERR_INVALID_SYNTAX,                                                                                                                                                                                                                  "schemas must contain",                   NONE                        },
    {"schemas empty, strict",                     PROFILE_STRICT, "User",   "{\"schemas\":[]}",                                        NULL,                                                                          ERR_INVALID_SYNTAX,
     "schemas must contain",                                                                                                                                                                                                                                                        NONE                        },
    {"schemas of another version",                PROFILE_AUTO,   "User",
     "{\"schemas\":[\"urn:scim:schemas:core:1.0\"]}",                                                                                  "{" SU "}",                                                                    0,                  NULL,
     TOLERANCE_SCHEMAS_MISSING                                                                                                                                                                                                                                                                                  },
    {"schemas is text",                           PROFILE_AUTO,   "User",   "{\"schemas\":\"x\"}",                                     NULL,                                                                          ERR_INVALID_SYNTAX,
     "schemas must be a list",                                                                                                                                                                                                                                                      NONE                        },
    {"schemas has a number",                      PROFILE_AUTO,   "User",   "{\"schemas\":[1]}",                                       NULL,                                                                          ERR_INVALID_SYNTAX,
     "schemas[0] must be a string",                                                                                                                                                                                                                                                 NONE                        },
    {"URN in other case",                         PROFILE_STRICT, "User",
     "{\"schemas\":[\"URN:ietf:params:scim:schemas:core:2.0:USER\"]}",                                                                 "{" SU "}",                                                                    0,                  NULL,                                     NONE                        },
    {"foreign URN",                               PROFILE_AUTO,   "Group",
     "{\"schemas\":[\"" SCHEMA_URN_GROUP "\",\"http://schemas.microsoft.com/2006/11/"
     "ResourceManagement/ADSCIM/2.0/Group\"]}",                                                                                        "{" SG "}",                                                                    0,                  NULL,                                     TOLERANCE_FOREIGN_SCHEMA    },
    {"foreign URN, strict",                       PROFILE_STRICT, "User",
     "{\"schemas\":[\"" SCHEMA_URN_USER "\",\"urn:x\"]}",                                                                              NULL,                                                                          ERR_INVALID_VALUE,
     "schemas[1]: urn:x is not",                                                                                                                                                                                                                                                    NONE                        },
    {"extension URN without content",             PROFILE_STRICT, "User",   "{" SUE "}",                                               "{" SU "}",                                                                    0,                  NULL,
     NONE                                                                                                                                                                                                                                                                                                       },
    {"extension object empty",                    PROFILE_STRICT, "User",   "{" SUE ",\"" SCHEMA_URN_ENTERPRISE "\":{}}",
     "{" SU "}",                                                                                                                                                                                                      0,                  NULL,                                     NONE                        },
    {"extension is named in schemas",             PROFILE_AUTO,   "User",
     "{" SU ",\"" SCHEMA_URN_ENTERPRISE "\":{\"department\":\"d\"}}",
     "{" SUE ",\"" SCHEMA_URN_ENTERPRISE "\":{\"department\":\"d\"}}",                                                                                                                                                0,                  NULL,                                     NONE                        },
    {"extension is text",                         PROFILE_AUTO,   "User",   "{" SU ",\"" SCHEMA_URN_ENTERPRISE "\":\"x\"}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_VALUE,  "must be an object",                      NONE                        },
    {"error in an extension names the URN",       PROFILE_AUTO,   "User",
     "{" SU ",\"" SCHEMA_URN_ENTERPRISE "\":{\"department\":[1,2]}}",                                                                  NULL,                                                                          ERR_INVALID_VALUE,
     SCHEMA_URN_ENTERPRISE ":department: must be a string",                                                                                                                                                                                                                         NONE                        },

    {"URN key",                                   PROFILE_AUTO,   "User",   "{" SU ",\"" SCHEMA_URN_ENTERPRISE ":department\":\"d\"}",
     "{" SUE ",\"" SCHEMA_URN_ENTERPRISE "\":{\"department\":\"d\"}}",                                                                                                                                                0,                  NULL,                                     TOLERANCE_URN_KEY           },
    {"URN key with sub-attribute",                PROFILE_AUTO,   "User",
     "{" SU ",\"" SCHEMA_URN_ENTERPRISE ":manager.value\":\"m\"}",
     "{" SUE ",\"" SCHEMA_URN_ENTERPRISE "\":{\"manager\":{\"value\":\"m\"}}}",                                                                                                                                       0,                  NULL,
     TOLERANCE_DOTTED_KEY                                                                                                                                                                                                                                                                                       },
    {"URN key, strict",                           PROFILE_STRICT, "User",
     "{" SU ",\"" SCHEMA_URN_ENTERPRISE ":department\":\"d\"}",                                                                        NULL,                                                                          ERR_INVALID_SYNTAX,
     "unknown attribute",                                                                                                                                                                                                                                                           NONE                        },
    {"core attributes below the core URN",        PROFILE_AUTO,   "User",
     "{" SU ",\"" SCHEMA_URN_USER "\":{\"userName\":\"a\"}}",                                                                          "{" SU ",\"userName\":\"a\"}",                                                 0,
     NULL,                                                                                                                                                                                                                                                                          TOLERANCE_URN_KEY           },
    {"dotted key",                                PROFILE_AUTO,   "User",
     "{" SU ",\"name.givenName\":\"g\",\"name.familyName\":\"f\"}",
     "{" SU ",\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"}}",                                                                                                                                                  0,                  NULL,                                     TOLERANCE_DOTTED_KEY        },
    {"dotted key beside the object",              PROFILE_AUTO,   "User",
     "{" SU ",\"name.givenName\":\"g\",\"name\":{\"familyName\":\"f\"}}",
     "{" SU ",\"name\":{\"familyName\":\"f\",\"givenName\":\"g\"}}",                                                                                                                                                  0,                  NULL,                                     TOLERANCE_DOTTED_KEY        },
    {"dotted key of a list",                      PROFILE_STRICT, "User",   "{" SU ",\"emails.value\":\"g\"}",                         NULL,
     ERR_INVALID_SYNTAX,                                                                                                                                                                                                                  "emails.value",                           NONE                        },
    {"dotted key, strict",                        PROFILE_STRICT, "User",   "{" SU ",\"name.givenName\":\"g\"}",                       NULL,
     ERR_INVALID_SYNTAX,                                                                                                                                                                                                                  "name.givenName",                         NONE                        },

    {"boolean as a string",                       PROFILE_AUTO,   "User",   "{" SU ",\"active\":\"False\"}",
     "{" SU ",\"active\":false}",                                                                                                                                                                                     0,                  NULL,                                     TOLERANCE_BOOLEAN_STRING    },
    {"primary as a string",                       PROFILE_AUTO,   "User",
     "{" SU ",\"roles\":[{\"value\":\"r\",\"primary\":\"True\"}]}",
     "{" SU ",\"roles\":[{\"value\":\"r\",\"primary\":true}]}",                                                                                                                                                       0,                  NULL,                                     TOLERANCE_BOOLEAN_STRING    },
    {"boolean as a string, strict",               PROFILE_STRICT, "User",   "{" SU ",\"active\":\"true\"}",                            NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "active: must be true or false",          NONE                        },
    {"boolean as another string",                 PROFILE_AUTO,   "User",   "{" SU ",\"active\":\"yes\"}",                             NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "active: must be true or false",          NONE                        },
    {"boolean as a number",                       PROFILE_AUTO,   "User",   "{" SU ",\"active\":1}",                                   NULL,                                                                          ERR_INVALID_VALUE,
     "active",                                                                                                                                                                                                                                                                      NONE                        },
    {"string as a number",                        PROFILE_AUTO,   "User",   "{" SU ",\"userName\":1}",                                 NULL,                                                                          ERR_INVALID_VALUE,
     "userName: must be a string",                                                                                                                                                                                                                                                  NONE                        },
    {"string as an object",                       PROFILE_AUTO,   "User",   "{" SU ",\"userName\":{}}",                                "{" SU "}",                                                                    0,                  NULL,
     NONE                                                                                                                                                                                                                                                                                                       },
    {"place of an error",                         PROFILE_AUTO,   "User",
     "{" SU ",\"emails\":[{\"value\":\"a\"},{\"value\":\"b\"},{\"value\":7}]}",                                                        NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "emails[2].value: must be a string",      NONE                        },
    {"integer",                                   PROFILE_STRICT, "Device", "{" SD ",\"ports\":-7}",                                   "{" SD ",\"ports\":-7}",                                                       0,                  NULL,
     NONE                                                                                                                                                                                                                                                                                                       },
    {"integer as a string",                       PROFILE_AUTO,   "Device", "{" SD ",\"ports\":\"7\"}",
     "{" SD ",\"ports\":7}",                                                                                                                                                                                          0,                  NULL,                                     TOLERANCE_NUMBER_STRING     },
    {"integer as a string, strict",               PROFILE_STRICT, "Device", "{" SD ",\"ports\":\"7\"}",                                NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "ports: must be an integer",              NONE                        },
    {"integer with a fraction",                   PROFILE_AUTO,   "Device", "{" SD ",\"ports\":7.5}",                                  NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "ports: must be an integer",              NONE                        },
    {"integer as words",                          PROFILE_AUTO,   "Device", "{" SD ",\"ports\":\"7 of 9\"}",                           NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "ports: must be an integer",              NONE                        },
    {"decimal",                                   PROFILE_STRICT, "Device", "{" SD ",\"weight\":1.5}",                                 "{" SD ",\"weight\":1.5}",                                                     0,
     NULL,                                                                                                                                                                                                                                                                          NONE                        },
    {"decimal without a fraction",                PROFILE_STRICT, "Device", "{" SD ",\"weight\":2}",
     "{" SD ",\"weight\":2}",                                                                                                                                                                                         0,                  NULL,                                     NONE                        },
    {"decimal as a string",                       PROFILE_AUTO,   "Device", "{" SD ",\"weight\":\"1.25\"}",
     "{" SD ",\"weight\":1.25}",                                                                                                                                                                                      0,                  NULL,                                     TOLERANCE_NUMBER_STRING     },
    {"decimal as a boolean",                      PROFILE_AUTO,   "Device", "{" SD ",\"weight\":true}",                                NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "weight: must be a number",               NONE                        },
    {"dateTime is kept as sent",                  PROFILE_STRICT, "Device",
     "{" SD ",\"boughtAt\":\"2026-01-31T12:00:00.1234567+02:00\"}",
     "{" SD ",\"boughtAt\":\"2026-01-31T12:00:00.1234567+02:00\"}",                                                                                                                                                   0,                  NULL,                                     NONE                        },
    {"dateTime of no day",                        PROFILE_AUTO,   "Device", "{" SD ",\"boughtAt\":\"2026-02-30T00:00:00Z\"}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_VALUE,  "boughtAt: must be a dateTime",           NONE                        },
    {"binary",                                    PROFILE_STRICT, "Device", "{" SD ",\"fingerprint\":\"QUI=\"}",
     "{" SD ",\"fingerprint\":\"QUI=\"}",                                                                                                                                                                             0,                  NULL,                                     NONE                        },
    {"binary for URLs",                           PROFILE_STRICT, "Device", "{" SD ",\"fingerprint\":\"-_8\"}",
     "{" SD ",\"fingerprint\":\"-_8\"}",                                                                                                                                                                              0,                  NULL,                                     NONE                        },
    {"binary of impossible length",               PROFILE_AUTO,   "Device", "{" SD ",\"fingerprint\":\"QUIQU\"}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_VALUE,  "fingerprint: must be base64",            NONE                        },
    {"binary with wrong padding",                 PROFILE_AUTO,   "Device", "{" SD ",\"fingerprint\":\"QU=\"}",                        NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "base64",                                 NONE                        },
    {"binary with padding inside",                PROFILE_AUTO,   "Device", "{" SD ",\"fingerprint\":\"Q=I=\"}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_VALUE,  "base64",                                 NONE                        },
    {"binary with a blank",                       PROFILE_AUTO,   "Device", "{" SD ",\"fingerprint\":\"QU I\"}",                       NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "base64",                                 NONE                        },
    {"reference",                                 PROFILE_STRICT, "Device", "{" SD ",\"manual\":\"https://x/y\"}",
     "{" SD ",\"manual\":\"https://x/y\"}",                                                                                                                                                                           0,                  NULL,                                     NONE                        },
    {"reference as a number",                     PROFILE_AUTO,   "Device", "{" SD ",\"manual\":1}",                                   NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "manual: must be a string",               NONE                        },
    {"other than the canonical values",           PROFILE_STRICT, "Device", "{" SD ",\"kind\":\"toaster\"}",
     "{" SD ",\"kind\":\"toaster\"}",                                                                                                                                                                                 0,                  NULL,                                     NONE                        },
    {"lists of every simple type",                PROFILE_STRICT, "Device",
     "{" SD ",\"labels\":[\"a\",\"b\"],\"flags\":[true,false],\"readings\":[1.5],\"vlans\":[3],"
     "\"inspections\":[\"2026-01-01T00:00:00Z\"],\"images\":[\"QUJD\"],\"links\":[\"u\"]}",                                            "{" SD ",\"labels\":[\"a\",\"b\"],\"flags\":[true,false],\"readings\":[1.5],\"vlans\":[3],"
     "\"inspections\":[\"2026-01-01T00:00:00Z\"],\"images\":[\"QUJD\"],\"links\":[\"u\"]}",                                0,                  NULL,                                     NONE                        },

    {"single for a list",                         PROFILE_AUTO,   "User",   "{" SU ",\"emails\":{\"value\":\"a\"}}",
     "{" SU ",\"emails\":[{\"value\":\"a\"}]}",                                                                                                                                                                       0,                  NULL,                                     TOLERANCE_SINGLE_FOR_MULTI  },
    {"single for a list, strict",                 PROFILE_STRICT, "User",   "{" SU ",\"emails\":{\"value\":\"a\"}}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_VALUE,  "emails: must be a list",                 NONE                        },
    {"list for a single",                         PROFILE_AUTO,   "User",   "{" SU ",\"title\":[\"t\"]}",
     "{" SU ",\"title\":\"t\"}",                                                                                                                                                                                      0,                  NULL,                                     TOLERANCE_MULTI_FOR_SINGLE  },
    {"list of two for a single",                  PROFILE_AUTO,   "User",   "{" SU ",\"title\":[\"t\",\"u\"]}",                        NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "title: must be a string",                NONE                        },
    {"list for a single, strict",                 PROFILE_STRICT, "User",   "{" SU ",\"title\":[\"t\"]}",                              NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "title",                                  NONE                        },
    {"strings for complex",                       PROFILE_AUTO,   "User",   "{" SU ",\"emails\":[\"a@b\"]}",
     "{" SU ",\"emails\":[{\"value\":\"a@b\"}]}",                                                                                                                                                                     0,                  NULL,                                     TOLERANCE_STRING_FOR_COMPLEX},
    {"strings for complex, strict",               PROFILE_STRICT, "User",   "{" SU ",\"emails\":[\"a@b\"]}",                           NULL,
     ERR_INVALID_VALUE,                                                                                                                                                                                                                   "emails[0]: must be an object",           NONE                        },
    {"manager as a string",                       PROFILE_AUTO,   "User",
     "{" SU ",\"" SCHEMA_URN_ENTERPRISE "\":{\"manager\":\"m\"}}",
     "{" SUE ",\"" SCHEMA_URN_ENTERPRISE "\":{\"manager\":{\"value\":\"m\"}}}",                                                                                                                                       0,                  NULL,
     TOLERANCE_MANAGER_STRING                                                                                                                                                                                                                                                                                   },
    {"name as a string",                          PROFILE_AUTO,   "User",   "{" SU ",\"name\":\"n\"}",                                 NULL,                                                                          ERR_INVALID_VALUE,
     "name: must be an object",                                                                                                                                                                                                                                                     NONE                        },

    {"two primaries: the last one stays",         PROFILE_AUTO,   "User",
     "{" SU ",\"emails\":[{\"value\":\"a\",\"primary\":true},{\"value\":\"b\",\"primary\":true}]}",
     "{" SU ",\"emails\":[{\"value\":\"a\",\"primary\":false},{\"value\":\"b\",\"primary\":true}]}",
     0,                                                                                                                                                                                                                                   NULL,                                     TOLERANCE_SEVERAL_PRIMARIES },
    {"two primaries, strict",                     PROFILE_STRICT, "User",
     "{" SU ",\"emails\":[{\"value\":\"a\",\"primary\":true},{\"value\":\"b\",\"primary\":true}]}",
     NULL,                                                                                                                                                                                                            ERR_INVALID_VALUE,  "emails: more than one value is primary", NONE                        },
    {"same type and value twice",                 PROFILE_AUTO,   "User",
     "{" SU ",\"emails\":[{\"value\":\"a\",\"type\":\"work\"},{\"value\":\"a\",\"type\":\"work\","
     "\"display\":\"d\"}]}",                                                                                                           "{" SU ",\"emails\":[{\"value\":\"a\",\"display\":\"d\",\"type\":\"work\"}]}", 0,                  NULL,
     TOLERANCE_DUPLICATE_VALUE                                                                                                                                                                                                                                                                                  },
    {"same value, other type",                    PROFILE_STRICT, "User",
     "{" SU
     ",\"emails\":[{\"value\":\"a\",\"type\":\"work\"},{\"value\":\"a\",\"type\":\"home\"}]}",                                         "{" SU
     ",\"emails\":[{\"value\":\"a\",\"type\":\"work\"},{\"value\":\"a\",\"type\":\"home\"}]}",                          0,                  NULL,                                     NONE                        },
    {"same type and value, strict",               PROFILE_STRICT, "User",
     "{" SU ",\"emails\":[{\"value\":\"a\"},{\"value\":\"a\"}]}",                                                                      NULL,                                                                          ERR_INVALID_VALUE,
     "emails: the same type and value",                                                                                                                                                                                                                                             NONE                        },
    {"same but for case",                         PROFILE_AUTO,   "User",
     "{" SU ",\"emails\":[{\"value\":\"\xc3\x84\"},{\"value\":\"\xc3\xa4\"}]}",
     "{" SU ",\"emails\":[{\"value\":\"\xc3\x84\"}]}",                                                                                                                                                                0,                  NULL,                                     TOLERANCE_DUPLICATE_VALUE   },
    {"two where case counts",                     PROFILE_STRICT, "User",
     "{" SU ",\"photos\":[{\"value\":\"https://x/A\"},{\"value\":\"https://x/a\"}]}",
     "{" SU ",\"photos\":[{\"value\":\"https://x/A\"},{\"value\":\"https://x/a\"}]}",                                                                                                                                 0,                  NULL,
     NONE                                                                                                                                                                                                                                                                                                       },
    {"addresses of one type are two",             PROFILE_STRICT, "User",
     "{" SU ",\"addresses\":[{\"country\":\"DE\"},{\"country\":\"DE\"}]}",
     "{" SU ",\"addresses\":[{\"country\":\"DE\"},{\"country\":\"DE\"}]}",                                                                                                                                            0,                  NULL,                                     NONE                        },
    {"simple value twice",                        PROFILE_AUTO,   "Device", "{" SD ",\"labels\":[\"a\",\"b\",\"a\"]}",
     "{" SD ",\"labels\":[\"a\",\"b\"]}",                                                                                                                                                                             0,                  NULL,                                     TOLERANCE_DUPLICATE_VALUE   },
    {"members are not in the document",           PROFILE_STRICT, "Group",
     "{" SG ",\"displayName\":\"g\",\"members\":[{\"value\":\"1\"}]}",
     "{" SG ",\"displayName\":\"g\"}",                                                                                                                                                                                0,                  NULL,                                     NONE                        },
};

static void reads_bodies(void **row)
{
    const struct read_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use tolerances = {.profile = expected->profile};
    const struct resource_reader reader = {schema_set_type_by_name(set, expected->type),
                                           &scim_limits_default, &tolerances};
    json_t *body = fixture_json(expected->body);
    json_t *document = NULL;
    struct member_list members = {0};
    struct err err = {0};
    int result = resource_read(&reader, arena, body, &document, &members, &err);

    if (expected->document == NULL) {
        assert_refused(result, &err, expected->code, expected->detail);
        assert_null(document);
    } else {
        if (result < 0)
            fail_msg("refused: %s", err.detail);
        assert_json(document, expected->document);
        for (int i = 0; i < TOLERANCE_COUNT && expected->tolerance == NONE; i++)
            assert_int_equal(tolerances.count[i], 0);
        if (expected->tolerance != NONE)
            assert_true(tolerances.count[expected->tolerance] > 0);
    }
    json_decref(document);
    json_decref(body);
    arena_free(arena);
}

static struct members_case {
    const char *name;
    enum profile profile;
    const char *members;  /* as JSON; NULL: no member of the body */
    const char *expected; /* "value/type ..."; NULL: refused */
    const char *detail;
} members_rows[] = {
    {"absent",                       PROFILE_STRICT, NULL,                                              "absent",      NULL                           },
    {"null",                         PROFILE_STRICT, "null",                                            "",            NULL                           },
    {"empty list",                   PROFILE_STRICT, "[]",                                              "",            NULL                           },
    {"one",                          PROFILE_STRICT, "[{\"value\":\"a\",\"type\":\"User\"}]",           "a/User ",     NULL                           },
    {"null parts",                   PROFILE_STRICT, "[{\"value\":\"a\",\"$ref\":null,\"type\":null}]", "a/- ",        NULL                           },
    {"display and $ref are ignored", PROFILE_STRICT,
     "[{\"value\":\"a\",\"$ref\":\"r\",\"display\":\"d\"}]",                                            "a/- ",        NULL                           },
    {"each once, in order",          PROFILE_STRICT,
     "[{\"value\":\"b\"},{\"value\":\"a\",\"type\":\"User\"},{\"value\":\"b\",\"type\":\"Group\"},"
     "{\"value\":\"a\"}]",                                                                              "b/- a/User ", NULL                           },
    {"bare strings",                 PROFILE_AUTO,   "[\"a\",\"b\"]",                                   "a/- b/- ",    NULL                           },
    {"bare strings, strict",         PROFILE_STRICT, "[\"a\"]",                                         NULL,          "members[0]: must be an object"},
    {"single object",                PROFILE_AUTO,   "{\"value\":\"a\"}",                               "a/- ",        NULL                           },
    {"single object, strict",        PROFILE_STRICT, "{\"value\":\"a\"}",                               NULL,          "members: must be a list"      },
    {"without value",                PROFILE_AUTO,   "[{\"type\":\"User\"}]",                           NULL,          "members[0]: value is missing" },
    {"empty value",                  PROFILE_AUTO,   "[{\"value\":\"\"}]",                              NULL,          "members[0]: value is missing" },
    {"value is a number",            PROFILE_AUTO,   "[{\"value\":\"a\"},{\"value\":1}]",               NULL,
     "members[1].value: must be a string"                                                                                                             },
    {"number for a member",          PROFILE_AUTO,   "[1]",                                             NULL,          "members[0]: must be an object"},
    {"unknown part, strict",         PROFILE_STRICT, "[{\"value\":\"a\",\"x\":1}]",                     NULL,
     "unknown attribute \"x\""                                                                                                                        },
};

static void reads_members(void **row)
{
    const struct members_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use tolerances = {.profile = expected->profile};
    const struct resource_reader reader = {schema_set_type_by_name(set, "Group"),
                                           &scim_limits_default, &tolerances};
    struct buf text = {0};
    json_t *body;
    json_t *document = NULL;
    struct member_list members = {0};
    struct err err = {0};
    int result;

    buf_puts(&text, "{" SG ",\"displayName\":\"g\"");
    if (expected->members != NULL)
        buf_printf(&text, ",\"members\":%s", expected->members);
    buf_putc(&text, '}');
    body = fixture_json(buf_text(&text));
    result = resource_read(&reader, arena, body, &document, &members, &err);
    buf_reset(&text);
    for (size_t i = 0; i < members.count; i++)
        buf_printf(&text, "%s/%s ", members.items[i].value,
                   members.items[i].type != NULL ? members.items[i].type : "-");
    if (expected->expected == NULL) {
        assert_refused(result, &err, err.code, expected->detail);
    } else {
        assert_int_equal(result, 0);
        assert_int_equal(members.present, expected->members != NULL);
        assert_string_equal(members.present ? buf_text(&text) : "absent", expected->expected);
    }
    buf_free(&text);
    json_decref(document);
    json_decref(body);
    arena_free(arena);
}

/* resource_read_value, as PATCH uses it. */
static struct value_case {
    const char *name;
    const char *path;
    const char *value;
    const char *result; /* "": absent; NULL: refused */
    const char *detail;
} values[] = {
    {"simple",                            "title",                          "\"t\"",                                    "\"t\"",                 NULL                            },
    {"null",                              "title",                          "null",                                     "",                      NULL                            },
    {"list",                              "emails",                         "[{\"type\":\"work\",\"value\":\"a\"}]",
     "[{\"value\":\"a\",\"type\":\"work\"}]",                                                                                                    NULL                            },
    {"one element comes back in a list",  "emails",                         "{\"value\":\"a\"}",                        "[{\"value\":\"a\"}]",
     NULL                                                                                                                                                                        },
    {"empty list",                        "emails",                         "[]",                                       "",                      NULL                            },
    {"sub-attribute",                     "name.givenName",                 "\"g\"",                                    "\"g\"",                 NULL                            },
    {"sub-attribute of wrong type",       "emails.value",                   "1",                                        NULL,                    "emails.value: must be a string"},
    {"sub-attribute boolean as a string", "emails.primary",                 "\"True\"",                                 "true",                  NULL                            },
    {"complex",                           "name",                           "{\"givenName\":\"g\",\"formatted\":null}", "{\"givenName\":\"g\"}", NULL                            },
    {"extension",                         SCHEMA_URN_ENTERPRISE ":manager", "\"m\"",                                    "{\"value\":\"m\"}",     NULL                            },
    {"wrong type",                        "active",                         "[]",                                       "",                      NULL                            },
    {"wrong type in a list",              "emails",                         "[{\"value\":\"a\"},1]",                    NULL,
     "emails[1]: must be an object"                                                                                                                                              },
};

static void reads_values(void **row)
{
    const struct value_case *expected = *row;
    struct tolerance_use tolerances = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {schema_set_type_by_name(set, "User"),
                                           &scim_limits_default, &tolerances};
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;
    json_t *value = json_loads(expected->value, JSON_DECODE_ANY, NULL);
    json_t *read = NULL;
    struct err err = {0};
    int result;

    assert_true(schema_resolve(reader.type, expected->path, strlen(expected->path), &schema,
                               &attribute, &sub));
    result = resource_read_value(&reader, sub != NULL ? sub : attribute, value, &read, &err);
    if (expected->result == NULL)
        assert_refused(result, &err, ERR_INVALID_VALUE, expected->detail);
    else
        assert_json(read, expected->result);
    json_decref(read);
    json_decref(value);
}

static int read_with(const struct scim_limits *limits, const char *type, const char *text,
                     struct err *err)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct resource_reader reader = {schema_set_type_by_name(set, type), limits, NULL};
    json_t *body = fixture_json(text);
    json_t *document = NULL;
    struct member_list members = {0};
    int result = resource_read(&reader, arena, body, &document, &members, err);

    json_decref(document);
    json_decref(body);
    arena_free(arena);
    return result;
}

static void obeys_limits(void **state)
{
    struct scim_limits limits = scim_limits_default;
    struct err err = {0};

    (void)state;
    limits.value_count = 2;
    limits.member_count = 1;
    limits.string_bytes = 50;
    assert_int_equal(
        read_with(&limits, "User", "{" SU ",\"userName\":\"a\",\"title\":\"t\"}", &err), 0);
    assert_refused(read_with(&limits, "User",
                             "{" SU ",\"userName\":\"a\",\"emails\":[{\"value\":\"a\"},{\"value\":"
                             "\"b\"}]}",
                             &err),
                   &err, ERR_INVALID_VALUE, "emails[1]: the resource has more than 2 values");
    assert_refused(read_with(&limits, "Group",
                             "{" SG ",\"members\":[{\"value\":\"a\"},{\"value\":\"b\"}]}", &err),
                   &err, ERR_INVALID_VALUE, "more than 1 members");
    assert_refused(read_with(&limits, "User",
                             "{" SU
                             ",\"title\":\"123456789012345678901234567890123456789012345678901\"}",
                             &err),
                   &err, ERR_INVALID_VALUE, "title: is longer than 50 bytes");
}

/* More values than fit where short lists are sorted. */
static void merges_duplicates_of_long_lists(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use tolerances = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {schema_set_type_by_name(set, "User"),
                                           &scim_limits_default, &tolerances};
    struct member_list members = {0};
    struct buf text = {0};
    struct err err = {0};
    json_t *document = NULL;
    json_t *body;
    const json_t *emails;

    (void)state;
    buf_puts(&text, "{" SU ",\"emails\":[");
    for (int i = 0; i < 90; i++)
        buf_printf(&text, "%s{\"value\":\"%d\",\"type\":\"%s\",\"display\":\"%d\"}",
                   i > 0 ? "," : "", 100 - i % 30, i % 2 == 0 ? "work" : "home", i);
    buf_puts(&text, "]}");
    body = fixture_json(buf_text(&text));
    assert_int_equal(resource_read(&reader, arena, body, &document, &members, &err), 0);
    emails = json_object_get(document, "emails");
    assert_int_equal(json_array_size(emails), 30);
    assert_json(json_array_get(emails, 0),
                "{\"value\":\"100\",\"display\":\"60\",\"type\":\"work\"}");
    assert_json(json_array_get(emails, 29),
                "{\"value\":\"71\",\"display\":\"89\",\"type\":\"home\"}");
    json_decref(document);
    json_decref(body);
    buf_free(&text);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obeys_limits),
        cmocka_unit_test(merges_duplicates_of_long_lists),
    };
    int failed;

    set = fixture_set("device.json", "badge.json");
    failed = RUN_TABLE("resource read", reads, reads_bodies) +
             RUN_TABLE("resource members", members_rows, reads_members) +
             RUN_TABLE("resource value", values, reads_values) +
             cmocka_run_group_tests_name("resource long lists", tests, NULL, NULL);
    schema_set_release(set);
    return failed;
}
