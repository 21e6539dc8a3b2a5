#include "api/source_view.h"

#include <string.h>

#include "table.h"

#define NEVER INT64_MAX
#define IDLE 1
#define BACKOFF 4
#define PAUSED 6

static struct next_case {
    const char *name;
    struct source_row row;
    int64_t next_us;
} next_cases[] = {
    {"the earlier of both schedules",                 {.state = IDLE, .next_delta_us = 20, .next_full_us = 10},       10   },
    {"only when asked",                               {.state = IDLE, .next_delta_us = NEVER, .next_full_us = NEVER}, NEVER},
    {"asked for",
     {.state = IDLE,
      .next_delta_us = 20,
      .next_full_us = NEVER,
      .wanted = WANTED_FULL,
      .changed_us = 5},
     5                                                                                                                     },
    {"after a failure, not before its time",
     {.state = BACKOFF, .next_delta_us = 20, .next_full_us = 40, .failures = 2, .retry_us = 30},
     30                                                                                                                    },
    {"a retry that is sooner waits for the schedule",
     {.state = BACKOFF, .next_delta_us = 20, .next_full_us = 40, .failures = 2, .retry_us = 3},
     20                                                                                                                    },
    {"an old retry counts for nothing",
     {.state = IDLE, .next_delta_us = 20, .next_full_us = 40, .retry_us = 30},
     20                                                                                                                    },
    {"paused",
     {.state = PAUSED, .next_delta_us = 20, .next_full_us = 10, .wanted = WANTED_FULL},
     NEVER                                                                                                                 },
};

static void says_when_it_runs_next(void **row)
{
    const struct next_case *expected = *row;

    assert_true(source_view_next_us(&expected->row) == expected->next_us);
}

#define S INT64_C(1000000)

static struct metric_case {
    const char *name;
    struct source_row row;
    const char *line;
} metric_cases[] = {
    {"age of the last success",
     {.name = "ad", .state = IDLE, .created_us = 1, .last_success_us = 40 * S},
     "scimd_source_last_success_seconds{tenant=\"acme\",source=\"ad\"} 60\n" },
    {"one that never had one is as old as itself",
     {.name = "ad", .state = IDLE, .created_us = 10 * S},
     "scimd_source_last_success_seconds{tenant=\"acme\",source=\"ad\"} 90\n" },
    {"a clock that was set back",
     {.name = "ad", .state = IDLE, .created_us = 1, .last_success_us = 400 * S},
     "scimd_source_last_success_seconds{tenant=\"acme\",source=\"ad\"} 0\n"  },
    {"failures in a row",
     {.name = "ad", .state = BACKOFF, .failures = 7},
     "scimd_source_failures{tenant=\"acme\",source=\"ad\"} 7\n"              },
    {"held",
     {.name = "ad", .state = 5, .held_run = 12},
     "scimd_source_held{tenant=\"acme\",source=\"ad\"} 1\n"                  },
    {"not held",
     {.name = "ad", .state = IDLE},
     "scimd_source_held{tenant=\"acme\",source=\"ad\"} 0\n"                  },
    {"the state it is in",
     {.name = "ad", .state = PAUSED},
     "scimd_source_state{tenant=\"acme\",source=\"ad\",state=\"paused\"} 1\n"},
    {"a state it is not in",
     {.name = "ad", .state = PAUSED},
     "scimd_source_state{tenant=\"acme\",source=\"ad\",state=\"idle\"} 0\n"  },
    {"runs that failed",
     {.name = "ad", .state = IDLE},
     "scimd_source_runs{tenant=\"acme\",source=\"ad\",state=\"failed\"} 3\n" },
};

static void has_the_line(void **row)
{
    const struct metric_case *expected = *row;
    const struct source_metric source = {
        .tenant = "acme", .row = &expected->row, .runs = {[4] = 3}};
    struct buf text = {0};

    source_view_metrics(&text, &source, 1, 100 * S);
    if (strstr(buf_text(&text), expected->line) == NULL)
        fail_msg("not in: %s", buf_text(&text));
    buf_free(&text);
}

int main(void)
{
    return RUN_TABLE("next", next_cases, says_when_it_runs_next) +
           RUN_TABLE("metrics", metric_cases, has_the_line);
}
