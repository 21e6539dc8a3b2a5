#include "table.h"

#include <stdio.h>
#include <string.h>

#include "http/target.h"

#define TEN "/1/2/3/4/5/6/7/8/9/10"
#define EIGHT_PARAMETERS "a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1&"
#define SIXTY_FOUR                                                                                 \
    EIGHT_PARAMETERS EIGHT_PARAMETERS EIGHT_PARAMETERS EIGHT_PARAMETERS EIGHT_PARAMETERS           \
        EIGHT_PARAMETERS EIGHT_PARAMETERS "a=1&a=1&a=1&a=1&a=1&a=1&a=1&a=1"

static struct target_case {
    const char *name;
    const char *target;
    const char *parsed;  /* "[segment]... / for a trailing slash, name=value;"; or the detail */
    enum err_code error; /* 0: none */
} cases[] = {
    {"root",                              "/",                     "",                                                  0              },
    {"one segment",                       "/a",                    "[a]",                                               0              },
    {"trailing slash",                    "/a/b/",                 "[a][b]/",                                           0              },
    {"two slashes keep an empty segment", "/a//b",                 "[a][][b]",                                          0              },
    {"two slashes at the end",            "/a//",                  "[a][]/",                                            0              },
    {"only slashes",                      "//",                    "[]/",                                               0              },
    {"slash in a segment",                "/a%2Fb/c",              "[a/b][c]",                                          0              },
    {"lower-case hex",                    "/%c3%a9",               "[\xc3\xa9]",                                        0              },
    {"decoded once",                      "/%2541",                "[%41]",                                             0              },
    {"plus in the path is a plus",        "/a+b",                  "[a+b]",                                             0              },
    {"dots mean nothing",                 "/a/../b/.",             "[a][..][b][.]",                                     0              },
    {"raw UTF-8",                         "/\xc3\xa9",             "[\xc3\xa9]",                                        0              },
    {"16 segments",                       TEN "/a/b/c/d/e/f",      "[1][2][3][4][5][6][7][8][9][10][a][b][c][d][e][f]", 0              },
    {"16 segments and a slash",           TEN "/a/b/c/d/e/f/",
     "[1][2][3][4][5][6][7][8][9][10][a][b][c][d][e][f]/",                                                              0              },

    {"query",                             "/a?x=1&y=2",            "[a]x=1;y=2;",                                       0              },
    {"query on the root",                 "/?x=1",                 "x=1;",                                              0              },
    {"plus and escapes in the query",     "/?f=a+eq%20%22b%2B%22", "f=a eq \"b+\";",                                    0              },
    {"name is decoded",                   "/?sort%42y=1",          "sortBy=1;",                                         0              },
    {"no value",                          "/?x",                   "x=;",                                               0              },
    {"empty value",                       "/?x=",                  "x=;",                                               0              },
    {"equals in the value",               "/?x=a=b",               "x=a=b;",                                            0              },
    {"empty pieces",                      "/?&&x=1&",              "x=1;",                                              0              },
    {"duplicates are kept in order",      "/?x=1&x=2",             "x=1;x=2;",                                          0              },
    {"question mark in the query",        "/?x=a?b",               "x=a?b;",                                            0              },
    {"slash in the query",                "/a?x=b/c",              "[a]x=b/c;",                                         0              },
    {"empty query",                       "/a?",                   "[a]",                                               0              },

    {"65 parameters",                     "/?" SIXTY_FOUR "&b=2",  "more than 64 parameters",                           ERR_BAD_REQUEST},
    {"17 segments",                       TEN "/a/b/c/d/e/f/g",    "more than 16 segments",                             ERR_NOT_FOUND  },
    {"empty",                             "",                      "must be a path",                                    ERR_BAD_REQUEST},
    {"asterisk",                          "*",                     "must be a path",                                    ERR_BAD_REQUEST},
    {"absolute form",                     "https://h/a",           "must be a path",                                    ERR_BAD_REQUEST},
    {"no slash",                          "a/b",                   "must be a path",                                    ERR_BAD_REQUEST},
    {"only a query",                      "?x=1",                  "must be a path",                                    ERR_BAD_REQUEST},
    {"fragment",                          "/a#b",                  "byte 0x23 at offset 2",                             ERR_BAD_REQUEST},
    {"blank",                             "/a b",                  "byte 0x20 at offset 2",                             ERR_BAD_REQUEST},
    {"tab",                               "/a\tb",                 "byte 0x09 at offset 2",                             ERR_BAD_REQUEST},
    {"DEL in the query",                  "/a?b\x7f",              "byte 0x7f at offset 4",                             ERR_BAD_REQUEST},
    {"escape cut off",                    "/a/%4",                 "Path segment 2 has an invalid percent escape",      ERR_BAD_REQUEST},
    {"escape across segments",            "/%4/1",                 "Path segment 1 has an invalid",                     ERR_BAD_REQUEST},
    {"escape of no digits",               "/%g0",                  "Path segment 1 has an invalid",                     ERR_BAD_REQUEST},
    {"lone percent",                      "/%",                    "Path segment 1 has an invalid",                     ERR_BAD_REQUEST},
    {"signed escape",                     "/%+1",                  "Path segment 1 has an invalid",                     ERR_BAD_REQUEST},
    {"NUL in the path",                   "/a%00b",                "Path segment 1 is not valid UTF-8, or holds",       ERR_BAD_REQUEST},
    {"overlong slash",                    "/%c0%af",               "Path segment 1 is not valid UTF-8",                 ERR_BAD_REQUEST},
    {"surrogate",                         "/?x=%ed%a0%80",         "Query parameter 1 is not valid UTF-8",              ERR_BAD_REQUEST},
    {"NUL in the query",                  "/?a=1&x=%00",           "Query parameter 2 is not valid UTF-8",              ERR_BAD_REQUEST},
    {"bad escape in a name",              "/?%=1",                 "Query parameter 1 has an invalid",                  ERR_BAD_REQUEST},
    {"escape across parameters",          "/?x=%4&1",              "Query parameter 1 has an invalid",                  ERR_BAD_REQUEST},
};

static void format(const struct http_request *request, struct buf *out)
{
    buf_puts(out, "");
    for (size_t i = 0; i < request->segment_count; i++)
        buf_printf(out, "[%s]", request->segments[i]);
    if (request->trailing_slash)
        buf_putc(out, '/');
    for (size_t i = 0; i < request->parameter_count; i++)
        buf_printf(out, "%s=%s;", request->parameters[i].name, request->parameters[i].value);
}

static void parses(void **state)
{
    const struct target_case *row = *state;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct http_request request = {.arena = arena};
    struct buf text = {0};
    struct err err = {0};
    int result = target_parse(row->target, &request, &err);

    assert_int_equal(err.code, row->error);
    assert_int_equal(result, row->error == 0 ? 0 : -1);
    assert_int_equal(strlen(request.target), strcspn(row->target, "?"));
    if (result == 0) {
        format(&request, &text);
        assert_string_equal(buf_text(&text), row->parsed);
    } else if (strstr(err.detail, row->parsed) == NULL) {
        fail_msg("\"%s\" is not in: %s", row->parsed, err.detail);
    }
    buf_free(&text);
    arena_free(arena);
}

static struct lookup_case {
    const char *name;
    const char *target;
    const char *parameter;
    const char *value; /* NULL: none */
} lookups[] = {
    {"as sent",          "/?count=1",      "count",      "1" },
    {"other case",       "/?STARTINDEX=1", "startIndex", "1" },
    {"first of several", "/?x=1&X=2",      "x",          "1" },
    {"longer name",      "/?counts=1",     "count",      NULL},
    {"no query",         "/",              "count",      NULL},
};

static void finds_parameter(void **state)
{
    const struct lookup_case *row = *state;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct http_request request = {.arena = arena};
    struct err err = {0};
    const char *value;

    assert_int_equal(target_parse(row->target, &request, &err), 0);
    value = http_parameter(&request, row->parameter);
    if (row->value == NULL)
        assert_null(value);
    else
        assert_string_equal(value, row->value);
    arena_free(arena);
}

int main(void)
{
    int failed = RUN_TABLE("target", cases, parses);

    return failed + RUN_TABLE("parameter", lookups, finds_parameter);
}
