#define _GNU_SOURCE /* mkostemp */
#include "auth/key.h"

#include "base/cleanup.h"
#include "base/id.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES DIGEST_HEX_BYTES /* 64 digits and the line end */
#define LABEL_BYTES_MAX 32

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

static void free_text(char **text)
{
    free(*text);
}

static void free_kdf(EVP_KDF **kdf)
{
    EVP_KDF_free(*kdf);
}

static void free_context(EVP_KDF_CTX **context)
{
    EVP_KDF_CTX_free(*context);
}

static int refuse(struct err *err, const char *path, const char *what, const char *call)
{
    int number = errno;

    (void)err_set(err, ERR_CONFIGURATION, "%s: %s", path, what);
    return err_because_errno(err, call, number);
}

/* Else the name may be gone after a loss of power, and with it every token. */
static int sync_folder(const char *path, struct err *err)
{
    CLEANUP(free_text) char *copy = strdup(path);
    CLEANUP(close_descriptor) int folder = -1;

    if (copy != NULL)
        folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fsync(folder) < 0)
        return refuse(err, path, "the key's folder cannot be synchronised", "fsync");
    return 0;
}

static int write_key(int file, struct err *err, const char *path)
{
    uint8_t key[DIGEST_BYTES];
    char line[DIGEST_HEX_BYTES];
    bool written;

    id_random(key, sizeof(key));
    digest_hex(key, line);
    line[LINE_BYTES - 1] = '\n';
    errno = EIO; /* what a short write means */
    written = write(file, line, LINE_BYTES) == LINE_BYTES && fsync(file) == 0;
    explicit_bzero(key, sizeof(key));
    explicit_bzero(line, sizeof(line));
    return written ? 0 : refuse(err, path, "the key cannot be written", "write");
}

/* Written under another name first: whoever finds the name finds a whole key.  Where two processes
 * start at once, the first link counts and both use its key. */
static int make_key(const char *path, struct err *err)
{
    char draft[PATH_MAX];
    CLEANUP(close_descriptor) int file = -1;
    int result;

    if (snprintf(draft, sizeof(draft), "%s.XXXXXX", path) >= (int)sizeof(draft))
        return err_set(err, ERR_CONFIGURATION, "%s: the path is too long", path);
    file = mkostemp(draft, O_CLOEXEC); /* exclusive, mode 0600 */
    if (file < 0)
        return refuse(err, path, "the key cannot be made", "mkostemp");
    result = write_key(file, err, path);
    if (result == 0 && link(draft, path) < 0 && errno != EEXIST)
        result = refuse(err, path, "the key cannot be made", "link");
    (void)unlink(draft);
    return result == 0 ? sync_folder(path, err) : -1;
}

static int read_key(const char *path, uint8_t key[DIGEST_BYTES], struct err *err)
{
    CLEANUP(secret_free) struct secret text = {0};

    if (secret_load(path, &text, err) < 0)
        return -1;
    if (text.length != DIGEST_HEX_BYTES - 1 || !digest_from_hex(text.bytes, key))
        return err_set(err, ERR_CONFIGURATION, "%s: is not a key of %d hexadecimal digits", path,
                       DIGEST_HEX_BYTES - 1);
    return 0;
}

/* HKDF (RFC 5869) over OpenSSL, without salt; `label` separates the uses. */
static bool derive(const uint8_t key[DIGEST_BYTES], const char *label, uint8_t out[DIGEST_BYTES])
{
    CLEANUP(free_kdf) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    CLEANUP(free_context) EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    uint8_t secret[DIGEST_BYTES];
    char info[LABEL_BYTES_MAX];
    char hash[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret, sizeof(secret)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, strlen(label)),
        OSSL_PARAM_construct_end(),
    };
    bool derived;

    memcpy(secret, key, sizeof(secret)); /* OpenSSL's parameters are not const */
    memcpy(info, label, strlen(label) + 1);
    derived = context != NULL && EVP_KDF_derive(context, out, DIGEST_BYTES, parameters) == 1;
    explicit_bzero(secret, sizeof(secret));
    return derived;
}

int server_keys_load(const char *path, bool make, struct server_keys *out, struct err *err)
{
    uint8_t key[DIGEST_BYTES];
    struct server_keys keys;
    bool derived;

    if (make && access(path, F_OK) < 0 && errno == ENOENT && make_key(path, err) < 0)
        return -1;
    if (read_key(path, key, err) < 0)
        return -1;
    derived = derive(key, "scimd tokens 1", keys.tokens) &&
              derive(key, "scimd cursors 1", keys.cursors) &&
              derive(key, "scimd secrets 1", keys.secrets);
    explicit_bzero(key, sizeof(key));
    if (derived)
        *out = keys;
    server_keys_wipe(&keys);
    return derived
               ? 0
               : err_set(err, ERR_CONFIGURATION, "%s: OpenSSL does not offer HKDF-SHA-256", path);
}

void server_keys_wipe(struct server_keys *keys)
{
    explicit_bzero(keys, sizeof(*keys));
}
