#include "store/retry.h"

#include <time.h>

#include "base/id.h"
#include "store/database.h"

#define STEP_US 2000 /* a run waits a random time of up to this, times the runs so far */
#define SECOND_US 1000000
#define MICROSECOND_NS 1000

void retry_pause(int runs)
{
    struct timespec pause;
    uint32_t random;

    id_random(&random, sizeof(random));
    random %= (uint32_t)(STEP_US * runs);
    pause.tv_sec = (time_t)(random / SECOND_US);
    pause.tv_nsec = (long)(random % SECOND_US) * MICROSECOND_NS;
    (void)nanosleep(&pause, NULL);
}

bool retry_wait(struct store *store, int runs, struct err *err)
{
    if (err->code != ERR_RETRY)
        return false;
    if (runs >= STORE_RETRIES_MAX) {
        struct err last = *err;

        (void)err_set(err, ERR_UNAVAILABLE, "the database is busy: try again");
        (void)err_because(err, "%s", last.cause);
        return false;
    }
    atomic_fetch_add_explicit(&store->counters.retries, 1, memory_order_relaxed);
    retry_pause(runs);
    return true;
}
