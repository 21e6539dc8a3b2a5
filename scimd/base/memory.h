/* memory.h - the heap as we use it: what it cannot give, nobody can handle, so it aborts and
 * systemd starts the daemon anew.  Jansson and libcurl are given the same functions. */
#ifndef SCIMD_BASE_MEMORY_H
#define SCIMD_BASE_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t bytes);                /* not zeroed; the caller frees with free() */
void *memory_calloc(size_t count, size_t bytes); /* zeroed; aborts on overflow */
void *memory_resize(void *memory, size_t bytes); /* as realloc() */
char *memory_strdup(const char *text);

#endif
