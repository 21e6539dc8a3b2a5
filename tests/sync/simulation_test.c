/* The engine against a directory that doesn't exist, with a history and faults by chance: each seed
 * is another one (simulation_run.h), a row is a block of seeds.
 *
 *   SCIMD_SIMULATION_SEED=17         plays that one and tells what happens
 *   SCIMD_SIMULATION_SEEDS=1..5000   another range */
#include "directory/directory_fixture.h"

#include "table.h"

#include "simulation_observer.h"
#include "simulation_run.h"

#define SEEDS 2000
#define BLOCK 100
#define BLOCKS_MAX 1000
#define SHOWN 5       /* failures of a block */
#define MAINTAINED 10 /* seeds between two housekeepings */

/* ---- the source by itself ---- */

static struct source_case {
    const char *name;
    bool by_log;
    bool live;
    bool reports_deletes;
    int repeats;
} source_cases[] = {
    {"a log, of a moment",                       true,  false, true,  0 },
    {"a log, of a moment, with repeats",         true,  false, true,  30},
    {"a log, as it goes",                        true,  true,  true,  0 },
    {"a log, as it goes, with repeats",          true,  true,  true,  30},
    {"what became of it, of a moment",           false, false, true,  0 },
    {"what became of it, with repeats",          false, false, true,  30},
    {"what became of it, as it goes",            false, true,  true,  0 },
    {"what became of it, live, with repeats",    false, true,  true,  30},
    {"deletes only in full passes",              true,  false, false, 10},
    {"deletes only in full passes, what became", false, true,  false, 10},
};

#define SOURCE_SEEDS 50
#define SOURCE_STEPS 6

static const char *observe(const struct source_case *given, struct world *world,
                           struct source *source, uint64_t seed)
{
    static char words[128];
    struct observer observer = {.connector = &source_connector};
    struct source_weather fine = {.repeats = given->repeats};
    int object = 0;
    struct err err = {0};

    for (int i = 0; i < SOURCE_STEPS; i++) {
        bool full = i == 0 || i == SOURCE_STEPS - 2;

        for (int j = 0; j < i * 3; j++)
            world_happen(world);
        /* what happens under a pull is told by the one that follows */
        fine.happenings = i % 2 == 0 ? 30 : 0;
        source_arm(source, &fine);
        (void)snprintf(words, sizeof(words), "seed %d step %d", (int)seed, i);
        if (observer_pull(&observer, full, &err) < 0 || observer.broken > 0)
            return words;
        if (fine.happenings > 0 || !given->reports_deletes)
            continue;
        if (!observer_agrees(&observer, world, &object))
            return words;
    }
    fine.happenings = 0;
    source_arm(source, &fine);
    if (observer_pull(&observer, true, &err) < 0 || !observer_agrees(&observer, world, &object))
        return words;
    return NULL;
}

static void tells_all(void **row)
{
    const struct source_case *given = *row;
    struct world *world = calloc(1, sizeof(*world));
    struct source *source = calloc(1, sizeof(*source));
    const char *words = NULL;

    assert_non_null(world);
    assert_non_null(source);
    for (uint64_t seed = 1; seed <= SOURCE_SEEDS && words == NULL; seed++) {
        world_begin(world, seed);
        source_begin(source, world, seed);
        source->nature.by_log = given->by_log;
        source->nature.live = given->live;
        source->nature.reports_deletes = given->reports_deletes;
        world->silent_ends = world->silent_ends && given->reports_deletes;
        source_use(source);
        words = observe(given, world, source, seed);
    }
    free(source);
    free(world);
    if (words != NULL)
        fail_msg("%s", words);
}

/* ---- the model by itself ---- */

/* A person (0) with title and manager (1), a group (2) with both; then something is done to them.
 */
enum deed { DO_NOTHING, DO_DELETE, DO_DEACTIVATE, DO_BLANK, DO_PART, DO_RENEW, DO_ADD, DO_TOUCH };

static struct model_case {
    const char *name;
    enum deed deed; /* in the database */
    bool left;      /* in the source, before it */
    enum source_removal removal;
    enum run_state state;
    bool applied;
    bool approved;
    bool dry;
    bool lied;
    int64_t percent;
    bool fine;
} model_cases[] = {
    {"nothing happens",                 DO_NOTHING,    false, REMOVAL_DEACTIVATE, RUN_APPLIED, true,  false, false,
     false,                                                                                                                50, true },
    {"deleted, and never left",         DO_DELETE,     false, REMOVAL_DELETE,     RUN_APPLIED, true,  false, false,
     false,                                                                                                                50, false},
    {"deleted, and left",               DO_DELETE,     true,  REMOVAL_DELETE,     RUN_APPLIED, true,  false, false, false,
     50,                                                                                                                       true },
    {"deleted, and left out of a pass", DO_DELETE,     false, REMOVAL_DELETE,     RUN_APPLIED, true,  false,
     false,                                                                                                         true,  50, true },
    {"deleted, against the policy",     DO_DELETE,     true,  REMOVAL_DEACTIVATE, RUN_APPLIED, true,  false,
     false,                                                                                                         false, 50, false},
    {"deleted, and to be kept",         DO_DELETE,     true,  REMOVAL_KEEP,       RUN_APPLIED, true,  false, false,
     false,                                                                                                                50, false},
    {"deleted over the guard",          DO_DELETE,     true,  REMOVAL_DELETE,     RUN_APPLIED, true,  false, false,
     false,                                                                                                                0,  false},
    {"deleted over it, with approval",  DO_DELETE,     true,  REMOVAL_DELETE,     RUN_APPLIED, true,  true,
     false,                                                                                                         false, 0,  true },
    {"deleted by a run that is held",   DO_DELETE,     true,  REMOVAL_DELETE,     RUN_HELD,    true,  false, false,
     false,                                                                                                                50, false},
    {"deleted before the judgement",    DO_DELETE,     true,  REMOVAL_DELETE,     RUN_FAILED,  false, false,
     false,                                                                                                         false, 50, false},
    {"deleted, then the run failed",    DO_DELETE,     true,  REMOVAL_DELETE,     RUN_FAILED,  true,  false,
     false,                                                                                                         false, 50, true },
    {"deactivated, and never left",     DO_DEACTIVATE, false, REMOVAL_DEACTIVATE, RUN_APPLIED, true,
     false,                                                                                                  false, false, 50, false},
    {"deactivated, and left",           DO_DEACTIVATE, true,  REMOVAL_DEACTIVATE, RUN_APPLIED, true,  false,
     false,                                                                                                         false, 50, true },
    {"blanked, and there",              DO_BLANK,      false, REMOVAL_DEACTIVATE, RUN_APPLIED, true,  false, false,
     false,                                                                                                                50, false},
    {"parted, and a member",            DO_PART,       false, REMOVAL_DEACTIVATE, RUN_APPLIED, true,  false, false,
     false,                                                                                                                50, false},
    {"parted, and left",                DO_PART,       true,  REMOVAL_DEACTIVATE, RUN_APPLIED, true,  false, false, false,
     50,                                                                                                                       true },
    {"another id",                      DO_RENEW,      false, REMOVAL_DEACTIVATE, RUN_APPLIED, true,  false, false, false, 50,
     false                                                                                                                          },
    {"a dry run that adds",             DO_ADD,        false, REMOVAL_DEACTIVATE, RUN_HELD,    false, false, true,  false,
     50,                                                                                                                       false},
    {"a run that adds",                 DO_ADD,        false, REMOVAL_DEACTIVATE, RUN_HELD,    false, false, false, false, 50,
     true                                                                                                                           },
    {"a dry run that touches",          DO_TOUCH,      false, REMOVAL_DEACTIVATE, RUN_HELD,    false, false, true,
     false,                                                                                                                50, false},
};

enum { PERSON_PLACE, MANAGER_PLACE, GROUP_PLACE, NEW_PLACE };

static void hold(struct picture *picture, const struct world *world, int place)
{
    struct held *held = &picture->held[place];

    *held = (struct held){.there = true, .version = 1, .active = true};
    (void)snprintf(held->id, sizeof(held->id), "id-%d", place);
    memcpy(held->values, world_now(world, place)->values, sizeof(held->values));
    held->members = world_now(world, place)->members;
    picture->links[place].state = LINK_LIVE;
}

static void begin_small(struct world *world, struct picture *picture)
{
    for (int i = 0; i < 3; i++)
        (void)world_add(world, i == GROUP_PLACE, 0);
    world_set(world, PERSON_PLACE, WORLD_TITLE, 7);
    world_set(world, PERSON_PLACE, WORLD_MANAGER, MANAGER_PLACE + 1);
    world_join(world, GROUP_PLACE, PERSON_PLACE, true);
    world_join(world, GROUP_PLACE, MANAGER_PLACE, true);
    for (int i = 0; i < 3; i++)
        hold(picture, world, i);
}

static void do_deed(enum deed deed, struct picture *picture)
{
    struct held *person = &picture->held[PERSON_PLACE];

    person->version += deed != DO_NOTHING;
    person->active = deed != DO_DEACTIVATE;
    if (deed == DO_DELETE)
        *person = (struct held){.there = false};
    if (deed == DO_DELETE || deed == DO_PART)
        picture->held[GROUP_PLACE].members &= ~UINT64_C(1);
    if (deed == DO_BLANK)
        person->values[WORLD_TITLE] = 0;
    if (deed == DO_RENEW)
        (void)snprintf(person->id, sizeof(person->id), "another");
    if (deed == DO_ADD)
        picture->held[NEW_PLACE] = (struct held){.there = true, .version = 1, .id = "new"};
}

static void judges(void **row)
{
    const struct model_case *given = *row;
    struct world *world = calloc(1, sizeof(*world));
    struct model *model = calloc(1, sizeof(*model));
    struct picture *pictures = calloc(2, sizeof(*pictures));
    struct model_run run = {.state = given->state,
                            .dry = given->dry,
                            .approved = given->approved,
                            .applied = given->applied};
    bool fine;

    assert_true(world != NULL && model != NULL && pictures != NULL);
    begin_small(world, &pictures[0]);
    model->world = world;
    model->policy = (struct model_policy){.removal = given->removal,
                                          .guard = {.percent = given->percent},
                                          .canary = WORLD_NOBODY,
                                          .protected = WORLD_NOBODY};
    model->confirmed = world->seq;
    run.told = (struct source_told){.from = world->seq, .lied = given->lied ? 1 : 0};
    if (given->left)
        world_delete(world, PERSON_PLACE);
    pictures[1] = pictures[0];
    do_deed(given->deed, &pictures[1]);
    fine = model_check(model, &pictures[0], &pictures[1], &run);
    free(pictures);
    free(model);
    free(world);
    assert_int_equal(fine, given->fine);
}

/* ---- all of it ---- */

static struct fixture fixture;
static struct simulation_figures figures;

/* Where nothing is written to a disk, if there is such a place. */
static int open_fixture(void)
{
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    struct err err = {0};

    fixture.actor = (struct actor){.name = "scim", .request_id = "r-1", .park_members = true};
    (void)snprintf(fixture.directory, sizeof(fixture.directory), "%s/scimd-test-XXXXXX", place);
    if (mkdtemp(fixture.directory) == NULL || fixture_start(&fixture) < 0)
        return -1;
    fixture.arena = arena_new(ARENA_BLOCK_BYTES);
    if (tenants_create(fixture.tenants, &fixture_admin, "acme", NULL, &err) < 0)
        return fixture_failed("tenants_create", &err);
    if (tenants_find(fixture.tenants, "acme", &fixture.tenant, &err) < 0)
        return fixture_failed("tenants_find", &err);
    return 0;
}

static struct block {
    const char *name;
    uint64_t first;
    uint64_t last;
    char text[48];
} blocks[BLOCKS_MAX];

static bool is_verbose(void)
{
    return getenv("SCIMD_SIMULATION_SEED") != NULL;
}

static void plays(void **row)
{
    const struct block *block = *row;
    int failures = 0;
    struct err err = {0};

    for (uint64_t seed = block->first; seed <= block->last; seed++) {
        char words[MODEL_WORDS_BYTES];

        if (seed % MAINTAINED == 0) /* else reading slows down with all that was ever written */
            assert_int_equal(store_maintain(fixture.tenant->scope.database, &err), 0);
        if (simulation_play(&fixture, seed, is_verbose(), &figures, words))
            continue;
        if (failures++ < SHOWN)
            (void)fprintf(stderr, "SIMULATION SEED %llu: %s\n", (unsigned long long)seed, words);
    }
    if (failures > 0)
        fail_msg("%d seeds of %s failed", failures, block->name);
}

static size_t make_blocks(uint64_t first, uint64_t last)
{
    size_t count = 0;

    for (uint64_t seed = first; seed <= last && count < BLOCKS_MAX; seed += BLOCK) {
        struct block *block = &blocks[count++];

        block->first = seed;
        block->last = seed + BLOCK - 1 < last ? seed + BLOCK - 1 : last;
        (void)snprintf(block->text, sizeof(block->text), "seeds %llu to %llu",
                       (unsigned long long)block->first, (unsigned long long)block->last);
        block->name = block->text;
    }
    return count;
}

/* Beyond the range, for what they once found. */
static const struct {
    uint64_t seed;
    const char *name;
} remembered[] = {
    {2706,  "who is kept stays somebody's manager, held"   },
    {6306,  "who is kept stays somebody's manager, stopped"},
    {11479, "a dry run is told of one object in two pages" },
};

static size_t add_remembered(size_t count)
{
    for (size_t i = 0; i < ARRAY_LENGTH(remembered); i++)
        blocks[count++] = (struct block){
            .name = remembered[i].name, .first = remembered[i].seed, .last = remembered[i].seed};
    return count;
}

static size_t choose_blocks(void)
{
    const char *one = getenv("SCIMD_SIMULATION_SEED");
    const char *range = getenv("SCIMD_SIMULATION_SEEDS");
    const char *dots = range != NULL ? strstr(range, "..") : NULL;

    if (one != NULL)
        return make_blocks(strtoull(one, NULL, 10), strtoull(one, NULL, 10));
    if (dots != NULL)
        return make_blocks(strtoull(range, NULL, 10), strtoull(dots + 2, NULL, 10));
    return add_remembered(make_blocks(1, SEEDS));
}

int main(void)
{
    size_t count = choose_blocks();
    int failed;

    failed = RUN_TABLE("simulation source", source_cases, tells_all) +
             RUN_TABLE("simulation model", model_cases, judges);
    if (open_fixture() < 0)
        return 1;
    failed += table_run("simulation", blocks, count, sizeof(blocks[0]), plays);
    print_message("# %d runs: %d applied, %d held, %d failed; %d approved; %d pulls\n",
                  figures.runs, figures.applied, figures.held, figures.failed, figures.approved,
                  figures.pulls);
    fixture_close(&fixture);
    return failed;
}
