/* token_cache.h - tokens as last read, also ids that no token has, and when they were used.
 *
 * Memory is fixed: guessing ids can only push out what is cheap to read again.  What it holds is
 * true until token_cache_clear(); the owner clears it whenever the control database changed. */
#ifndef SCIMD_DIRECTORY_TOKEN_CACHE_H
#define SCIMD_DIRECTORY_TOKEN_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "directory/tenants.h"

#define TOKEN_CACHE_ID_BYTES 32 /* with the NUL; a longer id is no token's */
#define TOKEN_CACHE_SLOTS 2048  /* about 300 KiB, touched as they fill */
#define TOKEN_CACHE_WAYS 8      /* slots where one id may stand */
#define TOKEN_CACHE_USE_S 60    /* uses closer than this to the last one are not noted */

struct token_cache;

struct token_cache *token_cache_new(void);
void token_cache_free(struct token_cache *cache); /* NULL is allowed */

enum token_answer { TOKEN_UNKNOWN, TOKEN_ABSENT, TOKEN_PRESENT };
/* TOKEN_UNKNOWN: ask the database, then token_cache_store() with the *epoch given here. */
enum token_answer token_cache_find(struct token_cache *cache, const char *id,
                                   struct token_entry *out, uint64_t *epoch);
/* NULL entry: there is no such token.  Nothing is stored if the cache was cleared since `epoch`:
 * the answer may be older than the change. */
void token_cache_store(struct token_cache *cache, uint64_t epoch, const char *id,
                       const struct token_entry *entry, int64_t last_used_us);
void token_cache_clear(struct token_cache *cache);

void token_cache_use(struct token_cache *cache, const char *id, int64_t now_us);

struct token_use {
    char id[TOKEN_CACHE_ID_BYTES];
    int64_t used_us;
};
/* Copies up to `limit` uses that were not taken before; returns how many. */
size_t token_cache_take_uses(struct token_cache *cache, struct token_use *out, size_t limit);

#endif
