/* Combined commits.  Whoever finds nobody leading leads: runs its own work and every one that
 * waits, in one transaction with one commit, then wakes their callers and hands the lead to the
 * first that came meanwhile.  The first work needs no savepoint: until it has succeeded there is
 * nothing in the transaction that its failure could harm. */
#include <string.h>

#include "base/clock.h"
#include "store/database.h"
#include "store/retry.h"
#include "store/transact_alone.h"

#define BATCH_JOBS_MAX 64

struct job {
    struct store_scope scope;
    store_work work;
    void *argument;
    struct err *err;
    int result;
    enum { JOB_WAITS, JOB_LEADS, JOB_DONE } state; /* under writer->lock */
    pthread_cond_t changed;
    struct job *next; /* under writer->lock */
};

struct batch {
    struct database *database;
    struct session *session;
    struct job *jobs[BATCH_JOBS_MAX];
    size_t count;
    size_t succeeded; /* in the transaction that is open; 0: none is open */
    bool lost;        /* the transaction was: no further work runs in this batch */
    bool cannot_begin;
};

static void count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static void fail(struct job *job, const struct err *err)
{
    job->result = -1;
    *job->err = *err;
}

/* The transaction is gone with everything in it: those whose work had succeeded must run again. */
static void fail_succeeded(struct batch *batch, const struct err *err)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->jobs[i]->result == 0)
            fail(batch->jobs[i], err);
    batch->succeeded = 0;
}

static void lose_transaction(struct batch *batch)
{
    struct err again = {0};

    (void)err_set(&again, ERR_RETRY, "the transaction was lost");
    session_rollback(batch->session);
    fail_succeeded(batch, &again);
    batch->lost = true;
}

static int begin(struct batch *batch, struct job *job)
{
    struct writer *writer = &batch->database->writer;

    if (writer->session != NULL && session_is_lost(writer->session)) {
        database_disconnect(batch->database, writer->session);
        writer->session = NULL;
    }
    if (writer->session == NULL &&
        database_connect(batch->database, &writer->session, job->err) < 0)
        return -1;
    batch->session = writer->session;
    return session_begin(batch->session, batch->database->dialect->begin, job->err);
}

/* Enters the transaction, or a savepoint where others have written already. */
static int enter(struct batch *batch, struct job *job)
{
    return batch->succeeded == 0 ? begin(batch, job) : session_savepoint(batch->session, job->err);
}

static void leave_failed(struct batch *batch)
{
    count(&batch->database->store->counters.rollbacks, 1);
    if (batch->succeeded > 0)
        session_rollback_to_savepoint(batch->session);
    if (session_transaction_is_lost(batch->session) && batch->succeeded > 0)
        lose_transaction(batch);
    else if (batch->succeeded == 0)
        session_rollback(batch->session);
}

static void run_job(struct batch *batch, struct job *job)
{
    memset(job->err, 0, sizeof(*job->err));
    job->result = enter(batch, job);
    if (job->result < 0 && batch->succeeded == 0) {
        batch->cannot_begin = true;
        return;
    }
    if (job->result == 0) {
        session_set_tenant(batch->session, job->scope.tenant);
        job->result = job->work(batch->session, job->argument, job->err);
        if (job->result == 0) /* a work can't overlook a failed statement */
            job->result = session_poison(batch->session, job->err);
        if (job->result == 0 && batch->succeeded > 0)
            job->result = session_release(batch->session, job->err);
    }
    if (job->result == 0)
        batch->succeeded++;
    else
        leave_failed(batch);
}

/* The next one that waits; NULL: none. */
static struct job *take(struct writer *writer)
{
    struct job *job;

    (void)pthread_mutex_lock(&writer->lock);
    job = writer->first;
    if (job != NULL)
        writer->first = job->next;
    (void)pthread_mutex_unlock(&writer->lock);
    return job;
}

static void commit(struct batch *batch)
{
    struct counters *counters = &batch->database->store->counters;
    struct err err = {0};

    if (batch->succeeded == 0)
        return;
    if (session_commit(batch->session, &err) < 0) {
        count(&counters->rollbacks, batch->succeeded);
        fail_succeeded(batch, &err);
        return;
    }
    count(&counters->commits, 1);
    count(&counters->transactions, batch->succeeded);
    count(&batch->database->writer.unmaintained, batch->succeeded);
}

/* Those who wait would wait for the same lock as long, one after the other. */
static void fail_waiting(struct batch *batch)
{
    const struct err *err = batch->jobs[batch->count - 1]->err;
    struct job *job;

    while (batch->count < BATCH_JOBS_MAX && (job = take(&batch->database->writer)) != NULL) {
        fail(job, err);
        batch->jobs[batch->count++] = job;
    }
}

static void run_batch(struct batch *batch, struct job *own)
{
    int64_t end_us = clock_monotonic_us() + batch->database->writer.batch_us;

    for (struct job *job = own; job != NULL;) {
        batch->jobs[batch->count++] = job;
        run_job(batch, job);
        if (batch->lost || batch->cannot_begin || batch->count == BATCH_JOBS_MAX ||
            clock_monotonic_us() >= end_us)
            break;
        job = take(&batch->database->writer);
    }
    commit(batch);
    if (batch->cannot_begin)
        fail_waiting(batch);
}

/* Wakes the callers; the first that waits leads from now on. */
static void finish(struct batch *batch, const struct job *own)
{
    struct writer *writer = &batch->database->writer;

    (void)pthread_mutex_lock(&writer->lock);
    for (size_t i = 0; i < batch->count; i++)
        if (batch->jobs[i] != own) {
            batch->jobs[i]->state = JOB_DONE;
            (void)pthread_cond_signal(&batch->jobs[i]->changed);
        }
    writer->busy = writer->first != NULL;
    if (writer->busy) {
        writer->first->state = JOB_LEADS;
        (void)pthread_cond_signal(&writer->first->changed);
        writer->first = writer->first->next;
    }
    (void)pthread_mutex_unlock(&writer->lock);
}

static void enqueue(struct writer *writer, struct job *job)
{
    if (writer->first == NULL)
        writer->first = job;
    else
        writer->last->next = job;
    writer->last = job;
}

/* Waits until somebody has run the job, or it's the job's own turn to lead: true. */
static bool wait_for_turn(struct writer *writer, struct job *job)
{
    bool leads;

    (void)pthread_mutex_lock(&writer->lock);
    if (writer->busy) {
        enqueue(writer, job);
        while (job->state == JOB_WAITS)
            (void)pthread_cond_wait(&job->changed, &writer->lock);
    } else {
        writer->busy = true;
        job->state = JOB_LEADS;
    }
    leads = job->state == JOB_LEADS;
    (void)pthread_mutex_unlock(&writer->lock);
    return leads;
}

static int submit(struct job *job)
{
    struct database *database = job->scope.database;

    job->state = JOB_WAITS;
    job->next = NULL;
    if (wait_for_turn(&database->writer, job)) {
        struct batch batch = {.database = database};

        run_batch(&batch, job);
        finish(&batch, job);
    }
    return job->result;
}

int store_transact(struct store_scope scope, store_work work, void *argument, struct err *err)
{
    struct job job = {.scope = scope, .work = work, .argument = argument, .err = err};
    int result;
    int runs = 0;

    (void)pthread_cond_init(&job.changed, NULL);
    do {
        result = scope.database->dialect->combines ? submit(&job)
                                                   : transact_alone(scope, work, argument, err);
        database_name_cause(scope.database, result, err);
    } while (result < 0 && retry_wait(scope.database->store, ++runs, err));
    (void)pthread_cond_destroy(&job.changed);
    return result;
}
