#include "store/database.h"

#define MAINTAIN_WORKS                                                                             \
    1000                  /* committed since the last time: many pages at once cost a disk less    \
                           */
#define MAINTAIN_PASSES 3 /* at once: a busy database fills again while one runs */

int store_maintain(struct database *database, struct err *err)
{
    struct session *session = NULL;
    bool again = true;
    int result = 0;

    if (database->dialect->maintain == NULL ||
        atomic_load_explicit(&database->writer.unmaintained, memory_order_relaxed) < MAINTAIN_WORKS)
        return 0;
    atomic_store_explicit(&database->writer.unmaintained, 0, memory_order_relaxed);
    if (pool_acquire(database, &session, err) < 0)
        return -1;
    for (int pass = 0; result == 0 && again && pass < MAINTAIN_PASSES; pass++)
        result = database->dialect->maintain(session, &again, err);
    pool_release(database, session);
    return result;
}
