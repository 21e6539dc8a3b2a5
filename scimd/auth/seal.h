/* seal.h - secrets of tenants at rest: AES-256-GCM under the server's key for them (key.h).
 *
 * Tenant and name are sealed in: a text that is moved to another row opens there no more.  Each
 * sealing has a nonce of its own, so that equal secrets have different texts. */
#ifndef SCIMD_AUTH_SEAL_H
#define SCIMD_AUTH_SEAL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/secret.h"

struct seal_place {
    int tenant;
    const char *name;
};

/* Appends base64url text.  Errors: ERR_INTERNAL, OpenSSL does not offer AES-256-GCM. */
int seal_close(const uint8_t key[DIGEST_BYTES], const struct seal_place *place,
               const struct secret *secret, struct buf *sealed, struct err *err);

/* Errors: ERR_CONFIGURATION: another key, tenant or name, or a text that was changed; the detail
 *         names the secret and says how to store it again. */
int seal_open(const uint8_t key[DIGEST_BYTES], const struct seal_place *place, const char *sealed,
              struct secret *out, struct err *err);

#endif
