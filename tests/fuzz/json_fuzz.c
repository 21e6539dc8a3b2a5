/* A body: what is parsed must survive being written and read again, and what becomes of it as a
 * User or Group must be canonical: reading the document again changes nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/embedded.h"
#include "scim/json.h"
#include "scim/resource.h"

#define SOURCES_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made at the first input and kept: a fuzzer has no end to free it at. */
static const struct schema_set *our_schemas(void)
{
    static struct schema_set *set;
    struct schema_source sources[SOURCES_MAX];
    struct err err = {0};
    size_t count = 0;

    if (set != NULL)
        return set;
    for (const struct embedded_file *file = embedded_schemas; file->name != NULL; file++)
        sources[count++] = (struct schema_source){file->name, file->text, file->length, true};
    if (schema_set_new(sources, count, &set, &err) < 0)
        abort();
    return set;
}

static void check_text(const json_t *value)
{
    const struct scim_limits limits = {.json_depth = SIZE_MAX, .string_bytes = SIZE_MAX};
    struct buf text = {0};
    json_t *again = NULL;
    struct err err = {0};

    json_append(&text, value);
    if (json_parse_body(buf_text(&text), text.length, &limits, &again, &err) < 0 ||
        !json_same(value, again))
        abort();
    json_decref(again);
    buf_free(&text);
}

static void check_document(const struct resource_reader *reader, struct arena *arena,
                           const json_t *document)
{
    struct member_list members = {0};
    struct buf first = {0};
    struct buf second = {0};
    json_t *again = NULL;
    struct err err = {0};

    if (resource_read(reader, arena, document, &again, &members, &err) < 0)
        abort();
    json_append(&first, document);
    json_append(&second, again);
    if (first.length != second.length || !json_same(document, again))
        abort();
    (void)resource_check(reader->type, document, again, &err);
    buf_free(&first);
    buf_free(&second);
    json_decref(again);
}

static void check_resource(const char *type, const json_t *body)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct tolerance_use tolerances = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {schema_set_type_by_name(our_schemas(), type),
                                           &scim_limits_default, &tolerances};
    struct member_list members = {0};
    json_t *document = NULL;
    struct err err = {0};

    if (resource_read(&reader, arena, body, &document, &members, &err) == 0)
        check_document(&reader, arena, document);
    json_decref(document);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *value = NULL;
    struct err err = {0};

    if (json_parse_body((const char *)data, size, &scim_limits_default, &value, &err) < 0)
        return 0;
    check_text(value);
    check_resource("User", value);
    check_resource("Group", value);
    json_decref(value);
    return 0;
}
