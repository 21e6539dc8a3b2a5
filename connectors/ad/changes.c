#include "connectors/ad/changes.h"

#include <string.h>

#define CHANGES_FIRST 64

static struct change *add(struct changes *changes, enum change_kind kind, enum object_kind object,
                          const char *guid)
{
    struct change *change;

    if (changes->count == changes->capacity) {
        size_t capacity = changes->capacity > 0 ? 2 * changes->capacity : CHANGES_FIRST;
        struct change *items = arena_array(changes->arena, capacity, sizeof(*items));

        if (changes->count > 0)
            memcpy(items, changes->items, changes->count * sizeof(*items));
        changes->items = items;
        changes->capacity = capacity;
    }
    change = &changes->items[changes->count++];
    *change = (struct change){
        .kind = kind, .object = object, .source_id = arena_strdup(changes->arena, guid)};
    return change;
}

void changes_upsert(struct changes *changes, enum object_kind object, const char *guid,
                    json_t *attributes)
{
    add(changes, CHANGE_UPSERT, object, guid)->attributes = attributes;
    (void)json_array_append_new(changes->kept, attributes);
}

void changes_delete(struct changes *changes, enum object_kind object, const char *guid)
{
    (void)add(changes, CHANGE_DELETE, object, guid);
}

static void add_members(struct changes *changes, const char *guid, const struct member_set *set)
{
    struct member_set *copy = arena_alloc(changes->arena, sizeof(*copy));

    *copy = *set;
    add(changes, CHANGE_MEMBERS, OBJECT_GROUP, guid)->members = copy;
}

void changes_whole(struct changes *changes, const char *guid, const struct members *members,
                   bool more_follows)
{
    add_members(changes, guid,
                &(struct member_set){.form = MEMBERS_WHOLE,
                                     .more_follows = more_follows,
                                     .added = members->items,
                                     .added_count = members->count});
}

/* What DirSync told lives as long as its pass, and a page outlives that. */
static struct members copy_of(struct arena *arena, const struct members *members)
{
    struct members copy = {NULL, 0};

    if (members == NULL || members->count == 0)
        return copy;
    copy.items = arena_array(arena, members->count, sizeof(*copy.items));
    copy.count = members->count;
    for (size_t i = 0; i < members->count; i++)
        copy.items[i] = (struct member){arena_strdup(arena, members->items[i].source_id),
                                        members->items[i].kind};
    return copy;
}

void changes_difference(struct changes *changes, const char *guid, const struct members *added,
                        const struct members *removed)
{
    struct members came = copy_of(changes->arena, added);
    struct members went = copy_of(changes->arena, removed);

    if (came.count + went.count > 0)
        add_members(changes, guid,
                    &(struct member_set){.form = MEMBERS_DIFFERENCE,
                                         .added = came.items,
                                         .added_count = came.count,
                                         .removed = went.items,
                                         .removed_count = went.count});
}
