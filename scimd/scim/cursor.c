/* The text is base64url of: one byte of version; numbers as 8 bytes, most significant first; the
 * sort key; 16 bytes of HMAC-SHA-256.  The HMAC also covers the query's digest, which is not sent:
 * the reader has its own, and a cursor of another query is no better than a forged one. */
#include "scim/cursor.h"

#include <string.h>

#include "base/buf.h"

#define VERSION 1
#define NUMBERS 4 /* expires, total, number, pk */
#define NUMBER_BYTES 8
#define HEAD_BYTES (3 + NUMBERS * NUMBER_BYTES) /* version, part, has a key */
#define MAC_BYTES 16
#define PAYLOAD_MAX (HEAD_BYTES + CURSOR_KEY_MAX + MAC_BYTES)
#define PART_MAX 255

_Static_assert(PAYLOAD_MAX * 4 / 3 + 1 < CURSOR_BYTES_MAX, "a written cursor can be read");

static void put_number(uint8_t *bytes, int64_t number)
{
    uint64_t rest = (uint64_t)number;

    for (size_t i = NUMBER_BYTES; i-- > 0; rest >>= 8)
        bytes[i] = (uint8_t)(rest & 0xFF);
}

static int64_t get_number(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < NUMBER_BYTES; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

const char *cursor_write(struct arena *arena, const uint8_t key[DIGEST_BYTES],
                         const struct page_cursor *cursor)
{
    const int64_t numbers[NUMBERS] = {cursor->expires_at_us, cursor->total, cursor->number,
                                      cursor->pk};
    size_t key_length = cursor->key != NULL ? strlen(cursor->key) : 0;
    size_t length = HEAD_BYTES + key_length;
    uint8_t mac[DIGEST_BYTES];
    uint8_t *signed_bytes;
    uint8_t *payload;
    char *text;

    if (key_length > CURSOR_KEY_MAX || cursor->part < 0 || cursor->part > PART_MAX)
        return NULL;
    signed_bytes = arena_alloc(arena, DIGEST_BYTES + length + MAC_BYTES);
    memcpy(signed_bytes, cursor->query, DIGEST_BYTES);
    payload = signed_bytes + DIGEST_BYTES;
    payload[0] = VERSION;
    payload[1] = (uint8_t)cursor->part;
    payload[2] = cursor->key != NULL;
    for (size_t i = 0; i < NUMBERS; i++)
        put_number(payload + 3 + i * NUMBER_BYTES, numbers[i]);
    if (key_length > 0)
        memcpy(payload + HEAD_BYTES, cursor->key, key_length);
    digest_hmac(key, signed_bytes, DIGEST_BYTES + length, mac);
    memcpy(payload + length, mac, MAC_BYTES);

    text = arena_alloc(arena, digest_base64url_bytes(length + MAC_BYTES));
    digest_base64url(payload, length + MAC_BYTES, text);
    return text;
}

/* Only called with a payload that we signed. */
static void unpack(struct arena *arena, const uint8_t *payload, size_t length,
                   struct page_cursor *out)
{
    const uint8_t *numbers = payload + 3;

    out->part = payload[1];
    out->expires_at_us = get_number(numbers);
    out->total = get_number(numbers + NUMBER_BYTES);
    out->number = get_number(numbers + 2 * NUMBER_BYTES);
    out->pk = get_number(numbers + 3 * NUMBER_BYTES);
    out->key = payload[2] != 0
                   ? arena_strndup(arena, (const char *)payload + HEAD_BYTES, length - HEAD_BYTES)
                   : NULL;
}

int cursor_read(struct arena *arena, const uint8_t key[DIGEST_BYTES], const char *text,
                const uint8_t query[DIGEST_BYTES], int64_t now_us, struct page_cursor *out,
                struct err *err)
{
    size_t length = strnlen(text, CURSOR_BYTES_MAX + 1);
    uint8_t mac[DIGEST_BYTES];
    struct page_cursor cursor = {0};
    uint8_t *signed_bytes;
    uint8_t *payload;
    long bytes;

    if (length > CURSOR_BYTES_MAX)
        return err_set(err, ERR_INVALID_CURSOR, "the cursor is longer than %d bytes",
                       CURSOR_BYTES_MAX);
    signed_bytes = arena_alloc(arena, DIGEST_BYTES + length);
    memcpy(signed_bytes, query, DIGEST_BYTES);
    payload = signed_bytes + DIGEST_BYTES;
    bytes = digest_from_base64url(text, length, payload);
    if (bytes < HEAD_BYTES + MAC_BYTES || payload[0] != VERSION)
        return err_set(err, ERR_INVALID_CURSOR, "this is not a cursor of ours");
    length = (size_t)bytes - MAC_BYTES;
    digest_hmac(key, signed_bytes, DIGEST_BYTES + length, mac);
    if (!digest_equals(mac, payload + length, MAC_BYTES))
        return err_set(err, ERR_INVALID_CURSOR, "the cursor is not of this query");

    unpack(arena, payload, length, &cursor);
    if (cursor.expires_at_us <= now_us)
        return err_set(err, ERR_EXPIRED_CURSOR,
                       "the cursor has expired: begin with the first page");
    memcpy(cursor.query, query, DIGEST_BYTES);
    *out = cursor;
    return 0;
}
