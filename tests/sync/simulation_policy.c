#include "simulation_policy.h"

#include "scim/schema.h"

void policy_choose(struct model_policy *policy, const struct world *world,
                   struct world_random *random)
{
    static const int percents[] = {0, 10, 30, 50};
    static const int counts[] = {0, 1, 3, 50};

    policy->removal = (enum source_removal)world_random_below(random, 3);
    policy->deletes_later =
        policy->removal == REMOVAL_DEACTIVATE && world_random_chance(random, 30);
    policy->adopts = world_random_chance(random, 30);
    policy->guard.percent = percents[world_random_below(random, 4)];
    policy->guard.count = counts[world_random_below(random, 4)];
    policy->canary = world_random_chance(random, 20) ? world->immortal : WORLD_NOBODY;
    policy->protected = world->steady;
}

const char *policy_text(const struct model_policy *policy, const struct source *source,
                        struct arena *arena)
{
    static const char *const removals[] = {"deactivate", "delete", "keep"};
    const struct world *world = source->world;
    char canary[WORLD_TEXT_BYTES] = "";
    char protected[WORLD_TEXT_BYTES] = "";

    if (policy->canary != WORLD_NOBODY)
        world_name(world, policy->canary, canary);
    if (policy->protected != WORLD_NOBODY)
        world_text(WORLD_LOGIN, world_now(world, policy->protected)->values[WORLD_LOGIN],
                   protected);
    return arena_printf(
        arena,
        "name: sim\ntype: %s\nschedule: never\nfull_schedule: never\n"
        "mapping:\n  externalId: id\n  userName: login\n  name.givenName: givenName\n"
        "  name.familyName: sn\n  title: title\n  emails[type eq \"work\"].value: mail\n"
        "  active: {from: enabled, transform: boolean}\n"
        "  %s:manager.value: {from: manager, reference: true}\n"
        "group_mapping:\n  externalId: id\n  displayName: login\n"
        "match: [sourceId%s]\nremoval: {action: %s%s}\nguard: {percent: %d, count: %d}\n"
        "canaries: [%s]\nprotect: [%s]\n",
        source->nature.reports_deletes ? source_connector.name : source_quiet_connector.name,
        SCHEMA_URN_ENTERPRISE, policy->adopts ? ", userName" : "", removals[policy->removal],
        policy->deletes_later ? ", delete_after: 30d" : "", (int)policy->guard.percent,
        (int)policy->guard.count, canary, protected);
}
