/* json.h - JSON text in, jansson values out, with everything refused that could hurt later.
 *
 * Pure.  Refuses duplicate keys, U+0000, invalid UTF-8, lone surrogates, numbers beyond int64 or
 * double, nesting beyond limits->json_depth, strings beyond limits->string_bytes, and trailing
 * text. */
#ifndef SCIMD_SCIM_JSON_H
#define SCIMD_SCIM_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "scim/limits.h"

/* Parses a whole body.  *out is the caller's (json_decref).
 * Errors: ERR_INVALID_SYNTAX, detail ends in "at byte N" (from 0);
 *         ERR_TOO_LARGE never: the HTTP layer counted the bytes already. */
int json_parse_body(const char *bytes, size_t length, const struct scim_limits *limits,
                    json_t **out, struct err *err);

/* Parses a file that an administrator wrote, with the limits below.
 * Errors: ERR_CONFIGURATION, detail "NAME:LINE: what". */
#define JSON_FILE_BYTES_MAX ((size_t)4 << 20)
#define JSON_FILE_DEPTH_MAX 32
int json_parse_file(const char *name, const char *bytes, size_t length, json_t **out,
                    struct err *err);

/* Appends compact JSON: members in their order, UTF-8 unescaped. */
void json_append(struct buf *buf, const json_t *value);

/* Equal as SCIM values: objects without regard to member order, arrays with it. */
bool json_same(const json_t *left, const json_t *right);

/* jansson's iteration takes no const, though it changes nothing. */
static inline json_t *json_iterable(const json_t *object)
{
    return (json_t *)(uintptr_t)object;
}

/* A member by its name without regard to ASCII case, borrowed; NULL where it is absent or null. */
const json_t *json_member(const json_t *object, const char *name);

/* Makes jansson allocate with our aborting allocator; once, before threads start. */
void json_use_aborting_allocator(void);

#endif
