#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void *or_abort(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

void *memory_alloc(size_t bytes)
{
    return or_abort(malloc(bytes > 0 ? bytes : 1));
}

void *memory_calloc(size_t count, size_t bytes)
{
    return or_abort(calloc(count > 0 ? count : 1, bytes > 0 ? bytes : 1));
}

void *memory_resize(void *memory, size_t bytes)
{
    return or_abort(realloc(memory, bytes > 0 ? bytes : 1));
}

char *memory_strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;

    return memcpy(memory_alloc(bytes), text, bytes);
}
