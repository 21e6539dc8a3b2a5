#include "table.h"

#include <stdio.h>
#include <string.h>

#include "auth/token.h"

#define RANDOM "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_abcdE" /* 43 of base64url */
#define TOKEN "scimd_abcdef012345_" RANDOM

static struct header_case {
    const char *name;
    const char *header;
    bool accepted;
    bool bare;
} headers[] = {
    {"bearer",                 "Bearer " TOKEN,                                                        true,  false},
    {"scheme in lower case",   "bearer " TOKEN,                                                        true,  false},
    {"scheme in capitals",     "BEARER " TOKEN,                                                        true,  false},
    {"several blanks",         "Bearer   " TOKEN,                                                      true,  false},
    {"blank at the end",       "Bearer " TOKEN " ",                                                    true,  false},
    {"token alone",            TOKEN,                                                                  true,  true },
    {"empty",                  "",                                                                     false, false},
    {"scheme alone",           "Bearer ",                                                              false, false},
    {"scheme without a blank", "Bearer" TOKEN,                                                         false, false},
    {"tab behind the scheme",  "Bearer\t" TOKEN,                                                       false, false},
    {"other scheme",           "Basic " TOKEN,                                                         false, false},
    {"blank before",           " " TOKEN,                                                              false, false},
    {"prefix in capitals",     "Bearer SCIMD_abcdef012345_" RANDOM,                                    false, false},
    {"other prefix",           "Bearer skimd_abcdef012345_" RANDOM,                                    false, false},
    {"id in capitals",         "Bearer scimd_ABCDEF012345_" RANDOM,                                    false, false},
    {"id too short",           "Bearer scimd_abcdef01234_" RANDOM,                                     false, false},
    {"id too long",            "Bearer scimd_abcdef0123456_" RANDOM,                                   false, false},
    {"random too short",       "Bearer scimd_abcdef012345_AbCd",                                       false, false},
    {"random too long",        "Bearer " TOKEN "A",                                                    false, false},
    {"random not base64url",   "Bearer scimd_abcdef012345_AbCdEfGhIjKlMnOpQrStUvWxYz01234567+-_abcdE",
     false,                                                                                                   false},
    {"two tokens",             "Bearer " TOKEN ", Bearer " TOKEN,                                      false, false},
};

static void reads_header(void **state)
{
    const struct header_case *row = *state;
    struct token token = {.text = "untouched"};
    bool bare = !row->bare;

    assert_int_equal(token_from_header(row->header, &token, &bare), row->accepted);
    assert_string_equal(token.text, row->accepted ? TOKEN : "untouched");
    if (!row->accepted)
        return;
    assert_string_equal(token.id, "abcdef012345");
    assert_int_equal(bare, row->bare);
}

static void refuses_long_headers_unread(void **state)
{
    char header[TOKEN_HEADER_MAX + 2];
    struct token token;
    bool bare;

    (void)state;
    memset(header, ' ', sizeof(header));
    memcpy(header, "Bearer", 6);
    memcpy(header + sizeof(header) - sizeof(TOKEN), TOKEN, sizeof(TOKEN));
    assert_false(token_from_header(header, &token, &bare));
    memmove(header + 7, header + 8, sizeof(header) - 8); /* one blank less fits */
    assert_true(token_from_header(header, &token, &bare));
}

static void new_tokens_are_read_back(void **state)
{
    struct token first;
    struct token second;
    struct token read;
    char header[80];
    bool bare;

    (void)state;
    token_new(&first);
    token_new(&second);
    assert_string_not_equal(first.id, second.id);
    assert_string_not_equal(first.text + 20, second.text + 20);
    (void)snprintf(header, sizeof(header), "Bearer %s", first.text);
    assert_true(token_from_header(header, &read, &bare));
    assert_string_equal(read.text, first.text);
    assert_string_equal(read.id, first.id);
}

static void only_the_token_matches_its_hash(void **state)
{
    uint8_t key[DIGEST_BYTES] = {1};
    uint8_t other_key[DIGEST_BYTES] = {2};
    char hash[DIGEST_HEX_BYTES];
    struct token token;
    struct token other;

    (void)state;
    token_new(&token);
    token_new(&other);
    token_hash(key, &token, hash);
    assert_int_equal(strlen(hash), DIGEST_HEX_BYTES - 1);
    assert_null(strstr(hash, token.text));
    assert_true(token_matches(key, &token, hash));
    assert_false(token_matches(key, &other, hash));
    assert_false(token_matches(other_key, &token, hash));
    assert_false(token_matches(key, &token, ""));
    hash[0] = hash[0] == '0' ? '1' : '0';
    assert_false(token_matches(key, &token, hash));
}

static void wiping_leaves_nothing(void **state)
{
    static const struct token nothing;
    struct token token;

    (void)state;
    token_new(&token);
    token_wipe(&token);
    assert_memory_equal(&token, &nothing, sizeof(token));
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(refuses_long_headers_unread),
        cmocka_unit_test(new_tokens_are_read_back),
        cmocka_unit_test(only_the_token_matches_its_hash),
        cmocka_unit_test(wiping_leaves_nothing),
    };
    int failed = RUN_TABLE("header", headers, reads_header);

    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
