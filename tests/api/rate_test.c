#include <stdio.h>

#include "api/rate.h"
#include "table.h"

/* A script is requests "tenant@milliseconds+" (taken) or "-" (refused), in order. */
static struct rate_case {
    const char *name;
    unsigned per_second;
    unsigned burst;
    const char *script;
} cases[] = {
    {"no limit",                              0, 0, "1@0+ 1@0+ 1@0+"                 },
    {"the burst, then no more",               1, 2, "1@0+ 1@0+ 1@0-"                 },
    {"a second brings one back",              1, 1, "1@0+ 1@0- 1@1000+ 1@1000-"      },
    {"half a second does not",                1, 1, "1@0+ 1@500-"                    },
    {"no more than the burst is saved",       1, 2, "1@0+ 1@99000+ 1@99000+ 1@99000-"},
    {"tenants do not share",                  1, 1, "1@0+ 2@0+ 1@0- 2@0-"            },
    {"a clock that steps back gives nothing", 1, 1, "1@9000+ 1@5000-"                },
    {"a burst of 0 is one second's worth",    3, 0, "1@0+ 1@0+ 1@0+ 1@0-"            },
};

static void takes_as_expected(void **row)
{
    static struct rate rate;
    const struct rate_case *expected = *row;
    const char *at = expected->script;
    long time_ms = 0;
    int tenant = 0;
    int used = 0;
    char sign = 0;

    rate_init(&rate, expected->per_second, expected->burst);
    for (; sscanf(at, " %d@%ld%c%n", &tenant, &time_ms, &sign, &used) == 3; at += used) {
        unsigned retry_after_s = 0;
        bool taken = rate_take(&rate, tenant, time_ms * 1000, &retry_after_s);
        assert_int_equal(taken, sign == '+');
        assert_true(taken || retry_after_s >= 1);
    }
    assert_int_equal(*at, '\0');
}

int main(void)
{
    return RUN_TABLE("rate", cases, takes_as_expected);
}
