#include "table.h"

#include <string.h>

#include "config/connection.h"

#define NOT_OURS                                                                                   \
    "f:1: a key is not one of Server, Port, Uid, Pwd, SSLmode, KeepaliveTime, KeepaliveInterval "  \
    "and pqopt"

static struct connection_case {
    const char *name;
    const char *text;
    const char *detail; /* NULL: accepted */
} cases[] = {
    {"another machine",                  "Server=db1.example;Port=5432;Uid=scimd;Pwd={p};SSLmode=verify-full",   NULL                                                  },
    {"a directory",                      "Server=/run/postgresql;Uid=scimd",                                     NULL                                                  },
    {"loopback",                         "Server=127.0.0.1;Port=5433;Uid=scimd;Pwd=p",                           NULL                                                  },
    {"loopback, IPv6",                   "Server=::1",                                                           NULL                                                  },
    {"localhost",                        "Server=LocalHost;",                                                    NULL                                                  },
    {"keys in any case",                 "SERVER=db1;SSLMODE=Verify-Full",                                       NULL                                                  },
    {"special characters",               "Server=db1;Pwd={a;b}}c=d};SSLmode=verify-full",                        NULL                                                  },
    {"pqopt",                            "Server=db1;SSLmode=verify-full;pqopt={sslrootcert=/etc/scimd/db.pem}", NULL                                                  },
    {"empty",                            "",                                                                     "f:1: Server is missing"                              },
    {"no server",                        "Uid=scimd;SSLmode=verify-full",                                        "f:1: Server is missing"                              },
    {"empty server",                     "Server=;Uid=scimd",                                                    "f:1: Server: expected a host or a socket's directory"},
    {"no TLS",                           "Server=db1.example",
     "f:1: SSLmode=verify-full is missing, and the server is on another machine"                                                                                       },
    {"TLS without a check",              "Server=db1;SSLmode=require",
     "f:1: SSLmode=verify-full is missing, and the server is on another machine"                                                                                       },
    {"the last one counts",              "Server=db1;SSLmode=verify-full;SSLmode=prefer",
     "f:1: SSLmode=verify-full is missing, and the server is on another machine"                                                                                       },
    {"looks like loopback",              "Server=127.0.0.1.example",
     "f:1: SSLmode=verify-full is missing, and the server is on another machine"                                                                                       },
    {"SSLmode behind our back",          "Server=db1;SSLmode=verify-full;pqopt={sslmode=disable}",
     "f:1: pqopt: server, database and SSLmode are not named in it"                                                                                                    },
    {"a server behind our back",         "Server=/run;pqopt={hostaddr=192.0.2.1}",
     "f:1: pqopt: server, database and SSLmode are not named in it"                                                                                                    },
    {"two servers",                      "Servername=db1;Server=/run",                                           "f:1: Server is named twice"                          },
    {"two lines",                        "Server=db1\nUid=x",                                                    "f:1: more than one line"                             },
    {"a driver",                         "driver=x;Server=/run",                                                 NOT_OURS                                              },
    {"a database",                       "Server=/run;Database=x",                                               NOT_OURS                                              },
    {"a source",                         "DSN=x",                                                                NOT_OURS                                              },
    {"SSLmode by its other name",        "Server=db1;SSLmode=verify-full;CA=d",                                  NOT_OURS                                              },
    {"a key with a blank",               "Server=db1;SSLmode=verify-full; SSLmode=disable",                      NOT_OURS                                              },
    {"a database behind our back",       "Server=/run;pqopt={connect_timeout=5 dbname=x}",
     "f:1: pqopt: server, database and SSLmode are not named in it"                                                                                                    },
    {"an option behind a quote",         "Server=/run;pqopt={sslrootcert='/x'HOST=y}",
     "f:1: pqopt: server, database and SSLmode are not named in it"                                                                                                    },
    {"a path that looks like an option",
     "Server=db1;SSLmode=verify-full;pqopt={sslrootcert=/etc/hosts/sslmode.pem}",                                NULL                                                  },
    {"keepalive",                        "Server=/run;KeepaliveTime=30;KeepaliveInterval=10",                    NULL                                                  },
    {"a word",                           "hello",                                                                "f:1: expected KEY=VALUE with semicolons between"     },
    {"a URL",                            "postgresql://db1/x",                                                   "f:1: expected KEY=VALUE with semicolons between"     },
    {"two semicolons",                   "Server=/run;;Uid=x",                                                   "f:1: expected KEY=VALUE with semicolons between"     },
    {"brace left open",                  "Server=/run;Pwd={a",                                                   "f:1: a brace is left open"                           },
    {"brace left open by a double",      "Server=/run;Pwd={a}}",                                                 "f:1: a brace is left open"                           },
    {"behind the brace",                 "Server=/run;Pwd={a}b",
     "f:1: a value with braces or a semicolon stands in braces, a closing one in it doubled"                                                                           },
    {"brace in the middle",              "Server=/run;Pwd=a{b}",
     "f:1: a value with braces or a semicolon stands in braces, a closing one in it doubled"                                                                           },
};

static void is_checked(void **row)
{
    const struct connection_case *expected = *row;
    struct err err = {0};

    assert_int_equal(connection_check(expected->text, "f", &err),
                     expected->detail == NULL ? 0 : -1);
    assert_string_equal(err.detail, expected->detail == NULL ? "" : expected->detail);
}

/* A password may be on a screen that others see. */
static void no_message_shows_a_value(void **state)
{
    static const char *const texts[] = {"Server=/run;Pwd={geheim", "Server=/run;Pwd=geheim{x}",
                                        "Pwd=geheim", "Server=db1;Pwd=geheim",
                                        "Server=/run;Pwd=geheim\n;"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct err err = {0};

        assert_int_equal(connection_check(texts[i], "f", &err), -1);
        assert_null(strstr(err.detail, "geheim"));
        assert_null(strstr(err.cause, "geheim"));
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {cmocka_unit_test(no_message_shows_a_value)};

    return RUN_TABLE("connection", cases, is_checked) +
           cmocka_run_group_tests_name("connection words", others, NULL, NULL);
}
