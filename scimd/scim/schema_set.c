#include "scim/schema_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scim/json.h"
#include "scim/schema_common.h"
#include "scim/schema_parse.h"
#include "scim/schema_type.h"

/* A definition and the file it stands in. */
struct definition {
    const json_t *document;
    struct schema_origin origin;
};

/* All definitions of all sources, while a set is being built. */
struct definitions {
    struct arena *scratch; /* of these items */
    struct arena *arena;   /* of the set */
    json_t *documents;     /* keeps the parsed files */
    struct definition *items;
    size_t count;
    size_t capacity;
};

void schema_forget_document(const json_t *document)
{
    json_decref((json_t *)(uintptr_t)document);
}

static bool has_urn(const json_t *document, const char *urn)
{
    const json_t *urns = json_object_get(document, "schemas");

    for (size_t i = 0; i < json_array_size(urns); i++) {
        const char *text = json_string_value(json_array_get(urns, i));

        if (text != NULL && text_compare_ascii(text, urn) == 0)
            return true;
    }
    return false;
}

/* The representations in RFC 7643 section 8.7.1 have no `schemas` themselves (erratum 8417 and
 * others), so a file copied from there is known by what it contains. */
static bool is_schema(const json_t *document)
{
    return has_urn(document, SCHEMA_URN_SCHEMA) ||
           (json_object_get(document, "schemas") == NULL &&
            json_object_get(document, "attributes") != NULL);
}

static bool is_type(const json_t *document)
{
    return has_urn(document, SCHEMA_URN_RESOURCE_TYPE) ||
           (json_object_get(document, "schemas") == NULL &&
            json_object_get(document, "endpoint") != NULL);
}

static int add_definition(struct definitions *list, const struct schema_origin *origin,
                          const json_t *document, struct err *err)
{
    if (!is_schema(document) && !is_type(document))
        return err_set(err, ERR_CONFIGURATION,
                       "%.64s: neither a Schema nor a ResourceType (see its \"schemas\")",
                       origin->name);
    if (list->count == SCHEMA_COUNT_MAX)
        return err_set(err, ERR_CONFIGURATION, "%.64s: more than %d schemas and resource types",
                       origin->name, SCHEMA_COUNT_MAX);
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        struct definition *items = arena_array(list->scratch, capacity, sizeof(*items));

        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (struct definition){document, *origin};
    return 0;
}

/* A file is one document, an array of them, or a ListResponse. */
static int load_source(struct definitions *list, const struct schema_source *source,
                       struct err *err)
{
    const struct schema_origin origin = {source->name, source->built_in, list->arena};
    json_t *root = NULL;
    const json_t *items;

    if (json_parse_file(source->name, source->json, source->length, &root, err) < 0)
        return -1;
    (void)json_array_append_new(list->documents, root);
    items = json_is_array(root) ? root : json_object_get(root, "Resources");
    if (items == NULL)
        return add_definition(list, &origin, root, err);
    for (size_t i = 0; i < json_array_size(items); i++) {
        if (add_definition(list, &origin, json_array_get(items, i), err) < 0)
            return -1;
    }
    return 0;
}

static int add_schema(struct schema_set *set, const struct definition *definition, struct err *err)
{
    struct schema *schema = &set->schemas[set->schema_count];
    const struct schema *twin;

    if (schema_parse(&definition->origin, definition->document, schema, err) < 0)
        return -1;
    twin = schema_set_schema_by_id(set, schema->id, strlen(schema->id));
    set->schema_count++; /* from here on the set owns its document */
    if (twin != NULL)
        return err_set(err, ERR_CONFIGURATION, "%.64s: schema %s is defined twice",
                       definition->origin.name, twin->id);
    return 0;
}

static int add_type(struct schema_set *set, const struct definition *definition, struct err *err)
{
    struct resource_type *type = &set->types[set->type_count];

    if (schema_type_parse(set, &definition->origin, definition->document, type, err) < 0)
        return -1;
    set->type_count++;
    return 0;
}

/* Schemas first, then the types that name them, then what extends the types: files may come in any
 * order. */
static int add_all(struct schema_set *set, const struct definitions *list, struct err *err)
{
    set->schemas = arena_array(set->arena, list->count, sizeof(*set->schemas));
    set->types = arena_array(set->arena, list->count, sizeof(*set->types));
    for (size_t i = 0; i < list->count; i++) {
        if (is_schema(list->items[i].document) && add_schema(set, &list->items[i], err) < 0)
            return -1;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (!is_schema(list->items[i].document) && !schema_type_extends(list->items[i].document) &&
            add_type(set, &list->items[i], err) < 0)
            return -1;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (schema_type_extends(list->items[i].document) &&
            schema_type_extend(set, &list->items[i].origin, list->items[i].document, err) < 0)
            return -1;
    }
    return 0;
}

static int compare_path_ids(const void *left, const void *right)
{
    const struct attribute *const *first = left;
    const struct attribute *const *second = right;

    return ((*first)->path_id > (*second)->path_id) - ((*first)->path_id < (*second)->path_id);
}

static size_t collect(const struct attribute *attributes, size_t count,
                      const struct attribute **out)
{
    size_t collected = 0;

    for (size_t i = 0; i < count; i++) {
        out[collected++] = &attributes[i];
        for (size_t sub = 0; sub < attributes[i].sub_count; sub++)
            out[collected++] = &attributes[i].subs[sub];
    }
    return collected;
}

/* Rows name attributes by path_id alone, so two paths must never share one. */
static int check_path_ids(const struct schema_set *set, struct arena *scratch, struct err *err)
{
    size_t room = (set->schema_count + 1) * SCHEMA_ATTRIBUTES_MAX;
    const struct attribute **all = arena_array(scratch, room, sizeof(*all));
    size_t count = collect(schema_common_attributes, SCHEMA_COMMON_COUNT, all);

    for (size_t i = 0; i < set->schema_count; i++)
        count += collect(set->schemas[i].attributes, set->schemas[i].attribute_count, all + count);
    qsort(all, count, sizeof(*all), compare_path_ids);
    for (size_t i = 1; i < count; i++) {
        if (all[i - 1]->path_id == all[i]->path_id)
            return err_set(err, ERR_CONFIGURATION, "attributes %s and %s share a number",
                           all[i - 1]->path, all[i]->path);
    }
    return 0;
}

/* True where `urn` could be read as an attribute of `schema`: "urn:...:User:name". */
static bool looks_like_attribute(const char *urn, const struct schema *schema)
{
    size_t prefix = strlen(schema->id);
    const char *name = urn + prefix + 1;

    return strlen(urn) > prefix && urn[prefix] == ':' &&
           text_equals_ascii(urn, prefix, schema->id) &&
           schema_attribute(schema, name, strcspn(name, ".")) != NULL;
}

static int check_urns(const struct schema_set *set, struct err *err)
{
    for (size_t i = 0; i < set->schema_count; i++) {
        for (size_t other = 0; other < set->schema_count; other++) {
            if (looks_like_attribute(set->schemas[i].id, &set->schemas[other]))
                return err_set(err, ERR_CONFIGURATION,
                               "schema %.100s reads like an attribute of %.100s",
                               set->schemas[i].id, set->schemas[other].id);
        }
    }
    return 0;
}

static struct schema_set *make_set(void)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct schema_set *set = arena_alloc(arena, sizeof(*set));

    set->arena = arena;
    atomic_init(&set->holders, 1);
    return set;
}

static int build(struct schema_set *set, struct definitions *list,
                 const struct schema_source *sources, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (load_source(list, &sources[i], err) < 0)
            return -1;
    }
    if (add_all(set, list, err) < 0 || check_urns(set, err) < 0)
        return -1;
    return check_path_ids(set, list->scratch, err);
}

int schema_set_new(const struct schema_source *sources, size_t count, struct schema_set **out,
                   struct err *err)
{
    struct schema_set *set = make_set();
    struct definitions list = {
        .scratch = arena_new(ARENA_BLOCK_BYTES), .arena = set->arena, .documents = json_array()};
    int result = build(set, &list, sources, count, err);

    json_decref(list.documents);
    arena_free(list.scratch);
    if (result < 0)
        schema_set_release(set);
    else
        *out = set;
    return result;
}

struct schema_set *schema_set_hold(struct schema_set *set)
{
    (void)atomic_fetch_add_explicit(&set->holders, 1, memory_order_relaxed);
    return set;
}

void schema_set_release(struct schema_set *set)
{
    if (set == NULL || atomic_fetch_sub_explicit(&set->holders, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < set->schema_count; i++)
        schema_forget_document(set->schemas[i].document);
    for (size_t i = 0; i < set->type_count; i++)
        schema_forget_document(set->types[i].document);
    arena_free(set->arena);
}
