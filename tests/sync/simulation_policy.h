/* simulation_policy.h - what the administrator of a seed wants, by chance and as a source file. */
#ifndef SCIMD_TESTS_SYNC_SIMULATION_POLICY_H
#define SCIMD_TESTS_SYNC_SIMULATION_POLICY_H

#include "simulation_model.h"

void policy_choose(struct model_policy *policy, const struct world *world,
                   struct world_random *random);
const char *policy_text(const struct model_policy *policy, const struct source *source,
                        struct arena *arena);

#endif
