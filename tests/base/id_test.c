#include "table.h"

#include "base/clock.h"
#include "base/id.h"

#include <pthread.h>
#include <string.h>

#define THREADS 4
#define PER_THREAD 20000
#define MASS 300000 /* more than a node's 4096 counters a millisecond for a while */

static int hex_of(const char *text, int count)
{
    char digits[9] = "";

    memcpy(digits, text, (size_t)count);
    return (int)strtol(digits, NULL, 16);
}

/* RFC 9562 section 5.7: version 7, variant 10, lower case, time of now. */
static void is_a_uuid_of_now(void **row)
{
    char text[ID_TEXT_BYTES];
    char time[13] = "";
    int64_t before_ms = clock_now_us() / 1000;
    int64_t time_ms;

    (void)row;
    id_new(text);
    assert_int_equal(strlen(text), ID_TEXT_BYTES - 1);
    for (size_t i = 0; i < ID_TEXT_BYTES - 1; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(text[i], '-');
        else
            assert_non_null(strchr("0123456789abcdef", text[i]));
    }
    assert_int_equal(text[14], '7');
    assert_int_equal(hex_of(text + 19, 1) & 0xc, 0x8);

    memcpy(time, text, 8);
    memcpy(time + 8, text + 9, 4);
    time_ms = strtoll(time, NULL, 16);
    assert_true(time_ms >= before_ms);
    assert_true(time_ms <= clock_now_us() / 1000 + 1);
}

static void uuids_increase(void **row)
{
    char last[ID_TEXT_BYTES] = "";
    char text[ID_TEXT_BYTES];

    (void)row;
    for (int i = 0; i < MASS; i++) {
        id_new(text);
        assert_true(strcmp(text, last) > 0);
        memcpy(last, text, sizeof(last));
    }
}

/* What follows the time is random: no two of a thousand tails are alike. */
static void tails_differ(void **row)
{
    static char tails[1000][ID_TEXT_BYTES];

    (void)row;
    for (int i = 0; i < 1000; i++) {
        id_new(tails[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tails[i] + 20, tails[j] + 20);
    }
}

static void keys_increase(void **row)
{
    int64_t last = 0;

    (void)row;
    for (int i = 0; i < MASS; i++) {
        int64_t key = id_new_key();
        assert_true(key > last);
        last = key;
    }
    /* 41 bits of milliseconds since 2020, not far from now */
    assert_true(last >> 22 >= clock_now_us() / 1000 - 1577836800000 - 1000);
    assert_true(last >> 22 <= clock_now_us() / 1000 - 1577836800000 + 1000);
}

static void *make_keys(void *argument)
{
    int64_t *keys = argument;

    for (int i = 0; i < PER_THREAD; i++)
        keys[i] = id_new_key();
    return NULL;
}

static int by_number(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

static void threads_share_no_key(void **row)
{
    static int64_t keys[THREADS * PER_THREAD];
    pthread_t threads[THREADS];

    (void)row;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_keys, keys + i * PER_THREAD), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    qsort(keys, THREADS * PER_THREAD, sizeof(keys[0]), by_number);
    for (int i = 1; i < THREADS * PER_THREAD; i++)
        assert_true(keys[i] > keys[i - 1]);
}

static void random_fills_all(void **row)
{
    unsigned char bytes[1000] = {0};
    unsigned zeros = 0;

    (void)row;
    id_random(bytes, sizeof(bytes) - 1);
    for (size_t i = 0; i < sizeof(bytes) - 1; i++)
        zeros += bytes[i] == 0;
    assert_true(zeros < 50);
    assert_int_equal(bytes[sizeof(bytes) - 1], 0);
}

static struct single {
    const char *name;
    void (*run)(void **row);
} singles[] = {
    {"a UUID of now",        is_a_uuid_of_now    },
    {"UUIDs increase",       uuids_increase      },
    {"random tails",         tails_differ        },
    {"keys increase",        keys_increase       },
    {"threads share no key", threads_share_no_key},
    {"random fills all",     random_fills_all    },
};

static void runs(void **row)
{
    ((const struct single *)*row)->run(row);
}

int main(void)
{
    return RUN_TABLE("id", singles, runs);
}
