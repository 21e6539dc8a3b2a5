#include "table.h"

#include <string.h>

#include "http/head.h"

#define FIELDS_MAX 4

static struct head_case {
    const char *name;
    const char *fields[FIELDS_MAX]; /* "Name: value"; "Host: h" goes before */
    const char *detail;             /* NULL: accepted */
    enum err_code error;
} cases[] = {
    {"nothing else",                         {0},                            NULL,                 0                  },
    {"length",                               {"Content-Length: 5"},          NULL,                 0                  },
    {"chunked in any case",                  {"transfer-encoding: Chunked"}, NULL,                 0                  },
    {"tab and Latin-1 in a value",           {"X-A: a\tb\xe9"},              NULL,                 0                  },
    {"every token character",                {"!#$%&'*+-.^_`|~09azAZ: x"},   NULL,                 0                  },
    {"repeated header that decides nothing", {"Accept: a", "Accept: b"},     NULL,                 0                  },
    {"two lengths",
     {"Content-Length: 5", "content-length: 5"},
     "more than one Content-Length",                                                               ERR_BAD_REQUEST    },
    {"two codings",
     {"Transfer-Encoding: chunked", "Transfer-Encoding: chunked"},
     "more than one Transfer-Encoding",                                                            ERR_BAD_REQUEST    },
    {"two Host",                             {"host: h"},                    "more than one Host", ERR_BAD_REQUEST    },
    {"two Authorization",
     {"Authorization: a", "Authorization: b"},
     "more than one Authorization",                                                                ERR_BAD_REQUEST    },
    {"length and coding",
     {"Content-Length: 5", "Transfer-Encoding: chunked"},
     "exclude each other",                                                                         ERR_BAD_REQUEST    },
    {"other coding",                         {"Transfer-Encoding: gzip"},    "chunked",            ERR_NOT_IMPLEMENTED},
    {"blank in a name",                      {"Content-Length : 5"},         "header name",        ERR_BAD_REQUEST    },
    {"empty name",                           {": 5"},                        "header name",        ERR_BAD_REQUEST    },
    {"bracket in a name",                    {"X[1]: 5"},                    "header name",        ERR_BAD_REQUEST    },
    {"control character",                    {"X-A: a\x1f"},                 "control character",  ERR_BAD_REQUEST    },
    {"DEL",                                  {"X-A: a\x7f"},                 "control character",  ERR_BAD_REQUEST    },
    {"bare CR",                              {"X-A: a\rb"},                  "control character",  ERR_BAD_REQUEST    },
};

static bool take(struct head *head, const char *text)
{
    const char *colon = strchr(text, ':');
    struct head_field field = {.name = text,
                               .name_length = (size_t)(colon - text),
                               .value = colon + 2,
                               .value_length = strlen(colon + 2)};

    return head_take(head, &field);
}

static void checks_fields(void **state)
{
    const struct head_case *row = *state;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct err err = {0};
    struct head head = {.arena = arena, .err = &err};
    bool taken = take(&head, "Host: h");

    for (size_t i = 0; i < FIELDS_MAX && row->fields[i] != NULL && taken; i++)
        taken = take(&head, row->fields[i]);
    assert_int_equal(head.failed, !taken);
    if (taken)
        taken = head_check(&head, false, &err) == 0;
    assert_int_equal(taken, row->detail == NULL);
    assert_int_equal(err.code, row->error);
    if (row->detail != NULL && strstr(err.detail, row->detail) == NULL)
        fail_msg("\"%s\" is not in: %s", row->detail, err.detail);
    arena_free(arena);
}

static struct place_case {
    const char *name;
    const char *bytes; /* as libmicrohttpd leaves them: '|' stands for the NULs it writes */
    bool accepted;
} places[] = {
    {"CR LF ends both",       "A| 1||B| 2||",    true },
    {"bare LF",               "A| 1|B| 2||",     false},
    {"something was skipped", "A| 1||x||B| 2||", false},
};

static void sees_gaps(void **state)
{
    const struct place_case *row = *state;
    struct err err = {0};
    struct head head = {.err = &err};
    const char *second = strchr(row->bytes, 'B');
    struct head_field first_field = {row->bytes, 1, row->bytes + 3, 1};
    struct head_field second_field = {second, 1, second + 3, 1};

    head.next = row->bytes;
    assert_true(head_take(&head, &first_field));
    assert_int_equal(head_take(&head, &second_field), row->accepted);
    if (row->accepted)
        assert_ptr_equal(head.next, row->bytes + strlen(row->bytes));
}

static void joins_forwarded_for(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct err err = {0};
    struct head head = {.arena = arena, .err = &err};

    (void)state;
    assert_true(take(&head, "X-Forwarded-For: a, b"));
    assert_true(take(&head, "x-forwarded-for: c"));
    assert_true(take(&head, "X-Forwarded-Host: evil"));
    assert_true(take(&head, "X-Forwarded-Host: h"));
    assert_string_equal(head.values[HEAD_FORWARDED_FOR], "a, b, c");
    assert_string_equal(head.values[HEAD_FORWARDED_HOST], "h");
    arena_free(arena);
}

static void needs_host_from_1_1_on(void **state)
{
    struct err err = {0};
    struct head head = {.err = &err};

    (void)state;
    assert_int_equal(head_check(&head, true, &err), 0);
    assert_int_equal(head_check(&head, false, &err), -1);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(joins_forwarded_for),
        cmocka_unit_test(needs_host_from_1_1_on),
    };
    int failed = RUN_TABLE("head", cases, checks_fields);

    failed += RUN_TABLE("place", places, sees_gaps);
    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
