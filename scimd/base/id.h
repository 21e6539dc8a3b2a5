/* id.h - identifiers: UUIDv7 for resources and requests, time-ordered integers for rows. */
#ifndef SCIMD_BASE_ID_H
#define SCIMD_BASE_ID_H

#include <stddef.h>
#include <stdint.h>

#define ID_TEXT_BYTES 37 /* 36 characters and the NUL */

/* RFC 9562 version 7, lower case, from the wall clock and the system's random source; increasing in
 * this process.  62 bits are random.  A child of fork(2) would repeat its parent's: exec first. */
void id_new(char text[ID_TEXT_BYTES]);

/* A row key: 41 bits of milliseconds since 2020, 22 bits of node and counter; positive, unique in
 * this process and increasing, also over a clock that steps back. */
int64_t id_new_key(void);

/* Fills `bytes` from getrandom(2); aborts if the system has none. */
void id_random(void *bytes, size_t length);

#endif
