#include "simulation_observer.h"

#include <string.h>

#include "base/cleanup.h"

#define BIT(object) (UINT64_C(1) << (object))

static int value_of(enum world_value which, const json_t *value)
{
    const char *text = json_string_value(json_array_get(value, 0));

    if (text == NULL)
        return 0;
    if (which == WORLD_ENABLED)
        return strcmp(text, "true") == 0 ? WORLD_YES : WORLD_NO;
    if (which == WORLD_MANAGER)
        return world_object(text) + 1;
    return world_number(which, text);
}

static void take_object(struct observer *observer, int object, const struct change *change)
{
    static const char *const names[WORLD_VALUES] = {
        "login", "givenName", "sn", "mail", "title", "enabled", "manager",
    };

    observer->present[object] = true;
    observer->seen[object] = true;
    for (int which = 0; which < WORLD_VALUES; which++) {
        const json_t *value = json_object_get(change->attributes, names[which]);

        if (value != NULL || !change->partial)
            observer->values[object][which] = value_of((enum world_value)which, value);
    }
}

/* What points to it ends with it. */
static void drop_object(struct observer *observer, int object)
{
    observer->present[object] = false;
    observer->members[object] = 0;
    for (int i = 0; i < WORLD_NAMES; i++) {
        observer->members[i] &= ~BIT(object);
        if (observer->values[i][WORLD_MANAGER] == object + 1)
            observer->values[i][WORLD_MANAGER] = 0;
    }
}

static uint64_t bits_of(struct observer *observer, const struct member *members, size_t count)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < count; i++) {
        int member = world_object(members[i].source_id);

        if (member == WORLD_NOBODY)
            observer->broken++;
        else
            bits |= BIT(member);
    }
    return bits;
}

static void take_members(struct observer *observer, int group, const struct member_set *set)
{
    uint64_t added = bits_of(observer, set->added, set->added_count);

    if (set->form == MEMBERS_DIFFERENCE) {
        observer->members[group] &= ~bits_of(observer, set->removed, set->removed_count);
        observer->members[group] |= added;
        return;
    }
    observer->open[group] |= added;
    if (set->more_follows)
        return;
    observer->members[group] = observer->open[group];
    observer->open[group] = 0;
}

static void take(struct observer *observer, const struct change *change)
{
    int object = world_object(change->source_id);

    if (object == WORLD_NOBODY) {
        observer->broken++;
        return;
    }
    switch (change->kind) {
    case CHANGE_UPSERT:
        if (change->partial && !observer->present[object])
            observer->broken++;
        take_object(observer, object, change);
        break;
    case CHANGE_DELETE:
        drop_object(observer, object);
        break;
    case CHANGE_MEMBERS:
        take_members(observer, object, change->members);
        break;
    }
}

static int take_page(struct observer *observer, void *session, struct arena *arena, bool *caught_up,
                     struct err *err)
{
    const struct cursor from = {observer->cursor, observer->cursor_length};
    struct page page = {0};

    if (observer->connector->pull(session, from, arena, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.count; i++)
        take(observer, &page.changes[i]);
    if (page.next.length > sizeof(observer->cursor))
        return err_set(err, ERR_INTERNAL, "a cursor of %zu bytes", page.next.length);
    memcpy(observer->cursor, page.next.bytes, page.next.length);
    observer->cursor_length = page.next.length;
    *caught_up = page.caught_up;
    return 0;
}

int observer_pull(struct observer *observer, bool full, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    bool caught_up = false;
    void *session = NULL;
    int result;

    if (full)
        observer->cursor_length = 0;
    full = observer->cursor_length == 0;
    memset(observer->seen, 0, sizeof(observer->seen));
    memset(observer->open, 0, sizeof(observer->open));
    result = observer->connector->open(NULL, &session, err);
    while (result == 0 && !caught_up) {
        arena_reset(arena);
        result = take_page(observer, session, arena, &caught_up, err);
    }
    observer->connector->close(session);
    for (int i = 0; result == 0 && full && i < WORLD_NAMES; i++)
        if (!observer->seen[i])
            drop_object(observer, i);
    return result;
}

bool observer_agrees(const struct observer *observer, const struct world *world, int *object)
{
    for (int i = 0; i < world->count; i++) {
        const struct world_state *state = world_now(world, i);
        int manager = observer->values[i][WORLD_MANAGER] - 1;

        *object = i;
        if (observer->present[i] != state->present)
            return false;
        if (!state->present)
            continue;
        if (memcmp(observer->values[i], state->values, WORLD_MANAGER * sizeof(int)) != 0)
            return false;
        if (manager >= 0 && !observer->present[manager])
            manager = WORLD_NOBODY;
        if (manager != world_manager_at(world, i, world->seq))
            return false;
        for (int member = 0; member < WORLD_OBJECTS; member++)
            if (((observer->members[i] & BIT(member)) != 0 && observer->present[member]) !=
                world_member_at(world, i, member, world->seq))
                return false;
    }
    return true;
}
