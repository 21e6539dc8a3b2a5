#include "auth/seal.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/id.h"
#include "base/memory.h"

/* version, nonce, ciphertext, tag */
#define VERSION 1
#define VERSION_BYTES 1
#define NONCE_BYTES 12 /* what GCM is made for (NIST SP 800-38D section 8.2.2) */
#define TAG_BYTES 16
#define AROUND_BYTES (VERSION_BYTES + NONCE_BYTES + TAG_BYTES)

static void free_context(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
}

static void free_bytes(uint8_t **bytes)
{
    free(*bytes);
}

/* Key, nonce, and what is sealed in beside the secret. */
static bool begin(EVP_CIPHER_CTX *context, const uint8_t key[DIGEST_BYTES], const uint8_t *nonce,
                  const struct seal_place *place, int sealing)
{
    CLEANUP(buf_free) struct buf beside = {0};
    int length = 0;

    buf_printf(&beside, "scimd secret %d/%s", place->tenant, place->name);
    return context != NULL &&
           EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, sealing) == 1 &&
           EVP_CipherUpdate(context, NULL, &length, (const uint8_t *)beside.bytes,
                            (int)beside.length) == 1;
}

int seal_close(const uint8_t key[DIGEST_BYTES], const struct seal_place *place,
               const struct secret *secret, struct buf *sealed, struct err *err)
{
    CLEANUP(free_context) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    size_t length = AROUND_BYTES + secret->length;
    CLEANUP(free_bytes) uint8_t *bytes = memory_alloc(length);
    CLEANUP(free_bytes) uint8_t *text = memory_alloc(digest_base64url_bytes(length));
    uint8_t *nonce = bytes + VERSION_BYTES;
    uint8_t *inner = nonce + NONCE_BYTES;
    int written = 0;
    int rest = 0;

    if (secret->length > SECRET_BYTES_MAX)
        return err_set(err, ERR_TOO_LARGE, "a secret has at most %zu bytes", SECRET_BYTES_MAX);
    bytes[0] = VERSION;
    id_random(nonce, NONCE_BYTES);
    if (!begin(context, key, nonce, place, 1) ||
        EVP_CipherUpdate(context, inner, &written, (const uint8_t *)secret->bytes,
                         (int)secret->length) != 1 ||
        EVP_CipherFinal_ex(context, inner + written, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, inner + secret->length) != 1)
        return err_set(err, ERR_INTERNAL, "OpenSSL does not offer AES-256-GCM");
    digest_base64url(bytes, length, (char *)text);
    buf_puts(sealed, (const char *)text);
    return 0;
}

/* False: not sealed with this key for this place, or changed since. */
static bool open_bytes(const uint8_t key[DIGEST_BYTES], const struct seal_place *place,
                       uint8_t *bytes, size_t length, uint8_t *plain)
{
    CLEANUP(free_context) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    const uint8_t *inner = bytes + VERSION_BYTES + NONCE_BYTES;
    int written = 0;
    int rest = 0;

    return bytes[0] == VERSION && begin(context, key, bytes + VERSION_BYTES, place, 0) &&
           EVP_CipherUpdate(context, plain, &written, inner, (int)(length - AROUND_BYTES)) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                               bytes + length - TAG_BYTES) == 1 &&
           EVP_CipherFinal_ex(context, plain + written, &rest) == 1;
}

int seal_open(const uint8_t key[DIGEST_BYTES], const struct seal_place *place, const char *sealed,
              struct secret *out, struct err *err)
{
    size_t text_length = strlen(sealed);
    CLEANUP(free_bytes) uint8_t *bytes = memory_alloc(text_length + 1);
    CLEANUP(free_bytes) uint8_t *plain = memory_alloc(text_length + 1);
    long length = digest_from_base64url(sealed, text_length, bytes);
    bool opened = length >= AROUND_BYTES && open_bytes(key, place, bytes, (size_t)length, plain);

    if (opened)
        secret_set(out, plain, (size_t)length - AROUND_BYTES);
    explicit_bzero(plain, text_length + 1);
    return opened ? 0
                  : err_set(err, ERR_CONFIGURATION,
                            "secret \"%.64s\" can't be opened with this server's key: store it "
                            "again with scimctl secret set",
                            place->name);
}
