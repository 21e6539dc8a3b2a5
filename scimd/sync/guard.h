/* guard.h - how much a run may remove before somebody is asked.
 *
 * All that a run would take away is counted, by kind, before the first of it is written.  A kind is
 * allowed up to `percent` of what there is or `count`, whichever is larger, and never more than
 * half of what there is: the last person of a small tenant is not a rounding error. */
#ifndef SCIMD_SYNC_GUARD_H
#define SCIMD_SYNC_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define GUARD_PERCENT_DEFAULT 10
#define GUARD_COUNT_DEFAULT 50
#define GUARD_PERCENT_MAX 50 /* more than that is never removed without approval */

enum guard_kind {
    GUARD_USERS,   /* deactivated or deleted */
    GUARD_GROUPS,  /* deleted */
    GUARD_MEMBERS, /* memberships removed */
    GUARD_VALUES,  /* attributes blanked */
    GUARD_KINDS
};

/* Of one kind. */
struct guard_settings {
    int64_t percent; /* 0 to GUARD_PERCENT_MAX */
    int64_t count;
};

struct guard_tally {
    int64_t present[GUARD_KINDS]; /* what the source has brought and still stands */
    int64_t planned[GUARD_KINDS]; /* of it, what the run would remove */
};

/* How many of that kind may go, where `present` are there. */
int64_t guard_allowance(const struct guard_settings *settings, int64_t present);

/* What a source file calls the kind: "users"; NULL behind the last. */
const char *guard_kind_name(int kind);

/* `guards` has one for each kind. */
bool guard_allows(const struct guard_settings *guards, const struct guard_tally *tally);

/* Every kind that is over its allowance, as a sentence for the administrator: "would deactivate or
 * delete 120 of 400 users (allowed: 50)"; "" where guard_allows(). */
const char *guard_words(const struct guard_settings *guards, const struct guard_tally *tally,
                        struct arena *arena);

#endif
