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

void changes_difference(struct changes *changes, const char *guid, const struct members *added,
                        const struct members *removed)
{
    static const struct members none = {NULL, 0};

    added = added != NULL ? added : &none;
    removed = removed != NULL ? removed : &none;
    if (added->count + removed->count > 0)
        add_members(changes, guid,
                    &(struct member_set){.form = MEMBERS_DIFFERENCE,
                                         .added = added->items,
                                         .added_count = added->count,
                                         .removed = removed->items,
                                         .removed_count = removed->count});
}
