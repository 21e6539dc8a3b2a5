/* Sources as the write path knows them: who owns which attributes. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "directory/tenants_cache.h"

int source_by_precedence(const void *left, const void *right)
{
    const struct source_row *one = left;
    const struct source_row *other = right;

    if (one->precedence != other->precedence)
        return one->precedence < other->precedence ? -1 : 1;
    return strcmp(one->name, other->name);
}

/* A damaged list owns nothing: a tenant that can't be served at all would be worse, and the next
 * definition of the source repairs it. */
static void copy_owned(struct arena *arena, const struct source_row *row, const char *tenant,
                       struct tenant_source *out)
{
    CLEANUP(json_decrefp) json_t *list = json_loads(row->owned, 0, NULL);
    const char **owned = arena_array(arena, json_array_size(list), sizeof(*owned));
    int *precedences = arena_array(arena, json_array_size(list), sizeof(*precedences));

    if (!json_is_array(list))
        log_event(LOG_LEVEL_ERROR, "tenants.source_damaged", LOG_TEXT("tenant", tenant),
                  LOG_TEXT("source", row->name));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const json_t *precedence = json_object_get(item, "precedence");
        const char *path =
            json_string_value(json_is_object(item) ? json_object_get(item, "path") : item);

        if (path == NULL)
            continue;
        precedences[out->owned_count] =
            json_is_integer(precedence) ? (int)json_integer_value(precedence) : row->precedence;
        owned[out->owned_count++] = arena_strdup(arena, path);
    }
    out->owned = owned;
    out->owned_precedences = precedences;
}

const struct tenant_source *tenants_copy_sources(struct arena *arena, const struct source_row *rows,
                                                 size_t count, const char *tenant)
{
    struct source_row *sorted = arena_array(arena, count, sizeof(*sorted));
    struct tenant_source *sources = arena_array(arena, count, sizeof(*sources));

    for (size_t i = 0; i < count; i++)
        sorted[i] = rows[i];
    qsort(sorted, count, sizeof(*sorted), source_by_precedence);
    for (size_t i = 0; i < count; i++) {
        sources[i].id = sorted[i].id;
        sources[i].name = arena_strdup(arena, sorted[i].name);
        sources[i].precedence = sorted[i].precedence;
        copy_owned(arena, &sorted[i], tenant, &sources[i]);
    }
    return sources;
}
