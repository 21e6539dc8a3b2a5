#include "sync/health.h"

#include <inttypes.h>

struct kind {
    const char *noun;
    enum guard_kind guard;
    int64_t seen;
    int64_t known;
    int64_t expected;
};

static enum health judge_completeness(const struct health_facts *facts, const struct kind *kinds,
                                      size_t count, struct arena *arena, const char **words)
{
    if (!facts->authentic) {
        *words = "the source's identity or the account's right to read was not proved";
        return HEALTH_BAD;
    }
    if (!facts->caught_up) {
        *words = "the pass was cut off before the source's end mark";
        return HEALTH_BAD;
    }
    if (facts->canaries_missing_count > 0) {
        *words = arena_printf(arena, "%zu canaries were not seen, first %s",
                              facts->canaries_missing_count, facts->canaries_missing[0]);
        return HEALTH_BAD;
    }
    for (size_t i = 0; i < count; i++)
        if (kinds[i].seen < kinds[i].expected) {
            *words =
                arena_printf(arena, "%" PRId64 " %s were seen where the source counts %" PRId64,
                             kinds[i].seen, kinds[i].noun, kinds[i].expected);
            return HEALTH_BAD;
        }
    return HEALTH_GOOD;
}

/* Nothing where there was something; or far less. */
static enum health judge_plausibility(const struct kind *kind, const struct guard_settings *guards,
                                      struct arena *arena, const char **words)
{
    if (kind->known - kind->seen <= guard_allowance(&guards[kind->guard], kind->known))
        return HEALTH_GOOD;
    if (kind->seen == 0)
        *words = arena_printf(arena, "no %s were seen where %" PRId64 " are known", kind->noun,
                              kind->known);
    else
        *words = arena_printf(arena, "%" PRId64 " %s were seen where %" PRId64 " are known",
                              kind->seen, kind->noun, kind->known);
    return HEALTH_DOUBTFUL;
}

enum health health_of(const struct health_facts *facts, const struct guard_settings *guards,
                      struct arena *arena, const char **words)
{
    const struct kind kinds[] = {
        {"users",  GUARD_USERS,  facts->users.seen,  facts->users.known,  facts->users.expected },
        {"groups", GUARD_GROUPS, facts->groups.seen, facts->groups.known, facts->groups.expected},
    };
    const size_t count = sizeof(kinds) / sizeof(kinds[0]);
    enum health health;

    *words = "";
    health = judge_completeness(facts, kinds, count, arena, words);
    for (size_t i = 0; health == HEALTH_GOOD && i < count; i++)
        health = judge_plausibility(&kinds[i], guards, arena, words);
    return health;
}
