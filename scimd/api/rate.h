/* rate.h - requests per second and tenant: a token bucket each.  Pure but for its lock. */
#ifndef SCIMD_API_RATE_H
#define SCIMD_API_RATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define RATE_BUCKETS                                                                               \
    1024 /* two tenants that meet in one start it anew for each other: never stricter */

struct rate_bucket {
    int tenant;
    double tokens;
    int64_t filled_us;
};

struct rate {
    pthread_mutex_t lock;
    double per_second; /* 0: no limit */
    double burst;
    struct rate_bucket buckets[RATE_BUCKETS]; /* under lock */
};

void rate_init(struct rate *rate, unsigned per_second, unsigned burst);

/* Takes one request from the tenant's bucket.  False: *retry_after_s says when to come again. */
bool rate_take(struct rate *rate, int tenant, int64_t now_us, unsigned *retry_after_s);

#endif
