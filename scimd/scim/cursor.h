/* cursor.h - signed cursors for cursor paging.  Pure but for the HMAC.  Source: RFC 9865.
 *
 * A cursor holds where to go on (a key and a row), what it belongs to (tenant, type, filter, sort:
 * one digest) and when it ends; any replica with the same key reads it. */
#ifndef SCIMD_SCIM_CURSOR_H
#define SCIMD_SCIM_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"

#define CURSOR_LIFETIME_S 3600 /* published as cursorTimeout */
#define CURSOR_BYTES_MAX 4096  /* longer text is refused unread */

struct page_cursor {
    uint8_t query[DIGEST_BYTES]; /* digest of tenant, types, filter, sort, order */
    int64_t expires_at_us;
    int64_t total;   /* totalResults at the start, -1 if unknown */
    int part;        /* which index walk: values first, then resources without the attribute */
    const char *key; /* sort key of the last row; NULL if none */
    int64_t number;  /* numeric sort key of the last row */
    int64_t pk;      /* the last row */
};

#define CURSOR_KEY_MAX 2900 /* bytes of a sort key that fit into CURSOR_BYTES_MAX */

/* Base64url text.  NULL where the sort key is longer than CURSOR_KEY_MAX: such a page has no next
 * one. */
const char *cursor_write(struct arena *arena, const uint8_t key[DIGEST_BYTES],
                         const struct page_cursor *cursor);
/* Errors: ERR_INVALID_CURSOR (forged, cut, of another query), ERR_EXPIRED_CURSOR. */
int cursor_read(struct arena *arena, const uint8_t key[DIGEST_BYTES], const char *text,
                const uint8_t query[DIGEST_BYTES], int64_t now_us, struct page_cursor *out,
                struct err *err);

#endif
