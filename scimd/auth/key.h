/* key.h - the server's secret key and what is derived from it: token hashes, cursors.
 *
 * One file of 32 random bytes as hex, mode 0600, made at first start; or a systemd credential. */
#ifndef SCIMD_AUTH_KEY_H
#define SCIMD_AUTH_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

struct server_keys {
    uint8_t tokens[DIGEST_BYTES];
    uint8_t cursors[DIGEST_BYTES];
    uint8_t secrets[DIGEST_BYTES];
};

/* Reads `path`, or makes it where `make` and there is none; derives with HKDF-SHA-256, one label
 * each. Errors: ERR_CONFIGURATION: unreadable, readable by others, not 64 hex digits. */
int server_keys_load(const char *path, bool make, struct server_keys *out, struct err *err);
void server_keys_wipe(struct server_keys *keys);

#endif
