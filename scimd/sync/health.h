/* health.h - what a pass that has ended may be believed.
 *
 * Absence is evidence only after a complete pass by an account that was allowed to look.  A source
 * that answers "success" and nothing else has not told us that everybody left. */
#ifndef SCIMD_SYNC_HEALTH_H
#define SCIMD_SYNC_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "sync/guard.h"

struct health_facts {
    bool caught_up; /* the source's own end mark was reached */
    bool authentic; /* TLS verified, and the account could read its own entry */
    struct {
        int64_t seen;     /* different objects of a full pass */
        int64_t known;    /* linked to this source before it */
        int64_t expected; /* as the source counts them; -1: it doesn't */
    } users, groups;
    const char *const *canaries_missing; /* source ids that had to be seen and were not */
    size_t canaries_missing_count;
};

enum health {
    HEALTH_GOOD,     /* what it did not show is not there: removals are staged */
    HEALTH_DOUBTFUL, /* complete, but hard to believe: removals are staged and held, whatever the
                        guard says */
    HEALTH_BAD,      /* shows nothing about what it did not show: no removal is staged */
};

/* The verdict on a full pass by the guards of a source, one for each kind; *words is a sentence for
 * the administrator, "" for HEALTH_GOOD. */
enum health health_of(const struct health_facts *facts, const struct guard_settings *guards,
                      struct arena *arena, const char **words);

#endif
