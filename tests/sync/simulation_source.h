/* simulation_source.h - a connector to a directory that doesn't exist, with all the faults of real
 * ones.
 *
 * It keeps the contract (connectors/connector.h) in every way that the contract leaves open: full
 * passes of a moment or of a directory that changes under them, deltas as a log or as what became
 * of it, partial objects, sets in parts or as differences, any order, repeats.  What it does
 * against the contract is a fault, and is ordered for a run. */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_SOURCE_H
#define SCIMD_TESTS_SYNC_SIMULATION_SOURCE_H

#include "connectors/connector.h"

#include "simulation_world.h"

#define SOURCE_PASSES 64 /* full passes of one seed */

/* How this source is: for all its life. */
struct source_nature {
    bool by_log;          /* a delta tells each change as it was then; else what became of it */
    bool live;            /* a full pass reads what is there as it goes; else one moment */
    bool partial;         /* a delta may tell only what changed of an object */
    bool lists_absent;    /* members and managers that are out of scope are named */
    bool unknown_kinds;   /* does not always say what a member is */
    bool counts;          /* tells how many objects there are */
    bool reports_deletes; /* in a delta */
    int parts;            /* of a whole set */
    int page_max;         /* changes */
};

enum source_fault {
    FAULT_NONE,
    FAULT_CUT,     /* ERR_SOURCE_UNAVAILABLE */
    FAULT_DENIED,  /* ERR_SOURCE_DENIED */
    FAULT_EXPIRED, /* ERR_CURSOR_EXPIRED, as often as `times` says */
    FAULT_CLOSED,  /* open() fails */
    FAULT_EMPTY,   /* success, and nothing told */
    FAULT_LOST,    /* a delta that skips what it should have told */
    FAULT_SHRUNK,  /* a full pass that leaves objects out */
    SOURCE_FAULTS
};

/* How this run goes. */
struct source_weather {
    enum source_fault fault;
    int after; /* pulls that go well before it */
    int times;
    bool admits;    /* FAULT_SHRUNK, FAULT_EMPTY: counts what it didn't tell (nature.counts) */
    int repeats;    /* percent of changes told again */
    int happenings; /* percent of pulls before which something happens */
    void (*pulling)(void *context); /* before each pull; NULL: nothing */
    void *context;
};

/* What the engine has been told in this run. */
struct source_told {
    int pulls;
    int from;      /* no fact it was told is older; WORLD_VERSIONS: it was told nothing */
    int to;        /* of a pull that came to its end: all up to there; 0: none did */
    bool full;     /* that was a full pass */
    uint64_t lied; /* objects in scope that this pass left out ... */
    bool admitted; /* ... but counted */
};

struct source {
    struct world *world;
    struct source_nature nature;
    struct source_weather weather;
    struct source_told told;
    struct world_random random;
    int epoch; /* cursors of an earlier one are forgotten */
    int pass_count;
    struct source_pass {
        int start;
        bool descending;
        bool counts;
        uint64_t omitted;
    } passes[SOURCE_PASSES];
    uint64_t untold; /* objects that a fault has hidden: not to be told in part */
    int sessions;    /* open ones */
    bool broke;      /* the engine asked for what nobody told it */
};

void source_begin(struct source *source, struct world *world, uint64_t seed);
/* Before each run. */
void source_arm(struct source *source, const struct source_weather *weather);
const char *source_fault_name(enum source_fault fault);

/* Both pull from the source that source_use() named last: a connector has no context. */
extern const struct connector source_connector;       /* "simulated" */
extern const struct connector source_quiet_connector; /* "quiet": reports no deletes */
void source_use(struct source *source);

#endif
