/* buf.h - text that grows: response bodies, SQL, canonical forms.
 *
 * A zeroed struct is an empty buffer.  Always NUL-terminated once anything was appended; `length`
 * does not count the NUL.  Growth never fails (see arena.h). */
#ifndef SCIMD_BASE_BUF_H
#define SCIMD_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
    char *bytes; /* owned; NULL while empty */
    size_t length;
    size_t capacity;
};

void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char byte);
void buf_int(struct buf *buf, int64_t number);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends `text` as a JSON string with its quotes; the text is valid UTF-8. */
void buf_json_string(struct buf *buf, const char *text, size_t length);

const char *buf_text(const struct buf *buf); /* "" while empty; borrowed */
void buf_reset(struct buf *buf);             /* keeps the memory */
void buf_free(struct buf *buf);              /* back to the zeroed state */

#endif
