#include "store/changes_chain.h"

#include <string.h>

#include "base/cleanup.h"

static void put(struct buf *buf, const char *bytes, size_t length)
{
    buf_int(buf, (int64_t)length);
    buf_putc(buf, ':');
    buf_append(buf, bytes, length);
}

bool chain_next(struct rows *rows, int64_t position, char hash[DIGEST_HEX_BYTES],
                struct buf *scratch)
{
    CLEANUP(buf_free) struct buf number = {0};
    uint8_t digest[DIGEST_BYTES];

    buf_reset(scratch);
    put(scratch, hash, strlen(hash));
    buf_int(&number, position);
    put(scratch, number.bytes, number.length);
    for (size_t i = 0; i < CHAIN_COLUMNS; i++) {
        size_t length = 0;
        const char *text = rows_borrow(rows, i, &length);

        if (text == NULL)
            return false;
        put(scratch, text, length);
    }
    digest_sha256(scratch->bytes, scratch->length, digest);
    digest_hex(digest, hash);
    return true;
}
