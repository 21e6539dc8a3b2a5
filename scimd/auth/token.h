/* token.h - bearer tokens: scimd_<id>_<random>, shown once, stored as a keyed hash.  Knows no
 * database. */
#ifndef SCIMD_AUTH_TOKEN_H
#define SCIMD_AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/err.h"

#define TOKEN_ID_BYTES 13     /* 12 characters [a-z0-9] and the NUL */
#define TOKEN_TEXT_BYTES 64   /* whole token and the NUL */
#define TOKEN_HEADER_MAX 4096 /* longer Authorization headers are refused unread */

struct token {
    char id[TOKEN_ID_BYTES];
    char text[TOKEN_TEXT_BYTES]; /* secret: wipe with token_wipe() */
};

/* A new one: 60 bits of id, 256 bits of random (base64url). */
void token_new(struct token *out);
void token_wipe(struct token *token);

/* Reads an Authorization header: "Bearer TOKEN" (scheme in any case), or TOKEN alone, which sets
 * *bare. False where it is not a token of ours. */
bool token_from_header(const char *header, struct token *out, bool *bare);

/* HMAC-SHA-256 of the whole text under the server's key, as hex. */
void token_hash(const uint8_t key[DIGEST_BYTES], const struct token *token,
                char hash[DIGEST_HEX_BYTES]);
bool token_matches(const uint8_t key[DIGEST_BYTES], const struct token *token,
                   const char *hash); /* constant time */

#endif
