#include "scim/filter_literal.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define HEX_DIGITS 4
#define FIRST_HIGH_SURROGATE 0xd800
#define FIRST_LOW_SURROGATE 0xdc00
#define LAST_SURROGATE 0xdfff

/* What is left to decode of a string; `position` counts from the start of the whole filter. */
struct decoder {
    const char *text;
    size_t position;
    size_t end;
    char *out; /* as long as the input, which decoding never outgrows */
    size_t length;
};

static size_t skip_digits(const char *text, size_t length, size_t position)
{
    while (position < length && text[position] >= '0' && text[position] <= '9')
        position++;
    return position;
}

/* Takes digits off, at least one; false where there is none. */
static bool take_digits(const char *text, size_t length, size_t *position)
{
    size_t start = *position;

    *position = skip_digits(text, length, start);
    return *position > start;
}

/* Takes one of `bytes` off, where there is one. */
static bool take_any(const char *bytes, const char *text, size_t length, size_t *position)
{
    if (*position == length || text[*position] == '\0' || strchr(bytes, text[*position]) == NULL)
        return false;
    (*position)++;
    return true;
}

/* RFC 8259, section 6. */
bool filter_is_number(const char *text, size_t length)
{
    size_t position = 0;
    size_t start;

    (void)take_any("-", text, length, &position);
    start = position;
    if (!take_digits(text, length, &position) || (text[start] == '0' && position > start + 1))
        return false;
    if (take_any(".", text, length, &position) && !take_digits(text, length, &position))
        return false;
    if (!take_any("eE", text, length, &position))
        return position == length;
    (void)take_any("+-", text, length, &position);
    return take_digits(text, length, &position) && position == length;
}

static int hex_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* Reads XXXX behind "\u"; -1 where they aren't four hexadecimal digits. */
static int32_t read_unit(struct decoder *decoder)
{
    int32_t unit = 0;

    if (decoder->end - decoder->position < HEX_DIGITS)
        return -1;
    for (int i = 0; i < HEX_DIGITS; i++) {
        int digit = hex_value(decoder->text[decoder->position++]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static void put_character(struct decoder *decoder, int32_t character)
{
    unsigned char bytes[4];
    size_t count = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0x00, 0xc0, 0xe0, 0xf0};

    for (size_t i = count; i-- > 1; character >>= 6)
        bytes[i] = (unsigned char)(0x80 | (character & 0x3f));
    bytes[0] = (unsigned char)(leads[count] | character);
    memcpy(decoder->out + decoder->length, bytes, count);
    decoder->length += count;
}

static bool read_unicode_escape(struct decoder *decoder)
{
    int32_t high = read_unit(decoder);
    int32_t low;

    if (high <= 0 || (high >= FIRST_LOW_SURROGATE && high <= LAST_SURROGATE))
        return false;
    if (high < FIRST_HIGH_SURROGATE || high > LAST_SURROGATE) {
        put_character(decoder, high);
        return true;
    }
    if (decoder->end - decoder->position < 2 ||
        memcmp(decoder->text + decoder->position, "\\u", 2) != 0)
        return false;
    decoder->position += 2;
    low = read_unit(decoder);
    if (low < FIRST_LOW_SURROGATE || low > LAST_SURROGATE)
        return false;
    put_character(decoder,
                  0x10000 + ((high - FIRST_HIGH_SURROGATE) << 10) + low - FIRST_LOW_SURROGATE);
    return true;
}

static bool read_escape(struct decoder *decoder)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char name = decoder->position < decoder->end ? decoder->text[decoder->position++] : '\0';
    const char *found = name == '\0' ? NULL : strchr(names, name);

    if (name == 'u')
        return read_unicode_escape(decoder);
    if (found == NULL)
        return false;
    decoder->out[decoder->length++] = meanings[found - names];
    return true;
}

/* JSON needs U+0000 to U+001F escaped. */
static bool is_control(char byte)
{
    return (unsigned char)byte < 0x20;
}

static int decode(struct decoder *decoder, struct err *err)
{
    while (decoder->position < decoder->end) {
        size_t at = decoder->position;
        char byte = decoder->text[decoder->position++];
        if (is_control(byte))
            return err_set(err, ERR_INVALID_FILTER, "byte %zu: control character in a string", at);
        if (byte != '\\')
            decoder->out[decoder->length++] = byte;
        else if (!read_escape(decoder))
            return err_set(err, ERR_INVALID_FILTER, "byte %zu: bad escape in a string", at);
    }
    return 0;
}

static int read_text(struct arena *arena, const struct filter_lexer *lexer,
                     struct filter_literal *out, struct err *err)
{
    const struct filter_token *token = &lexer->token;
    struct decoder decoder = {.text = lexer->text,
                              .position = token->at + 1,
                              .end = token->at + token->length - 1,
                              .out = arena_alloc(arena, token->length)};
    CLEANUP(buf_free) struct buf written = {0};

    if (decode(&decoder, err) < 0)
        return -1;
    out->kind = FILTER_LITERAL_TEXT;
    out->text = decoder.out;
    out->length = decoder.length;
    buf_json_string(&written, decoder.out, decoder.length);
    out->written = arena_strndup(arena, written.bytes, written.length);
    return 0;
}

static void set_word(struct filter_literal *out, enum filter_literal_kind kind, const char *written)
{
    out->kind = kind;
    out->written = written;
    out->text = written;
    out->length = strlen(written);
}

int filter_literal_read(struct arena *arena, const struct filter_lexer *lexer,
                        struct filter_literal *out, struct err *err)
{
    const struct filter_token *token = &lexer->token;

    *out = (struct filter_literal){.at = token->at};
    if (token->kind == FILTER_TOKEN_STRING)
        return read_text(arena, lexer, out, err);
    if (token->kind == FILTER_TOKEN_OPEN_ENDED)
        return err_set(err, ERR_INVALID_FILTER, "byte %zu: the string does not end", token->at);
    if (token->kind != FILTER_TOKEN_WORD)
        return err_set(err, ERR_INVALID_FILTER, "byte %zu: a value is missing", token->at);

    if (filter_lex_is_word(lexer, "null")) {
        set_word(out, FILTER_LITERAL_NULL, "null");
    } else if (filter_lex_is_word(lexer, "true")) {
        set_word(out, FILTER_LITERAL_BOOLEAN, "true");
        out->boolean = true;
    } else if (filter_lex_is_word(lexer, "false")) {
        set_word(out, FILTER_LITERAL_BOOLEAN, "false");
    } else if (filter_is_number(lexer->text + token->at, token->length)) {
        set_word(out, FILTER_LITERAL_NUMBER,
                 arena_strndup(arena, lexer->text + token->at, token->length));
    } else {
        return err_set(err, ERR_INVALID_FILTER,
                       "byte %zu: expected a number, true, false, null or text in double quotes",
                       token->at);
    }
    return 0;
}
