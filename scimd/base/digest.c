#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Fetched once and kept: a fetch costs more than the digest of a short text. */
static EVP_MD *sha256;
static EVP_MAC *hmac;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (sha256 == NULL || hmac == NULL)
        abort(); /* an OpenSSL without them cannot serve TLS either */
}

static void fetch_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (pthread_once(&once, fetch) != 0)
        abort();
}

void digest_sha256(const void *bytes, size_t length, uint8_t digest[DIGEST_BYTES])
{
    fetch_once();
    if (EVP_Digest(bytes, length, digest, NULL, sha256, NULL) != 1)
        abort(); /* out of memory */
}

void digest_hmac(const uint8_t key[DIGEST_BYTES], const void *bytes, size_t length,
                 uint8_t digest[DIGEST_BYTES])
{
    char name[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, name, sizeof(name) - 1), OSSL_PARAM_END};
    EVP_MAC_CTX *context;
    size_t written;

    fetch_once();
    context = EVP_MAC_CTX_new(hmac);
    if (context == NULL || EVP_MAC_init(context, key, DIGEST_BYTES, parameters) != 1 ||
        EVP_MAC_update(context, bytes, length) != 1 ||
        EVP_MAC_final(context, digest, &written, DIGEST_BYTES) != 1)
        abort(); /* out of memory */
    EVP_MAC_CTX_free(context);
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
