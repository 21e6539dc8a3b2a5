#include "table.h"

#include "base/arena.h"
#include "sync/guard.h"
#include "sync/health.h"

#define USUAL                                                                                      \
    {                                                                                              \
        GUARD_PERCENT_DEFAULT, GUARD_COUNT_DEFAULT                                                 \
    }
static const struct guard_settings usual[GUARD_KINDS] = {USUAL, USUAL, USUAL, USUAL};
static const struct guard_settings strict_groups[GUARD_KINDS] = {
    USUAL, {.percent = 0, .count = 0},
     USUAL, USUAL
};

static struct allowance_case {
    const char *name;
    struct guard_settings settings;
    int64_t present;
    int64_t allowed;
} allowance_cases[] = {
    {"a tenth of many",        {10, 50},  10000,     1000          },
    {"fifty of a few hundred", {10, 50},  300,       50            },
    {"half of very few",       {10, 50},  60,        30            },
    {"half, rounded down",     {10, 50},  61,        30            },
    {"one of two",             {10, 50},  2,         1             },
    {"not the last one",       {10, 50},  1,         0             },
    {"none of none",           {10, 50},  0,         0             },
    {"both off: nothing goes", {0, 0},    10000,     0             },
    {"count alone",            {0, 5},    10000,     5             },
    {"percent alone",          {3, 0},    1001,      30            },
    {"never more than half",   {50, 900}, 1000,      500           },
    {"a large directory",      {10, 50},  INT64_MAX, INT64_MAX / 10},
};

static void allows_so_many(void **row)
{
    const struct allowance_case *expected = *row;

    assert_int_equal(guard_allowance(&expected->settings, expected->present), expected->allowed);
}

static struct words_case {
    const char *name;
    struct guard_tally tally;
    const char *words;
} words_cases[] = {
    {"nothing planned", {{1000, 10, 5000, 9000}, {0, 0, 0, 0}},         ""},
    {"at the limit",    {{1000, 200, 5000, 9000}, {100, 50, 500, 900}}, ""},
    {"users",
     {{1000, 200, 5000, 9000}, {101, 0, 0, 0}},
     "would deactivate or delete 101 of 1000 users (allowed: 100)"        },
    {"groups",
     {{1000, 200, 5000, 9000}, {0, 51, 0, 0}},
     "would delete 51 of 200 groups (allowed: 50)"                        },
    {"memberships",
     {{1000, 200, 5000, 9000}, {0, 0, 501, 0}},
     "would remove 501 of 5000 memberships (allowed: 500)"                },
    {"values",
     {{1000, 200, 5000, 9000}, {0, 0, 0, 901}},
     "would blank 901 of 9000 attribute values (allowed: 900)"            },
    {"several",
     {{1000, 200, 5000, 9000}, {1000, 200, 0, 0}},
     "would deactivate or delete 1000 of 1000 users (allowed: 100), and delete 200 of 200 groups "
     "(allowed: 50)"                                                      },
};

static void says_what_is_too_much(void **row)
{
    const struct words_case *expected = *row;
    struct arena *arena = arena_new(1024);

    assert_string_equal(guard_words(usual, &expected->tally, arena), expected->words);
    assert_int_equal(guard_allows(usual, &expected->tally), expected->words[0] == '\0');
    arena_free(arena);
}

/* Each kind has a limit of its own. */
static void limits_a_kind(void **row)
{
    const struct guard_tally tally = {
        {1000, 200, 5000, 9000},
        {100,  1,   500,  900 }
    };
    struct arena *arena = arena_new(1024);

    (void)row;
    assert_string_equal(guard_words(strict_groups, &tally, arena),
                        "would delete 1 of 200 groups (allowed: 0)");
    assert_true(guard_allows(usual, &tally));
    arena_free(arena);
}

static struct kind_case {
    const char *name;
} kind_cases[] = {{"groups alone are strict"}};

static const char *const missing[] = {"7963f3c1", "another"};

static struct health_case {
    const char *name;
    struct health_facts facts;
    enum health health;
    const char *words;
} health_cases[] = {
    {"all there",                           {true, true, {400, 400, -1}, {10, 10, -1}, NULL, 0},  HEALTH_GOOD, ""                                                                   },
    {"first pass",                          {true, true, {400, 0, -1}, {10, 0, -1}, NULL, 0},     HEALTH_GOOD, ""                                                                   },
    {"more than before",                    {true, true, {500, 400, 500}, {10, 10, 10}, NULL, 0}, HEALTH_GOOD, ""                                                                   },
    {"some left",                           {true, true, {350, 400, -1}, {10, 10, -1}, NULL, 0},  HEALTH_GOOD, ""                                                                   },
    {"nobody ever was",                     {true, true, {0, 0, 0}, {0, 0, 0}, NULL, 0},          HEALTH_GOOD, ""                                                                   },
    {"success, but empty",
     {true, true, {0, 400, -1}, {0, 10, -1}, NULL, 0},
     HEALTH_DOUBTFUL,                                                                                          "no users were seen where 400 are known"                             },
    {"empty, and the source says so",
     {true, true, {0, 400, 0}, {0, 10, 0}, NULL, 0},
     HEALTH_DOUBTFUL,                                                                                          "no users were seen where 400 are known"                             },
    {"the only one left",
     {true, true, {0, 1, -1}, {0, 0, -1}, NULL, 0},
     HEALTH_DOUBTFUL,                                                                                          "no users were seen where 1 are known"                               },
    {"groups gone",
     {true, true, {400, 400, -1}, {0, 10, -1}, NULL, 0},
     HEALTH_DOUBTFUL,                                                                                          "no groups were seen where 10 are known"                             },
    {"shrunk",
     {true, true, {349, 400, -1}, {10, 10, -1}, NULL, 0},
     HEALTH_DOUBTFUL,                                                                                          "349 users were seen where 400 are known"                            },
    {"cut off",
     {false, true, {400, 400, -1}, {10, 10, -1}, NULL, 0},
     HEALTH_BAD,                                                                                               "the pass was cut off before the source's end mark"                  },
    {"not authentic",
     {true, false, {400, 400, -1}, {10, 10, -1}, NULL, 0},
     HEALTH_BAD,                                                                                               "the source's identity or the account's right to read was not proved"},
    {"cut off and empty",
     {false, true, {0, 400, -1}, {0, 10, -1}, NULL, 0},
     HEALTH_BAD,                                                                                               "the pass was cut off before the source's end mark"                  },
    {"fewer than the source counts",
     {true, true, {399, 400, 400}, {10, 10, 10}, NULL, 0},
     HEALTH_BAD,                                                                                               "399 users were seen where the source counts 400"                    },
    {"fewer groups than the source counts",
     {true, true, {400, 400, 400}, {9, 10, 10}, NULL, 0},
     HEALTH_BAD,                                                                                               "9 groups were seen where the source counts 10"                      },
    {"a canary is missing",
     {true, true, {400, 400, -1}, {10, 10, -1}, missing, 2},
     HEALTH_BAD,                                                                                               "2 canaries were not seen, first 7963f3c1"                           },
};

static void is_believed(void **row)
{
    const struct health_case *expected = *row;
    struct arena *arena = arena_new(1024);
    const char *words = NULL;

    assert_int_equal(health_of(&expected->facts, usual, arena, &words), expected->health);
    assert_string_equal(words, expected->words);
    arena_free(arena);
}

int main(void)
{
    return RUN_TABLE("guard allowance", allowance_cases, allows_so_many) +
           RUN_TABLE("guard words", words_cases, says_what_is_too_much) +
           RUN_TABLE("guard kinds", kind_cases, limits_a_kind) +
           RUN_TABLE("health", health_cases, is_believed);
}
