/* A cursor from a client: refused, or signed by us.  And one of ours: it comes back as written. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scim/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[DIGEST_BYTES] = "a key";
static const uint8_t query[DIGEST_BYTES] = "a query";

static void check_round_trip(struct arena *arena, const char *sort_key, size_t size)
{
    struct page_cursor cursor = {
        .expires_at_us = INT64_MAX, .total = (int64_t)size, .key = sort_key, .pk = 1};
    struct page_cursor read = {0};
    struct err err = {0};
    const char *text;

    memcpy(cursor.query, query, sizeof(query));
    text = cursor_write(arena, key, &cursor);
    if (text == NULL)
        return;
    if (cursor_read(arena, key, text, query, 0, &read, &err) < 0 || read.total != cursor.total ||
        strcmp(read.key, cursor.key) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const char *text = arena_strndup(arena, (const char *)data, size);
    struct page_cursor read = {0};
    struct err err = {0};

    (void)cursor_read(arena, key, text, query, 0, &read, &err);
    check_round_trip(arena, text, size);
    arena_free(arena);
    return 0;
}
