#include "api/rate.h"

void rate_init(struct rate *rate, unsigned per_second, unsigned burst)
{
    *rate = (struct rate){.per_second = per_second, .burst = burst > 0 ? burst : per_second};
    (void)pthread_mutex_init(&rate->lock, NULL);
}

static bool take_locked(const struct rate *rate, struct rate_bucket *bucket, int64_t now_us,
                        unsigned *retry_after_s)
{
    double elapsed_s = (double)(now_us - bucket->filled_us) / 1e6;

    bucket->tokens += elapsed_s > 0 ? elapsed_s * rate->per_second : 0;
    if (bucket->tokens > rate->burst)
        bucket->tokens = rate->burst;
    bucket->filled_us = now_us;
    if (bucket->tokens >= 1) {
        bucket->tokens -= 1;
        return true;
    }
    *retry_after_s = 1 + (unsigned)((1 - bucket->tokens) / rate->per_second);
    return false;
}

bool rate_take(struct rate *rate, int tenant, int64_t now_us, unsigned *retry_after_s)
{
    struct rate_bucket *bucket = &rate->buckets[(unsigned)tenant % RATE_BUCKETS];
    bool taken;

    if (rate->per_second <= 0)
        return true;
    (void)pthread_mutex_lock(&rate->lock);
    if (bucket->tenant != tenant)
        *bucket =
            (struct rate_bucket){.tenant = tenant, .tokens = rate->burst, .filled_us = now_us};
    taken = take_locked(rate, bucket, now_us, retry_after_s);
    (void)pthread_mutex_unlock(&rate->lock);
    return taken;
}
