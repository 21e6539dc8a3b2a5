/* json_scan.h - one linear look at JSON text before jansson, whose parser recurses: how deep it
 * nests and how long its strings are.  Knows brackets and quotes, nothing else: what is not JSON
 * at all, jansson refuses.  Internal to scim/json. */
#ifndef SCIMD_SCIM_JSON_SCAN_H
#define SCIMD_SCIM_JSON_SCAN_H

#include <stddef.h>

enum json_scan { JSON_SCAN_FINE, JSON_SCAN_TOO_DEEP, JSON_SCAN_LONG_STRING };

/* *offset is the bracket that goes too deep, or the quote that opens the long string.
 * `string_bytes` counts a string as it is after its escapes are resolved. */
enum json_scan json_scan(const char *bytes, size_t length, size_t depth, size_t string_bytes,
                         size_t *offset);

#endif
