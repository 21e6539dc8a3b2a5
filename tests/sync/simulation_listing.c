#include "simulation_listing.h"

#include <stdlib.h>
#include <string.h>

#define BIT(object) (UINT64_C(1) << (object))
#define STEPS 8 /* of an object in a live pass: itself, and parts of its set */

static const char *const attribute_names[WORLD_VALUES] = {
    [WORLD_LOGIN] = "login",     [WORLD_GIVEN] = "givenName", [WORLD_FAMILY] = "sn",
    [WORLD_MAIL] = "mail",       [WORLD_TITLE] = "title",     [WORLD_ENABLED] = "enabled",
    [WORLD_MANAGER] = "manager",
};

static const char *name_of(const struct listing *listing, int object)
{
    char text[WORLD_TEXT_BYTES];

    world_name(listing->source->world, object, text);
    return arena_strdup(listing->arena, text);
}

static struct listed *append(struct listing *listing, enum change_kind kind, int object)
{
    struct listed *listed = &listing->items[listing->count];
    bool is_group = listing->source->world->is_group[object];

    if (listing->count + 1 >= LISTING_MAX)
        abort();
    *listed = (struct listed){
        .change = {.kind = kind,
                   .object = is_group ? OBJECT_GROUP : OBJECT_USER,
                   .source_id = name_of(listing, object)},
        .step = listing->count++,
        .order = world_random_next(&listing->random),
        .touches = BIT(object),
        .repeat = REPEAT_LATER,
    };
    return listed;
}

/* ---- attributes ---- */

/* Is it named at `seq`: present, or the source names whoever is absent, too. */
static bool is_named(const struct listing *listing, int object, int seq)
{
    return object >= WORLD_OBJECTS || listing->source->nature.lists_absent ||
           world_at(listing->source->world, object, seq)->present;
}

static json_t *value_json(const struct listing *listing, enum world_value which, int value, int seq)
{
    char text[WORLD_TEXT_BYTES];
    json_t *array = json_array();

    if (value == 0)
        return array;
    world_text(which, value, text);
    if (which == WORLD_ENABLED)
        (void)strcpy(text, value == WORLD_YES ? "true" : "false");
    if (which == WORLD_MANAGER) {
        if (!is_named(listing, value - 1, seq))
            return array;
        world_name(listing->source->world, value - 1, text);
    }
    (void)json_array_append_new(array, json_string(text));
    return array;
}

/* `wanted`: bits of values; all others are as before. */
static void add_upsert(struct listing *listing, int object, int seq, unsigned wanted, bool partial)
{
    const struct world_state *state = world_at(listing->source->world, object, seq);
    struct listed *listed = append(listing, CHANGE_UPSERT, object);
    json_t *attributes = json_object();

    if (!partial)
        (void)json_object_set_new(attributes, "id", json_pack("[s]", name_of(listing, object)));
    for (int which = 0; which < WORLD_VALUES; which++) {
        json_t *value = value_json(listing, (enum world_value)which, state->values[which], seq);

        if ((partial && (wanted & 1U << which) == 0) || (!partial && json_array_size(value) == 0))
            json_decref(value);
        else
            (void)json_object_set_new(attributes, attribute_names[which], value);
    }
    (void)json_array_append_new(listing->held, attributes);
    listed->change.attributes = attributes;
    listed->change.partial = partial;
    if (state->values[WORLD_MANAGER] != 0)
        listed->touches |= BIT(state->values[WORLD_MANAGER] - 1);
}

/* ---- members ---- */

static const struct member *members_of(struct listing *listing, uint64_t members, size_t *count)
{
    const struct world *world = listing->source->world;
    struct member *list = arena_array(listing->arena, WORLD_NAMES, sizeof(*list));

    *count = 0;
    for (int i = 0; i < WORLD_NAMES; i++) {
        if ((members & BIT(i)) == 0)
            continue;
        list[*count].source_id = name_of(listing, i);
        list[*count].kind = i >= WORLD_OBJECTS   ? OBJECT_OTHER
                            : world->is_group[i] ? OBJECT_GROUP
                                                 : OBJECT_USER;
        if (listing->source->nature.unknown_kinds && world_random_chance(&listing->random, 30))
            list[*count].kind = OBJECT_UNKNOWN;
        (*count)++;
    }
    return list;
}

static struct listed *add_members(struct listing *listing, int group, struct member_set **set)
{
    struct listed *listed = append(listing, CHANGE_MEMBERS, group);

    *set = arena_alloc(listing->arena, sizeof(**set));
    listed->change.members = *set;
    return listed;
}

static uint64_t named(const struct listing *listing, uint64_t members, int seq)
{
    for (int i = 0; i < WORLD_NAMES; i++)
        if (!is_named(listing, i, seq))
            members &= ~BIT(i);
    return members;
}

/* In `parts` parts, by ranges of objects: the same object is always in the same part. */
static void add_whole(struct listing *listing, int group, int seq, int parts)
{
    const struct world_state *state = world_at(listing->source->world, group, seq);
    uint64_t members = named(listing, state->members, seq);
    int range = WORLD_NAMES / parts + 1;
    uint64_t order = world_random_next(&listing->random);

    for (int part = 0; part < parts; part++) {
        uint64_t mask = (BIT(range) - 1) << (part * range);
        struct member_set *set;
        struct listed *listed = add_members(listing, group, &set);

        set->form = MEMBERS_WHOLE;
        set->more_follows = part + 1 < parts;
        set->added = members_of(listing, members & mask, &set->added_count);
        listed->touches |= members; /* nothing of them comes between the parts */
        listed->order = order;
        if (parts > 1)
            listed->repeat = set->more_follows ? REPEAT_AT_ONCE : REPEAT_NEVER;
    }
}

static void add_difference(struct listing *listing, int group, uint64_t added, uint64_t removed)
{
    struct member_set *set;
    struct listed *listed = add_members(listing, group, &set);

    set->form = MEMBERS_DIFFERENCE;
    set->added = members_of(listing, added, &set->added_count);
    set->removed = members_of(listing, removed, &set->removed_count);
    listed->touches |= added | removed;
}

/* ---- order ---- */

static int compare_order(const void *left, const void *right)
{
    const struct listed *first = left;
    const struct listed *second = right;

    if (first->order != second->order)
        return first->order < second->order ? -1 : 1;
    return first->step < second->step ? -1 : 1;
}

/* Any order, but for parts of one set. */
static void shuffle(struct listing *listing)
{
    qsort(listing->items, (size_t)listing->count, sizeof(listing->items[0]), compare_order);
    for (int i = 0; i < listing->count; i++)
        listing->items[i].step = i;
}

/* Neighbours that say nothing of each other change places. */
static void stir(struct listing *listing)
{
    for (int i = 0; i < listing->count * 2; i++) {
        int place = world_random_below(&listing->random, listing->count);
        struct listed *first = &listing->items[place];
        struct listed *second = first + 1;
        struct listed held = *first;

        if (place + 1 == listing->count || (first->touches & second->touches) != 0)
            continue;
        *first = *second;
        *second = held;
    }
    for (int i = 0; i < listing->count; i++)
        listing->items[i].step = i;
}

/* ---- a full pass ---- */

void listing_pass(struct listing *listing, const struct source_pass *pass, int seq)
{
    const struct world *world = listing->source->world;
    bool live = listing->source->nature.live;

    for (int i = 0; i < WORLD_OBJECTS; i++) {
        int object = pass->descending ? WORLD_OBJECTS - 1 - i : i;
        int first = listing->count;

        if (!world_at(world, object, seq)->present || (pass->omitted & BIT(object)) != 0)
            continue;
        add_upsert(listing, object, seq, 0, false);
        if (world->is_group[object])
            add_whole(listing, object, seq, listing->source->nature.parts);
        for (int j = first; live && j < listing->count; j++) {
            listing->items[j].step = i * STEPS + j - first;
            if (listing->items[j].repeat == REPEAT_LATER)
                listing->items[j].repeat = REPEAT_AT_ONCE; /* it may be another by then */
        }
    }
    if (!live)
        shuffle(listing);
}

void listing_object(struct listing *listing, int object)
{
    const struct world *world = listing->source->world;

    if (!world_now(world, object)->present) {
        (void)append(listing, CHANGE_DELETE, object);
        return;
    }
    add_upsert(listing, object, world->seq, 0, false);
    if (world->is_group[object])
        add_whole(listing, object, world->seq, listing->source->nature.parts);
}

/* ---- a delta ---- */

/* What happened to one object after `from`, up to `to`. */
struct span {
    int object;
    int from;
    int to;
    bool told;        /* something is to be told of it */
    bool was_present; /* at any time of it */
    uint64_t moved;   /* members that came or went meanwhile, and perhaps back */
    unsigned changed; /* the same of values */
    uint64_t said_again;
    bool manager_said_again;
};

/* A reference that ended with its target needs no word, as long as the target's end is told. */
static bool ended_by_itself(const struct world *world, const struct world_version *version, int to)
{
    const struct world_state *now = world_at(world, version->object, to);
    const struct world_state *before =
        world_at(world, version->object, (int)(version - world->versions) - 1);
    uint64_t gone = before->members & ~version->state.members;
    int manager = before->values[WORLD_MANAGER] - 1;

    if (!version->silent)
        return false;
    for (int i = 0; i < WORLD_OBJECTS; i++)
        if ((gone & BIT(i)) != 0 && (now->members & BIT(i)) == 0 && world_at(world, i, to)->present)
            return false;
    return manager < 0 || version->state.values[WORLD_MANAGER] != 0 ||
           !world_at(world, manager, to)->present;
}

static void note_moves(struct span *span, const struct world_state *before,
                       const struct world_state *after)
{
    span->moved |= before->members ^ after->members;
    for (int which = 0; which < WORLD_VALUES; which++)
        if (before->values[which] != after->values[which])
            span->changed |= 1U << which;
}

static struct span look(const struct listing *listing, int object, int from, int to)
{
    const struct world *world = listing->source->world;
    struct span span = {.object = object, .from = from, .to = to};

    span.was_present = world_at(world, object, from)->present;
    for (int seq = from + 1; seq <= to; seq++) {
        const struct world_version *version = &world->versions[seq];

        if (version->object != object)
            continue;
        note_moves(&span, world_at(world, object, seq - 1), &version->state);
        span.told |= !ended_by_itself(world, version, to);
        span.was_present |= version->state.present;
        span.said_again |= version->said_again;
        span.manager_said_again |= version->manager_said_again;
    }
    return span;
}

/* A live pass may have told what was in between, so that what is as it was is told, too. */
static void add_changed_values(struct listing *listing, const struct span *span)
{
    const struct source *source = listing->source;
    unsigned wanted = span->changed | (span->manager_said_again ? 1U << WORLD_MANAGER : 0);
    bool partial = source->nature.partial && (source->untold & BIT(span->object)) == 0;

    if (wanted != 0 || world_random_chance(&listing->random, 20))
        add_upsert(listing, span->object, span->to, wanted,
                   partial && world_random_chance(&listing->random, 80));
}

static void add_changed_members(struct listing *listing, const struct span *span)
{
    const struct world_state *after = world_at(listing->source->world, span->object, span->to);
    uint64_t added = after->members & (span->moved | span->said_again);
    uint64_t removed = span->moved & ~after->members;

    if ((added | removed) == 0)
        return;
    if (world_random_chance(&listing->random, 40))
        add_whole(listing, span->object, span->to, listing->source->nature.parts);
    else
        add_difference(listing, span->object, named(listing, added, span->to), removed);
}

static void add_span(struct listing *listing, const struct span *span)
{
    const struct world *world = listing->source->world;
    bool is_group = world->is_group[span->object];

    if (!span->told)
        return;
    if (!world_at(world, span->object, span->to)->present) {
        /* of an object that never was in scope it may be said as well */
        if (listing->source->nature.reports_deletes &&
            (span->was_present || world_random_chance(&listing->random, 10)))
            (void)append(listing, CHANGE_DELETE, span->object);
        return;
    }
    if (world_stayed(world, span->object, span->from, span->to)) {
        add_changed_values(listing, span);
        if (is_group)
            add_changed_members(listing, span);
        return;
    }
    add_upsert(listing, span->object, span->to, 0, false);
    if (is_group)
        add_whole(listing, span->object, span->to, listing->source->nature.parts);
}

void listing_delta(struct listing *listing, int from, int to)
{
    const struct world *world = listing->source->world;
    struct span span;

    if (!listing->source->nature.by_log) {
        for (int object = 0; object < world->count; object++) {
            span = look(listing, object, from, to);
            add_span(listing, &span);
        }
        shuffle(listing);
        return;
    }
    for (int seq = from + 1; seq <= to; seq++) {
        span = look(listing, world->versions[seq].object, seq - 1, seq);
        span.told = !world->versions[seq].silent;
        add_span(listing, &span);
    }
    for (int i = 0; i < listing->count; i++)
        if (listing->items[i].repeat == REPEAT_LATER)
            listing->items[i].repeat = REPEAT_AT_ONCE; /* it may be otherwise by then */
    if (listing->count > 0)
        stir(listing);
}
