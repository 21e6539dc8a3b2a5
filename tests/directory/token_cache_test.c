#include "directory/token_cache.h"

#include <stdio.h>
#include <string.h>

#include "table.h"

#define S INT64_C(1000000)

enum act {
    END,
    STORE,       /* a token of connection `number` */
    STORE_NONE,  /* no such token */
    STORE_STALE, /* as STORE, but asked before the last clear */
    CLEAR,
    USE, /* at `number` seconds */
    FIND_UNKNOWN,
    FIND_ABSENT,
    FIND_PRESENT, /* of connection `number` */
    TAKE_NONE,
    TAKE_USE /* one, at `number` seconds */
};

static struct token_case {
    const char *name;
    struct {
        enum act act;
        const char *id;
        int number;
    } steps[8];
} cases[] = {
    {"nothing is known at first",                {{FIND_UNKNOWN, "a", 0}}                                         },
    {"a token is found",                         {{STORE, "a", 7}, {FIND_PRESENT, "a", 7}, {FIND_UNKNOWN, "b", 0}}},
    {"an absent one is remembered",              {{STORE_NONE, "a", 0}, {FIND_ABSENT, "a", 0}}                    },
    {"clearing forgets both",
     {{STORE, "a", 7},
      {STORE_NONE, "b", 0},
      {CLEAR, "", 0},
      {FIND_UNKNOWN, "a", 0},
      {FIND_UNKNOWN, "b", 0}}                                                                                     },
    {"an answer from before a clear is dropped",
     {{CLEAR, "", 0}, {STORE_STALE, "a", 7}, {FIND_UNKNOWN, "a", 0}}                                              },
    {"an id too long is no token's",
     {{FIND_ABSENT, "0123456789012345678901234567890123456789", 0}}                                               },
    {"a use is taken once",
     {{STORE, "a", 7}, {USE, "a", 100}, {TAKE_USE, "a", 100}, {TAKE_NONE, "", 0}}                                 },
    {"uses within a minute are one",
     {{STORE, "a", 7},
      {USE, "a", 100},
      {TAKE_USE, "a", 100},
      {USE, "a", 159},
      {TAKE_NONE, "", 0},
      {USE, "a", 160},
      {TAKE_USE, "a", 160}}                                                                                       },
    {"the use of an absent token is nothing",
     {{STORE_NONE, "a", 0}, {USE, "a", 100}, {USE, "b", 100}, {TAKE_NONE, "", 0}}                                 },
};

static void find(struct token_cache *cache, const char *id, enum token_answer expected, int number)
{
    struct token_entry entry = {0};
    uint64_t epoch = 0;

    assert_int_equal(token_cache_find(cache, id, &entry, &epoch), expected);
    if (expected == TOKEN_PRESENT)
        assert_int_equal(entry.connection, number);
}

static void take(struct token_cache *cache, const char *id, int64_t seconds)
{
    struct token_use uses[2];

    assert_int_equal(token_cache_take_uses(cache, uses, 2), id == NULL ? 0 : 1);
    if (id == NULL)
        return;
    assert_string_equal(uses[0].id, id);
    assert_int_equal(uses[0].used_us, seconds * S);
}

static uint64_t epoch_of(struct token_cache *cache)
{
    struct token_entry entry;
    uint64_t epoch = 0;

    (void)token_cache_find(cache, "epoch", &entry, &epoch);
    return epoch;
}

static void remembers(void **row)
{
    const struct token_case *expected = *row;
    struct token_cache *cache = token_cache_new();

    for (size_t i = 0; expected->steps[i].act != END; i++) {
        const char *id = expected->steps[i].id;
        int number = expected->steps[i].number;
        struct token_entry entry = {.connection = number};

        switch (expected->steps[i].act) {
        case END:
            break;
        case STORE:
            token_cache_store(cache, epoch_of(cache), id, &entry, 0);
            break;
        case STORE_NONE:
            token_cache_store(cache, epoch_of(cache), id, NULL, 0);
            break;
        case STORE_STALE:
            token_cache_store(cache, epoch_of(cache) - 1, id, &entry, 0);
            break;
        case CLEAR:
            token_cache_clear(cache);
            break;
        case USE:
            token_cache_use(cache, id, number * S);
            break;
        case FIND_UNKNOWN:
            find(cache, id, TOKEN_UNKNOWN, 0);
            break;
        case FIND_ABSENT:
            find(cache, id, TOKEN_ABSENT, 0);
            break;
        case FIND_PRESENT:
            find(cache, id, TOKEN_PRESENT, number);
            break;
        case TAKE_NONE:
            take(cache, NULL, 0);
            break;
        case TAKE_USE:
            take(cache, id, number);
            break;
        }
    }
    token_cache_free(cache);
}

static struct flood_case {
    const char *name;
    int guesses;
} floods[] = {
    {"guessing pushes out no token", 100000},
};

static void survives_guessing(void **row)
{
    const struct flood_case *expected = *row;
    struct token_cache *cache = token_cache_new();
    struct token_entry entry = {.connection = 7};
    char id[TOKEN_CACHE_ID_BYTES];

    token_cache_store(cache, 0, "real", &entry, 0);
    for (int i = 0; i < expected->guesses; i++) {
        (void)snprintf(id, sizeof(id), "guess%d", i);
        token_cache_store(cache, 0, id, NULL, 0);
    }
    find(cache, "real", TOKEN_PRESENT, 7);
    find(cache, id, TOKEN_ABSENT, 0);
    token_cache_free(cache);
}

int main(void)
{
    return RUN_TABLE("token cache", cases, remembers) |
           RUN_TABLE("token cache flooded", floods, survives_guessing);
}
