#include "table.h"

#include "base/err.h"

#include <errno.h>
#include <string.h>

static struct meaning_case {
    const char *name;
    enum err_code code;
    int status;
    const char *scim_type;
} meaning_cases[] = {
    {"invalid_filter",         ERR_INVALID_FILTER,         400, "invalidFilter"},
    {"too_many",               ERR_TOO_MANY,               400, "tooMany"      },
    {"uniqueness",             ERR_UNIQUENESS,             409, "uniqueness"   },
    {"mutability",             ERR_MUTABILITY,             400, "mutability"   },
    {"invalid_syntax",         ERR_INVALID_SYNTAX,         400, "invalidSyntax"},
    {"invalid_path",           ERR_INVALID_PATH,           400, "invalidPath"  },
    {"no_target",              ERR_NO_TARGET,              400, "noTarget"     },
    {"invalid_value",          ERR_INVALID_VALUE,          400, "invalidValue" },
    {"invalid_version",        ERR_INVALID_VERSION,        400, "invalidVers"  },
    {"sensitive",              ERR_SENSITIVE,              403, "sensitive"    },
    {"invalid_cursor",         ERR_INVALID_CURSOR,         400, "invalidCursor"},
    {"expired_cursor",         ERR_EXPIRED_CURSOR,         400, "expiredCursor"},
    {"invalid_count",          ERR_INVALID_COUNT,          400, "invalidCount" },
    {"bad_request",            ERR_BAD_REQUEST,            400, NULL           },
    {"unauthorized",           ERR_UNAUTHORIZED,           401, NULL           },
    {"forbidden",              ERR_FORBIDDEN,              403, NULL           },
    {"not_found",              ERR_NOT_FOUND,              404, NULL           },
    {"method_not_allowed",     ERR_METHOD_NOT_ALLOWED,     405, NULL           },
    {"not_acceptable",         ERR_NOT_ACCEPTABLE,         406, NULL           },
    {"conflict",               ERR_CONFLICT,               409, NULL           },
    {"precondition_failed",    ERR_PRECONDITION,           412, NULL           },
    {"too_large",              ERR_TOO_LARGE,              413, NULL           },
    {"uri_too_long",           ERR_URI_TOO_LONG,           414, NULL           },
    {"unsupported_media_type", ERR_UNSUPPORTED_MEDIA_TYPE, 415, NULL           },
    {"too_many_requests",      ERR_TOO_MANY_REQUESTS,      429, NULL           },
    {"not_implemented",        ERR_NOT_IMPLEMENTED,        501, NULL           },
    {"unavailable",            ERR_UNAVAILABLE,            503, NULL           },
    {"retry",                  ERR_RETRY,                  503, NULL           },
    {"configuration",          ERR_CONFIGURATION,          500, NULL           },
    {"source_cursor_expired",  ERR_CURSOR_EXPIRED,         500, NULL           },
    {"source_unavailable",     ERR_SOURCE_UNAVAILABLE,     502, NULL           },
    {"source_denied",          ERR_SOURCE_DENIED,          502, NULL           },
    {"internal",               ERR_INTERNAL,               500, NULL           },
    {"internal",               ERR_CODE_COUNT,             500, NULL           },
};

_Static_assert(sizeof(meaning_cases) / sizeof(meaning_cases[0]) == ERR_CODE_COUNT,
               "a row for each code, and one for a code that is none");

static void has_meaning(void **row)
{
    const struct meaning_case *expected = *row;

    assert_int_equal(err_http_status(expected->code), expected->status);
    assert_string_equal(err_name(expected->code), expected->name);
    assert_int_equal(err_from_name(expected->name),
                     expected->code == ERR_CODE_COUNT ? ERR_INTERNAL : expected->code);
    if (expected->scim_type == NULL)
        assert_null(err_scim_type(expected->code));
    else
        assert_string_equal(err_scim_type(expected->code), expected->scim_type);
}

static struct cut_case {
    const char *name;
    int pad; /* bytes before `text` */
    const char *text;
    size_t length; /* of the detail */
} cut_cases[] = {
    {"fits",                       0,   "abc",              3  },
    {"fills",                      254, "a",                255},
    {"ASCII cut",                  254, "ab",               255},
    {"two bytes fit",              253, "\xc3\x9fx",        255},
    {"two bytes cut",              254, "\xc3\x9f",         254},
    {"three bytes cut after one",  254, "\xe2\x82\xac",     254},
    {"three bytes cut after two",  253, "\xe2\x82\xac",     253},
    {"four bytes cut after three", 252, "\xf0\x9f\x98\x80", 252},
    {"four bytes fit",             251,
     "\xf0\x9f\x98\x80"
     "x",                                                   255},
};

static void is_cut_between_characters(void **row)
{
    const struct cut_case *expected = *row;
    struct err err = {0};

    assert_int_equal(err_set(&err, ERR_NOT_FOUND, "%.*s%s", expected->pad,
                             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                             expected->text),
                     -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(strlen(err.detail), expected->length);
}

static struct single {
    const char *name;
} singles[] = {{"detail and cause"}};

static void holds_detail_and_cause(void **row)
{
    struct err err = {0};

    (void)row;
    assert_int_equal(err_at(&err, "a.yaml", 7, "port: %d", 0), -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    assert_string_equal(err.detail, "a.yaml:7: port: 0");
    (void)err_set(&err, ERR_INTERNAL, "line %d", 3);
    assert_int_equal(err_because(&err, "state %s", "HY000"), -1);
    assert_string_equal(err.cause, "state HY000");
    /* arguments out of the error itself */
    (void)err_set(&err, ERR_UNAVAILABLE, "file: %s (%s)", err.detail, err.cause);
    assert_string_equal(err.detail, "file: line 3 (state HY000)");
    assert_string_equal(err.cause, "");
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    (void)err_because(&err, "%s", "one");
    (void)err_because(&err, "two, %s", err.cause);
    assert_string_equal(err.cause, "two, one");
    assert_int_equal(err_because_errno(&err, "open", ENOENT), -1);
    assert_string_equal(err.cause, "open: No such file or directory");
}

int main(void)
{
    return RUN_TABLE("err meanings", meaning_cases, has_meaning) +
           RUN_TABLE("err_set cuts", cut_cases, is_cut_between_characters) +
           RUN_TABLE("err", singles, holds_detail_and_cause);
}
