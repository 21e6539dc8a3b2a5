/* A PATCH body is applied or refused with a reason, leaves its own values alone, and does the same
 * each time. */
#include <stdint.h>

#include "schemas.h"
#include "scim/json.h"
#include "scim/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const documents[] = {
    [RESOURCE_TYPE_USER] =
        "{\"schemas\":[\"" SCHEMA_URN_USER "\"],\"userName\":\"b\",\"name\":{\"givenName\":\"B\"},"
        "\"active\":true,\"emails\":[{\"value\":\"w@x\",\"type\":\"work\",\"primary\":true},"
        "{\"value\":\"h@x\",\"type\":\"home\"}],\"" SCHEMA_URN_ENTERPRISE
        "\":{\"manager\":{\"value\":\"1\"}}}",
    [RESOURCE_TYPE_GROUP] = "{\"schemas\":[\"" SCHEMA_URN_GROUP "\"],\"displayName\":\"g\"}",
};

/* NULL where it is refused. */
static json_t *apply(const struct resource_reader *reader, const struct patch *patch)
{
    json_t *document = json_loads(documents[reader->type->number], 0, NULL);
    struct err err = {0};

    if (patch_apply(patch, reader, document, &err) == 0)
        return document;
    if (err.code == 0 || err.detail[0] == '\0')
        abort();
    json_decref(document);
    return NULL;
}

static void check(int number, json_t *body)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use use = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {.type =
                                               schema_set_type_by_number(fuzz_schemas(), number),
                                           .limits = &scim_limits_default,
                                           .tolerances = &use};
    json_t *before = json_deep_copy(body);
    const struct patch *patch = NULL;
    struct err err = {0};

    if (patch_parse(&reader, arena, body, &patch, &err) == 0) {
        json_t *first = apply(&reader, patch);
        json_t *second = apply(&reader, patch);
        if ((first == NULL) != (second == NULL) || (first != NULL && !json_equal(first, second)))
            abort();
        json_decref(first);
        json_decref(second);
    } else if (err.code == 0 || err.detail[0] == '\0') {
        abort();
    }
    if (json_equal(before, body) == 0)
        abort();
    json_decref(before);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    json_t *body = NULL;
    struct err err = {0};

    if (json_parse_body((const char *)bytes, length, &scim_limits_default, &body, &err) < 0)
        return 0;
    check(RESOURCE_TYPE_USER, body);
    check(RESOURCE_TYPE_GROUP, body);
    json_decref(body);
    return 0;
}
