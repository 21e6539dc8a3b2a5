/* guid.h - objectGUID and objectSid: as bytes, as text, as part of a filter.  Pure. */
#ifndef SCIMD_CONNECTORS_AD_GUID_H
#define SCIMD_CONNECTORS_AD_GUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

#define GUID_BYTES 16
#define GUID_TEXT_BYTES 37 /* 36 characters and the NUL */

/* The usual form, lower case; the first three fields are little-endian in the bytes
 * ([MS-DTYP] 2.3.4). */
void guid_format(const uint8_t bytes[GUID_BYTES], char text[GUID_TEXT_BYTES]);
bool guid_parse(const char *text, size_t length, uint8_t bytes[GUID_BYTES]);

/* Appends (objectGUID=\c1\f3...); false, and nothing appended, if `text` is no GUID. */
bool guid_filter(struct buf *buf, const char *text);

/* S-1-5-21-... ([MS-DTYP] 2.4.2); NULL if the bytes are none. */
const char *sid_format(struct arena *arena, const void *bytes, size_t length);

/* The last number of a SID in text form; -1 if there is none. */
int64_t sid_relative_id(const char *text);

/* Appends a value with all bytes that have a meaning in filters escaped (RFC 4515 section 3). */
void filter_value(struct buf *buf, const char *text);

#endif
