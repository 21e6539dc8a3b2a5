#include "table.h"

#include "base/arena.h"
#include "base/poison.h"

#include <stdalign.h>
#include <string.h>

#define BLOCK 256

static struct size_case {
    const char *name;
    size_t bytes;
    int count;
} size_cases[] = {
    {"nothing",                     0,         3   },
    {"one byte",                    1,         100 },
    {"a struct",                    24,        50  },
    {"a quarter block",             64,        50  },
    {"just over a quarter",         65,        50  },
    {"nearly a block",              BLOCK - 1, 10  },
    {"a block",                     BLOCK,     10  },
    {"many blocks",                 100000,    3   },
    {"small ones over many blocks", 17,        5000},
};

/* Aligned, zeroed, not overlapping; again after a reset. */
static void allocations_are_clean(void **row)
{
    const struct size_case *expected = *row;
    struct arena *arena = arena_new(BLOCK);

    for (int round = 0; round < 3; round++) {
        unsigned char *before = NULL;

        for (int i = 0; i < expected->count; i++) {
            unsigned char *memory = arena_alloc(arena, expected->bytes);
            assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
            assert_ptr_not_equal(memory, before);
            for (size_t j = 0; j < expected->bytes; j++)
                assert_int_equal(memory[j], 0);
            memset(memory, 0xaa, expected->bytes);
            if (before != NULL && expected->bytes > 0)
                assert_int_equal(before[0], 0xaa);
            before = memory;
        }
        arena_reset(arena);
    }
    arena_free(arena);
}

static struct copy_case {
    const char *name;
    const char *text;
    size_t length;
    const char *copy;
} copy_cases[] = {
    {"empty",  "",        0, ""   },
    {"whole",  "abc",     3, "abc"},
    {"prefix", "abcdefg", 3, "abc"},
};

static void copies_are_terminated(void **row)
{
    const struct copy_case *expected = *row;
    struct arena *arena = arena_new(BLOCK);

    assert_string_equal(arena_strndup(arena, expected->text, expected->length), expected->copy);
    assert_string_equal(arena_strdup(arena, expected->text), expected->text);
    assert_string_equal(arena_printf(arena, "%s-%d", expected->copy, 7),
                        arena_printf(arena, "%s%s", expected->copy, "-7"));
    arena_free(arena);
}

static void long_format_is_whole(void **row)
{
    struct arena *arena = arena_new(BLOCK);
    char *text;

    (void)row;
    text = arena_printf(arena, "%2000d|", 1);
    assert_int_equal(strlen(text), 2001);
    assert_string_equal(text + 1999, "1|");
    arena_free(arena);
}

static void reset_keeps_the_first_block(void **row)
{
    struct arena *arena = arena_new(BLOCK);
    void *first = arena_alloc(arena, 8);

    (void)row;
    for (int i = 0; i < 100; i++)
        (void)arena_alloc(arena, 40);
    arena_reset(arena);
    assert_ptr_equal(arena_alloc(arena, 8), first);
    arena_free(arena);
    arena_free(NULL);
}

/* A large block must not end the use of the one in hand. */
static void large_leaves_the_block_in_use(void **row)
{
    struct arena *arena = arena_new(BLOCK);
    char *small = arena_alloc(arena, 16);

    (void)row;
    (void)arena_alloc(arena, 10000);
    assert_int_equal((char *)arena_alloc(arena, 16) - small, 16 + POISON_GAP_BYTES);
    arena_free(arena);
}

#ifdef POISON_IS_ON
static void is_poisoned(void **row)
{
    struct arena *arena = arena_new(BLOCK);
    char *memory = arena_alloc(arena, 20);

    (void)row;
    assert_false(__asan_address_is_poisoned(memory + 19));
    assert_true(__asan_address_is_poisoned(memory + 20));
    arena_reset(arena);
    assert_true(__asan_address_is_poisoned(memory));
    arena_free(arena);
}
#else
static void is_poisoned(void **row)
{
    (void)row;
    skip();
}
#endif

static struct single {
    const char *name;
    void (*run)(void **row);
} singles[] = {
    {"long format",        long_format_is_whole         },
    {"reset",              reset_keeps_the_first_block  },
    {"large allocation",   large_leaves_the_block_in_use},
    {"poison under a san", is_poisoned                  },
};

static void runs(void **row)
{
    ((const struct single *)*row)->run(row);
}

int main(void)
{
    return RUN_TABLE("arena_alloc", size_cases, allocations_are_clean) +
           RUN_TABLE("arena_strndup", copy_cases, copies_are_terminated) +
           RUN_TABLE("arena", singles, runs);
}
