#include "table.h"

#include <string.h>

#include "base/cleanup.h"
#include "connectors/ad/bind.h"
#include "connectors/ad/guid.h"
#include "connectors/ad/scope.h"
#include "connectors/ad/servers.h"
#include "connectors/ad/value.h"

/* ---- range options ---- */

static struct range_case {
    const char *name;
    const char *description;
    bool valid;
    struct range range;
} ranges[] = {
    {"none",            "member",                    true,  {.name_length = 6}             },
    {"another option",  "userCertificate;binary",    true,  {.name_length = 15}            },
    {"first",           "member;range=0-1499",       true,  {6, true, 0, 1499, false}      },
    {"last",            "member;range=1500-*",       true,  {6, true, 1500, 0, true}       },
    {"capitals",        "member;Range=0-*",          true,  {6, true, 0, 0, true}          },
    {"behind another",  "member;x;range=1-1",        true,  {6, true, 1, 1, false}         },
    {"before another",  "member;range=0-*;x",        true,  {6, true, 0, 0, true}          },
    {"greatest number", "member;range=0-4294967295", true,  {6, true, 0, UINT32_MAX, false}},
    {"no numbers",      "member;range=",             false, {0}                            },
    {"no high",         "member;range=0-",           false, {0}                            },
    {"no low",          "member;range=-1",           false, {0}                            },
    {"no dash",         "member;range=01",           false, {0}                            },
    {"too great",       "member;range=0-4294967296", false, {0}                            },
    {"letters behind",  "member;range=0-12a",        false, {0}                            },
    {"star and more",   "member;range=0-*1",         false, {0}                            },
};

static void reads_range_options(void **row)
{
    const struct range_case *expected = *row;
    struct range range;

    assert_int_equal(range_parse(expected->description, strlen(expected->description), &range),
                     expected->valid);
    if (!expected->valid)
        return;
    assert_int_equal(range.name_length, expected->range.name_length);
    assert_int_equal(range.present, expected->range.present);
    assert_int_equal(range.low, expected->range.low);
    assert_int_equal(range.high, expected->range.high);
    assert_int_equal(range.last, expected->range.last);
}

/* ---- extended DNs ---- */

#define GUID "7963f3c1-51b2-4510-8899-aabbccddeeff"

static struct dn_case {
    const char *name;
    const char *value;
    const char *guid;
    const char *sid;
    const char *dn;
    bool foreign;
} dns[] = {
    {"plain",          "CN=a,DC=x",                                                                  "",   NULL,      "CN=a,DC=x",                                    false},
    {"guid",           "<GUID=" GUID ">;CN=a,DC=x",                                                  GUID, NULL,      "CN=a,DC=x",                                    false},
    {"guid and sid",   "<GUID=" GUID ">;<SID=S-1-5-9>;CN=a;,b",                                      GUID, "S-1-5-9", "CN=a;,b",                                      false},
    {"capitals",       "<GUID=7963F3C1-51B2-4510-8899-AABBCCDDEEFF>;CN=a",                           GUID, NULL,      "CN=a",                                         false},
    {"sid only",       "<SID=S-1-5-9>;CN=a",                                                         "",   "S-1-5-9", "CN=a",                                         false},
    {"no end",         "<GUID=" GUID "CN=a",                                                         "",   NULL,      "<GUID=" GUID "CN=a",                           false},
    {"hexadecimal",    "<GUID=c1f36379b251104588aa>;CN=a",                                           "",   NULL,
     "<GUID=c1f36379b251104588aa>;CN=a",                                                                                                                              false},
    {"foreign",        "<GUID=" GUID ">;<SID=S-1-5-9>;CN=S-1-5-9,CN=ForeignSecurityPrincipals,DC=x", GUID,
     "S-1-5-9",                                                                                                       "CN=S-1-5-9,CN=ForeignSecurityPrincipals,DC=x", true },
    {"a name like it", "CN=S-1-5-9\\,CN=x,CN=ForeignSecurityPrincipals,DC=x",                        "",   NULL,
     "CN=S-1-5-9\\,CN=x,CN=ForeignSecurityPrincipals,DC=x",                                                                                                           false},
};

static void reads_extended_dns(void **row)
{
    const struct dn_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct extended_dn name;

    extended_dn_parse(arena, expected->value, &name);
    assert_string_equal(name.guid, expected->guid);
    assert_int_equal(name.sid != NULL, expected->sid != NULL);
    if (name.sid != NULL)
        assert_string_equal(name.sid, expected->sid);
    assert_string_equal(name.dn, expected->dn);
    assert_int_equal(dn_is_foreign(name.dn), expected->foreign);
    arena_free(arena);
}

/* ---- values ---- */

static struct value_case {
    const char *name;
    const char *attribute;
    const char *bytes;
    size_t length;
    const char *text;
} values[] = {
    {"text",                "cn",                "M\xc3\xbcller",                                                    7,  "M\xc3\xbcller"   },
    {"empty",               "cn",                "",                                                                 0,  ""                },
    {"no UTF-8",            "cn",                "\xff\xfe",                                                         2,  "//4="            },
    {"a zero byte",         "cn",                "a\0b",                                                             3,  "YQBi"            },
    {"binary that is text", "thumbnailphoto",    "abc",                                                              3,  "YWJj"            },
    {"guid",                "objectGUID",        "\xc1\xf3\x63\x79\xb2\x51\x10\x45\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16,
     GUID                                                                                                                                  },
    {"guid too short",      "objectGUID",        "\xc1\xf3",                                                         2,  "wfM="            },
    {"sid",                 "objectSid",         "\1\2\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0",                             16, "S-1-5-32-544"    },
    {"sid too short",       "objectSid",         "\1\2\0\0\0\0\0\5\x20\0\0\xff",                                     12, "AQIAAAAAAAUgAAD/"},
    {"reference",           "manager",           "<GUID=" GUID ">;CN=a",                                             48, GUID              },
    {"its own name",        "distinguishedName", "<GUID=" GUID ">;CN=a",                                             48, "CN=a"            },
    {"text like it",        "description",       "<b>",                                                              3,  "<b>"             },
};

static void gives_values_as_text(void **row)
{
    const struct value_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *value = value_json(arena, expected->attribute, expected->bytes, expected->length);

    assert_string_equal(json_string_value(value), expected->text);
    json_decref(value);
    arena_free(arena);
}

/* ---- GUIDs in filters ---- */

static struct guid_case {
    const char *name;
    const char *text;
    const char *filter; /* NULL: no GUID */
} guids[] = {
    {"usual",       GUID,
     "(objectGUID=\\c1\\f3\\63\\79\\b2\\51\\10\\45\\88\\99\\aa\\bb\\cc\\dd\\ee\\ff)"},
    {"short",       "7963f3c1",                             NULL                    },
    {"no dashes",   "7963f3c1x51b2x4510x8899xaabbccddeeff", NULL                    },
    {"not a digit", "7963f3c1-51b2-4510-8899-aabbccddeefg", NULL                    },
    {"a filter",    "*)(objectClass=*",                     NULL                    },
    {"empty",       "",                                     NULL                    },
};

static void writes_guids_into_filters(void **row)
{
    const struct guid_case *expected = *row;
    struct buf buf = {0};

    assert_int_equal(guid_filter(&buf, expected->text), expected->filter != NULL);
    assert_string_equal(buf_text(&buf), expected->filter != NULL ? expected->filter : "");
    buf_free(&buf);
}

static struct escape_case {
    const char *name;
    const char *value;
    const char *escaped;
} escapes[] = {
    {"plain",     "svc@lab.example", "svc@lab.example"    },
    {"injection", "*)(cn=*",         "\\2a\\29\\28cn=\\2a"},
    {"a DN",      "CN=a\\,b",        "CN=a\\5c,b"         },
};

static void escapes_filter_values(void **row)
{
    const struct escape_case *expected = *row;
    struct buf buf = {0};

    filter_value(&buf, expected->value);
    assert_string_equal(buf_text(&buf), expected->escaped);
    buf_free(&buf);
}

static struct filter_case {
    const char *name;
    const char *filter;
    bool one;
} filters[] = {
    {"one",              "(mail=*)",         true },
    {"nested",           "(&(a=1)(!(b=2)))", true },
    {"none",             "",                 false},
    {"bare",             "mail=*",           false},
    {"two",              "(a=1)(b=2)",       false},
    {"closes ours",      "(a=1))(|(b=2)",    false},
    {"not closed",       "((a=1)",           false},
    {"something behind", "(a=1) ",           false},
};

static void takes_one_filter_only(void **row)
{
    const struct filter_case *expected = *row;

    assert_int_equal(scope_filter_is_one(expected->filter), expected->one);
}

/* ---- servers ---- */

static struct url_case {
    const char *name;
    const char *url;
    const char *canonical; /* NULL: refused */
} urls[] = {
    {"ldaps",          "ldaps://dc1.corp.example", "ldaps://dc1.corp.example:636"},
    {"ldap",           "ldap://dc1.corp.example/", "ldap://dc1.corp.example:389" },
    {"port",           "LDAPS://dc1:10636",        "ldaps://dc1:10636"           },
    {"IPv6",           "ldap://[::1]:389",         "ldap://[::1]:389"            },
    {"no scheme",      "dc1.corp.example",         NULL                          },
    {"other scheme",   "https://dc1",              NULL                          },
    {"no host",        "ldaps://",                 NULL                          },
    {"no host, port",  "ldaps://:636",             NULL                          },
    {"port zero",      "ldap://dc1:0",             NULL                          },
    {"port too great", "ldap://dc1:65536",         NULL                          },
    {"port of text",   "ldap://dc1:ldap",          NULL                          },
    {"a base",         "ldap://dc1/DC=x",          NULL                          },
    {"user",           "ldap://me@dc1",            NULL                          },
    {"global catalog", "ldap://dc1:3268",          NULL                          },
    {"and over TLS",   "ldaps://dc1:3269",         NULL                          },
};

static void reads_urls(void **row)
{
    const struct url_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct server server = {0};
    struct err err = {0};

    assert_int_equal(server_parse(arena, expected->url, &server, &err),
                     expected->canonical != NULL ? 0 : -1);
    if (expected->canonical != NULL)
        assert_string_equal(server.url, expected->canonical);
    else
        assert_int_equal(err.code, ERR_CONFIGURATION);
    arena_free(arena);
}

/* ---- reasons of a refused bind ---- */

static struct reason_case {
    const char *name;
    const char *diagnostic;
    const char *reason; /* NULL: unknown */
} reasons[] = {
    {"disabled",
     "80090308: LdapErr: DSID-0C, comment: AcceptSecurityContext error, data 533, v1db1",   "the account is disabled"                                          },
    {"binding",
     "80090346: LdapErr: DSID-0C, comment: AcceptSecurityContext error, data 80090346, v1", "the controller wants channel binding, which this connection lacks"},
    {"other",    "AcceptSecurityContext error, data 53, v1",                                NULL                                                               },
    {"longer",   "AcceptSecurityContext error, data 5333, v1",                              NULL                                                               },
    {"no data",  "Transport encryption required",                                           NULL                                                               },
    {"nothing",  NULL,                                                                      NULL                                                               },
};

static void knows_reasons(void **row)
{
    const struct reason_case *expected = *row;
    const char *reason = bind_reason(expected->diagnostic);

    assert_int_equal(reason != NULL, expected->reason != NULL);
    if (reason != NULL)
        assert_string_equal(reason, expected->reason);
}

int main(void)
{
    return RUN_TABLE("range", ranges, reads_range_options) +
           RUN_TABLE("extended dn", dns, reads_extended_dns) +
           RUN_TABLE("value", values, gives_values_as_text) +
           RUN_TABLE("guid", guids, writes_guids_into_filters) +
           RUN_TABLE("escape", escapes, escapes_filter_values) +
           RUN_TABLE("filter", filters, takes_one_filter_only) +
           RUN_TABLE("url", urls, reads_urls) + RUN_TABLE("reason", reasons, knows_reasons);
}
