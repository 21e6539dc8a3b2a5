/* digest.h - SHA-256, HMAC-SHA-256 and base64url, over OpenSSL. */
#ifndef SCIMD_BASE_DIGEST_H
#define SCIMD_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32
#define DIGEST_HEX_BYTES 65 /* 64 digits and the NUL */

void digest_sha256(const void *bytes, size_t length, uint8_t digest[DIGEST_BYTES]);
void digest_hmac(const uint8_t key[DIGEST_BYTES], const void *bytes, size_t length,
                 uint8_t digest[DIGEST_BYTES]);
void digest_hex(const uint8_t digest[DIGEST_BYTES], char text[DIGEST_HEX_BYTES]);
bool digest_from_hex(const char *text, uint8_t digest[DIGEST_BYTES]);
bool digest_equals(const void *left, const void *right, size_t length); /* constant time */

/* RFC 4648 section 5, without padding.  `text` has room for digest_base64url_bytes(length). */
size_t digest_base64url_bytes(size_t length); /* with the NUL */
void digest_base64url(const void *bytes, size_t length, char *text);
/* Returns the number of bytes written to `bytes` (room for length * 3 / 4), or -1 if not base64url.
 */
long digest_from_base64url(const char *text, size_t length, uint8_t *bytes);

/* A stable 63-bit number for a name (first bytes of its SHA-256): path ids, type numbers. */
int64_t digest_number(const char *text);

#endif
