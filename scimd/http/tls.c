#include "http/tls.h"

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/secret.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ID_BYTES 32 /* SHA-256 of the public key */

struct tls_pair {
    atomic_uint holders;
    gnutls_pcert_st certificates[TLS_CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
};

static void free_datum(gnutls_datum_t *datum)
{
    gnutls_free(datum->data);
}

static void free_public_key(gnutls_pubkey_t *key)
{
    if (*key != NULL)
        gnutls_pubkey_deinit(*key);
}

static int refuse(struct err *err, const char *file, const char *what, int result)
{
    (void)err_set(err, ERR_CONFIGURATION, "%s: %s", file, what);
    return err_because(err, "%s", gnutls_strerror(result));
}

static int load_certificates(struct tls_pair *pair, const char *file, struct err *err)
{
    CLEANUP(free_datum) gnutls_datum_t text = {0};
    unsigned count = TLS_CHAIN_MAX;
    int result = gnutls_load_file(file, &text);

    if (result < 0)
        return refuse(err, file, "the certificate cannot be read", result);
    result = gnutls_pcert_list_import_x509_raw(pair->certificates, &count, &text,
                                               GNUTLS_X509_FMT_PEM, 0);
    if (result < 0)
        return refuse(err, file, "not a chain of PEM certificates, each signed by the next",
                      result);
    pair->count = count;
    return 0;
}

static int load_key(struct tls_pair *pair, const char *file, struct err *err)
{
    CLEANUP(secret_free) struct secret text = {0};
    gnutls_datum_t pem;
    int result;

    if (secret_load(file, &text, err) < 0)
        return -1;
    pem = (gnutls_datum_t){.data = (unsigned char *)text.bytes, .size = (unsigned)text.length};
    result = gnutls_privkey_init(&pair->key);
    if (result == 0)
        result = gnutls_privkey_import_x509_raw(pair->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    return result < 0 ? refuse(err, file, "not an unencrypted PEM private key", result) : 0;
}

static int key_id(gnutls_pubkey_t key, unsigned char id[KEY_ID_BYTES])
{
    size_t size = KEY_ID_BYTES;

    return gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id, &size);
}

static int check_match(struct tls_pair *pair, const char *key_file, const char *certificate_file,
                       struct err *err)
{
    CLEANUP(free_public_key) gnutls_pubkey_t key = NULL;
    unsigned char left[KEY_ID_BYTES];
    unsigned char right[KEY_ID_BYTES];
    int result = gnutls_pubkey_init(&key);

    if (result == 0)
        result = gnutls_pubkey_import_privkey(key, pair->key, 0, 0);
    if (result == 0)
        result = key_id(key, left);
    if (result == 0)
        result = key_id(pair->certificates[0].pubkey, right);
    if (result < 0)
        return refuse(err, key_file, "the key cannot be used", result);
    if (memcmp(left, right, KEY_ID_BYTES) != 0)
        return err_set(err, ERR_CONFIGURATION, "%s: the key is not that of certificate %s",
                       key_file, certificate_file);
    return 0;
}

int tls_pair_load(const char *certificate, const char *key, struct tls_pair **out, struct err *err)
{
    struct tls_pair *pair = memory_calloc(1, sizeof(*pair));

    atomic_init(&pair->holders, 1);
    if (load_certificates(pair, certificate, err) < 0 || load_key(pair, key, err) < 0 ||
        check_match(pair, key, certificate, err) < 0) {
        tls_pair_release(pair);
        return -1;
    }
    *out = pair;
    return 0;
}

static struct tls_pair *hold(struct tls_pair *pair)
{
    atomic_fetch_add(&pair->holders, 1);
    return pair;
}

void tls_pair_release(struct tls_pair *pair)
{
    if (pair == NULL || atomic_fetch_sub(&pair->holders, 1) > 1)
        return;
    for (unsigned i = 0; i < pair->count; i++)
        gnutls_pcert_deinit(&pair->certificates[i]);
    if (pair->key != NULL)
        gnutls_privkey_deinit(pair->key);
    free(pair);
}

struct tls_pair *tls_current_hold(struct tls_current *current)
{
    struct tls_pair *pair;

    pthread_mutex_lock(&current->lock);
    pair = current->pair != NULL ? hold(current->pair) : NULL;
    pthread_mutex_unlock(&current->lock);
    return pair;
}

void tls_current_replace(struct tls_current *current, struct tls_pair *pair)
{
    struct tls_pair *old;

    pthread_mutex_lock(&current->lock);
    old = current->pair;
    current->pair = pair;
    pthread_mutex_unlock(&current->lock);
    tls_pair_release(old);
}

int tls_pair_retrieve(struct tls_pair *pair, gnutls_pcert_st **certificates, unsigned *count,
                      gnutls_privkey_t *key)
{
    if (pair == NULL)
        return -1;
    *certificates = pair->certificates;
    *count = pair->count;
    *key = pair->key;
    return 0;
}
