#include "ctl/progress.h"

#include "table.h"

#define S INT64_C(1000000)
#define LABEL "full pass of corp-ad"

static struct progress_case {
    const char *name;
    struct progress progress;
    int64_t now_us;
    unsigned columns;
    const char *line;
} cases[] = {
    {"half of it, with a bar",
     {LABEL, 100 * S, 50000, 100000},
     140 * S,
     90,                                                                                     LABEL " [###########-----------]  50 %  50,000 of 100,000  1,250/s  40 s left"},
    {"the bar grows no longer than it must",
     {LABEL, 100 * S, 25000, 100000},
     140 * S,
     300,                                                                                    LABEL
     " [##########------------------------------]  25 %  25,000 of 100,000  625/s  2 min left"                                                                    },
    {"no room for a bar",
     {LABEL, 100 * S, 50000, 100000},
     140 * S,
     75,                                                                                     LABEL "  50 %  50,000 of 100,000  1,250/s  40 s left"                         },
    {"no room at all: cut",                    {LABEL, 100 * S, 50000, 100000}, 140 * S, 12, "full pass of"                                                                },
    {"for a log: no bar, whatever its length",
     {LABEL, 100 * S, 50000, 100000},
     140 * S,
     0,                                                                                      LABEL "  50 %  50,000 of 100,000  1,250/s  40 s left"                         },
    {"nobody knows the total",
     {LABEL, 100 * S, 50000, 0},
     140 * S,
     80,                                                                                     LABEL "  50,000 read  1,250/s  for 40 s"                                      },
    {"the first second tells no rate",
     {LABEL, 100 * S, 7, 0},
     100 * S + S / 2,
     80,                                                                                     LABEL "  7 read  for 1 s"                                                     },
    {"nor what is left",                       {LABEL, 100 * S, 7, 100},        100 * S, 0,  LABEL "  7 %  7 of 100"                                                       },
    {"a clock that went back tells none",
     {LABEL, 100 * S, 7, 100},
     90 * S,
     0,                                                                                      LABEL "  7 %  7 of 100"                                                       },
    {"more than the source said",
     {LABEL, 100 * S, 120, 100},
     110 * S,
     0,                                                                                      LABEL "  100 %  120 of 100  12/s"                                             },
    {"all of it",                              {LABEL, 100 * S, 100, 100},      110 * S, 0,  LABEL "  100 %  100 of 100  10/s"                                             },
    {"almost all is not all",
     {LABEL, 100 * S, 99999, 100000},
     110 * S,
     0,                                                                                      LABEL "  99 %  99,999 of 100,000  9,999/s  0 s left"                          },
    {"hours left",
     {LABEL, 0, 1000, 100000},
     100 * S,
     0,                                                                                      LABEL "  1 %  1,000 of 100,000  10/s  2 h 45 min left"                        },
    {"slower than one a second",               {LABEL, 0, 10, 100},             100 * S, 0,  LABEL "  10 %  10 of 100"                                                     },
    {"nothing yet",                            {LABEL, 0, 0, 0},                5 * S,   0,  LABEL "  0 read  for 5 s"                                                     },
};

static void renders(void **row)
{
    const struct progress_case *expected = *row;
    struct buf line = {0};

    progress_render(&expected->progress, expected->now_us, expected->columns, &line);
    assert_string_equal(buf_text(&line), expected->line);
    if (expected->columns > 0)
        assert_in_range(line.length, 0, expected->columns);
    buf_free(&line);
}

int main(void)
{
    return RUN_TABLE("progress", cases, renders);
}
