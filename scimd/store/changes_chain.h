/* changes_chain.h - the hash that ties a sealed change to the one before it; for store/'s own
 * files.
 */
#ifndef SCIMD_STORE_CHANGES_CHAIN_H
#define SCIMD_STORE_CHANGES_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "store/session.h"

/* The columns of scimd_change c that are hashed, in this order, first in every query. */
#define CHAIN_COLUMNS_TEXT                                                                         \
    "c.at_us, c.action, c.rtype, c.resource_id, c.actor, c.request_id, c.forward, c.reverse"
#define CHAIN_COLUMNS 8

/* What comes before position 1. */
#define CHAIN_START "0000000000000000000000000000000000000000000000000000000000000000"

/* SHA-256 over the previous hash, the position and the columns, each as its length in decimal, a
 * colon and its bytes.  `hash` is the previous one and becomes the new one; `scratch` is reused
 * from row to row.  False where a column is NULL, that is, where there is no such row. */
bool chain_next(struct rows *rows, int64_t position, char hash[DIGEST_HEX_BYTES],
                struct buf *scratch);

#endif
