#include "simulation_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulation_listing.h"

#define BIT(object) (UINT64_C(1) << (object))
#define CURSOR_TEXT_BYTES 64

/* ---- cursors ---- */

enum reading { READ_PASS, READ_DELTA, READ_REST }; /* of a delta: its beginning, and the pages on */

struct place {
    enum reading reading;
    int epoch;
    int pass; /* READ_PASS */
    int from; /* of a delta */
    int to;   /* READ_REST */
    int step;
};

static struct cursor place_write(const struct place *place, struct arena *arena)
{
    const char *text = arena_printf(arena, "%d.%d.%d.%d.%d.%d", (int)place->reading, place->epoch,
                                    place->pass, place->from, place->to, place->step);

    return (struct cursor){.bytes = text, .length = strlen(text)};
}

static bool place_read(struct cursor cursor, struct place *place)
{
    char text[CURSOR_TEXT_BYTES];
    int reading = 0;

    if (cursor.length >= sizeof(text))
        return false;
    memcpy(text, cursor.bytes, cursor.length);
    text[cursor.length] = '\0';
    if (sscanf(text, "%d.%d.%d.%d.%d.%d", &reading, &place->epoch, &place->pass, &place->from,
               &place->to, &place->step) != 6) /* NOLINT(cert-err34-c): our own text */
        return false;
    place->reading = (enum reading)reading;
    return true;
}

/* ---- the one that the connector pulls from ---- */

static struct source *current;

void source_use(struct source *source)
{
    current = source;
}

struct session_of_source {
    struct source *source;
    json_t *pulled; /* what changes of the last pull borrow */
    json_t *fetched;
};

static int fail(enum source_fault fault, struct err *err)
{
    switch (fault) {
    case FAULT_DENIED:
    case FAULT_CLOSED:
        return err_set(err, ERR_SOURCE_DENIED, "the simulated source refuses the account");
    case FAULT_EXPIRED:
        return err_set(err, ERR_CURSOR_EXPIRED, "the simulated source forgot the cursor");
    case FAULT_CUT:
    case FAULT_NONE:
    case FAULT_EMPTY:
    case FAULT_LOST:
    case FAULT_SHRUNK:
    case SOURCE_FAULTS:
        break;
    }
    return err_set(err, ERR_SOURCE_UNAVAILABLE, "the simulated source is cut off");
}

static int source_open(const struct connector_settings *settings, void **session, struct err *err)
{
    struct session_of_source *opened;

    (void)settings;
    *session = NULL;
    if (current->weather.fault == FAULT_CLOSED)
        return fail(FAULT_CLOSED, err);
    opened = calloc(1, sizeof(*opened));
    if (opened == NULL)
        abort();
    opened->source = current;
    current->sessions++;
    *session = opened;
    return 0;
}

static void source_close(void *session)
{
    struct session_of_source *opened = session;

    if (opened == NULL)
        return;
    opened->source->sessions--;
    json_decref(opened->pulled);
    json_decref(opened->fetched);
    free(opened);
}

/* One for all calls, of which only one is under way: it is large, and there are many. */
static struct listing *listing_begin(struct source *source, json_t **held, struct arena *arena)
{
    static struct listing listing;

    json_decref(*held);
    *held = json_array();
    listing.source = source;
    listing.arena = arena;
    listing.held = *held;
    listing.count = 0;
    return &listing;
}

/* ---- what was told ---- */

static void note_from(struct source *source, int seq)
{
    if (seq < source->told.from)
        source->told.from = seq;
}

static void note_end(struct source *source, int seq, bool full, const struct source_pass *pass)
{
    source->told.to = seq;
    source->told.full = full;
    if (pass == NULL)
        return;
    source->told.lied |= pass->omitted;
    source->told.admitted = pass->counts && !source->nature.live;
}

/* ---- pages ---- */

static void add(struct page *page, struct change *changes, const struct change *change)
{
    changes[page->count++] = *change;
}

/* Changes from `step` on; *step is where the next page begins.  True: these were the last. */
static bool fill_page(struct source *source, const struct listing *listing, struct arena *arena,
                      struct page *page, int *step)
{
    int size = 1 + world_random_below(&source->random, source->nature.page_max);
    struct change *changes = arena_array(arena, (size_t)size * 3, sizeof(*changes));
    int first = 0;
    int i;

    while (first < listing->count && listing->items[first].step < *step)
        first++;
    for (i = first; i < listing->count && i < first + size; i++) {
        const struct listed *item = &listing->items[i];
        const struct listed *earlier = &listing->items[world_random_below(&source->random, i + 1)];

        add(page, changes, &item->change);
        *step = item->step + 1;
        if (item->repeat != REPEAT_NEVER &&
            world_random_chance(&source->random, source->weather.repeats))
            add(page, changes, &item->change);
        if (earlier->repeat == REPEAT_LATER &&
            world_random_chance(&source->random, source->weather.repeats))
            add(page, changes, &earlier->change);
    }
    page->changes = changes;
    return i >= listing->count;
}

static int begin_pass(struct source *source)
{
    struct world *world = source->world;
    struct source_pass *pass = &source->passes[source->pass_count];
    enum source_fault fault = source->weather.fault;

    if (source->pass_count + 1 >= SOURCE_PASSES)
        abort();
    *pass = (struct source_pass){.start = world->seq,
                                 .descending = world_random_chance(&source->random, 50),
                                 .counts = source->nature.counts};
    for (int i = 0; i < world->count; i++)
        if (world_now(world, i)->present &&
            (fault == FAULT_EMPTY ||
             (fault == FAULT_SHRUNK && world_random_chance(&source->random, 50))))
            pass->omitted |= BIT(i);
    source->untold |= pass->omitted;
    if (pass->omitted != 0)
        pass->counts = source->nature.counts && source->weather.admits;
    return source->pass_count++;
}

static int64_t count_at(const struct world *world, bool groups, int seq, uint64_t less)
{
    int64_t count = 0;

    for (int i = 0; i < world->count; i++)
        if (world->is_group[i] == groups && (less & BIT(i)) == 0 &&
            world_at(world, i, seq)->present)
            count++;
    return count;
}

static void pull_pass(struct source *source, struct listing *listing, struct place *place,
                      struct page *page)
{
    const struct source_pass *pass = &source->passes[place->pass];
    int seq = source->nature.live ? source->world->seq : pass->start;

    listing->random.state = (uint64_t)place->pass * 7919;
    listing_pass(listing, pass, seq);
    note_from(source, seq);
    page->caught_up = fill_page(source, listing, listing->arena, page, &place->step);
    if (!page->caught_up)
        return;
    note_end(source, pass->start, true, pass);
    *place = (struct place){
        .reading = READ_DELTA, .epoch = source->epoch, .from = pass->start, .to = pass->start};
    if (source->nature.live || !source->nature.counts)
        return;
    page->expected_users = count_at(source->world, false, seq, pass->counts ? 0 : pass->omitted);
    page->expected_groups = count_at(source->world, true, seq, pass->counts ? 0 : pass->omitted);
}

static void pull_delta(struct source *source, struct listing *listing, struct place *place,
                       struct page *page)
{
    enum source_fault fault = source->weather.fault;

    if (place->reading == READ_DELTA) {
        place->reading = READ_REST;
        place->to = source->world->seq;
        place->step = 0;
    }
    if (fault == FAULT_EMPTY)
        place->to = place->from;
    if (fault == FAULT_LOST) {
        for (int seq = place->from + 1; seq <= place->to; seq++)
            source->untold |= BIT(source->world->versions[seq].object);
    } else {
        listing->random.state = (uint64_t)place->from * 7919 + (uint64_t)place->to;
        listing_delta(listing, place->from, place->to);
    }
    note_from(source, source->nature.by_log ? place->from : place->to);
    page->caught_up = fill_page(source, listing, listing->arena, page, &place->step);
    if (!page->caught_up)
        return;
    note_end(source, place->to, false, NULL);
    *place = (struct place){
        .reading = READ_DELTA, .epoch = source->epoch, .from = place->to, .to = place->to};
}

/* 1: the weather lets it pass. */
static int weather(struct source *source, struct cursor from, struct err *err)
{
    struct source_weather *now = &source->weather;

    if (now->pulling != NULL)
        now->pulling(now->context);
    if (source->told.pulls++ < now->after || now->times <= 0)
        return 1;
    if (now->fault == FAULT_EXPIRED) {
        if (from.length == 0)
            return 1;
        now->times--;
        source->epoch++;
        return fail(now->fault, err);
    }
    return now->fault == FAULT_CUT || now->fault == FAULT_DENIED ? fail(now->fault, err) : 1;
}

static int source_pull(void *session, struct cursor from, struct arena *arena, struct page *page,
                       struct err *err)
{
    struct session_of_source *opened = session;
    struct source *source = opened->source;
    struct place place = {.reading = READ_PASS, .epoch = source->epoch};
    struct listing *listing;

    if (weather(source, from, err) < 0)
        return -1;
    if (world_random_chance(&source->random, source->weather.happenings))
        world_happen(source->world);
    if (from.length == 0) {
        place.pass = begin_pass(source);
    } else if (!place_read(from, &place)) {
        source->broke = true;
        return err_set(err, ERR_INTERNAL, "a cursor that nobody gave");
    }
    if (place.epoch != source->epoch)
        return fail(FAULT_EXPIRED, err);
    *page = (struct page){.expected_users = -1, .expected_groups = -1};
    listing = listing_begin(source, &opened->pulled, arena);
    if (place.reading == READ_PASS)
        pull_pass(source, listing, &place, page);
    else
        pull_delta(source, listing, &place, page);
    page->next = place_write(&place, arena);
    return 0;
}

static int source_fetch(void *session, enum object_kind object, const char *source_id,
                        struct arena *arena, struct page *page, struct err *err)
{
    struct session_of_source *opened = session;
    struct source *source = opened->source;
    int wanted = world_object(source_id);
    struct listing *listing;
    struct change *changes;

    if (source->weather.fault == FAULT_CUT && source->told.pulls > source->weather.after)
        return fail(FAULT_CUT, err);
    if (wanted == WORLD_NOBODY || wanted >= source->world->count ||
        source->world->is_group[wanted] != (object == OBJECT_GROUP)) {
        source->broke = true;
        return err_set(err, ERR_INTERNAL, "there never was such an object: %s", source_id);
    }
    listing = listing_begin(source, &opened->fetched, arena);
    listing->random.state = (uint64_t)wanted;
    listing_object(listing, wanted);
    changes = arena_array(arena, (size_t)listing->count, sizeof(*changes));
    *page = (struct page){
        .changes = changes, .caught_up = true, .expected_users = -1, .expected_groups = -1};
    for (int i = 0; i < listing->count; i++)
        add(page, changes, &listing->items[i].change);
    note_from(source, source->world->seq);
    return 0;
}

/* ---- the source ---- */

void source_begin(struct source *source, struct world *world, uint64_t seed)
{
    struct world_random *random = &source->random;

    *source = (struct source){.world = world, .random = {seed * UINT64_C(0xa0761d6478bd642f) + 3}};
    source->nature = (struct source_nature){
        .by_log = world_random_chance(random, 40),
        .live = world_random_chance(random, 50),
        .partial = world_random_chance(random, 50),
        .lists_absent = world_random_chance(random, 50),
        .unknown_kinds = world_random_chance(random, 30),
        .counts = world_random_chance(random, 50),
        .reports_deletes = world_random_chance(random, 85),
        .parts = 1 + world_random_below(random, 3),
        .page_max = 2 + world_random_below(random, 12),
    };
    if (!source->nature.reports_deletes)
        world->silent_ends = false; /* what ends with its target ends where that is told */
}

void source_arm(struct source *source, const struct source_weather *weather_now)
{
    source->weather = *weather_now;
    source->told = (struct source_told){.from = WORLD_VERSIONS};
}

const char *source_fault_name(enum source_fault fault)
{
    static const char *const names[SOURCE_FAULTS] = {
        [FAULT_NONE] = "fine",       [FAULT_CUT] = "cut",       [FAULT_DENIED] = "denied",
        [FAULT_EXPIRED] = "expired", [FAULT_CLOSED] = "closed", [FAULT_EMPTY] = "empty",
        [FAULT_LOST] = "lost",       [FAULT_SHRUNK] = "shrunk",
    };

    return names[fault];
}

static void source_test(const struct connector_settings *settings, struct findings *findings)
{
    (void)settings;
    (void)findings;
}

static const struct connector_setting no_settings[] = {{.name = NULL}};

const struct connector source_connector = {
    .name = "simulated",
    .reports_deletes = true,
    .settings = no_settings,
    .open = source_open,
    .pull = source_pull,
    .fetch = source_fetch,
    .test = source_test,
    .close = source_close,
};

const struct connector source_quiet_connector = {
    .name = "quiet",
    .reports_deletes = false,
    .settings = no_settings,
    .open = source_open,
    .pull = source_pull,
    .fetch = source_fetch,
    .test = source_test,
    .close = source_close,
};
