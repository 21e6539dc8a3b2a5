#include "sync/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "scim/json.h"

#define FORMAT "scimd plan 1\n" /* hashed with the content: another rendering is another hash */
#define CAPACITY_FIRST 64
#define LEVELS 2 /* an extension, and a complex value in it */

struct plan {
    uint8_t (*digests)[DIGEST_BYTES]; /* owned */
    size_t count;
    size_t capacity;
    struct plan_counts counts;
    struct buf scratch;
};

static const struct {
    char sign;
    const char *note;
} actions[PLAN_ACTIONS] = {
    [PLAN_CREATE] = {'+', ""             },
    [PLAN_UPDATE] = {'~', ""             },
    [PLAN_DEACTIVATE] = {'-', " (deactivate)"},
    [PLAN_DELETE] = {'-', ""             },
};

/* ---- comparing documents ---- */

struct comparison {
    struct arena *arena;
    struct plan_line *lines;
    size_t count;
    size_t capacity;
};

static const char *text_of(struct arena *arena, const json_t *value)
{
    CLEANUP(buf_free) struct buf text = {0};

    if (value == NULL)
        return NULL;
    json_append(&text, value);
    return arena_strndup(arena, buf_text(&text), text.length);
}

static void add_line(struct comparison *comparison, const char *path, const json_t *before,
                     const json_t *after)
{
    if (strcmp(path, "schemas") == 0 ||
        (before != NULL && after != NULL && json_same(before, after)))
        return;
    if (comparison->count == comparison->capacity) {
        size_t capacity = comparison->capacity > 0 ? 2 * comparison->capacity : CAPACITY_FIRST;
        struct plan_line *lines = arena_array(comparison->arena, capacity, sizeof(*lines));

        if (comparison->count > 0)
            memcpy(lines, comparison->lines, comparison->count * sizeof(*lines));
        comparison->lines = lines;
        comparison->capacity = capacity;
    }
    comparison->lines[comparison->count++] =
        (struct plan_line){.path = path,
                           .before = text_of(comparison->arena, before),
                           .after = text_of(comparison->arena, after)};
}

/* In a canonical document an object is an extension (a name with ":") or a single complex value:
 * LEVELS of them, one inside the other. */
static void compare_objects(struct comparison *comparison, const char *prefix, int level,
                            const json_t *before, const json_t *after);

static void compare_member(struct comparison *comparison, const char *prefix, int level,
                           const char *key, const json_t *before, const json_t *after)
{
    const char *path = arena_printf(comparison->arena, "%s%s", prefix, key);

    if (level < LEVELS && (json_is_object(before) || json_is_object(after)))
        compare_objects(
            comparison,
            arena_printf(comparison->arena, "%s%s", path, strchr(key, ':') != NULL ? ":" : "."),
            level + 1, before, after);
    else
        add_line(comparison, path, before, after);
}

static void compare_objects(struct comparison *comparison, const char *prefix, int level,
                            const json_t *before, const json_t *after)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(before), key, value)
    {
        compare_member(comparison, prefix, level, key, value, json_object_get(after, key));
    }
    json_object_foreach(json_iterable(after), key, value)
    {
        if (json_object_get(before, key) == NULL)
            compare_member(comparison, prefix, level, key, NULL, value);
    }
}

const struct plan_line *plan_compare(struct arena *arena, const json_t *before, const json_t *after,
                                     size_t *count)
{
    struct comparison comparison = {.arena = arena};

    compare_objects(&comparison, "", 0, before, after);
    *count = comparison.count;
    return comparison.lines;
}

/* ---- text ---- */

static int compare_texts(const char *left, const char *right)
{
    if (left == NULL || right == NULL)
        return (left != NULL) - (right != NULL);
    return strcmp(left, right);
}

static int compare_lines(const void *left, const void *right)
{
    const struct plan_line *first = left;
    const struct plan_line *second = right;
    int difference = strcmp(first->path, second->path);

    if (difference == 0)
        difference = compare_texts(first->before, second->before);
    return difference != 0 ? difference : compare_texts(first->after, second->after);
}

static void render_line(struct buf *buf, const struct plan_line *line)
{
    bool comes = line->before == NULL;
    bool goes = line->after == NULL;

    buf_printf(buf, "    %c %s: %s%s%s\n",
               comes  ? '+'
               : goes ? '-'
                      : '~',
               line->path, comes ? line->after : line->before, comes || goes ? "" : " -> ",
               comes || goes ? "" : line->after);
}

void plan_render(struct buf *buf, const struct plan_object *object)
{
    struct plan_line *lines = memory_calloc(object->line_count + 1, sizeof(*lines));
    const char *name = object->name != NULL ? object->name : "";

    if (object->line_count > 0) {
        memcpy(lines, object->lines, object->line_count * sizeof(*lines));
        qsort(lines, object->line_count, sizeof(*lines), compare_lines);
    }
    buf_printf(buf, "%c %s ", actions[object->action].sign, object->type);
    buf_json_string(buf, name, strlen(name));
    buf_puts(buf, " ");
    buf_json_string(buf, object->source_id, strlen(object->source_id));
    buf_printf(buf, "%s\n", actions[object->action].note);
    for (size_t i = 0; i < object->line_count; i++)
        render_line(buf, &lines[i]);
    free(lines);
}

/* ---- the whole ---- */

struct plan *plan_new(void)
{
    return memory_calloc(1, sizeof(struct plan));
}

void plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    free(plan->digests);
    buf_free(&plan->scratch);
    free(plan);
}

void plan_freep(struct plan **plan)
{
    plan_free(*plan);
}

static void count_line(struct plan_counts *counts, const struct plan_object *object,
                       const struct plan_line *line)
{
    if (strcmp(line->path, PLAN_MEMBERS) == 0) {
        counts->members_added += line->before == NULL;
        counts->members_removed += line->after == NULL;
    } else if (object->action == PLAN_UPDATE) {
        counts->added += line->before == NULL;
        counts->blanked += line->after == NULL;
        counts->changed += line->before != NULL && line->after != NULL;
    }
}

void plan_add(struct plan *plan, const struct plan_object *object)
{
    if (plan->count == plan->capacity) {
        plan->capacity = plan->capacity > 0 ? 2 * plan->capacity : CAPACITY_FIRST;
        plan->digests = memory_resize(plan->digests, plan->capacity * DIGEST_BYTES);
    }
    buf_reset(&plan->scratch);
    plan_render(&plan->scratch, object);
    digest_sha256(plan->scratch.bytes, plan->scratch.length, plan->digests[plan->count++]);
    plan->counts.objects[object->action]++;
    for (size_t i = 0; i < object->line_count; i++)
        count_line(&plan->counts, object, &object->lines[i]);
}

const struct plan_counts *plan_counts(const struct plan *plan)
{
    return &plan->counts;
}

static int compare_digests(const void *left, const void *right)
{
    return memcmp(left, right, DIGEST_BYTES);
}

void plan_hash(struct plan *plan, char text[DIGEST_HEX_BYTES])
{
    uint8_t digest[DIGEST_BYTES];

    buf_reset(&plan->scratch);
    buf_puts(&plan->scratch, FORMAT);
    if (plan->count > 0) {
        qsort(plan->digests, plan->count, DIGEST_BYTES, compare_digests);
        buf_append(&plan->scratch, plan->digests, plan->count * DIGEST_BYTES);
    }
    digest_sha256(plan->scratch.bytes, plan->scratch.length, digest);
    digest_hex(digest, text);
}

void plan_summarise(struct buf *buf, const struct plan_counts *counts)
{
    buf_printf(buf,
               "%" PRId64 " created, %" PRId64 " updated, %" PRId64 " deactivated, %" PRId64
               " deleted; attributes: %" PRId64 " added, %" PRId64 " changed, %" PRId64
               " blanked; memberships: %" PRId64 " added, %" PRId64 " removed",
               counts->objects[PLAN_CREATE], counts->objects[PLAN_UPDATE],
               counts->objects[PLAN_DEACTIVATE], counts->objects[PLAN_DELETE], counts->added,
               counts->changed, counts->blanked, counts->members_added, counts->members_removed);
}
