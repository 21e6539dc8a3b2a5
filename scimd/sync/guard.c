#include "sync/guard.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/cleanup.h"

static const struct {
    const char *verb;
    const char *noun;
} kinds[GUARD_KINDS] = {
    [GUARD_USERS] = {"deactivate or delete", "users"           },
    [GUARD_GROUPS] = {"delete",               "groups"          },
    [GUARD_MEMBERS] = {"remove",               "memberships"     },
    [GUARD_VALUES] = {"blank",                "attribute values"},
};

/* Without overflow: counts of rows times a percentage may come near 2^63 on no machine we know, but
 * present / 100 is as good where it would. */
static int64_t share(int64_t present, int64_t percent)
{
    return present / 100 * percent + present % 100 * percent / 100;
}

int64_t guard_allowance(const struct guard_settings *settings, int64_t present)
{
    int64_t allowed = share(present, settings->percent);
    int64_t most = share(present, GUARD_PERCENT_MAX);

    if (allowed < settings->count)
        allowed = settings->count;
    return allowed < most ? allowed : most;
}

static bool is_over(const struct guard_settings *guards, const struct guard_tally *tally, int kind)
{
    return tally->planned[kind] > guard_allowance(&guards[kind], tally->present[kind]);
}

const char *guard_kind_name(int kind)
{
    static const char *const names[GUARD_KINDS] = {[GUARD_USERS] = "users",
                                                   [GUARD_GROUPS] = "groups",
                                                   [GUARD_MEMBERS] = "members",
                                                   [GUARD_VALUES] = "values"};

    return kind < GUARD_KINDS ? names[kind] : NULL;
}

bool guard_allows(const struct guard_settings *guards, const struct guard_tally *tally)
{
    for (int kind = 0; kind < GUARD_KINDS; kind++)
        if (is_over(guards, tally, kind))
            return false;
    return true;
}

const char *guard_words(const struct guard_settings *guards, const struct guard_tally *tally,
                        struct arena *arena)
{
    CLEANUP(buf_free) struct buf words = {0};

    for (int kind = 0; kind < GUARD_KINDS; kind++) {
        if (!is_over(guards, tally, kind))
            continue;
        buf_printf(&words, "%s %s %" PRId64 " of %" PRId64 " %s (allowed: %" PRId64 ")",
                   words.length > 0 ? ", and" : "would", kinds[kind].verb, tally->planned[kind],
                   tally->present[kind], kinds[kind].noun,
                   guard_allowance(&guards[kind], tally->present[kind]));
    }
    return arena_strndup(arena, buf_text(&words), words.length);
}
