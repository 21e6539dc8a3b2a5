/* err.h - the one error type: what went wrong, as a reaction, a sentence and a cause.
 *
 * A function that can fail returns 0 or -1, takes `struct err *err` last and fills it exactly when
 * it returns -1.  err.c holds the only table with HTTP numbers. */
#ifndef SCIMD_BASE_ERR_H
#define SCIMD_BASE_ERR_H

#include <stddef.h>

enum err_code {
    ERR_INVALID_FILTER = 1, /* not 0: a zeroed struct err is "no error" */
    ERR_TOO_MANY,           /* the result is larger than we are willing to build */
    ERR_UNIQUENESS,
    ERR_MUTABILITY,
    ERR_INVALID_SYNTAX, /* the body's structure, also malformed JSON */
    ERR_INVALID_PATH,
    ERR_NO_TARGET,
    ERR_INVALID_VALUE,
    ERR_INVALID_VERSION, /* scimType invalidVers */
    ERR_SENSITIVE,
    ERR_INVALID_CURSOR, /* RFC 9865 */
    ERR_EXPIRED_CURSOR, /* RFC 9865; a pull cursor has ERR_CURSOR_EXPIRED */
    ERR_INVALID_COUNT,  /* RFC 9865: a cursor was asked for with an impossible count */
    ERR_BAD_REQUEST,    /* 400 without a keyword */
    ERR_UNAUTHORIZED,
    ERR_FORBIDDEN,
    ERR_NOT_FOUND,
    ERR_METHOD_NOT_ALLOWED,
    ERR_NOT_ACCEPTABLE,
    ERR_CONFLICT,     /* 409 without a keyword */
    ERR_PRECONDITION, /* If-Match names another version */
    ERR_TOO_LARGE,
    ERR_URI_TOO_LONG,
    ERR_UNSUPPORTED_MEDIA_TYPE,
    ERR_TOO_MANY_REQUESTS,
    ERR_NOT_IMPLEMENTED,
    ERR_UNAVAILABLE,        /* try again later: store is down, daemon is stopping */
    ERR_RETRY,              /* store only: serialization failure, deadlock, lost before commit */
    ERR_CONFIGURATION,      /* a file the administrator wrote; detail is FILE:LINE: what */
    ERR_CURSOR_EXPIRED,     /* the source forgot our cursor: start over with a full pull */
    ERR_SOURCE_UNAVAILABLE, /* the source refused or timed out: retry with backoff */
    ERR_SOURCE_DENIED,      /* the source refuses our account: an administrator must act */
    ERR_INTERNAL,           /* a bug or a broken machine: the client learns nothing more */
    ERR_CODE_COUNT
};

#define ERR_TEXT_BYTES 256

struct err {
    enum err_code code;
    char detail[ERR_TEXT_BYTES]; /* for the client: names the attribute or the byte offset */
    char cause[ERR_TEXT_BYTES];  /* for the log only: SQLSTATE, LDAP result, errno text */
};

/* Fills *err (clearing `cause`) and returns -1, so that failing is one line: return err_set(...).
 * Text that does not fit is cut at a UTF-8 boundary. */
int err_set(struct err *err, enum err_code code, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a file that the administrator wrote: ERR_CONFIGURATION, "FILE:LINE: what"; lines
 * count from 1. */
int err_at(struct err *err, const char *file, size_t line, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

/* Adds what only the log may know to an *err that is set already; returns -1. */
int err_because(struct err *err, const char *cause, ...) __attribute__((format(printf, 2, 3)));

/* The same for a failed system call: "open: Permission denied". */
int err_because_errno(struct err *err, const char *call, int number);

int err_http_status(enum err_code code); /* RFC 7644 section 3.12, table 8 */
const char *
err_scim_type(enum err_code code);        /* table 9, RFC 9865; NULL where there is no keyword */
const char *err_name(enum err_code code); /* for logs and metrics: "not_found" */
enum err_code err_from_name(const char *name); /* ERR_INTERNAL where there is none */

#endif
