#include "auth/token.h"

#include "base/id.h"

#include <string.h>
#include <strings.h>

#define PREFIX "scimd_"
#define PREFIX_LENGTH 6
#define ID_LENGTH (TOKEN_ID_BYTES - 1)
#define ID_BITS 5 /* of one character */
#define RANDOM_BYTES 32
#define RANDOM_LENGTH 43 /* base64url of RANDOM_BYTES, without padding */
#define TEXT_LENGTH (PREFIX_LENGTH + ID_LENGTH + 1 + RANDOM_LENGTH)

_Static_assert(TEXT_LENGTH < TOKEN_TEXT_BYTES, "a token fits its struct");

/* 32 of [a-z0-9]: without those that look alike (0 and o, 1 and l). */
static const char id_alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

static void new_id(char id[TOKEN_ID_BYTES])
{
    uint8_t random[ID_LENGTH];

    id_random(random, sizeof(random));
    for (size_t i = 0; i < ID_LENGTH; i++)
        id[i] = id_alphabet[random[i] & ((1u << ID_BITS) - 1)];
    id[ID_LENGTH] = '\0';
}

void token_new(struct token *out)
{
    uint8_t random[RANDOM_BYTES];
    char *at = out->text;

    new_id(out->id);
    id_random(random, sizeof(random));
    memcpy(at, PREFIX, PREFIX_LENGTH);
    memcpy(at + PREFIX_LENGTH, out->id, ID_LENGTH);
    at[PREFIX_LENGTH + ID_LENGTH] = '_';
    digest_base64url(random, sizeof(random), at + PREFIX_LENGTH + ID_LENGTH + 1);
    explicit_bzero(random, sizeof(random));
}

void token_wipe(struct token *token)
{
    explicit_bzero(token, sizeof(*token));
}

static bool is_id(const char *text)
{
    for (size_t i = 0; i < ID_LENGTH; i++)
        if ((text[i] < 'a' || text[i] > 'z') && (text[i] < '0' || text[i] > '9'))
            return false;
    return text[ID_LENGTH] == '_';
}

static bool is_token(const char *text, size_t length)
{
    uint8_t random[RANDOM_BYTES + 1];
    bool valid = length == TEXT_LENGTH && memcmp(text, PREFIX, PREFIX_LENGTH) == 0 &&
                 is_id(text + PREFIX_LENGTH) &&
                 digest_from_base64url(text + TEXT_LENGTH - RANDOM_LENGTH, RANDOM_LENGTH, random) ==
                     RANDOM_BYTES;

    explicit_bzero(random, sizeof(random));
    return valid;
}

bool token_from_header(const char *header, struct token *out, bool *bare)
{
    static const char scheme[] = "Bearer";
    size_t scheme_length = sizeof(scheme) - 1;
    size_t length = strnlen(header, TOKEN_HEADER_MAX + 1);
    bool has_scheme = false;

    if (length > TOKEN_HEADER_MAX)
        return false;
    if (strncasecmp(header, scheme, scheme_length) == 0 && header[scheme_length] == ' ') {
        size_t skipped = scheme_length + strspn(header + scheme_length, " ");
        header += skipped;
        length -= skipped;
        has_scheme = true;
    }
    while (length > 0 && (header[length - 1] == ' ' || header[length - 1] == '\t'))
        length--;
    if (!is_token(header, length))
        return false;
    memcpy(out->text, header, length);
    out->text[length] = '\0';
    memcpy(out->id, header + PREFIX_LENGTH, ID_LENGTH);
    out->id[ID_LENGTH] = '\0';
    *bare = !has_scheme;
    return true;
}

void token_hash(const uint8_t key[DIGEST_BYTES], const struct token *token,
                char hash[DIGEST_HEX_BYTES])
{
    uint8_t digest[DIGEST_BYTES];

    digest_hmac(key, token->text, strlen(token->text), digest);
    digest_hex(digest, hash);
}

bool token_matches(const uint8_t key[DIGEST_BYTES], const struct token *token, const char *hash)
{
    char computed[DIGEST_HEX_BYTES];

    token_hash(key, token, computed);
    return strlen(hash) == DIGEST_HEX_BYTES - 1 &&
           digest_equals(computed, hash, DIGEST_HEX_BYTES - 1);
}
