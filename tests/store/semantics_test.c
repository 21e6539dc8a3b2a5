/* Holds the two halves of "one semantics everywhere" together: random filters over random resources
 * find the same by SQL (store/search) as in memory (scim/match), on one page, on many, and by
 * cursor.  A failure prints the row's seed and the filter. */
#include "random_resources.h"

#include "scim/match.h"

#define FILTER_DEPTH 4

static struct semantics_case {
    const char *name;
    const char *type;
    uint64_t seed;
    size_t resources;
    size_t filters;
} cases[] = {
    {"users, first seed",            "User",   1,         40, 500},
    {"users, second seed",           "User",   20240501,  40, 500},
    {"users, third seed",            "User",   77,        40, 500},
    {"groups, first seed",           "Group",  3,         15, 400},
    {"groups, second seed",          "Group",  4711,      15, 400},
    {"a tenant's type, first seed",  "Device", 5,         40, 500},
    {"a tenant's type, second seed", "Device", 987654321, 40, 500},
    {"a tenant's type, third seed",  "Device", 31,        40, 500},
};

#define PEOPLE_MAX 64
#define GROUPS_MAX 16
#define ID_BYTES 16
#define FEW 10 /* resources of types that are not searched */

struct subject {
    char id[ID_BYTES];
    json_t *framed; /* what match sees */
    int64_t pk;
};

struct world {
    struct population population;
    struct random random;
    const struct resource_type *type;
    const struct subject *subjects; /* of the type, in order of creation */
    size_t count;
    struct subject groups[GROUPS_MAX];
    size_t group_count;
    struct subject users[PEOPLE_MAX];
    size_t user_count;
    struct subject devices[PEOPLE_MAX];
    size_t device_count;
    bool holds_user[GROUPS_MAX][PEOPLE_MAX];
    bool holds_group[GROUPS_MAX][GROUPS_MAX];
};

static json_t *framed(const struct newcomer *newcomer)
{
    const struct resource_frame frame = {.type = newcomer->type,
                                         .id = newcomer->id,
                                         .version = newcomer->row.version,
                                         .created_us = newcomer->row.created_us,
                                         .modified_us = newcomer->row.modified_us,
                                         .base_url = "https://localhost/t/scim/v2"};

    return resource_framed(&frame, newcomer->document);
}

static int add_subject(struct session *session, struct world *world,
                       const struct resource_type *type, struct subject *subject, struct err *err)
{
    CLEANUP(json_decrefp) json_t *document = random_document(&world->random, type);
    struct newcomer newcomer = {.type = type,
                                .document = document,
                                .arena = world->population.fixture.arena,
                                .id = subject->id};

    (void)snprintf(subject->id, sizeof(subject->id), "%s%zu", type->name, world->random.serial++);
    newcomer.created_us = POPULATION_TIME_US + (int64_t)random_below(&world->random, 4) * 500;
    newcomer.modified_us = newcomer.created_us + (int64_t)random_below(&world->random, 4) * 500;
    if (population_write(session, &newcomer, err) < 0)
        return -1;
    subject->pk = newcomer.row.pk;
    subject->framed = framed(&newcomer);
    return 0;
}

static int add_subjects(struct session *session, struct world *world,
                        const struct resource_type *type, struct subject *subjects, size_t count,
                        struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (add_subject(session, world, type, &subjects[i], err) < 0)
            return -1;
    }
    return 0;
}

/* Members of one group; cycles come about. */
static int join(struct session *session, struct world *world, size_t group, struct err *err)
{
    struct member_name names[PEOPLE_MAX + GROUPS_MAX];
    struct joining joining = {
        .arena = world->population.fixture.arena,
        .group_pk = world->groups[group].pk,
        .names = {.items = names, .present = true}
    };

    for (size_t u = 0; u < world->user_count; u++) {
        world->holds_user[group][u] = random_below(&world->random, 8) == 0;
        if (world->holds_user[group][u])
            names[joining.names.count++] = (struct member_name){.value = world->users[u].id};
    }
    for (size_t g = 0; g < world->group_count; g++) {
        world->holds_group[group][g] = random_below(&world->random, 12) == 0;
        if (world->holds_group[group][g])
            names[joining.names.count++] = (struct member_name){.value = world->groups[g].id};
    }
    return population_join(session, &joining, err);
}

static int populate(struct session *session, void *argument, struct err *err)
{
    struct world *world = argument;
    const struct population *population = &world->population;

    if (add_subjects(session, world, population->user, world->users, world->user_count, err) < 0 ||
        add_subjects(session, world, population->group, world->groups, world->group_count, err) <
            0 ||
        add_subjects(session, world, population->device, world->devices, world->device_count, err) <
            0)
        return -1;
    for (size_t g = 0; g < world->group_count; g++) {
        if (join(session, world, g, err) < 0)
            return -1;
    }
    return 0;
}

static const json_t *display_of(const json_t *resource)
{
    const json_t *display = json_object_get(resource, "displayName");

    return display != NULL ? display : json_object_get(resource, "userName");
}

static void name_member(json_t *list, const struct subject *subject, const char *type)
{
    json_t *element = json_pack("{s:s, s:s}", "value", subject->id, "type", type);
    const json_t *display = display_of(subject->framed);

    if (display != NULL)
        (void)json_object_set_new(element, "display", json_deep_copy(display));
    (void)json_array_append_new(list, element);
}

/* Puts what is computed from memberships into what match sees. */
static void frame_members(struct world *world)
{
    for (size_t g = 0; g < world->group_count; g++) {
        json_t *list = json_array();
        for (size_t u = 0; u < world->user_count; u++) {
            if (world->holds_user[g][u])
                name_member(list, &world->users[u], "User");
        }
        for (size_t o = 0; o < world->group_count; o++) {
            if (world->holds_group[g][o])
                name_member(list, &world->groups[o], "Group");
        }
        (void)json_object_set_new(world->groups[g].framed, "members", list);
    }
}

/* reaches[g][o]: g holds o, or holds one that reaches it. */
static void close_over(struct world *world, bool reaches[GROUPS_MAX][GROUPS_MAX])
{
    memcpy(reaches, world->holds_group, sizeof(world->holds_group));
    for (size_t k = 0; k < world->group_count; k++)
        for (size_t g = 0; g < world->group_count; g++)
            for (size_t o = 0; o < world->group_count; o++)
                reaches[g][o] = reaches[g][o] || (reaches[g][k] && reaches[k][o]);
}

static void frame_groups(struct world *world)
{
    bool reaches[GROUPS_MAX][GROUPS_MAX];

    close_over(world, reaches);
    for (size_t u = 0; u < world->user_count; u++) {
        json_t *list = json_array();
        for (size_t g = 0; g < world->group_count; g++) {
            bool indirect = false;
            for (size_t o = 0; o < world->group_count; o++)
                indirect = indirect || (reaches[g][o] && world->holds_user[o][u]);
            if (world->holds_user[g][u])
                name_member(list, &world->groups[g], "direct");
            else if (indirect)
                name_member(list, &world->groups[g], "indirect");
        }
        (void)json_object_set_new(world->users[u].framed, "groups", list);
    }
}

static void world_start(struct world *world, const struct semantics_case *row)
{
    const bool of_users = strcmp(row->type, "User") == 0;
    const bool of_groups = strcmp(row->type, "Group") == 0;

    memset(world, 0, sizeof(*world));
    population_start(&world->population);
    world->random.state = row->seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    world->type = schema_set_type_by_name(world->population.set, row->type);
    assert_non_null(world->type);
    world->user_count = of_users ? row->resources : FEW;
    world->group_count = of_groups ? row->resources : FEW;
    world->device_count = of_users || of_groups ? FEW : row->resources;
    world->count = row->resources;
    world->subjects = of_users ? world->users : of_groups ? world->groups : world->devices;

    fixture_transact(&world->population.fixture, populate, world);
    frame_members(world);
    frame_groups(world);
}

static void drop_subjects(struct subject *subjects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_decref(subjects[i].framed);
}

static void world_stop(struct world *world)
{
    drop_subjects(world->users, world->user_count);
    drop_subjects(world->groups, world->group_count);
    drop_subjects(world->devices, world->device_count);
    population_stop(&world->population);
}

struct trial {
    struct world *world;
    const struct semantics_case *row;
    const char *text;
    const struct filter *filter;
    const char *expected[PEOPLE_MAX]; /* ids in order of creation */
    size_t expected_count;
};

static void differ(const struct trial *trial, const char *what, const struct finding *found)
{
    CLEANUP(buf_free) struct buf ids = {0};

    for (size_t i = 0; i < trial->expected_count; i++)
        buf_printf(&ids, " %s", trial->expected[i]);
    buf_puts(&ids, "\nfound by SQL:");
    for (size_t i = 0; i < found->count; i++)
        buf_printf(&ids, " %s", found->ids[i]);
    fail_msg("seed %llu, %s\nfilter: %s\nmatch says:%s\ntotal %lld",
             (unsigned long long)trial->row->seed, what, trial->text, buf_text(&ids),
             (long long)found->result.total);
}

static void assert_finds(const struct trial *trial, const char *what, const struct finding *found)
{
    bool same = found->count == trial->expected_count &&
                found->result.total == (int64_t)trial->expected_count;

    for (size_t i = 0; same && i < found->count; i++)
        same = strcmp(found->ids[i], trial->expected[i]) == 0;
    if (!same)
        differ(trial, what, found);
}

static void add_page(struct finding *all, const struct finding *page)
{
    for (size_t i = 0; i < page->count; i++)
        all->ids[all->count++] = page->ids[i];
    all->result.total = page->result.total;
}

/* Pages by index, then pages by cursor, put together. */
static void find_in_pages(const struct trial *trial, struct search search)
{
    struct finding all = {0};
    struct finding page;
    struct page_cursor cursor;

    search.count = (int64_t)random_below(&trial->world->random, 7) + 1;
    for (search.start_index = 1; search.start_index <= (int64_t)trial->expected_count + 1;
         search.start_index += search.count) {
        population_find(&trial->world->population, &search, &page);
        add_page(&all, &page);
    }
    assert_finds(trial, "index paging", &all);

    all.count = 0;
    search.start_index = 1;
    search.by_cursor = true;
    do {
        population_find(&trial->world->population, &search, &page);
        add_page(&all, &page);
        cursor = page.result.next;
        search.cursor = &cursor;
    } while (page.result.more && all.count < PEOPLE_MAX);
    assert_finds(trial, "cursor paging", &all);
}

static void try_filter(struct world *world, const struct semantics_case *row, const char *text)
{
    struct fixture *fixture = &world->population.fixture;
    const struct filter_reader reader = {.type = world->type, .limits = &scim_limits_default};
    struct trial trial = {.world = world, .row = row, .text = text};
    struct search_part part = {.type = world->type};
    struct search search = {.parts = &part, .part_count = 1, .start_index = 1, .count = FOUND_MAX};
    struct finding found;

    if (filter_parse(&reader, fixture->arena, text, strlen(text), &trial.filter, &fixture->err) < 0)
        fail_msg("seed %llu: %s\n%s", (unsigned long long)row->seed, text, fixture->err.detail);
    part.filter = trial.filter;
    for (size_t i = 0; i < world->count; i++) {
        if (match_resource(trial.filter, world->subjects[i].framed))
            trial.expected[trial.expected_count++] = world->subjects[i].id;
    }
    population_find(&world->population, &search, &found);
    assert_finds(&trial, "one page", &found);
    if (random_below(&world->random, 8) == 0)
        find_in_pages(&trial, search);
}

static void finds_what_match_finds(void **state)
{
    const struct semantics_case *row = *state;
    struct world *world = calloc(1, sizeof(*world));
    const struct scim_limits *limits = &scim_limits_default;

    world_start(world, row);
    for (size_t i = 0; i < row->filters; i++) {
        struct buf text = {0};
        struct filter_writer writer = {
            .random = &world->random, .type = world->type, .text = &text};
        write_filter(&writer, NULL, random_below(&world->random, FILTER_DEPTH));
        if (text.length <= limits->filter_bytes)
            try_filter(world, row, text.bytes);
        buf_free(&text);
        arena_reset(world->population.fixture.arena);
    }
    world_stop(world);
    free(world);
}

int main(void)
{
    return RUN_TABLE("semantics", cases, finds_what_match_finds);
}
