#include "sync/protect.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct entry {
    const char *key; /* folded */
    const char *name;
};

struct protection {
    struct entry *entries; /* by key */
    size_t count;
};

static const char *fold(struct arena *arena, const char *name)
{
    size_t length;

    return text_fold(arena, name, strlen(name), false, &length);
}

static int compare(const void *left, const void *right)
{
    const struct entry *first = left;
    const struct entry *second = right;

    return strcmp(first->key, second->key);
}

const struct protection *protection_new(struct arena *arena, const char *const *names, size_t count)
{
    struct protection *protection = arena_alloc(arena, sizeof(*protection));

    protection->entries = arena_array(arena, count, sizeof(*protection->entries));
    protection->count = count;
    for (size_t i = 0; i < count; i++)
        protection->entries[i] = (struct entry){.key = fold(arena, names[i]), .name = names[i]};
    if (count > 0)
        qsort(protection->entries, count, sizeof(*protection->entries), compare);
    return protection;
}

static const char *find(const struct protection *protection, struct arena *scratch,
                        const char *name)
{
    const struct entry wanted = {.key = fold(scratch, name)};
    const struct entry *found =
        bsearch(&wanted, protection->entries, protection->count, sizeof(wanted), compare);

    return found != NULL ? found->name : NULL;
}

const char *protection_find(const struct protection *protection, struct arena *scratch,
                            const char *id, const char *user_name)
{
    const char *found;

    if (protection->count == 0)
        return NULL;
    found = find(protection, scratch, id);
    return found == NULL && user_name != NULL ? find(protection, scratch, user_name) : found;
}
