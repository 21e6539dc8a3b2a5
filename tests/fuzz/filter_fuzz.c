/* A filter is parsed or refused with a reason.  What is parsed has a canonical form that stands for
 * the same filter, and can be held against a resource. */
#include <stdint.h>
#include <string.h>

#include "schemas.h"
#include "scim/filter.h"
#include "scim/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char resource[] =
    "{\"id\":\"1\",\"userName\":\"Stra\\u00dfe\",\"active\":true,\"name\":{\"givenName\":\"\"},"
    "\"emails\":[{\"value\":\"a@b\",\"type\":\"work\",\"primary\":true},{\"value\":\"c@d\"}],"
    "\"meta\":{\"created\":\"2024-05-01T10:00:00Z\"}}";

static void check(const struct filter_reader *reader, struct arena *arena,
                  const struct filter *filter)
{
    const char *canonical = filter_format(arena, filter);
    struct filter_reader strict = {.type = reader->type, .limits = reader->limits};
    struct scim_limits limits = scim_limits_default;
    const struct filter *again = NULL;
    json_t *value = json_loads(resource, 0, NULL);
    struct err err = {0};
    bool matches = match_resource(filter, value);

    limits.filter_bytes = strlen(canonical); /* the canonical form is longer */
    limits.filter_nodes *= 4;
    strict.limits = &limits;
    if (strstr(canonical, "never") == NULL) {
        /* groups may nest deeper in it by one for each that was left out */
        if (filter_parse(&strict, arena, canonical, strlen(canonical), &again, &err) == 0 &&
            (strcmp(filter_format(arena, again), canonical) != 0 ||
             match_resource(again, value) != matches))
            abort();
        if (again == NULL && strstr(err.detail, "nested deeper") == NULL)
            abort();
    }
    json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use use = {.profile = PROFILE_AUTO};
    const struct filter_reader reader = {
        .type = schema_set_type_by_number(fuzz_schemas(), RESOURCE_TYPE_USER),
        .limits = &scim_limits_default,
        .tolerances = &use};
    const struct filter *filter = NULL;
    struct err err = {0};

    if (filter_parse(&reader, arena, (const char *)bytes, length, &filter, &err) == 0)
        check(&reader, arena, filter);
    else if (err.code != ERR_INVALID_FILTER || err.detail[0] == '\0')
        abort();
    arena_free(arena);
    return 0;
}
