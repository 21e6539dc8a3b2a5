#include "simulation_run.h"

#include "directory/directory_fixture.h"

#include "store/sync_rows.h"

#include "simulation_policy.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)
#define BEGIN_US (INT64_C(1700000000) * SECOND_US)
#define ROUNDS 3 /* of healthy runs, until all that waited for another is there */
#define RESUMES 20
#define FIRST_TENANT 1000
#define FIRST_SOURCE 1000000 /* no run has such a number */

/* What somebody does to a run from outside. */
enum meddling { MEDDLE_NOT, MEDDLE_STEAL, MEDDLE_STOP, MEDDLE_END };

struct simulation {
    uint64_t seed;
    bool verbose;
    struct world_random random;
    struct fixture *fixture;
    struct tenant tenant; /* the fixture's, under another number */
    struct world world;
    struct source source;
    struct model model;
    struct source_definition *definition; /* owned */
    struct connector_settings settings;
    int64_t fence;
    int64_t run;
    struct simulation_figures *figures;

    /* Of the run under way. */
    enum meddling meddling;
    int patience; /* pulls and transactions until it happens */
    bool meddled;
    bool in_pull; /* that is where it did */
    bool applies; /* the engine writes what was staged */
    atomic_bool stop;
    struct picture stolen; /* as it was when the lease was lost */

    struct picture pictures[2];
    int now;       /* which of them is the last */
    int told_from; /* of what may be staged */
    int told_seq;  /* the last version that verbose told */
};

static int64_t now_us;

static int64_t source_number(const struct simulation *simulation)
{
    return FIRST_SOURCE + (int64_t)simulation->seed;
}

static int64_t clock_of_simulation(void)
{
    return now_us;
}

/* ---- a seed's set-up ---- */

static bool set_up(struct simulation *simulation)
{
    static const struct connector *const connectors[] = {&source_connector, &source_quiet_connector,
                                                         NULL};
    struct fixture *fixture = simulation->fixture;
    const struct source_reader reader = {.schemas = fixture->tenant->schemas,
                                         .connectors = connectors};
    const char *text;
    struct err err = {0};

    world_begin(&simulation->world, simulation->seed);
    source_begin(&simulation->source, &simulation->world, simulation->seed);
    source_use(&simulation->source);
    simulation->random.state = simulation->seed * UINT64_C(0xe7037ed1a0b428db) + 2;
    simulation->model.world = &simulation->world;
    policy_choose(&simulation->model.policy, &simulation->world, &simulation->random);
    text = policy_text(&simulation->model.policy, &simulation->source, fixture->arena);
    if (simulation->verbose)
        (void)fprintf(stderr, "%s", text);
    if (source_file_read(
            &reader, &(struct source_text){.file = "sim", .bytes = text, .length = strlen(text)},
            &simulation->definition, &err) < 0)
        return model_fail(&simulation->model, "%s", err.detail);
    simulation->settings =
        (struct connector_settings){.values = simulation->definition->values,
                                    .rows = simulation->definition->connector->settings};
    return true;
}

static struct picture *last(struct simulation *simulation)
{
    return &simulation->pictures[simulation->now];
}

/* ---- meddling ---- */

static int steal_work(struct session *session, void *argument, struct err *err)
{
    struct simulation *simulation = argument;
    struct sync_row row = {0};

    return sync_row_take(session, simulation->fixture->arena, source_number(simulation),
                         simulation->fence + 1, &row, err);
}

static void meddle(struct simulation *simulation, bool in_pull)
{
    struct err err = {0};

    if (simulation->meddling == MEDDLE_NOT || simulation->meddled || simulation->patience-- > 0)
        return;
    simulation->meddled = true;
    simulation->in_pull = in_pull;
    if (simulation->verbose)
        (void)fprintf(stderr, "  meddling %d\n", (int)simulation->meddling);
    if (simulation->meddling == MEDDLE_STOP)
        atomic_store(&simulation->stop, true);
    if (simulation->meddling != MEDDLE_STEAL)
        return;
    if (store_transact(simulation->tenant.scope, steal_work, simulation, &err) < 0)
        (void)model_fail(&simulation->model, "stealing the lease: %s", err.detail);
    (void)picture_take(simulation->tenant.scope, source_number(simulation), last(simulation),
                       &simulation->stolen);
}

static void pulling(void *context)
{
    meddle(context, true);
}

static bool progress(void *context, enum run_phase phase, const struct run_counters *counters)
{
    struct simulation *simulation = context;

    (void)counters;
    simulation->applies = simulation->applies || phase >= PHASE_APPLY;
    meddle(simulation, false);
    return simulation->meddling != MEDDLE_END || !simulation->meddled;
}

/* ---- runs ---- */

struct plan_of_run {
    enum run_kind kind;
    bool dry;
    bool approved;
    enum meddling meddling;
    int patience;
    struct source_weather weather;
    char object[WORLD_TEXT_BYTES];
    bool object_is_group;
};

/* What happened in the directory since it was last told. */
static void tell(struct simulation *simulation)
{
    char text[256];

    while (simulation->verbose && simulation->told_seq < simulation->world.seq) {
        world_describe(&simulation->world, ++simulation->told_seq, text, sizeof(text));
        (void)fprintf(stderr, "  %s\n", text);
    }
}

static void describe(struct simulation *simulation, const struct plan_of_run *plan,
                     const struct run_outcome *outcome)
{
    static const char *const kinds[] = {"", "delta", "full", "object"};
    const struct source_told *told = &simulation->source.told;

    if (!simulation->verbose)
        return;
    (void)fprintf(
        stderr,
        "run %lld fence %lld %s %s%s%s weather %s after %d repeats %d happenings %d: %s "
        "(%s) %s; told %d pulls from %d to %d lied %llx; staged %lld created %lld updated "
        "%lld deactivated %lld deleted %lld refused %lld\n",
        (long long)simulation->run, (long long)simulation->fence, kinds[plan->kind], plan->object,
        plan->dry ? " dry" : "", plan->approved ? " approved" : "",
        source_fault_name(plan->weather.fault), plan->weather.after, plan->weather.repeats,
        plan->weather.happenings, run_state_name(outcome->state), outcome->words, outcome->summary,
        told->pulls, told->from, told->to, (unsigned long long)told->lied,
        (long long)outcome->counters.staged, (long long)outcome->counters.created,
        (long long)outcome->counters.updated, (long long)outcome->counters.deactivated,
        (long long)outcome->counters.deleted, (long long)outcome->counters.refused);
}

static void count(struct simulation_figures *figures, const struct plan_of_run *plan,
                  const struct run_outcome *outcome, int pulls)
{
    figures->runs++;
    figures->pulls += pulls;
    figures->applied += outcome->state == RUN_APPLIED;
    figures->held += outcome->state == RUN_HELD;
    figures->failed += outcome->state == RUN_FAILED;
    figures->approved += plan->approved;
}

/* Who lost the lease has written nothing since, and can't say that all is done. */
static void check_lease(struct simulation *simulation, const struct run_outcome *outcome)
{
    int place = 0;

    if (simulation->meddling != MEDDLE_STEAL || !simulation->meddled)
        return;
    if (!picture_same(&simulation->stolen, last(simulation), &place))
        (void)model_fail(&simulation->model, "place %d was written under a lost lease", place);
    if (last(simulation)->fence != simulation->fence + 1)
        (void)model_fail(&simulation->model, "the fence is not the new lease's");
    if (simulation->in_pull && (outcome->state == RUN_APPLIED || outcome->state == RUN_HELD))
        (void)model_fail(&simulation->model, "a run that lost its lease is %s",
                         run_state_name(outcome->state));
    simulation->fence++;
}

static void execute(struct simulation *simulation, struct plan_of_run *plan,
                    struct run_outcome *outcome)
{
    const struct run_order order = {
        .tenant = &simulation->tenant,
        .definition = simulation->definition,
        .source = source_number(simulation),
        .fence = ++simulation->fence,
        .run = simulation->run,
        .kind = plan->kind,
        .dry = plan->dry,
        .approved = plan->approved,
        .object = plan->kind == RUN_KIND_OBJECT ? plan->object : NULL,
        .object_is_group = plan->object_is_group,
        .limits = &scim_limits_default,
        .settings = &simulation->settings,
        .now_us = clock_of_simulation,
        .stop = &simulation->stop,
        .progress = progress,
        .context = simulation,
    };

    simulation->meddling = plan->meddling;
    simulation->patience = plan->patience;
    simulation->meddled = false;
    simulation->applies = false;
    atomic_store(&simulation->stop, false);
    plan->weather.pulling = pulling;
    plan->weather.context = simulation;
    source_arm(&simulation->source, &plan->weather);
    run_execute(&order, outcome);
}

/* One call of the engine, and the model's opinion of it. */
static bool run_once(struct simulation *simulation, struct plan_of_run *plan,
                     struct run_outcome *outcome)
{
    const struct picture *before = last(simulation);
    struct model_run run = {.dry = plan->dry, .approved = plan->approved};

    *outcome = (struct run_outcome){.state = 0};
    execute(simulation, plan, outcome);
    describe(simulation, plan, outcome);
    count(simulation->figures, plan, outcome, simulation->source.told.pulls);
    simulation->now = 1 - simulation->now;
    if (picture_take(simulation->tenant.scope, source_number(simulation), before,
                     last(simulation)) < 0)
        return model_fail(&simulation->model, "the database can't be read");
    if (simulation->verbose)
        picture_print(last(simulation), &simulation->world);
    check_lease(simulation, outcome);
    if (simulation->source.sessions != 0)
        return model_fail(&simulation->model, "the connector was left open");
    if (simulation->source.broke)
        return model_fail(&simulation->model, "the connector was asked for what nobody told");
    if (simulation->source.told.from < simulation->told_from)
        simulation->told_from = simulation->source.told.from;
    run.state = outcome->state;
    run.applied = simulation->applies || outcome->state == RUN_APPLIED ||
                  (outcome->state == RUN_RUNNING && last(simulation)->phase >= PHASE_APPLY);
    run.told = simulation->source.told;
    run.told.from = simulation->told_from;
    if (!model_check(&simulation->model, before, last(simulation), &run))
        return false;
    if (outcome->state == RUN_APPLIED && !plan->dry)
        simulation->told_from = WORLD_VERSIONS;
    return true;
}

/* A run until it is over, however often it is stopped. */
static bool run_whole(struct simulation *simulation, struct plan_of_run *plan,
                      struct run_outcome *outcome)
{
    if (!plan->approved)
        simulation->run++;
    for (int i = 0; i < RESUMES; i++) {
        if (!run_once(simulation, plan, outcome))
            return false;
        if (outcome->state != RUN_RUNNING)
            return simulation->model.words[0] == '\0';
        if (!simulation->meddled)
            return model_fail(&simulation->model, "a run that nobody stopped is not over");
        plan->meddling = world_random_chance(&simulation->random, 20) ? MEDDLE_STOP : MEDDLE_NOT;
        plan->patience = world_random_below(&simulation->random, 4);
    }
    return model_fail(&simulation->model, "a run that is never over");
}

static bool approve(struct simulation *simulation, const struct plan_of_run *held,
                    struct run_outcome *outcome)
{
    struct plan_of_run plan = *held;

    plan.approved = true;
    plan.meddling = MEDDLE_NOT;
    plan.weather.fault = FAULT_NONE;
    return run_whole(simulation, &plan, outcome);
}

/* ---- what happens by chance ---- */

static void choose_weather(struct simulation *simulation, struct source_weather *weather)
{
    struct world_random *random = &simulation->random;

    *weather = (struct source_weather){
        .fault = world_random_chance(random, 45)
                     ? (enum source_fault)(1 + world_random_below(random, SOURCE_FAULTS - 1))
                     : FAULT_NONE,
        .after = world_random_below(random, 5),
        .times = 1 + world_random_below(random, 3),
        .admits = world_random_chance(random, 50),
        .repeats = world_random_chance(random, 50) ? world_random_below(random, 40) : 0,
        .happenings = world_random_chance(random, 40) ? 30 : 0,
    };
}

static void choose_run(struct simulation *simulation, struct plan_of_run *plan)
{
    struct world_random *random = &simulation->random;
    int drawn = world_random_below(random, 100);
    int object = world_random_below(random, simulation->world.count);

    *plan = (struct plan_of_run){.kind = drawn < 60 ? RUN_KIND_DELTA : RUN_KIND_FULL,
                                 .dry = world_random_chance(random, 10),
                                 .patience = world_random_below(random, 8)};
    if (drawn >= 93) {
        plan->kind = RUN_KIND_OBJECT;
        plan->object_is_group = simulation->world.is_group[object];
        world_name(&simulation->world, object, plan->object);
    }
    if (world_random_chance(random, 30))
        plan->meddling = (enum meddling)(1 + world_random_below(random, 3));
    choose_weather(simulation, &plan->weather);
}

/* A client comes between two runs: a person of its own, or a word about one of the source's. */
static bool push(struct simulation *simulation)
{
    struct picture *picture = last(simulation);
    int place = world_random_below(&simulation->random, PICTURE_PLACES);
    struct held *held = &picture->held[place];
    struct fixture *fixture = simulation->fixture;
    struct directory_result result = {0};
    struct fixture_change change = {.verb = DIRECTORY_PATCH, .type = "User", .id = held->id};
    struct err err = {0};

    if (place >= PICTURE_PUSHED && !held->there) {
        change.verb = DIRECTORY_CREATE;
        change.id = NULL;
        change.body = arena_printf(fixture->arena,
                                   "{'schemas':['" SCHEMA_URN_USER "'],'userName':'pushed-%d'}",
                                   place - PICTURE_PUSHED);
    } else if (!held->there || held->values[WORLD_LOGIN] == 0 ||
               simulation->world.is_group[place]) {
        return true;
    } else {
        change.body = "[{'op':'replace','path':'nickName','value':'" PICTURE_NICK_NAME "'}]";
    }
    if (fixture_apply(fixture, &change, fixture->arena, &result, &err) < 0)
        return model_fail(&simulation->model, "a client was refused: %s", err.detail);
    simulation->now = 1 - simulation->now;
    return picture_take(simulation->tenant.scope, source_number(simulation), picture,
                        last(simulation)) == 0 ||
           model_fail(&simulation->model, "the database can't be read");
}

static void happen(struct simulation *simulation, int times)
{
    for (int i = 0; i < times; i++)
        world_happen(&simulation->world);
    tell(simulation);
}

static bool step(struct simulation *simulation)
{
    struct world_random *random = &simulation->random;
    struct run_outcome outcome;
    struct plan_of_run plan;

    happen(simulation, world_random_below(random, 9));
    if (world_random_chance(random, 30) && !push(simulation))
        return false;
    choose_run(simulation, &plan);
    if (!run_whole(simulation, &plan, &outcome))
        return false;
    now_us += world_random_below(random, 7200) * SECOND_US;
    if (outcome.state != RUN_HELD || !world_random_chance(random, 40))
        return true;
    happen(simulation, world_random_below(random, 2));
    return approve(simulation, &plan, &outcome);
}

/* ---- the end ---- */

static bool run_healthy(struct simulation *simulation, enum run_kind kind)
{
    struct plan_of_run plan = {.kind = kind};
    struct run_outcome outcome;

    now_us += 2 * DAY_US;
    if (!run_whole(simulation, &plan, &outcome))
        return false;
    if (outcome.state == RUN_HELD && !approve(simulation, &plan, &outcome))
        return false;
    return outcome.state == RUN_APPLIED || model_fail(&simulation->model, "a healthy run is %s: %s",
                                                      run_state_name(outcome.state), outcome.words);
}

/* All is well now: the database becomes what the source is, and then nothing changes any more. */
static bool come_to_rest(struct simulation *simulation)
{
    struct picture rest;
    int place = 0;

    for (int round = 0; round < ROUNDS; round++) {
        if (!run_healthy(simulation, round % 2 == 0 ? RUN_KIND_FULL : RUN_KIND_DELTA))
            return false;
        if (round == 1 && simulation->model.policy.deletes_later)
            now_us += 40 * DAY_US;
    }
    if (!model_check_end(&simulation->model, last(simulation)))
        return false;
    rest = *last(simulation);
    if (!run_healthy(simulation,
                     world_random_chance(&simulation->random, 50) ? RUN_KIND_FULL : RUN_KIND_DELTA))
        return false;
    return picture_same(&rest, last(simulation), &place) ||
           model_fail(&simulation->model, "place %d does not come to rest", place);
}

static void play(struct simulation *simulation)
{
    int steps;

    if (!set_up(simulation))
        return;
    steps = 2 + world_random_below(&simulation->random, 5);
    for (int i = 0; i < steps; i++)
        if (!step(simulation))
            return;
    (void)come_to_rest(simulation);
}

bool simulation_play(struct fixture *fixture, uint64_t seed, bool verbose,
                     struct simulation_figures *figures, char words[MODEL_WORDS_BYTES])
{
    struct simulation *simulation = calloc(1, sizeof(*simulation));
    struct tenant *tenant = fixture->tenant;
    bool passed;

    if (simulation == NULL)
        abort();
    simulation->seed = seed;
    simulation->verbose = verbose;
    simulation->fixture = fixture;
    simulation->figures = figures;
    simulation->told_from = WORLD_VERSIONS;
    now_us = BEGIN_US;
    memcpy(&simulation->tenant, tenant, sizeof(simulation->tenant));
    simulation->tenant.number = FIRST_TENANT + (int)seed;
    simulation->tenant.scope.tenant = simulation->tenant.number;
    fixture->tenant = &simulation->tenant;
    play(simulation);
    fixture->tenant = tenant;
    passed = simulation->model.words[0] == '\0';
    (void)snprintf(words, MODEL_WORDS_BYTES, "%s", simulation->model.words);
    source_definition_free(simulation->definition);
    arena_reset(fixture->arena);
    free(simulation);
    return passed;
}
