#include "base/id.h"

#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define POOL_BYTES 256                      /* what getrandom(2) gives in one piece */
#define KEY_EPOCH_MS INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */
#define KEY_COUNTER_BITS 12                 /* 4096 keys a millisecond; more borrow from the next */
#define KEY_NODE_BITS 10                    /* random per process */
#define UUID_FRACTION_BITS 12               /* a millisecond in RFC 9562's rand_a */
#define UUID_RANDOM_MASK UINT64_C(0x3fffffffffffffff)
#define UUID_VARIANT UINT64_C(0x8000000000000000)
#define UUID_VERSION UINT64_C(0x7000)

/* The newest time that was handed out, in units of the caller, and so the order of what follows. */
static _Atomic int64_t newest_uuid;
static _Atomic int64_t newest_key;
static _Atomic uint32_t key_node; /* 0: not chosen yet */

void id_random(void *bytes, size_t length)
{
    unsigned char *at = bytes;

    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno != EINTR)
            abort();
        if (got > 0) {
            at += got;
            length -= (size_t)got;
        }
    }
}

/* 64 random bits out of a pool of this thread: one system call for 32 identifiers. */
static uint64_t random_bits(void)
{
    static _Thread_local unsigned char pool[POOL_BYTES];
    static _Thread_local size_t left;
    uint64_t bits;

    if (left == 0) {
        id_random(pool, sizeof(pool));
        left = sizeof(pool);
    }
    left -= sizeof(bits);
    memcpy(&bits, pool + left, sizeof(bits));
    return bits;
}

/* `now`, or the successor of what was returned last where that is later: increasing for all
 * threads, also over a clock that stands still or steps back. */
static int64_t next_after(_Atomic int64_t *newest, int64_t now)
{
    int64_t last = atomic_load_explicit(newest, memory_order_relaxed);
    int64_t next;

    do
        next = now > last ? now : last + 1;
    while (!atomic_compare_exchange_weak_explicit(newest, &last, next, memory_order_relaxed,
                                                  memory_order_relaxed));
    return next;
}

static void put_hex(char *text, uint64_t bits, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        text[i] = "0123456789abcdef"[bits & 15];
        bits >>= 4;
    }
}

/* RFC 9562 section 5.7, with section 6.2 method 3: rand_a carries the part of the millisecond. */
void id_new(char text[ID_TEXT_BYTES])
{
    int64_t now_us = clock_now_us();
    int64_t now =
        (now_us / 1000 << UUID_FRACTION_BITS) + (now_us % 1000 << UUID_FRACTION_BITS) / 1000;
    uint64_t time = (uint64_t)next_after(&newest_uuid, now);
    uint64_t low = UUID_VARIANT | (random_bits() & UUID_RANDOM_MASK);

    put_hex(text, time >> 28, 8);
    text[8] = '-';
    put_hex(text + 9, time >> 12, 4);
    text[13] = '-';
    put_hex(text + 14, UUID_VERSION | (time & 0xfff), 4);
    text[18] = '-';
    put_hex(text + 19, low >> 48, 4);
    text[23] = '-';
    put_hex(text + 24, low, 12);
    text[36] = '\0';
}

static int64_t node_of_process(void)
{
    uint32_t node = atomic_load_explicit(&key_node, memory_order_relaxed);
    uint32_t chosen;

    if (node == 0) {
        chosen = (uint32_t)random_bits() | (1U << KEY_NODE_BITS); /* never 0 */
        if (atomic_compare_exchange_strong(&key_node, &node, chosen))
            node = chosen;
    }
    return node & ((1U << KEY_NODE_BITS) - 1);
}

int64_t id_new_key(void)
{
    int64_t now_ms = clock_now_us() / 1000 - KEY_EPOCH_MS;
    int64_t next = next_after(&newest_key, now_ms << KEY_COUNTER_BITS);
    int64_t counter = next & ((1 << KEY_COUNTER_BITS) - 1);

    return (next >> KEY_COUNTER_BITS) << (KEY_NODE_BITS + KEY_COUNTER_BITS) |
           node_of_process() << KEY_COUNTER_BITS | counter;
}
