#include "base/arena.h"

#include "base/memory.h"
#include "base/poison.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT alignof(max_align_t)
#define BLOCK_BYTES_MAX ((size_t)64 * 1024) /* blocks double up to here: below malloc's mmap() */
#define LARGE_SHARE 4                       /* more than this part of a block gets its own */
#define PRINTF_BYTES 512                    /* most formatted text fits and is formatted once */

struct block {
    struct block *next;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    unsigned char *free; /* in blocks' bytes, up to end */
    unsigned char *end;
    struct block *first; /* kept over resets; the newest block that is handed out hangs before it */
    struct block *others; /* released by a reset; large allocations have one each */
    size_t next_bytes;    /* size of the next block */
    size_t block_bytes;
};

static struct block *block_new(size_t size)
{
    struct block *block;

    if (size > SIZE_MAX - sizeof(*block))
        abort();
    block = memory_alloc(sizeof(*block) + size);
    block->next = NULL;
    block->size = size;
    POISON(block->bytes, size);
    return block;
}

static void block_free(struct block *block)
{
    UNPOISON(block->bytes, block->size); /* the memory is malloc's again */
    free(block);
}

static void hand_out_of(struct arena *arena, struct block *block)
{
    arena->free = block->bytes;
    arena->end = block->bytes + block->size;
}

struct arena *arena_new(size_t block_bytes)
{
    struct arena *arena = memory_calloc(1, sizeof(*arena));

    arena->block_bytes = (block_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    arena->first = block_new(arena->block_bytes);
    arena->next_bytes = arena->block_bytes;
    hand_out_of(arena, arena->first);
    return arena;
}

static void free_others(struct arena *arena)
{
    while (arena->others != NULL) {
        struct block *block = arena->others;
        arena->others = block->next;
        block_free(block);
    }
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    free_others(arena);
    block_free(arena->first);
    free(arena);
}

void arena_freep(struct arena **arena)
{
    arena_free(*arena);
}

static struct block *add_block(struct arena *arena, size_t size)
{
    struct block *block = block_new(size);

    block->next = arena->others;
    arena->others = block;
    return block;
}

/* The block in use is full, or too full for this.  `step` is `bytes` rounded up. */
static void *take_from_new_block(struct arena *arena, size_t bytes, size_t step)
{
    struct block *block;

    if (step > arena->block_bytes / LARGE_SHARE) {
        block = add_block(arena, bytes);
        UNPOISON(block->bytes, bytes);
        return block->bytes;
    }
    if (arena->next_bytes < BLOCK_BYTES_MAX)
        arena->next_bytes *= 2;
    block = add_block(arena, arena->next_bytes);
    hand_out_of(arena, block);
    arena->free += step;
    UNPOISON(block->bytes, bytes);
    return block->bytes;
}

static void *take(struct arena *arena, size_t bytes)
{
    size_t step;
    unsigned char *memory = arena->free;

    if (bytes > SIZE_MAX / 2)
        abort();
    if (bytes == 0)
        bytes = 1; /* two allocations never share an address */
    step = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + POISON_GAP_BYTES;
    if (step > (size_t)(arena->end - memory))
        return take_from_new_block(arena, bytes, step);
    arena->free = memory + step;
    UNPOISON(memory, bytes);
    return memory;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    return memset(take(arena, bytes), 0, bytes);
}

void *arena_array(struct arena *arena, size_t count, size_t bytes)
{
    size_t total;

    if (__builtin_mul_overflow(count, bytes, &total))
        abort();
    return arena_alloc(arena, total);
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = take(arena, length + 1);

    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    char text[PRINTF_BYTES];
    va_list arguments;
    char *copy;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0)
        abort(); /* the format is ours */
    if ((size_t)length < sizeof(text))
        return arena_strndup(arena, text, (size_t)length);

    copy = take(arena, (size_t)length + 1);
    va_start(arguments, format);
    (void)vsnprintf(copy, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return copy;
}

void arena_reset(struct arena *arena)
{
    free_others(arena);
    arena->next_bytes = arena->block_bytes;
    hand_out_of(arena, arena->first);
    POISON(arena->first->bytes, arena->first->size);
}
