/* Jobs: each taken by one, again when who took it fell silent, answered once. */
#include <pthread.h>

#include "control_fixture.h"

#include "store/job_rows.h"

#define OK (enum err_code)0
#define THREADS 4
#define JOBS 24

static int insert(struct session *session, int64_t id, int tenant, int64_t created_us,
                  struct err *err)
{
    const struct job_row row = {.id = id,
                                .tenant = tenant,
                                .kind = "resync",
                                .actor = "uid 0",
                                .request_id = "r",
                                .request = "{\"a\":1}",
                                .created_us = created_us};

    return job_insert(session, &row, err);
}

static int insert_some(struct session *session, struct err *err)
{
    return insert(session, 6, 2, 60, err) < 0 || insert(session, 5, 1, 50, err) < 0 ? -1 : 0;
}

static int take(struct session *session, struct control_world *world, int64_t now_us,
                int64_t stale_us, struct err *err)
{
    struct job_row row;
    bool found = false;

    if (job_take(session, world->fixture.arena, "me", now_us, stale_us, &row, &found, err) < 0)
        return -1;
    buf_printf(&world->text, "%lld ", found ? (long long)row.id : 0);
    return 0;
}

static int see(struct session *session, struct control_world *world, int64_t id, struct err *err)
{
    struct job_row row;

    if (job_find(session, world->fixture.arena, id, &row, err) < 0)
        return -1;
    buf_printf(&world->text, "%lld %d %s %s %s %s %s %s %lld\n", (long long)row.id, row.tenant,
               row.kind, row.actor, row.request_id, row.request, row.code != NULL ? row.code : "-",
               row.answer != NULL ? row.answer : "-", (long long)row.created_us);
    return 0;
}

static int comes_back(struct session *session, struct control_world *world, struct err *err)
{
    return insert_some(session, err) < 0 ? -1 : see(session, world, 6, err);
}

static int take_in_order(struct session *session, struct control_world *world, struct err *err)
{
    return insert_some(session, err) < 0 || take(session, world, 100, 0, err) < 0 ||
                   take(session, world, 101, 0, err) < 0
               ? -1
               : take(session, world, 102, 0, err);
}

static int take_again(struct session *session, struct control_world *world, struct err *err)
{
    return take_in_order(session, world, err) < 0 || take(session, world, 200, 100, err) < 0 ||
                   take(session, world, 201, 101, err) < 0 ||
                   take(session, world, 202, 101, err) < 0
               ? -1
               : take(session, world, 203, 102, err);
}

static int answered_is_not_taken(struct session *session, struct control_world *world,
                                 struct err *err)
{
    return take_in_order(session, world, err) < 0 || job_answer(session, 5, NULL, "{}", err) < 0 ||
                   take(session, world, 300, 200, err) < 0
               ? -1
               : take(session, world, 301, 200, err);
}

static int first_answer_counts(struct session *session, struct control_world *world,
                               struct err *err)
{
    return insert_some(session, err) < 0 || job_answer(session, 5, "conflict", "why", err) < 0 ||
                   job_answer(session, 5, NULL, "{}", err) < 0 || see(session, world, 5, err) < 0
               ? -1
               : see(session, world, 6, err);
}

static int answer_what_is_gone(struct session *session, struct control_world *world,
                               struct err *err)
{
    return insert_some(session, err) < 0 || job_delete(session, 5, err) < 0 ||
                   job_answer(session, 5, NULL, "{}", err) < 0
               ? -1
               : see(session, world, 5, err);
}

static int purge(struct session *session, struct control_world *world, struct err *err)
{
    return insert_some(session, err) < 0 || job_answer(session, 6, NULL, "{}", err) < 0 ||
                   jobs_purge(session, 60, err) < 0 || see(session, world, 6, err) < 0
               ? -1
               : see(session, world, 5, err);
}

static int purge_answered(struct session *session, struct control_world *world, struct err *err)
{
    return insert_some(session, err) < 0 || job_answer(session, 6, NULL, "{}", err) < 0 ||
                   jobs_purge(session, 61, err) < 0
               ? -1
               : see(session, world, 6, err);
}

#define NONE "there is no such job"

static struct control_act acts[] = {
    {"a row comes back as it was written", comes_back,            "6 2 resync uid 0 r {\"a\":1} - - 60\n", OK           },
    {"the oldest first, each once",        take_in_order,         "5 6 0 ",                                OK           },
    {"taken again after a silence",        take_again,            "5 6 0 0 5 0 6 ",                        OK           },
    {"not once it is answered",            answered_is_not_taken, "5 6 0 6 0 ",                            OK           },
    {"the first answer counts",            first_answer_counts,
     "5 1 resync uid 0 r {\"a\":1} conflict why 50\n6 2 resync uid 0 r {\"a\":1} - - 60\n",                OK           },
    {"an answer for what is gone",         answer_what_is_gone,   NONE,                                    ERR_NOT_FOUND},
    {"forget what was made before",        purge,                 NONE,                                    ERR_NOT_FOUND},
    {"also what was answered",             purge_answered,        NONE,                                    ERR_NOT_FOUND},
};

/* ---- several at once ---- */

struct taker {
    struct control_world *world;
    struct arena *arena;
    pthread_t thread;
    struct job_row row;
    bool found;
    int taken[JOBS];
    int result;
};

static int insert_many(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    for (int64_t i = 0; i < JOBS; i++)
        if (insert(session, i + 1, 1, i, err) < 0)
            return -1;
    return 0;
}

static int take_work(struct session *session, void *argument, struct err *err)
{
    struct taker *taker = argument;

    return job_take(session, taker->arena, "taker", 100, 0, &taker->row, &taker->found, err);
}

static void *take_all(void *argument)
{
    struct taker *taker = argument;
    struct err err = {0};

    do {
        taker->found = false;
        taker->result = store_transact(taker->world->fixture.scope, take_work, taker, &err);
        if (taker->found)
            taker->taken[taker->row.id - 1]++;
    } while (taker->result == 0 && taker->found);
    return NULL;
}

static void each_is_taken_by_one(void **state)
{
    struct control_world world;
    struct taker takers[THREADS];
    int taken[JOBS] = {0};
    int failed = 0;

    (void)state;
    control_world_start(&world);
    fixture_transact(&world.fixture, insert_many, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        takers[i] = (struct taker){.world = &world, .arena = arena_new(ARENA_BLOCK_BYTES)};
        assert_int_equal(pthread_create(&takers[i].thread, NULL, take_all, &takers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(takers[i].thread, NULL);
        failed += takers[i].result;
        for (size_t j = 0; j < JOBS; j++)
            taken[j] += takers[i].taken[j];
        arena_free(takers[i].arena);
    }
    assert_int_equal(failed, 0);
    for (size_t j = 0; j < JOBS; j++)
        assert_int_equal(taken[j], 1);
    control_world_stop(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_taken_by_one)};

    return RUN_TABLE("jobs", acts, control_acts) +
           cmocka_run_group_tests_name("jobs at once", tests, NULL, NULL);
}
