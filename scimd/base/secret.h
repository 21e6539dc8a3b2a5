/* secret.h - bytes that nobody may print: keys, passwords, tokens of others.
 *
 * No function formats them and log.h has no field for them; they are wiped where they are
 * released.  A zeroed struct is "none". */
#ifndef SCIMD_BASE_SECRET_H
#define SCIMD_BASE_SECRET_H

#include <stddef.h>

struct err;

#define SECRET_BYTES_MAX ((size_t)64 * 1024) /* a certificate chain with its key fits */

struct secret {
    char *bytes; /* owned; NULL: none.  NUL-terminated, the NUL is not counted */
    size_t length;
};

/* A copy; what *secret held before is wiped. */
void secret_set(struct secret *secret, const void *bytes, size_t length);

/* Reads a file of at most SECRET_BYTES_MAX bytes into *secret, less one line end ("\n" or "\r\n")
 * at its end, which editors add: raw binary keys belong into hexadecimal.
 *
 * Errors: ERR_CONFIGURATION, detail is "FILE: what": cannot be read, not a regular file, empty, too
 *         large, readable for others or writable for its group. */
int secret_load(const char *path, struct secret *secret, struct err *err);

void secret_free(struct secret *secret); /* wipes; back to the zeroed state */

#endif
