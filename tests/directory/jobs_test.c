/* Questions to an engine: in this process, in another replica, or to nobody. */
#include "directory/jobs.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/id.h"
#include "directory_fixture.h"

#include "table.h"

#define SHORT_MS 300 /* patience of those who are not answered */
#define QUESTION "{\"source\":\"corp-ad\",\"full\":true}"

static struct job_case {
    const char *name;
    const char *tenant;
    enum { NOBODY, HERE, ELSEWHERE, STOPPED } engine;
    const char *answer;
    struct err failure;  /* of the engine, where `answer` is NULL */
    enum err_code error; /* 0: succeeds */
    const char *detail;
} cases[] = {
    {"answered here",               "acme",  HERE,      "{\"run\":7}", {0},                                                 0,               NULL                    },
    {"answered by another replica", "acme",  ELSEWHERE, "{\"run\":7}", {0},                                                 0,               NULL                    },
    {"refused",
     "acme",                                 HERE,
     NULL,                                                             {ERR_CONFLICT, "a run is under way", "for the log"},
     ERR_CONFLICT,                                                                                                                           "a run is under way"    },
    {"the file is wrong",
     "acme",                                 ELSEWHERE,
     NULL,                                                             {ERR_CONFIGURATION, "ad.yaml:3: no such key", ""},
     ERR_CONFIGURATION,                                                                                                                      "ad.yaml:3: no such key"},
    {"refused without a word",      "acme",  HERE,      NULL,          {ERR_NOT_FOUND, "", ""},                             ERR_NOT_FOUND,   ""                      },
    {"nobody answers",              "acme",  NOBODY,    NULL,          {0},                                                 ERR_UNAVAILABLE, "no replica answered"   },
    {"no such tenant",              "other", NOBODY,    NULL,          {0},                                                 ERR_NOT_FOUND,   "\"other\""             },
    {"the daemon stops",            "acme",  STOPPED,   NULL,          {0},                                                 ERR_UNAVAILABLE, "stopping"              },
};

struct engine_thread {
    struct jobs *jobs;
    const struct job_case *expected;
    int answered;
    char seen[256]; /* "kind actor request id request" of the last question */
};

static void answer_one(struct engine_thread *engine, const struct job_row *row)
{
    json_t *answer =
        engine->expected->answer == NULL ? NULL : json_loads(engine->expected->answer, 0, NULL);
    struct err err = {0};

    (void)snprintf(engine->seen, sizeof(engine->seen), "%s %s %s %s", row->kind, row->actor,
                   row->request_id, row->request);
    if (jobs_answer(engine->jobs, row->id, answer, &engine->expected->failure, &err) < 0)
        (void)fixture_failed("jobs_answer", &err);
    else
        engine->answered++;
    json_decref(answer);
}

/* As the engine does it: what is there, then wait. */
static void *run_engine(void *argument)
{
    struct engine_thread *engine = argument;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct err err = {0};

    do {
        struct job_row row;
        bool found = true;

        while (found && jobs_take(engine->jobs, "replica-1", arena, &row, &found, &err) == 0) {
            if (found)
                answer_one(engine, &row);
        }
    } while (jobs_wait(engine->jobs, 20));
    arena_free(arena);
    return NULL;
}

static void *stop_soon(void *argument)
{
    struct jobs *jobs = argument;

    (void)jobs_wait(jobs, 5000); /* until somebody asks */
    jobs_stop(jobs);
    return NULL;
}

static int none_left(struct session *session, void *argument, struct err *err)
{
    struct fixture *fixture = argument;
    struct job_row row;
    bool found = false;

    if (job_take(session, fixture->arena, "test", INT64_MAX, INT64_MAX, &row, &found, err) < 0)
        return -1;
    return found ? err_set(err, ERR_CONFLICT, "question %s is left", row.kind) : 0;
}

static bool nothing_is_left(struct fixture *fixture)
{
    struct store_scope control = {.tenant = STORE_CONTROL_TENANT};
    struct err err = {0};

    if (store_database(fixture->store, STORE_CONTROL, &control.database, &err) < 0 ||
        store_transact(control, none_left, fixture, &err) < 0) {
        (void)fixture_failed("left", &err);
        return false;
    }
    return true;
}

static void is_answered(void **row)
{
    const struct job_case *expected = *row;
    bool serves = expected->engine == HERE || expected->engine == ELSEWHERE;
    struct fixture fixture;
    pthread_t thread;
    struct err err = {0};
    json_t *request = json_loads(QUESTION, 0, NULL);
    json_t *answer = NULL;
    int64_t began_us;
    int64_t took_us;
    int result;

    assert_int_equal(fixture_open(&fixture), 0);
    struct jobs *ours = jobs_new(fixture.tenants);
    struct jobs *theirs = jobs_new(fixture.tenants);
    struct engine_thread engine = {.jobs = expected->engine == ELSEWHERE ? theirs : ours,
                                   .expected = expected};
    const struct job_question question = {
        .tenant = expected->tenant, .kind = "resync", .actor = &fixture_admin, .request = request};

    if (expected->engine == NOBODY)
        jobs_set_patience(ours, SHORT_MS);
    if (serves)
        assert_int_equal(pthread_create(&thread, NULL, run_engine, &engine), 0);
    else if (expected->engine == STOPPED)
        assert_int_equal(pthread_create(&thread, NULL, stop_soon, ours), 0);
    began_us = clock_monotonic_us();
    result = jobs_ask(ours, &question, &answer, &err);
    took_us = clock_monotonic_us() - began_us;
    jobs_stop(engine.jobs);
    if (serves || expected->engine == STOPPED)
        assert_int_equal(pthread_join(thread, NULL), 0);

    assert_int_equal(result, expected->error == 0 ? 0 : -1);
    assert_int_equal(err.code, result < 0 ? expected->error : err.code);
    if (expected->detail != NULL)
        assert_non_null(strstr(err.detail, expected->detail));
    assert_string_equal(result < 0 ? "" : err.cause, "");
    assert_int_equal(engine.answered, serves ? 1 : 0);
    if (serves)
        assert_string_equal(engine.seen, "resync uid 0 r-0 " QUESTION);
    if (result == 0)
        assert_int_equal(json_integer_value(json_object_get(answer, "run")), 7);
    if (expected->engine == NOBODY && expected->error == ERR_UNAVAILABLE)
        assert_true(took_us >= SHORT_MS * 1000);
    assert_true(took_us < 10 * 1000000); /* JOBS_WAIT_S would be 60 s */
    assert_true(nothing_is_left(&fixture));
    json_decref(answer);
    json_decref(request);
    jobs_free(ours);
    jobs_free(theirs);
    fixture_close(&fixture);
}

/* Without an asker: rows put in as another replica's asker would. */
static struct taken_case {
    const char *name;
    int64_t age_s;   /* of the question */
    int64_t taken_s; /* ago by another; 0: nobody took it */
    bool is_there;   /* for us to take */
} taken_cases[] = {
    {"a fresh question",                 1,                0,                true },
    {"one that is being answered",       10,               5,                false},
    {"one whose taker went silent",      2 * JOBS_STALE_S, JOBS_STALE_S + 5, true },
    {"one that everybody has forgotten", JOBS_KEPT_S + 5,  0,                false},
};

struct put {
    const struct taken_case *expected;
    struct fixture *fixture;
    int64_t now_us;
};

static int put_work(struct session *session, void *argument, struct err *err)
{
    const struct put *put = argument;
    const struct taken_case *expected = put->expected;
    const struct job_row row = {.id = id_new_key(),
                                .tenant = put->fixture->tenant->number,
                                .kind = "resync",
                                .actor = "uid 0",
                                .request_id = "r-0",
                                .request = "{}",
                                .created_us = put->now_us - expected->age_s * 1000000};
    struct job_row taken;
    bool found;

    if (job_insert(session, &row, err) < 0)
        return -1;
    return expected->taken_s == 0
               ? 0
               : job_take(session, put->fixture->arena, "replica-2",
                          put->now_us - expected->taken_s * 1000000, 0, &taken, &found, err);
}

static void is_taken(void **row)
{
    const struct taken_case *expected = *row;
    struct store_scope control = {.tenant = STORE_CONTROL_TENANT};
    struct fixture fixture;
    struct put put = {.expected = expected, .fixture = &fixture, .now_us = clock_now_us()};
    struct job_row taken;
    struct err err = {0};
    bool found = false;

    assert_int_equal(fixture_open(&fixture), 0);
    struct jobs *jobs = jobs_new(fixture.tenants);
    assert_int_equal(store_database(fixture.store, STORE_CONTROL, &control.database, &err), 0);
    assert_int_equal(store_transact(control, put_work, &put, &err), 0);
    assert_int_equal(jobs_take(jobs, "replica-1", fixture.arena, &taken, &found, &err), 0);
    assert_int_equal(found, expected->is_there);
    if (found) {
        assert_int_equal(taken.tenant, fixture.tenant->number);
        assert_int_equal(jobs_take(jobs, "replica-1", fixture.arena, &taken, &found, &err), 0);
        assert_false(found);
        /* nobody waits for it any more, which is no error */
        assert_int_equal(jobs_answer(jobs, taken.id + 1, json_null(), NULL, &err), 0);
    }
    jobs_free(jobs);
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("directory_jobs", cases, is_answered) +
           RUN_TABLE("directory_jobs_taken", taken_cases, is_taken);
}
