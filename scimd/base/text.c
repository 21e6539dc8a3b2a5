#include "base/text.h"

#include "base/arena.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#define FOLD_LOCAL_CHARACTERS 256 /* a name fits; longer text is folded in the arena */
#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS UINT64_C(0x0101010101010101)

static bool is_continuation(const unsigned char *text, unsigned char low, unsigned char high)
{
    return *text >= low && *text <= high;
}

static bool is_second(unsigned char lead, const unsigned char *text)
{
    switch (lead) {
    case 0xe0:
        return is_continuation(text, 0xa0, 0xbf); /* else overlong */
    case 0xed:
        return is_continuation(text, 0x80, 0x9f); /* else a surrogate */
    case 0xf0:
        return is_continuation(text, 0x90, 0xbf); /* else overlong */
    case 0xf4:
        return is_continuation(text, 0x80, 0x8f); /* else above U+10FFFF */
    default:
        return is_continuation(text, 0x80, 0xbf);
    }
}

/* The Unicode Standard, table 3-7: well-formed UTF-8 byte sequences. */
size_t text_sequence_length(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char lead = length > 0 ? bytes[0] : 0xff;
    size_t count = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    if (count == 1)
        return 1;
    if (lead < 0xc2 || lead > 0xf4 || count > length || !is_second(lead, bytes + 1))
        return 0;
    for (size_t i = 2; i < count; i++)
        if (!is_continuation(bytes + i, 0x80, 0xbf))
            return 0;
    return count;
}

/* How many of the first bytes, in steps of eight, are ASCII and not NUL. */
static size_t plain_prefix(const char *text, size_t length)
{
    size_t i = 0;

    for (; i + sizeof(uint64_t) <= length; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + i, sizeof(word));
        if (((word | (word - LOW_BITS)) & HIGH_BITS) != 0)
            break;
    }
    return i;
}

bool text_is_valid(const char *text, size_t length)
{
    size_t i = plain_prefix(text, length);

    while (i < length) {
        size_t step = text_sequence_length(text + i, length - i);
        if (step == 0 || text[i] == '\0')
            return false;
        i += step;
        if (step == 1 &&
            i % sizeof(uint64_t) == 0) /* plain text again: not worth asking each time */
            i += plain_prefix(text + i, length - i);
    }
    return true;
}

unsigned char text_lower_ascii(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte | 0x20) : byte;
}

/* `text` itself where it can serve as a string (its byte at `length` is readable, see text.h). */
static const char *borrow_or_copy(struct arena *arena, const char *text, size_t length)
{
    return text[length] == '\0' ? text : arena_strndup(arena, text, length);
}

static const char *lower_ascii(struct arena *arena, const char *text, size_t length)
{
    char *key = arena_strndup(arena, text, length);

    for (size_t i = 0; i < length; i++)
        key[i] = (char)text_lower_ascii((unsigned char)key[i]);
    return key;
}

/* Full case folding, then NFC.  utf8proc encodes in place and wants room for one more. */
static const char *fold_unicode(struct arena *arena, const char *text, size_t length,
                                size_t *key_length)
{
    const utf8proc_option_t options = UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
    utf8proc_int32_t local[FOLD_LOCAL_CHARACTERS + 1];
    utf8proc_int32_t *characters = local;
    utf8proc_ssize_t count;

    count =
        utf8proc_decompose(bytes, (utf8proc_ssize_t)length, local, FOLD_LOCAL_CHARACTERS, options);
    if (count > FOLD_LOCAL_CHARACTERS) {
        characters = arena_array(arena, (size_t)count + 1, sizeof(*characters));
        count = utf8proc_decompose(bytes, (utf8proc_ssize_t)length, characters, count, options);
    }
    if (count >= 0)
        count = utf8proc_reencode(characters, count, options);
    if (count < 0) { /* not UTF-8, though the caller was to check: it equals only itself */
        *key_length = length;
        return borrow_or_copy(arena, text, length);
    }

    *key_length = (size_t)count;
    if ((size_t)count == length && memcmp(characters, text, length) == 0)
        return borrow_or_copy(arena, text, length);
    return arena_strndup(arena, (const char *)characters, (size_t)count);
}

const char *text_fold(struct arena *arena, const char *text, size_t length, bool case_exact,
                      size_t *key_length)
{
    unsigned high = 0;
    unsigned upper = 0;

    *key_length = length;
    if (case_exact)
        return borrow_or_copy(arena, text, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        high |= byte;
        upper |= (unsigned char)(byte - 'A') < 26;
    }
    if ((high & 0x80) != 0)
        return fold_unicode(arena, text, length, key_length);
    return upper != 0 ? lower_ascii(arena, text, length) : borrow_or_copy(arena, text, length);
}

bool text_equals_ascii(const char *left, size_t left_length, const char *right)
{
    for (size_t i = 0; i < left_length; i++)
        if (right[i] == '\0' ||
            text_lower_ascii((unsigned char)left[i]) != text_lower_ascii((unsigned char)right[i]))
            return false;
    return right[left_length] == '\0';
}

int text_compare_ascii(const char *left, const char *right)
{
    int difference;

    do {
        difference =
            text_lower_ascii((unsigned char)*left) - text_lower_ascii((unsigned char)*right);
    } while (difference == 0 && *left++ != '\0' && *right++ != '\0');
    return difference;
}
