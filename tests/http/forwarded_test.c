#include "table.h"

#include <string.h>

#include "http/forwarded.h"

static struct host_case {
    const char *name;
    const char *host;
    bool valid;
} hosts[] = {
    {"name",                   "scim.example.com",      true },
    {"name and port",          "scim.example.com:8443", true },
    {"underscore",             "scim_1",                true },
    {"IPv4",                   "192.0.2.1:80",          true },
    {"IPv6",                   "[2001:db8::1]",         true },
    {"IPv6 and port",          "[::1]:8443",            true },
    {"empty",                  "",                      false},
    {"only a port",            ":80",                   false},
    {"port of no digits",      "h:a",                   false},
    {"empty port",             "h:",                    false},
    {"port 0",                 "h:0",                   false},
    {"port 65536",             "h:65536",               false},
    {"port of six digits",     "h:000080",              false},
    {"two colons",             "h:80:80",               false},
    {"IPv6 without brackets",  "::1",                   false},
    {"IPv6 without an end",    "[::1",                  false},
    {"IPv6 and rubbish",       "[::1]x",                false},
    {"brackets around a name", "[h]",                   false},
    {"slash",                  "h/a",                   false},
    {"user",                   "a@h",                   false},
    {"blank",                  "h ",                    false},
    {"quote",                  "h\"",                   false},
    {"percent",                "h%41",                  false},
};

static void checks_host(void **state)
{
    const struct host_case *row = *state;

    assert_int_equal(host_is_valid(row->host, strlen(row->host)), row->valid);
}

static struct range_case {
    const char *name;
    const char *range; /* NULL detail below: valid */
    const char *address;
    enum { INSIDE, OUTSIDE, REFUSED } expected;
} ranges[] = {
    {"one IPv4",                      "192.0.2.1",                                            "192.0.2.1",        INSIDE },
    {"one IPv4, another",             "192.0.2.1",                                            "192.0.2.2",        OUTSIDE},
    {"/8",                            "10.0.0.0/8",                                           "10.255.0.1",       INSIDE },
    {"/8, outside",                   "10.0.0.0/8",                                           "11.0.0.1",         OUTSIDE},
    {"/20, inside",                   "172.16.16.0/20",                                       "172.16.31.255",    INSIDE },
    {"/20, outside",                  "172.16.16.0/20",                                       "172.16.32.0",      OUTSIDE},
    {"/0 is all of IPv4",             "0.0.0.0/0",                                            "203.0.113.1",      INSIDE },
    {"/0 of IPv4 is nothing of IPv6", "0.0.0.0/0",                                            "2001:db8::1",      OUTSIDE},
    {"IPv4 mapped into IPv6",         "10.0.0.0/8",                                           "::ffff:10.1.1.1",  INSIDE },
    {"IPv6 /32",                      "2001:db8::/32",                                        "2001:db8:ffff::1", INSIDE },
    {"IPv6 /33, outside",             "2001:db8::/33",                                        "2001:db8:ffff::1", OUTSIDE},
    {"IPv6 loopback",                 "::1",                                                  "::1",              INSIDE },
    {"all of IPv6",                   "::/0",                                                 "2001:db8::1",      INSIDE },
    {"bits above 32",                 "10.0.0.0/33",                                          NULL,               REFUSED},
    {"bits above 128",                "::1/129",                                              NULL,               REFUSED},
    {"no bits",                       "10.0.0.0/",                                            NULL,               REFUSED},
    {"bits of no digits",             "10.0.0.0/a",                                           NULL,               REFUSED},
    {"name",                          "proxy.example.com",                                    NULL,               REFUSED},
    {"short IPv4",                    "10.0.0",                                               NULL,               REFUSED},
    {"empty",                         "",                                                     NULL,               REFUSED},
    {"very long",                     "1111111111111111111111111111111111111111111111111111", NULL,               REFUSED},
};

static void matches_range(void **state)
{
    const struct range_case *row = *state;
    struct address_range range;
    struct proxies proxies = {.ranges = &range, .count = 1};
    struct address address;
    struct err err = {0};
    int result = address_range_parse(row->range, &range, &err);

    if (row->expected == REFUSED) {
        assert_int_equal(result, -1);
        assert_int_equal(err.code, ERR_CONFIGURATION);
        return;
    }
    assert_int_equal(result, 0);
    assert_true(address_parse(row->address, strlen(row->address), &address));
    assert_int_equal(address_is_trusted(&proxies, &address), row->expected == INSIDE);
}

static struct peer_case {
    const char *name;
    const char *list; /* NULL: no header */
    const char *peer; /* of 10.0.0.1; 10.0.0.0/8 is trusted */
} peers[] = {
    {"no header",                                  NULL,                            "10.0.0.1"   },
    {"one",                                        "203.0.113.9",                   "203.0.113.9"},
    {"what the client wrote itself is left of it", "1.1.1.1, 203.0.113.9",          "203.0.113.9"},
    {"two proxies",                                "203.0.113.9, 10.0.0.2",         "203.0.113.9"},
    {"spoofed behind two proxies",                 "1.1.1.1,203.0.113.9 ,10.0.0.2", "203.0.113.9"},
    {"all trusted",                                "10.0.0.3, 10.0.0.2",            "10.0.0.3"   },
    {"with port",                                  "203.0.113.9:5555",              "203.0.113.9"},
    {"IPv6",                                       "2001:db8::9",                   "2001:db8::9"},
    {"IPv6 with port and zeros",                   "[2001:db8:0:0::9]:443",         "2001:db8::9"},
    {"rubbish",                                    "<script>",                      "10.0.0.1"   },
    {"rubbish left of a proxy",                    "unknown, 10.0.0.2",             "10.0.0.2"   },
    {"empty",                                      "",                              "10.0.0.1"   },
    {"empty elements",                             ", ,",                           "10.0.0.1"   },
};

static void finds_peer(void **state)
{
    const struct peer_case *row = *state;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct head head = {.arena = arena};
    struct address_range range;
    struct proxies proxies = {.ranges = &range, .count = 1};
    struct err err = {0};

    assert_int_equal(address_range_parse("10.0.0.0/8", &range, &err), 0);
    head.values[HEAD_FORWARDED_FOR] = row->list;
    assert_string_equal(forwarded_peer(&proxies, &head, "10.0.0.1"), row->peer);
    arena_free(arena);
}

static struct origin_case {
    const char *name;
    bool trusted;
    const char *host;
    const char *forwarded_proto;
    const char *forwarded_host;
    const char *forwarded_port;
    const char *origin; /* NULL: refused */
} origins[] = {
    {"Host",                     false, "h:1", NULL,          NULL,            NULL,   "http://h:1"           },
    {"no Host",                  false, NULL,  NULL,          NULL,            NULL,   "http://fallback"      },
    {"bad Host",                 false, "h\"", NULL,          NULL,            NULL,   NULL                   },
    {"not trusted",              false, "h",   "https",       "x",             "1",    "http://h"             },
    {"trusted without headers",  true,  "h",   NULL,          NULL,            NULL,   "http://h"             },
    {"trusted without any host", true,  NULL,  NULL,          NULL,            NULL,   "http://fallback"      },
    {"proto",                    true,  "h",   "https",       NULL,            NULL,   "https://h"            },
    {"proto in capitals",        true,  "h",   "HTTPS",       NULL,            NULL,   "https://h"            },
    {"proto and host",           true,  "h",   "https",       "x.example.com", NULL,   "https://x.example.com"},
    {"host with port",           true,  "h",   "https",       "x:8443",        "1",    "https://x:8443"       },
    {"port",                     true,  "h",   "https",       "x",             "8443", "https://x:8443"       },
    {"port of the scheme",       true,  "h",   "https",       "x",             "443",  "https://x"            },
    {"port of the other scheme", true,  "h",   "http",        "x",             "443",  "http://x:443"         },
    {"IPv6 and port",            true,  "h",   "https",       "[::1]",         "8443", "https://[::1]:8443"   },
    {"the last of a list",       true,  "h",   "http, https", "evil, x",       NULL,   "https://x"            },
    {"bad proto",                true,  "h",   "ftp",         NULL,            NULL,   NULL                   },
    {"bad host",                 true,  "h",   "https",       "x/..",          NULL,   NULL                   },
    {"empty host",               true,  "h",   "https",       "",              NULL,   NULL                   },
    {"bad port",                 true,  "h",   "https",       "x",             "0x50", NULL                   },
};

static void builds_origin(void **state)
{
    const struct origin_case *row = *state;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct head head = {.arena = arena};
    const char *origin = NULL;
    struct err err = {0};
    int result;

    head.values[HEAD_HOST] = row->host;
    head.values[HEAD_FORWARDED_PROTO] = row->forwarded_proto;
    head.values[HEAD_FORWARDED_HOST] = row->forwarded_host;
    head.values[HEAD_FORWARDED_PORT] = row->forwarded_port;
    result = forwarded_origin(&head, "http", row->trusted, "http://fallback", &origin, &err);
    assert_int_equal(result, row->origin != NULL ? 0 : -1);
    if (result == 0)
        assert_string_equal(origin, row->origin);
    else
        assert_int_equal(err.code, ERR_BAD_REQUEST);
    arena_free(arena);
}

int main(void)
{
    int failed = RUN_TABLE("host", hosts, checks_host);

    failed += RUN_TABLE("range", ranges, matches_range);
    failed += RUN_TABLE("peer", peers, finds_peer);
    return failed + RUN_TABLE("origin", origins, builds_origin);
}
