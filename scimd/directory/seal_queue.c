#include "directory/seal_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"

#define FIRST_CAPACITY 16

struct seal_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct store_scope *scopes; /* under lock, like all that follows; in order of announcement */
    size_t count;
    size_t capacity;
    struct store_scope taken; /* what the sealer works on; database NULL: nothing */
    bool stopped;
};

struct seal_queue *seal_queue_new(void)
{
    struct seal_queue *queue = memory_calloc(1, sizeof(*queue));
    pthread_condattr_t attributes;

    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&queue->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return queue;
}

void seal_queue_free(struct seal_queue *queue)
{
    if (queue == NULL)
        return;
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->lock);
    free(queue->scopes);
    free(queue);
}

static bool same_scope(struct store_scope left, struct store_scope right)
{
    return left.database == right.database && left.tenant == right.tenant;
}

/* Only tenants with changes since the last seal are here: a handful. */
static size_t position_of(const struct seal_queue *queue, struct store_scope scope)
{
    size_t i = 0;

    while (i < queue->count && !same_scope(queue->scopes[i], scope))
        i++;
    return i;
}

static void remove_at(struct seal_queue *queue, size_t position)
{
    queue->count--;
    for (size_t i = position; i < queue->count; i++)
        queue->scopes[i] = queue->scopes[i + 1];
}

void seal_queue_announce(struct seal_queue *queue, struct store_scope scope)
{
    (void)pthread_mutex_lock(&queue->lock);
    if (position_of(queue, scope) == queue->count) {
        if (queue->count == queue->capacity) {
            queue->capacity = queue->capacity == 0 ? FIRST_CAPACITY : queue->capacity * 2;
            queue->scopes = memory_resize(queue->scopes, queue->capacity * sizeof(*queue->scopes));
        }
        queue->scopes[queue->count++] = scope;
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
}

bool seal_queue_wait(struct seal_queue *queue, size_t *count)
{
    (void)pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->stopped)
        (void)pthread_cond_wait(&queue->changed, &queue->lock);
    *count = queue->count;
    (void)pthread_mutex_unlock(&queue->lock);
    return *count > 0;
}

bool seal_queue_take(struct seal_queue *queue, struct store_scope *out)
{
    bool found;

    (void)pthread_mutex_lock(&queue->lock);
    found = queue->count > 0;
    if (found) {
        *out = queue->scopes[0];
        queue->taken = *out;
        remove_at(queue, 0);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return found;
}

void seal_queue_done(struct seal_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->taken = (struct store_scope){0};
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
}

static void set_stopped(struct seal_queue *queue, bool stopped)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->stopped = stopped;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
}

void seal_queue_stop(struct seal_queue *queue)
{
    set_stopped(queue, true);
}

void seal_queue_start(struct seal_queue *queue)
{
    set_stopped(queue, false);
}

void seal_queue_pause(struct seal_queue *queue, unsigned milliseconds)
{
    struct timespec until;
    int result = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&queue->lock);
    while (!queue->stopped && result == 0)
        result = pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
    (void)pthread_mutex_unlock(&queue->lock);
}

void seal_queue_forget(struct seal_queue *queue, struct store_scope scope)
{
    (void)pthread_mutex_lock(&queue->lock);
    while (same_scope(queue->taken, scope))
        (void)pthread_cond_wait(&queue->changed, &queue->lock);
    if (position_of(queue, scope) < queue->count)
        remove_at(queue, position_of(queue, scope));
    (void)pthread_mutex_unlock(&queue->lock);
}
