#include "scim/list.h"

#include "table.h"

#define LIST "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"Resources\":["
#define ERROR "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":"

static struct list_case {
    const char *name;
    struct list_frame frame;
    const char *text; /* behind the resources */
} lists[] = {
    {"a page",
     {.total = 7, .start_index = 3, .items = 2},
     "],\"totalResults\":7,\"startIndex\":3,\"itemsPerPage\":2}"                               },
    {"no resources",
     {.total = 0, .start_index = 1, .items = 0},
     "],\"totalResults\":0,\"startIndex\":1,\"itemsPerPage\":0}"                               },
    {"cursor page",
     {.total = 7, .items = 2, .next_cursor = "abc"},
     "],\"totalResults\":7,\"itemsPerPage\":2,\"nextCursor\":\"abc\"}"                         },
    {"last cursor page", {.total = 7, .items = 2},   "],\"totalResults\":7,\"itemsPerPage\":2}"},
    {"total unknown",    {.total = -1, .items = 2},  "],\"itemsPerPage\":2}"                   },
};

static void frames_lists(void **row)
{
    const struct list_case *expected = *row;
    struct buf text = {0};
    struct buf whole = {0};

    list_begin(&text);
    buf_puts(&text, "{}");
    list_end(&text, &expected->frame);
    buf_printf(&whole, LIST "{}%s", expected->text);
    assert_string_equal(buf_text(&text), buf_text(&whole));
    buf_free(&text);
    buf_free(&whole);
}

static struct error_case {
    const char *name;
    enum err_code code;
    const char *detail;
    const char *text;
} errors[] = {
    {"status is a string",     ERR_NOT_FOUND,      "no such user",
     ERROR "\"404\",\"detail\":\"no such user\"}"                                                                },
    {"scimType",               ERR_UNIQUENESS,     "userName",
     ERROR "\"409\",\"scimType\":\"uniqueness\",\"detail\":"
           "\"userName\"}"                                                                                       },
    {"no detail",              ERR_NOT_FOUND,      "",             ERROR "\"404\"}"                              },
    {"detail is escaped",      ERR_INVALID_SYNTAX, "a\"\n",
     ERROR "\"400\",\"scimType\":\"invalidSyntax\",\"detail\":\"a\\\"\\n\"}"                                     },
    {"detail that is no text", ERR_INVALID_SYNTAX, "\xFF",
     ERROR "\"400\",\"scimType\":\"invalidSyntax\",\"detail\":\"the request is not valid UTF-8\"}"               },
    {"a bug tells nothing",    ERR_INTERNAL,       "secret",       ERROR "\"500\",\"detail\":\"internal error\"}"},
};

static void writes_errors(void **row)
{
    const struct error_case *expected = *row;
    struct buf text = {0};
    struct err err = {0};

    (void)err_set(&err, expected->code, "%s", expected->detail);
    error_append(&text, &err);
    assert_string_equal(buf_text(&text), expected->text);
    buf_free(&text);
}

int main(void)
{
    return RUN_TABLE("list", lists, frames_lists) + RUN_TABLE("error", errors, writes_errors);
}
