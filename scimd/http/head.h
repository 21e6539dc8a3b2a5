/* head.h - the header fields that decide where a request ends, whom it is for and who speaks.
 *
 * Pure.  A proxy before us and libmicrohttpd must not read one stream in two ways (request
 * smuggling, RFC 9112 section 11.2): what could be, is refused here, and the connection closed. */
#ifndef SCIMD_HTTP_HEAD_H
#define SCIMD_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum head_name {
    HEAD_HOST,
    HEAD_CONTENT_LENGTH,
    HEAD_TRANSFER_ENCODING,
    HEAD_AUTHORIZATION,
    HEAD_EXPECT,
    HEAD_FORWARDED_FOR, /* X-Forwarded-For, its lines joined; the other three: the last line */
    HEAD_FORWARDED_PROTO,
    HEAD_FORWARDED_HOST,
    HEAD_FORWARDED_PORT,
    HEAD_NAME_COUNT
};

/* As libmicrohttpd hands them out. */
struct head_field {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

struct head {
    struct arena *arena;
    const char *next; /* where the next field must begin in the receive buffer; NULL: anywhere */
    const char *values[HEAD_NAME_COUNT]; /* NULL: not sent */
    bool failed;
    struct err *err; /* filled where `failed` */
};

/* Takes the fields one by one; false, and *head->err is filled, at the first bad one. */
bool head_take(struct head *head, const struct head_field *field);

/* After the last: what the fields say together.  Errors: ERR_BAD_REQUEST, ERR_NOT_IMPLEMENTED. */
int head_check(const struct head *head, bool is_http_1_0, struct err *err);

/* The method is a token (RFC 9110 section 5.6.2). */
bool head_is_token(const char *text, size_t length);

#endif
