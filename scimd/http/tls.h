/* tls.h - the certificate and its key, exchanged while connections stand. */
#ifndef SCIMD_HTTP_TLS_H
#define SCIMD_HTTP_TLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <pthread.h>

#include "base/err.h"

/* TLS 1.3 and 1.2 with forward secrecy; no CBC without need, no RSA key exchange. */
#define TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE"
#define TLS_CHAIN_MAX 16

struct tls_pair; /* counted: each connection holds the pair it began with */

/* Errors: ERR_CONFIGURATION: a file cannot be read or parsed, the key is readable for others or
 * belongs to another certificate; detail names the file. */
int tls_pair_load(const char *certificate, const char *key, struct tls_pair **out, struct err *err);
void tls_pair_release(struct tls_pair *pair); /* NULL is allowed */

/* The pair that new connections get. */
struct tls_current {
    pthread_mutex_t lock;
    struct tls_pair *pair; /* owned; under lock */
};

struct tls_pair *tls_current_hold(struct tls_current *current);               /* NULL: plain HTTP */
void tls_current_replace(struct tls_current *current, struct tls_pair *pair); /* takes `pair` */

/* Answers GnuTLS's retrieve callback from the pair of the connection. */
int tls_pair_retrieve(struct tls_pair *pair, gnutls_pcert_st **certificates, unsigned *count,
                      gnutls_privkey_t *key);

#endif
