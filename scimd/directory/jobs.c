#include "directory/jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/memory.h"
#include "directory/tenants_cache.h"
#include "scim/json.h"

#define MS_PER_S 1000
#define NS_PER_MS 1000000L
#define US_PER_S INT64_C(1000000)
#define US_PER_MS 1000

struct jobs {
    struct tenants *tenants;
    int patience_ms;

    pthread_mutex_t lock;
    pthread_cond_t asked;
    pthread_cond_t answered;
    bool waiting;      /* under lock, like all that follows: somebody asked since jobs_wait() */
    uint64_t answers;  /* so far, of this process */
    int64_t purged_us; /* monotonic */
    bool stopped;
};

struct jobs *jobs_new(struct tenants *tenants)
{
    struct jobs *jobs = memory_calloc(1, sizeof(*jobs));
    pthread_condattr_t attributes;

    jobs->tenants = tenants;
    jobs->patience_ms = JOBS_WAIT_S * MS_PER_S;
    (void)pthread_mutex_init(&jobs->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&jobs->asked, &attributes);
    (void)pthread_cond_init(&jobs->answered, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return jobs;
}

void jobs_free(struct jobs *jobs)
{
    if (jobs == NULL)
        return;
    (void)pthread_cond_destroy(&jobs->answered);
    (void)pthread_cond_destroy(&jobs->asked);
    (void)pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

void jobs_set_patience(struct jobs *jobs, int milliseconds)
{
    jobs->patience_ms = milliseconds;
}

static struct timespec after_ms(int milliseconds)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / MS_PER_S;
    until.tv_nsec += (milliseconds % MS_PER_S) * NS_PER_MS;
    if (until.tv_nsec >= MS_PER_S * NS_PER_MS) {
        until.tv_nsec -= MS_PER_S * NS_PER_MS;
        until.tv_sec++;
    }
    return until;
}

/* ---- asking ---- */

struct asking {
    const struct job_question *question;
    struct arena *arena;
    struct job_row row;
    bool give_up; /* fetching: if there is no answer, nobody shall work on one */
};

static int insert_work(struct session *session, void *argument, struct err *err)
{
    struct asking *asking = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, asking->arena, asking->question->tenant, &tenant, err) < 0)
        return -1;
    asking->row.tenant = tenant.number;
    return job_insert(session, &asking->row, err);
}

static int insert_question(struct jobs *jobs, struct asking *asking, struct err *err)
{
    const struct job_question *question = asking->question;
    CLEANUP(buf_free) struct buf request = {0};

    json_append(&request, question->request);
    asking->row = (struct job_row){.id = id_new_key(),
                                   .kind = question->kind,
                                   .actor = question->actor->name,
                                   .request_id = question->actor->request_id,
                                   .request = buf_text(&request),
                                   .created_us = clock_now_us()};
    if (store_transact(jobs->tenants->control, insert_work, asking, err) < 0)
        return -1;
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->waiting = true;
    (void)pthread_cond_signal(&jobs->asked);
    (void)pthread_mutex_unlock(&jobs->lock);
    return 0;
}

static int look_work(struct session *session, void *argument, struct err *err)
{
    struct asking *asking = argument;

    return job_find(session, asking->arena, asking->row.id, &asking->row, err);
}

static int fetch_work(struct session *session, void *argument, struct err *err)
{
    struct asking *asking = argument;

    if (look_work(session, argument, err) < 0)
        return -1;
    return asking->row.answer == NULL && !asking->give_up
               ? 0
               : job_delete(session, asking->row.id, err);
}

/* Reads the row, and takes it away where it has an answer or we give up. */
static int look(struct jobs *jobs, struct asking *asking, struct err *err)
{
    int result = 0;

    arena_reset(asking->arena);
    if (!asking->give_up)
        result = store_read(jobs->tenants->control, look_work, asking, err);
    if (result == 0 && (asking->give_up || asking->row.answer != NULL))
        result = store_transact(jobs->tenants->control, fetch_work, asking, err);
    if (result < 0 && err->code == ERR_NOT_FOUND)
        return err_set(err, ERR_UNAVAILABLE, "the question was dropped; ask again");
    return result;
}

/* Waits until somebody in this process answers, or a while; *answers is what was seen. */
static bool pause_for_answer(struct jobs *jobs, uint64_t *answers)
{
    struct timespec until = after_ms(JOBS_POLL_MS);
    bool stopped;

    (void)pthread_mutex_lock(&jobs->lock);
    while (jobs->answers == *answers && !jobs->stopped &&
           pthread_cond_timedwait(&jobs->answered, &jobs->lock, &until) == 0)
        continue;
    *answers = jobs->answers;
    stopped = jobs->stopped;
    (void)pthread_mutex_unlock(&jobs->lock);
    return !stopped;
}

static int await(struct jobs *jobs, struct asking *asking, uint64_t answers, struct err *err)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)jobs->patience_ms * US_PER_MS;
    bool goes_on;

    do {
        goes_on = pause_for_answer(jobs, &answers);
        asking->give_up = !goes_on || clock_monotonic_us() >= until_us;
        if (look(jobs, asking, err) < 0)
            return -1;
    } while (asking->row.answer == NULL && !asking->give_up);
    if (asking->row.answer != NULL)
        return 0;
    return goes_on ? err_set(err, ERR_UNAVAILABLE, "no replica answered within %d s",
                             (jobs->patience_ms + MS_PER_S - 1) / MS_PER_S)
                   : err_set(err, ERR_UNAVAILABLE, "the daemon is stopping");
}

static int read_answer(const struct job_row *row, json_t **out, struct err *err)
{
    json_error_t error;
    json_t *answer;

    if (row->code != NULL)
        return err_set(err, err_from_name(row->code), "%s", row->answer);
    answer = json_loads(row->answer, JSON_DECODE_ANY, &error);
    if (answer == NULL) {
        (void)err_set(err, ERR_INTERNAL, "the answer is damaged");
        return err_because(err, "%s at byte %d", error.text, error.position);
    }
    *out = answer;
    return 0;
}

int jobs_ask(struct jobs *jobs, const struct job_question *question, json_t **answer,
             struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct asking asking = {.question = question, .arena = arena};
    uint64_t answers;

    (void)pthread_mutex_lock(&jobs->lock);
    answers = jobs->answers;
    (void)pthread_mutex_unlock(&jobs->lock);
    if (insert_question(jobs, &asking, err) < 0 || await(jobs, &asking, answers, err) < 0)
        return -1;
    return read_answer(&asking.row, answer, err);
}

/* ---- answering ---- */

struct taking {
    struct arena *arena;
    const char *by;
    int64_t now_us;
    bool purge;
    struct job_row row;
    bool found;
};

static int take_work(struct session *session, void *argument, struct err *err)
{
    struct taking *taking = argument;

    if (taking->purge && jobs_purge(session, taking->now_us - JOBS_KEPT_S * US_PER_S, err) < 0)
        return -1;
    return job_take(session, taking->arena, taking->by, taking->now_us,
                    taking->now_us - JOBS_STALE_S * US_PER_S, &taking->row, &taking->found, err);
}

static bool purge_is_due(struct jobs *jobs)
{
    int64_t now_us = clock_monotonic_us();
    bool due;

    (void)pthread_mutex_lock(&jobs->lock);
    due = jobs->purged_us == 0 || now_us - jobs->purged_us >= JOBS_KEPT_S * US_PER_S;
    if (due)
        jobs->purged_us = now_us;
    (void)pthread_mutex_unlock(&jobs->lock);
    return due;
}

int jobs_take(struct jobs *jobs, const char *by, struct arena *arena, struct job_row *out,
              bool *found, struct err *err)
{
    struct taking taking = {
        .arena = arena, .by = by, .now_us = clock_now_us(), .purge = purge_is_due(jobs)};

    if (store_transact(jobs->tenants->control, take_work, &taking, err) < 0)
        return -1;
    if (taking.found)
        *out = taking.row;
    *found = taking.found;
    return 0;
}

struct answering {
    int64_t id;
    const char *code;
    const char *answer;
};

static int answer_work(struct session *session, void *argument, struct err *err)
{
    const struct answering *answering = argument;

    return job_answer(session, answering->id, answering->code, answering->answer, err);
}

int jobs_answer(struct jobs *jobs, int64_t id, const json_t *answer, const struct err *failure,
                struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    struct answering answering = {.id = id};

    if (answer == NULL) {
        answering.code = err_name(failure->code);
        answering.answer = failure->detail;
    } else {
        json_append(&text, answer);
        answering.answer = buf_text(&text);
    }
    if (store_transact(jobs->tenants->control, answer_work, &answering, err) < 0)
        return -1;
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->answers++;
    (void)pthread_cond_broadcast(&jobs->answered);
    (void)pthread_mutex_unlock(&jobs->lock);
    return 0;
}

bool jobs_wait(struct jobs *jobs, int milliseconds)
{
    struct timespec until = after_ms(milliseconds);
    bool stopped;

    (void)pthread_mutex_lock(&jobs->lock);
    while (!jobs->waiting && !jobs->stopped &&
           pthread_cond_timedwait(&jobs->asked, &jobs->lock, &until) == 0)
        continue;
    jobs->waiting = false;
    stopped = jobs->stopped;
    (void)pthread_mutex_unlock(&jobs->lock);
    return !stopped;
}

void jobs_stop(struct jobs *jobs)
{
    (void)pthread_mutex_lock(&jobs->lock);
    jobs->stopped = true;
    (void)pthread_cond_broadcast(&jobs->asked);
    (void)pthread_cond_broadcast(&jobs->answered);
    (void)pthread_mutex_unlock(&jobs->lock);
}
