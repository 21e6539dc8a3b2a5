/* What is sealed opens where it belongs, and nowhere else. */
#include "table.h"

#include <string.h>

#include "auth/seal.h"
#include "base/cleanup.h"

static const uint8_t key[DIGEST_BYTES] = {1, 2, 3};
static const uint8_t other_key[DIGEST_BYTES] = {1, 2, 4};

static struct length_case {
    const char *name;
    size_t length;
} lengths[] = {
    {"nothing",         0               },
    {"a byte",          1               },
    {"a block",         16              },
    {"a password",      23              },
    {"the largest one", SECRET_BYTES_MAX},
};

static const struct seal_place place = {.tenant = 7, .name = "corp-ad"};

/* Bytes of any value, NUL too. */
static void fill(struct secret *secret, size_t length)
{
    char *bytes = malloc(length + 1);

    assert_non_null(bytes);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(i * 7);
    secret_set(secret, bytes, length);
    free(bytes);
}

static void opens_what_it_closed(void **row)
{
    const struct length_case *expected = *row;
    CLEANUP(secret_free) struct secret secret = {0};
    CLEANUP(secret_free) struct secret opened = {0};
    CLEANUP(buf_free) struct buf sealed = {0};
    CLEANUP(buf_free) struct buf again = {0};
    struct err err = {0};

    fill(&secret, expected->length);
    assert_int_equal(seal_close(key, &place, &secret, &sealed, &err), 0);
    assert_int_equal(seal_close(key, &place, &secret, &again, &err), 0);
    assert_string_not_equal(buf_text(&sealed), buf_text(&again));
    assert_int_equal(seal_open(key, &place, buf_text(&sealed), &opened, &err), 0);
    assert_int_equal(opened.length, expected->length);
    assert_memory_equal(opened.bytes, secret.bytes, expected->length + 1);
}

static struct refused_case {
    const char *name;
    const uint8_t *key;
    struct seal_place place;
    int at;           /* byte of the sealed text that is changed; -1: none; -2: the last is cut */
    const char *text; /* NULL: what was sealed */
} refusals[] = {
    {"another key",          other_key, {7, "corp-ad"},  -1, NULL  },
    {"another tenant",       key,       {8, "corp-ad"},  -1, NULL  },
    {"another name",         key,       {7, "corp-ae"},  -1, NULL  },
    {"name and tenant meet", key,       {77, "corp-ad"}, -1, NULL  },
    {"version",              key,       {7, "corp-ad"},  0,  NULL  },
    {"nonce",                key,       {7, "corp-ad"},  3,  NULL  },
    {"ciphertext",           key,       {7, "corp-ad"},  20, NULL  },
    {"tag",                  key,       {7, "corp-ad"},  40, NULL  },
    {"cut",                  key,       {7, "corp-ad"},  -2, NULL  },
    {"empty",                key,       {7, "corp-ad"},  -1, ""    },
    {"short",                key,       {7, "corp-ad"},  -1, "AQID"},
    {"not base64url",        key,       {7, "corp-ad"},  -1, "{=}" },
};

static void refuses(void **row)
{
    const struct refused_case *expected = *row;
    CLEANUP(secret_free) struct secret secret = {0};
    CLEANUP(secret_free) struct secret opened = {0};
    CLEANUP(buf_free) struct buf sealed = {0};
    struct err err = {0};

    secret_set(&secret, "correct horse", 13);
    assert_int_equal(seal_close(key, &place, &secret, &sealed, &err), 0);
    if (expected->at == -2)
        sealed.bytes[sealed.length - 4] = '\0';
    else if (expected->at >= 0)
        sealed.bytes[expected->at] = sealed.bytes[expected->at] == 'A' ? 'B' : 'A';
    assert_int_equal(seal_open(expected->key, &expected->place,
                               expected->text != NULL ? expected->text : buf_text(&sealed), &opened,
                               &err),
                     -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    assert_non_null(strstr(err.detail, expected->place.name));
    assert_null(opened.bytes);
}

static void refuses_what_is_too_large(void **state)
{
    CLEANUP(secret_free) struct secret secret = {0};
    CLEANUP(buf_free) struct buf sealed = {0};
    struct err err = {0};

    (void)state;
    fill(&secret, SECRET_BYTES_MAX + 1);
    assert_int_equal(seal_close(key, &place, &secret, &sealed, &err), -1);
    assert_int_equal(err.code, ERR_TOO_LARGE);
    assert_int_equal(sealed.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_too_large),
    };

    return RUN_TABLE("closes", lengths, opens_what_it_closed) +
           RUN_TABLE("refuses", refusals, refuses) + cmocka_run_group_tests(tests, NULL, NULL);
}
