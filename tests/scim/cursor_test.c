#include "scim/cursor.h"

#include <string.h>

#include "table.h"

static const uint8_t key[DIGEST_BYTES] = "a key of this test";
static const uint8_t other_key[DIGEST_BYTES] = "another key";
static const uint8_t query[DIGEST_BYTES] = "a query";
static const uint8_t other_query[DIGEST_BYTES] = "another query";

static struct round_case {
    const char *name;
    struct page_cursor cursor;
} rounds[] = {
    {"row only",  {.expires_at_us = 100, .total = -1, .pk = 7}},
    {"text key",
     {.expires_at_us = 100,
      .total = 3,
      .part = 1,
      .key = "stra\xC3\x9F"
             "e",
      .pk = 7}                                                },
    {"empty key", {.expires_at_us = 100, .key = "", .pk = 7}  },
    {"extremes",
     {.expires_at_us = INT64_MAX,
      .total = INT64_MAX,
      .part = 255,
      .number = INT64_MIN,
      .pk = INT64_MAX}                                        },
};

static void comes_back_as_written(void **row)
{
    const struct round_case *expected = *row;
    struct page_cursor cursor = expected->cursor;
    struct page_cursor read = {0};
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct err err = {0};
    const char *text;

    memcpy(cursor.query, query, sizeof(query));
    text = cursor_write(arena, key, &cursor);
    assert_non_null(text);
    assert_int_equal(
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        strlen(text));
    assert_int_equal(cursor_read(arena, key, text, query, 99, &read, &err), 0);
    assert_true(read.expires_at_us == cursor.expires_at_us && read.total == cursor.total &&
                read.part == cursor.part && read.number == cursor.number && read.pk == cursor.pk);
    assert_int_equal(read.key == NULL, cursor.key == NULL);
    if (cursor.key != NULL)
        assert_string_equal(read.key, cursor.key);
    assert_memory_equal(read.query, query, sizeof(query));
    arena_free(arena);
}

static struct refuse_case {
    const char *name;
    const char *text; /* NULL: a good one ... */
    const uint8_t *key;
    const uint8_t *query;
    int64_t now_us;
    size_t cut;  /* ... without its last bytes */
    size_t flip; /* ... with this byte changed, from 1 */
    enum err_code code;
} refusals[] = {
    {"expired to the microsecond",     NULL,     key,       query,       100, 0,  0,  ERR_EXPIRED_CURSOR},
    {"another key",                    NULL,     other_key, query,       0,   0,  0,  ERR_INVALID_CURSOR},
    {"another query",                  NULL,     key,       other_query, 0,   0,  0,  ERR_INVALID_CURSOR},
    {"cut by one",                     NULL,     key,       query,       0,   1,  0,  ERR_INVALID_CURSOR},
    {"cut to nothing",                 NULL,     key,       query,       0,   60, 0,  ERR_INVALID_CURSOR},
    {"version changed",                NULL,     key,       query,       0,   0,  1,  ERR_INVALID_CURSOR},
    {"number changed",                 NULL,     key,       query,       0,   0,  20, ERR_INVALID_CURSOR},
    {"signature changed",              NULL,     key,       query,       0,   0,  65, ERR_INVALID_CURSOR},
    {"forged and expired says forged", NULL,     other_key, query,       100, 0,  0,  ERR_INVALID_CURSOR},
    {"empty",                          "",       key,       query,       0,   0,  0,  ERR_INVALID_CURSOR},
    {"not base64url",                  "a+b/c=", key,       query,       0,   0,  0,  ERR_INVALID_CURSOR},
    {"one character",                  "A",      key,       query,       0,   0,  0,  ERR_INVALID_CURSOR},
    {"a number",                       "101",    key,       query,       0,   0,  0,  ERR_INVALID_CURSOR},
};

static void refuses(void **row)
{
    const struct refuse_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct page_cursor cursor = {.expires_at_us = 100, .pk = 7};
    struct page_cursor read = {.pk = -1};
    struct err err = {0};
    char *text;

    memcpy(cursor.query, query, sizeof(query));
    text = arena_strdup(arena, expected->text != NULL ? expected->text
                                                      : cursor_write(arena, key, &cursor));
    if (expected->cut > 0)
        text[strlen(text) - expected->cut] = '\0';
    if (expected->flip > 0)
        text[expected->flip - 1] = text[expected->flip - 1] == 'A' ? 'B' : 'A';
    assert_int_equal(
        cursor_read(arena, expected->key, text, expected->query, expected->now_us, &read, &err),
        -1);
    assert_int_equal(err.code, expected->code);
    assert_int_equal(read.pk, -1); /* untouched */
    arena_free(arena);
}

static void bounds_its_length(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    char long_key[CURSOR_KEY_MAX + 2] = {0};
    char long_text[CURSOR_BYTES_MAX + 2] = {0};
    struct page_cursor cursor = {.expires_at_us = 100, .key = long_key};
    struct page_cursor read = {0};
    struct err err = {0};
    const char *text;

    (void)state;
    memcpy(cursor.query, query, sizeof(query));
    memset(long_key, 'k', CURSOR_KEY_MAX);
    text = cursor_write(arena, key, &cursor);
    assert_non_null(text);
    assert_int_equal(cursor_read(arena, key, text, query, 0, &read, &err), 0);
    long_key[CURSOR_KEY_MAX] = 'k';
    assert_null(cursor_write(arena, key, &cursor));
    memset(long_text, 'A', CURSOR_BYTES_MAX + 1);
    assert_int_equal(cursor_read(arena, key, long_text, query, 0, &read, &err), -1);
    assert_int_equal(err.code, ERR_INVALID_CURSOR);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_its_length)};

    return RUN_TABLE("cursor round trip", rounds, comes_back_as_written) +
           RUN_TABLE("cursor refused", refusals, refuses) +
           cmocka_run_group_tests_name("cursor length", tests, NULL, NULL);
}
