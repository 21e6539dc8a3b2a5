#include "ctl/moment.h"

#include "table.h"

#define S INT64_C(1000000)
#define NOW (1000000 * S)

static struct from_case {
    const char *name;
    int64_t then_us;
    const char *text;
} from_cases[] = {
    {"this moment",       NOW,                   "just now"   },
    {"a blink ago",       NOW - S / 2,           "just now"   },
    {"seconds",           NOW - 42 * S,          "42 s ago"   },
    {"below two minutes", NOW - 119 * S,         "119 s ago"  },
    {"minutes",           NOW - 200 * S,         "3 min ago"  },
    {"below two hours",   NOW - 119 * 60 * S,    "119 min ago"},
    {"hours",             NOW - 5 * 3600 * S,    "5 h ago"    },
    {"days",              NOW - 3 * 86400 * S,   "3 days ago" },
    {"to come",           NOW + 60 * 60 * 5 * S, "in 5 h"     },
    {"soon",              NOW + 15 * S,          "in 15 s"    },
};

static void says_when(void **row)
{
    const struct from_case *expected = *row;
    char text[MOMENT_BYTES];

    assert_string_equal(moment_from(expected->then_us, NOW, text), expected->text);
}

static struct count_case {
    const char *name;
    int64_t count;
    const char *text;
} count_cases[] = {
    {"nothing",       0,         "0"                         },
    {"three digits",  999,       "999"                       },
    {"four",          1000,      "1,000"                     },
    {"seven",         1234567,   "1,234,567"                 },
    {"below nothing", -123,      "-123"                      },
    {"far below",     -1234,     "-1,234"                    },
    {"the most",      INT64_MAX, "9,223,372,036,854,775,807" },
    {"the least",     INT64_MIN, "-9,223,372,036,854,775,808"},
};

static void groups_digits(void **row)
{
    const struct count_case *expected = *row;
    char text[MOMENT_BYTES];

    assert_string_equal(moment_count(expected->count, text), expected->text);
}

int main(void)
{
    return RUN_TABLE("from", from_cases, says_when) +
           RUN_TABLE("count", count_cases, groups_digits);
}
