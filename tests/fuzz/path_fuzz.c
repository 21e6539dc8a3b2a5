/* A path is parsed or refused with a reason; what is parsed names an attribute or an extension. */
#include <stdint.h>

#include "schemas.h"
#include "scim/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void parse(int number, const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use use = {.profile = PROFILE_AUTO};
    const struct filter_reader reader = {.type = schema_set_type_by_number(fuzz_schemas(), number),
                                         .limits = &scim_limits_default,
                                         .tolerances = &use};
    struct path path = {0};
    struct err err = {0};

    if (path_parse(&reader, arena, (const char *)bytes, length, &path, &err) == 0) {
        if ((path.extension != NULL) == (path.attribute != NULL))
            abort();
        if (path.filter != NULL && !path.attribute->multi_valued)
            abort();
        if (path.sub != NULL && path.sub->parent != path.attribute)
            abort();
    } else if (err.code != ERR_INVALID_PATH || err.detail[0] == '\0') {
        abort();
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    parse(RESOURCE_TYPE_USER, bytes, length);
    parse(RESOURCE_TYPE_GROUP, bytes, length);
    return 0;
}
