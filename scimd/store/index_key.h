/* index_key.h - the forms in which values stand in index rows and in the markers of queries.
 *
 * Pure.  A key is the text of text_fold(); numbers, times and booleans stand as integers.  A key
 * that no database could index is cut, and ends in a hash, so that `eq` still needs one look-up. */
#ifndef SCIMD_STORE_INDEX_KEY_H
#define SCIMD_STORE_INDEX_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define INDEX_KEY_UNITS_MAX 400  /* UTF-16 units: what an index of SQL Server takes, with room */
#define INDEX_KEY_UNITS_KEPT 360 /* of a longer key; "#" and 64 hexadecimal digits follow */

struct index_text {
    const char *text; /* NULL: none */
    size_t length;
};

/* A key as it stands in rows. */
struct index_key {
    struct index_text key;  /* the whole of it, or its first units, "#" and SHA-256 in hex */
    struct index_text full; /* the whole of it where `key` is cut; else none */
};

/* `text` is valid UTF-8 and NUL-terminated; what is not cut is borrowed. */
struct index_key index_key_of(struct arena *arena, const char *text, size_t length);

/* Does the order of cut keys still tell how they compare with `text`, and whether they start with
 * it?  It does while `text` has no more units than a cut key keeps. */
bool index_key_orders(const char *text, size_t length);

/* The least text that is greater than every text that starts with `prefix`; NULL: there is none.
 * Greater in the order of code points. */
const char *index_key_after(struct arena *arena, const char *prefix, size_t length);

#define INDEX_LIKE_ESCAPE "'!'"
/* A LIKE pattern for texts that contain `part`, or end with it: all that LIKE could take for a
 * wildcard on any engine is escaped. */
const char *index_key_pattern(struct arena *arena, const char *part, size_t length, bool at_end);

/* An integer in the order of the doubles; equal for equal ones (-0.0 is 0.0). */
int64_t index_key_decimal(double number);

#endif
