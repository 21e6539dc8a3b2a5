#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 64 /* of SHA-256 */
#define INNER_PAD 0x36 /* RFC 2104 */
#define OUTER_PAD 0x5c

/* Fetched once and kept: a fetch costs more than the digest of a short text. */
static EVP_MD *sha256;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (sha256 == NULL)
        abort(); /* an OpenSSL without it cannot serve TLS either */
}

static const EVP_MD *fetched_sha256(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (pthread_once(&once, fetch) != 0)
        abort();
    return sha256;
}

void digest_sha256(const void *bytes, size_t length, uint8_t digest[DIGEST_BYTES])
{
    if (EVP_Digest(bytes, length, digest, NULL, fetched_sha256(), NULL) != 1)
        abort(); /* out of memory */
}

/* One of HMAC's two passes: the digest of the padded key and of `bytes`. */
static void keyed_pass(EVP_MD_CTX *context, const uint8_t block[BLOCK_BYTES], const void *bytes,
                       size_t length, uint8_t digest[DIGEST_BYTES])
{
    if (EVP_DigestInit_ex2(context, fetched_sha256(), NULL) != 1 ||
        EVP_DigestUpdate(context, block, BLOCK_BYTES) != 1 ||
        EVP_DigestUpdate(context, bytes, length) != 1 ||
        EVP_DigestFinal_ex(context, digest, NULL) != 1)
        abort(); /* out of memory */
}

static void pad_key(const uint8_t key[DIGEST_BYTES], uint8_t pad, uint8_t block[BLOCK_BYTES])
{
    memset(block, pad, BLOCK_BYTES);
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        block[i] ^= key[i];
}

/* RFC 2104 over the fetched digest: EVP_MAC looks the digest up by name each time, which takes four
 * times as long, and a token is checked with every request. */
void digest_hmac(const uint8_t key[DIGEST_BYTES], const void *bytes, size_t length,
                 uint8_t digest[DIGEST_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t block[BLOCK_BYTES];
    uint8_t inner[DIGEST_BYTES];

    if (context == NULL)
        abort();
    pad_key(key, INNER_PAD, block);
    keyed_pass(context, block, bytes, length, inner);
    pad_key(key, OUTER_PAD, block);
    keyed_pass(context, block, inner, sizeof(inner), digest);
    explicit_bzero(block, sizeof(block));
    EVP_MD_CTX_free(context); /* wipes its copy of the key's block */
}

void digest_hex(const uint8_t digest[DIGEST_BYTES], char text[DIGEST_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[DIGEST_HEX_BYTES - 1] = '\0';
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool digest_from_hex(const char *text, uint8_t digest[DIGEST_BYTES])
{
    uint8_t bytes[DIGEST_BYTES];

    if (strnlen(text, DIGEST_HEX_BYTES) != DIGEST_HEX_BYTES - 1)
        return false;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        int high = hex_value(text[2 * i]);
        int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(digest, bytes, sizeof(bytes));
    return true;
}

bool digest_equals(const void *left, const void *right, size_t length)
{
    return CRYPTO_memcmp(left, right, length) == 0;
}

size_t digest_base64url_bytes(size_t length)
{
    return length / 3 * 4 + (length % 3 * 4 + 2) / 3 + 1;
}

void digest_base64url(const void *bytes, size_t length, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const uint8_t *from = bytes;
    uint32_t bits = 0;
    unsigned count = 0;

    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | from[i];
        for (count += 8; count >= 6; count -= 6)
            *text++ = digits[bits >> (count - 6) & 63];
    }
    if (count > 0)
        *text++ = digits[bits << (6 - count) & 63];
    *text = '\0';
}

static int base64url_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '-' ? 62 : digit == '_' ? 63 : -1;
}

/* Each value has one spelling: a lone last digit and bits set past the last byte are refused. */
long digest_from_base64url(const char *text, size_t length, uint8_t *bytes)
{
    uint32_t bits = 0;
    unsigned count = 0;
    long written = 0;

    if (length % 4 == 1)
        return -1;
    for (size_t i = 0; i < length; i++) {
        int value = base64url_value(text[i]);
        if (value < 0)
            return -1;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes[written++] = (uint8_t)(bits >> count);
        }
    }
    return (bits & ((1U << count) - 1)) == 0 ? written : -1;
}

int64_t digest_number(const char *text)
{
    uint8_t digest[DIGEST_BYTES];
    uint64_t number = 0;

    digest_sha256(text, strlen(text), digest);
    for (size_t i = 0; i < sizeof(number); i++)
        number = number << 8 | digest[i];
    return (int64_t)(number & INT64_MAX);
}
