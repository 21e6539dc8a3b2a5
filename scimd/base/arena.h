/* arena.h - memory that lives as long as one request or one sync page.
 *
 * Allocation never fails: limits on body and page size bound it, and if the system has no memory
 * the process aborts and systemd starts it anew. */
#ifndef SCIMD_BASE_ARENA_H
#define SCIMD_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena; /* opaque; not shared between threads */

#define ARENA_BLOCK_BYTES 16384

/* The first block is kept over resets, so a steady load allocates nothing. */
struct arena *arena_new(size_t block_bytes);
void arena_free(struct arena *arena);   /* NULL is allowed */
void arena_freep(struct arena **arena); /* for CLEANUP */

void *arena_alloc(struct arena *arena, size_t bytes); /* zeroed, aligned for any type */

/* Room for `count` items of `bytes` each; aborts on overflow. */
void *arena_array(struct arena *arena, size_t count, size_t bytes);

/* Copies, NUL-terminated. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets all contents; under ASan they are poisoned, so that a stale pointer is caught. */
void arena_reset(struct arena *arena);

#endif
