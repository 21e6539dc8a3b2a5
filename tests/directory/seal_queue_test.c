#include "directory/seal_queue.h"

#include <pthread.h>

#include "table.h"

enum act { END, ANNOUNCE, TAKE, TAKE_NOTHING, DONE, FORGET, STOP, START, WAIT, WAIT_ENDS };

static struct queue_case {
    const char *name;
    struct {
        enum act act;
        int tenant; /* WAIT: how many there are */
    } steps[10];
} cases[] = {
    {"nothing to take",                           {{TAKE_NOTHING, 0}}                                                           },
    {"in order of announcement",
     {{ANNOUNCE, 2},
      {ANNOUNCE, 1},
      {WAIT, 2},
      {TAKE, 2},
      {DONE, 0},
      {TAKE, 1},
      {DONE, 0},
      {TAKE_NOTHING, 0}}                                                                                                        },
    {"each once",
     {{ANNOUNCE, 1},
      {ANNOUNCE, 2},
      {ANNOUNCE, 1},
      {WAIT, 2},
      {TAKE, 1},
      {DONE, 0},
      {TAKE, 2},
      {DONE, 0},
      {TAKE_NOTHING, 0}}                                                                                                        },
    {"again while it is worked on",
     {{ANNOUNCE, 1}, {TAKE, 1}, {ANNOUNCE, 1}, {DONE, 0}, {WAIT, 1}, {TAKE, 1}, {DONE, 0}}                                      },
    {"forgotten",                                 {{ANNOUNCE, 1}, {ANNOUNCE, 2}, {FORGET, 1}, {FORGET, 3}, {TAKE, 2}, {DONE, 0}}},
    {"after the stop what is left, then the end",
     {{ANNOUNCE, 1}, {STOP, 0}, {WAIT, 1}, {TAKE, 1}, {DONE, 0}, {WAIT_ENDS, 0}}                                                },
    {"begun again",
     {{STOP, 0}, {WAIT_ENDS, 0}, {START, 0}, {ANNOUNCE, 1}, {WAIT, 1}, {TAKE, 1}, {DONE, 0}}                                    },
};

static struct store_scope scope_of(int tenant)
{
    static int database; /* its address is all that counts */

    return (struct store_scope){.database = (struct database *)&database, .tenant = tenant};
}

static void take(struct seal_queue *queue, int tenant)
{
    struct store_scope scope = {0};

    assert_int_equal(seal_queue_take(queue, &scope), tenant != 0);
    assert_int_equal(scope.tenant, tenant);
}

static void wait_for(struct seal_queue *queue, int expected)
{
    size_t count = SIZE_MAX;

    assert_int_equal(seal_queue_wait(queue, &count), expected > 0);
    assert_int_equal(count, expected);
}

static void queues(void **row)
{
    const struct queue_case *expected = *row;
    struct seal_queue *queue = seal_queue_new();

    for (size_t i = 0; i < 10 && expected->steps[i].act != END; i++) {
        int tenant = expected->steps[i].tenant;

        switch (expected->steps[i].act) {
        case END:
            break;
        case ANNOUNCE:
            seal_queue_announce(queue, scope_of(tenant));
            break;
        case TAKE:
        case TAKE_NOTHING:
            take(queue, tenant);
            break;
        case DONE:
            seal_queue_done(queue);
            break;
        case FORGET:
            seal_queue_forget(queue, scope_of(tenant));
            break;
        case STOP:
            seal_queue_stop(queue);
            seal_queue_pause(queue, 60000); /* returns at once */
            break;
        case START:
            seal_queue_start(queue);
            break;
        case WAIT:
        case WAIT_ENDS:
            wait_for(queue, tenant);
            break;
        }
    }
    seal_queue_free(queue);
}

static struct forget_case {
    const char *name;
    int tenant; /* that is forgotten while tenant 1 is worked on */
    bool must_wait;
} forgets[] = {
    {"to forget waits for the work on it", 1, true },
    {"work on others is no matter",        2, false},
};

struct forgetter {
    struct seal_queue *queue;
    int tenant;
    _Atomic bool finished; /* the work is over */
    _Atomic bool waited;   /* it was, when forgetting returned */
};

static void *forget(void *argument)
{
    struct forgetter *forgetter = argument;

    seal_queue_forget(forgetter->queue, scope_of(forgetter->tenant));
    forgetter->waited = forgetter->finished;
    return NULL;
}

static void forgets_after_work(void **row)
{
    const struct forget_case *expected = *row;
    struct forgetter forgetter = {.queue = seal_queue_new(), .tenant = expected->tenant};
    pthread_t thread;

    seal_queue_announce(forgetter.queue, scope_of(1));
    take(forgetter.queue, 1);
    seal_queue_announce(forgetter.queue, scope_of(expected->tenant));
    assert_int_equal(pthread_create(&thread, NULL, forget, &forgetter), 0);
    if (!expected->must_wait)
        assert_int_equal(pthread_join(thread, NULL), 0); /* hangs if it waits */
    forgetter.finished = true;
    seal_queue_done(forgetter.queue);
    if (expected->must_wait)
        assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(forgetter.waited, expected->must_wait);
    take(forgetter.queue, 0);
    seal_queue_free(forgetter.queue);
}

int main(void)
{
    seal_queue_free(NULL);
    return RUN_TABLE("seal queue", cases, queues) |
           RUN_TABLE("seal queue and its worker", forgets, forgets_after_work);
}
