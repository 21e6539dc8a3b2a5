#include "table.h"

#include "base/digest.h"

#include <string.h>

/* clang-format off */
static struct sha_case {
    const char *name;
    const char *text;
    const char *hex;
} sha_cases[] = {
    /* FIPS 180-2, appendix B */
    {"empty", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};
/* clang-format on */

static void digests(void **row)
{
    const struct sha_case *expected = *row;
    uint8_t digest[DIGEST_BYTES];
    uint8_t read[DIGEST_BYTES];
    char hex[DIGEST_HEX_BYTES];

    digest_sha256(expected->text, strlen(expected->text), digest);
    digest_hex(digest, hex);
    assert_string_equal(hex, expected->hex);
    assert_true(digest_from_hex(hex, read));
    assert_true(digest_equals(read, digest, DIGEST_BYTES));
    read[31] ^= 1;
    assert_false(digest_equals(read, digest, DIGEST_BYTES));
}

static struct hmac_case {
    const char *name;
    const char *key; /* hexadecimal */
    const char *text;
    const char *hex;
} hmac_cases[] = {
  /* RFC 4868 section 2.7.1, PRF test cases with 32 bytes of key */
    {"PRF-1",      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There",
     "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"},
    {"empty text", "0000000000000000000000000000000000000000000000000000000000000000", "",
     "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

static void authenticates(void **row)
{
    const struct hmac_case *expected = *row;
    uint8_t key[DIGEST_BYTES];
    uint8_t digest[DIGEST_BYTES];
    char hex[DIGEST_HEX_BYTES];

    assert_true(digest_from_hex(expected->key, key));
    digest_hmac(key, expected->text, strlen(expected->text), digest);
    digest_hex(digest, hex);
    assert_string_equal(hex, expected->hex);
}

static struct hex_case {
    const char *name;
    const char *text;
    bool valid;
} hex_cases[] = {
    {"capitals",  "AbcdeF0000000000000000000000000000000000000000000000000000000000",  true },
    {"too short", "abcdef000000000000000000000000000000000000000000000000000000000",   false},
    {"too long",  "abcdef00000000000000000000000000000000000000000000000000000000000", false},
    {"no digit",  "abcdeg0000000000000000000000000000000000000000000000000000000000",  false},
    {"blank",     "abcde 0000000000000000000000000000000000000000000000000000000000",  false},
    {"empty",     "",                                                                  false},
};

static void reads_hex(void **row)
{
    const struct hex_case *expected = *row;
    uint8_t digest[DIGEST_BYTES] = {7};

    assert_int_equal(digest_from_hex(expected->text, digest), expected->valid);
    assert_int_equal(digest[0], expected->valid ? 0xab : 7);
}

static struct base64_case {
    const char *name;
    const char *text;
    const char *bytes; /* NULL: must be refused */
    size_t length;
} base64_cases[] = {
  /* RFC 4648 section 10, without padding */
    {"empty",                     "",         "",             0},
    {"f",                         "Zg",       "f",            1},
    {"fo",                        "Zm8",      "fo",           2},
    {"foo",                       "Zm9v",     "foo",          3},
    {"foob",                      "Zm9vYg",   "foob",         4},
    {"fooba",                     "Zm9vYmE",  "fooba",        5},
    {"foobar",                    "Zm9vYmFy", "foobar",       6},
    {"62 and 63",                 "--__",     "\xfb\xef\xff", 3},
    {"zeros",                     "AAAA",     "\0\0\0",       3},
    {"standard alphabet, plus",   "++__",     NULL,           0},
    {"standard alphabet, slash",  "--//",     NULL,           0},
    {"padding",                   "Zg==",     NULL,           0},
    {"lone digit",                "Zm9vY",    NULL,           0},
    {"bits past the first byte",  "Zh",       NULL,           0},
    {"bits past the second byte", "Zm9",      NULL,           0},
    {"blank",                     "Zm 9",     NULL,           0},
    {"line end",                  "Zm9v\n",   NULL,           0},
    {"byte above 127",            "Zm9\xc3",  NULL,           0},
};

static void converts_base64url(void **row)
{
    const struct base64_case *expected = *row;
    size_t length = strlen(expected->text);
    uint8_t *bytes = malloc(length * 3 / 4 + 1);
    char text[16];

    assert_non_null(bytes);
    if (expected->bytes == NULL) {
        assert_int_equal(digest_from_base64url(expected->text, length, bytes), -1);
        free(bytes);
        return;
    }
    assert_int_equal(digest_from_base64url(expected->text, length, bytes), expected->length);
    assert_memory_equal(bytes, expected->bytes, expected->length);
    free(bytes);
    assert_int_equal(digest_base64url_bytes(expected->length), length + 1);
    digest_base64url(expected->bytes, expected->length, text);
    assert_string_equal(text, expected->text);
}

static struct number_case {
    const char *name;
    int64_t number;
} number_cases[] = {
  /* the first eight bytes of the digests above, without the sign bit */
    {"",    INT64_C(0x63b0c44298fc1c14)},
    {"abc", INT64_C(0x3a7816bf8f01cfea)},
};

static void numbers_are_stable(void **row)
{
    const struct number_case *expected = *row;

    assert_int_equal(digest_number(expected->name), expected->number);
}

int main(void)
{
    return RUN_TABLE("digest_sha256", sha_cases, digests) +
           RUN_TABLE("digest_hmac", hmac_cases, authenticates) +
           RUN_TABLE("digest_from_hex", hex_cases, reads_hex) +
           RUN_TABLE("digest base64url", base64_cases, converts_base64url) +
           RUN_TABLE("digest_number", number_cases, numbers_are_stable);
}
