/* filter_fixture.h - what the tests of filters share. */
#ifndef SCIMD_TESTS_SCIM_FILTER_FIXTURE_H
#define SCIMD_TESTS_SCIM_FILTER_FIXTURE_H

#include "schemas_fixture.h"
#include "scim/filter.h"

enum { AUTO, STRICT, MIXED /* a search over several types */ };

/* A code of 0: parsed. */
static inline struct err parse(struct arena *arena, const struct resource_type *type,
                               const char *text, int how, const struct filter **out)
{
    struct tolerance_use use = {.profile = how == STRICT ? PROFILE_STRICT : PROFILE_AUTO};
    const struct filter_reader reader = {.type = type,
                                         .limits = &scim_limits_default,
                                         .tolerances = &use,
                                         .unknown_is_never = how == MIXED};
    struct err err = {0};

    (void)filter_parse(&reader, arena, text, strlen(text), out, &err);
    return err;
}

#endif
