#include "store/index_key.h"

#include <string.h>

#include "base/digest.h"
#include "base/text.h"

#define LAST_CHARACTER 0x10ffff
#define FIRST_SURROGATE 0xd800
#define BEHIND_SURROGATES 0xe000

/* UTF-16 units of the sequence; a byte that is not UTF-8 counts as one. */
static size_t units_of(size_t sequence_bytes)
{
    return sequence_bytes == 4 ? 2 : 1;
}

static size_t step(const char *text, size_t length)
{
    size_t bytes = text_sequence_length(text, length);

    return bytes > 0 ? bytes : 1;
}

/* Bytes of the longest prefix of whole characters with at most `units` UTF-16 units. */
static size_t prefix_bytes(const char *text, size_t length, size_t units)
{
    size_t used = 0;
    size_t at = 0;

    if (length <= units) /* no character has more units than bytes */
        return length;
    while (at < length) {
        size_t bytes = step(text + at, length - at);
        used += units_of(bytes);
        if (used > units)
            break;
        at += bytes;
    }
    return at;
}

bool index_key_orders(const char *text, size_t length)
{
    /* one less: where a character of two units straddles the cut, the head is one unit shorter */
    return prefix_bytes(text, length, INDEX_KEY_UNITS_KEPT - 1) == length;
}

struct index_key index_key_of(struct arena *arena, const char *text, size_t length)
{
    uint8_t digest[DIGEST_BYTES];
    char hex[DIGEST_HEX_BYTES];
    size_t head;
    char *cut;

    if (prefix_bytes(text, length, INDEX_KEY_UNITS_MAX) == length)
        return (struct index_key){
            .key = {text, length}
        };

    head = prefix_bytes(text, length, INDEX_KEY_UNITS_KEPT);
    digest_sha256(text, length, digest);
    digest_hex(digest, hex);
    cut = arena_alloc(arena, head + 1 + DIGEST_HEX_BYTES);
    memcpy(cut, text, head);
    cut[head] = '#';
    memcpy(cut + head + 1, hex, DIGEST_HEX_BYTES);
    return (struct index_key){
        .key = {cut,  head + DIGEST_HEX_BYTES},
          .full = {text, length                 }
    };
}

/* The character that starts at `text`, which is valid. */
static uint32_t decode(const char *text, size_t bytes)
{
    static const uint8_t lead_masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t character = (uint8_t)text[0] & lead_masks[bytes];

    for (size_t i = 1; i < bytes; i++)
        character = character << 6 | ((uint8_t)text[i] & 0x3f);
    return character;
}

static size_t encode(uint32_t character, char *text)
{
    static const uint8_t leads[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
    size_t bytes = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

    for (size_t i = bytes; i-- > 1; character >>= 6)
        text[i] = (char)(0x80 | (character & 0x3f));
    text[0] = (char)(leads[bytes] | character);
    return bytes;
}

const char *index_key_after(struct arena *arena, const char *prefix, size_t length)
{
    char *after = arena_strndup(arena, prefix, length + 1); /* a next character may be longer */

    while (length > 0) {
        size_t at = length - 1;
        uint32_t character;
        while (at > 0 && ((uint8_t)prefix[at] & 0xc0) == 0x80)
            at--;
        character = decode(prefix + at, length - at);
        if (character < LAST_CHARACTER) {
            character = character + 1 == FIRST_SURROGATE ? BEHIND_SURROGATES : character + 1;
            after[at + encode(character, after + at)] = '\0';
            return after;
        }
        length = at; /* nothing is behind the last character: the one before it decides */
    }
    return NULL;
}

const char *index_key_pattern(struct arena *arena, const char *part, size_t length, bool at_end)
{
    char *pattern = arena_alloc(arena, 2 * length + 3);
    size_t used = 0;

    pattern[used++] = '%';
    for (size_t i = 0; i < length; i++) {
        if (strchr("%_![", part[i]) != NULL) /* "[" opens a set in T-SQL */
            pattern[used++] = '!';
        pattern[used++] = part[i];
    }
    if (!at_end)
        pattern[used++] = '%';
    pattern[used] = '\0';
    return pattern;
}

int64_t index_key_decimal(double number)
{
    double positive = number == 0 ? 0.0 : number; /* one zero */
    int64_t bits;

    memcpy(&bits, &positive, sizeof(bits));
    return bits >= 0 ? bits : (int64_t)(~(uint64_t)bits | UINT64_C(1) << 63);
}
