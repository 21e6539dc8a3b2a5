#include "directory/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* FNV-1a, 64 bits: the ids are random already. */
#define FNV_OFFSET 14695981039346656037U
#define FNV_PRIME 1099511628211U

struct token_slot {
    enum token_answer answer; /* TOKEN_UNKNOWN: empty */
    char id[TOKEN_CACHE_ID_BYTES];
    struct token_entry entry;
    _Atomic int64_t used_us;
    _Atomic bool used; /* since uses were last taken */
    uint64_t stored;   /* when, in stores: the oldest goes */
};

struct token_cache {
    pthread_rwlock_t lock;
    uint64_t epoch; /* under lock, like all that follows */
    uint64_t stores;
    struct token_slot *slots;
};

struct token_cache *token_cache_new(void)
{
    struct token_cache *cache = memory_calloc(1, sizeof(*cache));

    (void)pthread_rwlock_init(&cache->lock, NULL);
    cache->slots = memory_calloc(TOKEN_CACHE_SLOTS, sizeof(*cache->slots));
    return cache;
}

void token_cache_free(struct token_cache *cache)
{
    if (cache == NULL)
        return;
    (void)pthread_rwlock_destroy(&cache->lock);
    free(cache->slots);
    free(cache);
}

static bool is_storable(const char *id)
{
    return strnlen(id, TOKEN_CACHE_ID_BYTES) < TOKEN_CACHE_ID_BYTES;
}

/* The first of the TOKEN_CACHE_WAYS slots where `id` may stand. */
static struct token_slot *ways_of(const struct token_cache *cache, const char *id)
{
    uint64_t hash = FNV_OFFSET;

    for (const char *byte = id; *byte != '\0'; byte++)
        hash = (hash ^ (unsigned char)*byte) * FNV_PRIME;
    return &cache->slots[hash % (TOKEN_CACHE_SLOTS / TOKEN_CACHE_WAYS) * TOKEN_CACHE_WAYS];
}

static struct token_slot *find_slot(const struct token_cache *cache, const char *id)
{
    struct token_slot *ways = ways_of(cache, id);

    for (size_t i = 0; i < TOKEN_CACHE_WAYS; i++) {
        if (ways[i].answer != TOKEN_UNKNOWN && strcmp(ways[i].id, id) == 0)
            return &ways[i];
    }
    return NULL;
}

enum token_answer token_cache_find(struct token_cache *cache, const char *id,
                                   struct token_entry *out, uint64_t *epoch)
{
    enum token_answer answer = TOKEN_UNKNOWN;
    const struct token_slot *slot;

    if (!is_storable(id))
        return TOKEN_ABSENT;
    (void)pthread_rwlock_rdlock(&cache->lock);
    *epoch = cache->epoch;
    slot = find_slot(cache, id);
    if (slot != NULL) {
        answer = slot->answer;
        *out = slot->entry;
    }
    (void)pthread_rwlock_unlock(&cache->lock);
    return answer;
}

/* What may go first: nothing, ids that no token has, tokens, tokens whose use is not taken yet. */
static int worth(const struct token_slot *slot)
{
    if (slot->answer != TOKEN_PRESENT)
        return slot->answer == TOKEN_UNKNOWN ? 0 : 1;
    return atomic_load(&slot->used) ? 3 : 2;
}

static struct token_slot *slot_to_fill(const struct token_cache *cache, const char *id)
{
    struct token_slot *ways = ways_of(cache, id);
    struct token_slot *best = &ways[0];

    for (size_t i = 1; i < TOKEN_CACHE_WAYS; i++) {
        int difference = worth(&ways[i]) - worth(best);

        if (difference < 0 || (difference == 0 && ways[i].stored < best->stored))
            best = &ways[i];
    }
    return best;
}

void token_cache_store(struct token_cache *cache, uint64_t epoch, const char *id,
                       const struct token_entry *entry, int64_t last_used_us)
{
    struct token_slot *slot;

    if (!is_storable(id))
        return;
    (void)pthread_rwlock_wrlock(&cache->lock);
    if (cache->epoch == epoch && find_slot(cache, id) == NULL) {
        slot = slot_to_fill(cache, id);
        memset(slot, 0, sizeof(*slot));
        (void)strncpy(slot->id, id, sizeof(slot->id) - 1);
        slot->answer = entry != NULL ? TOKEN_PRESENT : TOKEN_ABSENT;
        if (entry != NULL)
            slot->entry = *entry;
        atomic_store(&slot->used_us, last_used_us);
        slot->stored = ++cache->stores;
    }
    (void)pthread_rwlock_unlock(&cache->lock);
}

void token_cache_clear(struct token_cache *cache)
{
    (void)pthread_rwlock_wrlock(&cache->lock);
    memset(cache->slots, 0, TOKEN_CACHE_SLOTS * sizeof(*cache->slots));
    cache->epoch++;
    (void)pthread_rwlock_unlock(&cache->lock);
}

void token_cache_use(struct token_cache *cache, const char *id, int64_t now_us)
{
    struct token_slot *slot;

    if (!is_storable(id))
        return;
    (void)pthread_rwlock_rdlock(&cache->lock);
    slot = find_slot(cache, id);
    if (slot != NULL && slot->answer == TOKEN_PRESENT &&
        now_us - atomic_load(&slot->used_us) >= TOKEN_CACHE_USE_S * INT64_C(1000000)) {
        atomic_store(&slot->used_us, now_us);
        atomic_store(&slot->used, true);
    }
    (void)pthread_rwlock_unlock(&cache->lock);
}

size_t token_cache_take_uses(struct token_cache *cache, struct token_use *out, size_t limit)
{
    size_t count = 0;

    (void)pthread_rwlock_rdlock(&cache->lock);
    for (size_t i = 0; i < TOKEN_CACHE_SLOTS && count < limit; i++) {
        struct token_slot *slot = &cache->slots[i];

        if (slot->answer != TOKEN_PRESENT || !atomic_exchange(&slot->used, false))
            continue;
        memcpy(out[count].id, slot->id, sizeof(out[count].id));
        out[count++].used_us = atomic_load(&slot->used_us);
    }
    (void)pthread_rwlock_unlock(&cache->lock);
    return count;
}
