#include "directory/schema_use.h"

#include <string.h>

#include "base/cleanup.h"
#include "scim/resource.h"
#include "store/search.h"

#define SCAN_PAGE 1000 /* resources */

struct comparison {
    const struct resource_type *type; /* of the old set */
    struct lost_attribute *items;
    size_t count;
    size_t capacity;
    struct arena *arena;
};

static void add_lost(struct comparison *comparison, const struct attribute *attribute)
{
    if (comparison->count == comparison->capacity) {
        size_t capacity = comparison->capacity == 0 ? 16 : comparison->capacity * 2;
        struct lost_attribute *items = arena_array(comparison->arena, capacity, sizeof(*items));

        for (size_t i = 0; i < comparison->count; i++)
            items[i] = comparison->items[i];
        comparison->items = items;
        comparison->capacity = capacity;
    }
    comparison->items[comparison->count++] =
        (struct lost_attribute){.type = comparison->type, .attribute = attribute};
}

/* What index rows and documents depend on. */
static bool is_stored_alike(const struct attribute *before, const struct attribute *after)
{
    return strcmp(before->name, after->name) == 0 && before->case_exact == after->case_exact &&
           before->uniqueness == after->uniqueness && before->filterable == after->filterable;
}

/* *deeper: the sub-attributes are worth a comparison. */
static int compare_attribute(struct comparison *comparison, const struct attribute *before,
                             const struct attribute *after, bool *deeper, struct err *err)
{
    *deeper = false;
    if (after != NULL &&
        (before->type != after->type || before->multi_valued != after->multi_valued))
        return err_set(err, ERR_CONFLICT, "attribute %s must not change its %s", before->path,
                       before->type != after->type ? "type" : "multiValued");
    if (after == NULL || !is_stored_alike(before, after))
        add_lost(comparison, before);
    else
        *deeper = before->sub_count > 0;
    return 0;
}

static int compare_subs(struct comparison *comparison, const struct attribute *before,
                        const struct attribute *after, struct err *err)
{
    for (size_t i = 0; i < before->sub_count; i++) {
        const struct attribute *sub = &before->subs[i];
        bool ignored;

        if (compare_attribute(comparison, sub,
                              schema_sub_attribute(after, sub->name, sub->name_length), &ignored,
                              err) < 0)
            return -1;
    }
    return 0;
}

static int compare_schema(struct comparison *comparison, const struct schema *before,
                          const struct schema *after, struct err *err)
{
    for (size_t i = 0; i < before->attribute_count; i++) {
        const struct attribute *attribute = &before->attributes[i];
        const struct attribute *other =
            after == NULL ? NULL : schema_attribute(after, attribute->name, attribute->name_length);
        bool deeper;

        if (compare_attribute(comparison, attribute, other, &deeper, err) < 0 ||
            (deeper && compare_subs(comparison, attribute, other, err) < 0))
            return -1;
    }
    return 0;
}

static int compare_type(struct comparison *comparison, const struct resource_type *after,
                        struct err *err)
{
    const struct resource_type *before = comparison->type;

    if (after == NULL || strcmp(before->schema->id, after->schema->id) != 0) {
        add_lost(comparison, NULL);
        return 0;
    }
    if (compare_schema(comparison, before->schema, after->schema, err) < 0)
        return -1;
    for (size_t i = 0; i < before->extension_count; i++) {
        const struct schema *extension = before->extensions[i].schema;

        if (compare_schema(comparison, extension,
                           schema_of_type(after, extension->id, strlen(extension->id)), err) < 0)
            return -1;
    }
    return 0;
}

int schema_use_compare(struct arena *arena, const struct schema_set *before,
                       const struct schema_set *after, struct lost_list *out, struct err *err)
{
    struct comparison comparison = {.arena = arena};

    for (size_t i = 0; i < schema_set_type_count(before); i++) {
        comparison.type = schema_set_type(before, i);
        if (compare_type(&comparison, schema_set_type_by_name(after, comparison.type->name), err) <
            0)
            return -1;
    }
    *out = (struct lost_list){.items = comparison.items, .count = comparison.count};
    return 0;
}

static bool any_has(const json_t *values, const char *name)
{
    if (json_is_object(values))
        return json_object_get(values, name) != NULL;
    for (size_t i = 0; i < json_array_size(values); i++) {
        if (json_object_get(json_array_get(values, i), name) != NULL)
            return true;
    }
    return false;
}

static bool document_has(const json_t *document, const struct attribute *attribute)
{
    if (attribute->parent == NULL)
        return resource_value(document, attribute) != NULL;
    return any_has(resource_value(document, attribute->parent), attribute->name);
}

struct scan {
    const struct lost_attribute *items; /* of one type */
    size_t count;
};

static int scan_row(void *context, const struct resource_row *row, struct err *err)
{
    const struct scan *scan = context;
    CLEANUP(json_decrefp) json_t *document = NULL;

    for (size_t i = 0; i < scan->count; i++) {
        const struct attribute *attribute = scan->items[i].attribute;

        if (attribute == NULL)
            return err_set(err, ERR_CONFLICT, "there are resources of type %s",
                           scan->items[i].type->name);
        if (strstr(row->document, attribute->name) == NULL)
            continue; /* spares parsing nearly all documents */
        if (document == NULL)
            document = json_loadb(row->document, row->document_length, 0, NULL);
        if (document_has(document, attribute))
            return err_set(err, ERR_CONFLICT, "attribute %s is used by %s %s", attribute->path,
                           scan->items[i].type->name, row->id);
    }
    return 0;
}

/* Page by page, in the order of creation: memory does not depend on how many there are. */
static int scan_work(struct session *session, void *argument, struct err *err)
{
    struct scan *scan = argument;
    const struct search_part part = {.type = scan->items[0].type};
    struct search search = {.parts = &part,
                            .part_count = 1,
                            .start_index = 1,
                            .count = SCAN_PAGE,
                            .by_cursor = true,
                            .documents = true};
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct search_result result;
    struct page_cursor last;

    do {
        arena_reset(arena);
        result = (struct search_result){0};
        if (search_run(session, arena, &search, scan_row, scan, &result, err) < 0)
            return -1;
        last = result.next;
        last.key = NULL; /* unsorted: the row is all */
        search.cursor = &last;
    } while (result.more);
    return 0;
}

int schema_use_check(struct store_scope scope, const struct lost_list *lost, struct err *err)
{
    size_t done = 0;

    while (done < lost->count) {
        struct scan scan = {.items = lost->items + done};

        while (done + scan.count < lost->count &&
               lost->items[done + scan.count].type == scan.items[0].type)
            scan.count++;
        if (store_read_snapshot(scope, scan_work, &scan, err) < 0)
            return -1;
        done += scan.count;
    }
    return 0;
}
