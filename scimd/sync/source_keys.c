#include <string.h>

#include "base/cleanup.h"
#include "directory/tenants.h"
#include "sync/source_reading.h"

#define SECOND_US INT64_C(1000000)
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

static bool is_text(const struct source_node *node)
{
    return node->kind == SOURCE_NODE_SCALAR && !source_yaml_is_null(node) && node->length > 0;
}

int source_read_name(struct source_reading *reading, const struct source_node *node)
{
    if (!is_text(node) || node->length > TENANT_NAME_MAX || node->text[0] == '-' ||
        node->text[node->length - 1] == '-' || node->text[strspn(node->text, NAME_LETTERS)] != '\0')
        return source_expected(reading, node, "a name of a-z, 0-9 and inner \"-\"");
    reading->out->name = node->text;
    return 0;
}

int source_read_type(struct source_reading *reading, const struct source_node *node)
{
    const struct connector *const *connector = reading->reader->connectors;
    const char *known = "";

    if (!is_text(node))
        return source_expected(reading, node, "the name of a type");
    for (; *connector != NULL; connector++) {
        if (strcmp((*connector)->name, node->text) == 0) {
            reading->out->connector = *connector;
            return 0;
        }
        known = arena_printf(reading->arena, "%s%s%s", known, known[0] != '\0' ? ", " : "",
                             (*connector)->name);
    }
    return source_expected(reading, node, arena_printf(reading->arena, "one of %s", known));
}

/* ---- schedules ---- */

/* The reason without the word in front, which our key says better. */
static const char *without(const char *prefix, const char *text)
{
    size_t length = strlen(prefix);

    return strncmp(text, prefix, length) == 0 ? text + length : text;
}

int source_read_time_zone(struct source_reading *reading, const struct source_node *node)
{
    CLEANUP(schedule_freep) struct schedule *schedule = NULL;
    struct err err = {0};

    if (!is_text(node))
        return source_expected(reading, node, "a time zone, such as Europe/Berlin");
    if (schedule_parse("@daily", node->text, &schedule, &err) < 0)
        return source_refuse(reading, node, "timezone: %s", without("time zone: ", err.detail));
    return 0;
}

static int read_schedule(struct source_reading *reading, const struct source_node *node,
                         struct schedule **out)
{
    const struct source_node *zone = source_yaml_member(reading->root, "timezone");
    struct err err = {0};

    if (!is_text(node))
        return source_expected(reading, node, "a schedule, such as \"every 15m\"");
    if (strcmp(node->text, "never") == 0)
        return 0;
    if (schedule_parse(node->text, zone != NULL ? zone->text : NULL, out, &err) < 0)
        return source_refuse(reading, node, "%s: %s", node->key, without("schedule: ", err.detail));
    return 0;
}

int source_read_schedule(struct source_reading *reading, const struct source_node *node)
{
    return read_schedule(reading, node, &reading->schedule);
}

int source_read_full_schedule(struct source_reading *reading, const struct source_node *node)
{
    return read_schedule(reading, node, &reading->full_schedule);
}

/* ---- policies ---- */

static int read_match_item(struct source_reading *reading, const struct source_node *list,
                           const struct source_node *item)
{
    static const char *const words[MATCH_KINDS] = {"sourceId", "userName", "email"};
    struct source_definition *out = reading->out;
    size_t kind = 0;

    while (kind < MATCH_KINDS && (!is_text(item) || strcmp(words[kind], item->text) != 0))
        kind++;
    if (kind == MATCH_KINDS)
        return source_expected(reading, item, "match: one of sourceId, userName, email");
    if (kind == MATCH_SOURCE_ID) /* is in `out` already, as the first */
        return item == list->first ? 0
                                   : source_refuse(reading, item, "match: sourceId comes first");
    for (size_t i = 0; i < out->match_count; i++)
        if (out->match[i] == (enum source_match)kind)
            return source_refuse(reading, item, "match: %s twice", item->text);
    out->match[out->match_count++] = (enum source_match)kind;
    return 0;
}

int source_read_match(struct source_reading *reading, const struct source_node *node)
{
    if (node->kind != SOURCE_NODE_LIST)
        return source_expected(reading, node, "a list of sourceId, userName, email");
    for (const struct source_node *item = node->first; item != NULL; item = item->next)
        if (read_match_item(reading, node, item) < 0)
            return -1;
    return 0;
}

/* "90m", "12h", "30d" or "2w"; seconds. */
static bool read_duration(const char *text, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {
        {'m', 60    },
        {'h', 3600  },
        {'d', 86400 },
        {'w', 604800}
    };
    const char *unit = text;
    int64_t number = 0;

    for (; *unit >= '0' && *unit <= '9'; unit++) {
        number = number * 10 + (*unit - '0');
        if (number > SOURCE_DELETE_AFTER_S_MAX)
            return false;
    }
    for (size_t i = 0; unit > text && i < ARRAY_LENGTH(units); i++)
        if (unit[0] == units[i].unit && unit[1] == '\0') {
            *seconds = number * units[i].seconds;
            return *seconds > 0 && *seconds <= SOURCE_DELETE_AFTER_S_MAX;
        }
    return false;
}

static int read_delete_after(struct source_reading *reading, const struct source_node *node)
{
    int64_t seconds = 0;

    if (!is_text(node) || !read_duration(node->text, &seconds))
        return source_expected(reading, node, "a time such as 12h, 30d or 2w, up to ten years");
    if (reading->out->removal != REMOVAL_DEACTIVATE)
        return source_refuse(reading, node,
                             "delete_after: goes with action: deactivate, which leaves something "
                             "to delete");
    reading->out->delete_after_us = seconds * SECOND_US;
    return 0;
}

int source_read_removal(struct source_reading *reading, const struct source_node *node)
{
    static const char *const names[] = {"action", "delete_after", NULL};
    static const char *const words[] = {
        [REMOVAL_DEACTIVATE] = "deactivate", [REMOVAL_DELETE] = "delete", [REMOVAL_KEEP] = "keep"};
    const struct source_node *action = source_yaml_member(node, "action");
    const struct source_node *after = source_yaml_member(node, "delete_after");
    size_t kind = 0;

    if (node->kind != SOURCE_NODE_MAPPING)
        return source_expected(reading, node, "{action: deactivate, delete_after: 30d}");
    if (source_check_keys(reading, node, names) < 0)
        return -1;
    while (action != NULL && kind < ARRAY_LENGTH(words) &&
           (!is_text(action) || strcmp(words[kind], action->text) != 0))
        kind++;
    if (kind == ARRAY_LENGTH(words))
        return source_expected(reading, action, "one of deactivate, delete, keep");
    reading->out->removal = (enum source_removal)kind;
    return after != NULL ? read_delete_after(reading, after) : 0;
}

static int read_number(struct source_reading *reading, const struct source_node *node, int64_t max,
                       int64_t *out)
{
    int64_t number = 0;

    if (node == NULL)
        return 0;
    if (!source_yaml_integer(node, &number) || number < 0 || number > max)
        return source_expected(
            reading, node, arena_printf(reading->arena, "a number from 0 to %lld", (long long)max));
    *out = number;
    return 0;
}

static int read_limits(struct source_reading *reading, const struct source_node *node,
                       struct guard_settings *out)
{
    if (read_number(reading, source_yaml_member(node, "percent"), GUARD_PERCENT_MAX,
                    &out->percent) < 0)
        return -1;
    return read_number(reading, source_yaml_member(node, "count"), SOURCE_GUARD_COUNT_MAX,
                       &out->count);
}

/* One kind has the limits of all, less what it says itself. */
static int read_kind(struct source_reading *reading, const struct source_node *node,
                     struct guard_settings *out)
{
    static const char *const names[] = {"percent", "count", NULL};

    if (node == NULL)
        return 0;
    if (node->kind != SOURCE_NODE_MAPPING)
        return source_expected(reading, node, "{percent: 10, count: 50}");
    return source_check_keys(reading, node, names) < 0 ? -1 : read_limits(reading, node, out);
}

int source_read_guard(struct source_reading *reading, const struct source_node *node)
{
    const char *names[GUARD_KINDS + 3] = {"percent", "count"};
    struct guard_settings all = reading->out->guards[0];

    for (int kind = 0; kind < GUARD_KINDS; kind++)
        names[kind + 2] = guard_kind_name(kind);
    if (node->kind != SOURCE_NODE_MAPPING)
        return source_expected(reading, node, "{percent: 10, count: 50}");
    if (source_check_keys(reading, node, names) < 0 || read_limits(reading, node, &all) < 0)
        return -1;
    for (int kind = 0; kind < GUARD_KINDS; kind++) {
        reading->out->guards[kind] = all;
        if (read_kind(reading, source_yaml_member(node, guard_kind_name(kind)),
                      &reading->out->guards[kind]) < 0)
            return -1;
    }
    return 0;
}

/* The path of what the mapping writes there. */
static const char *written_path(const struct source_reading *reading, const char *key)
{
    const struct resource_type *types[] = {
        schema_set_type_by_number(reading->reader->schemas, RESOURCE_TYPE_USER),
        schema_set_type_by_number(reading->reader->schemas, RESOURCE_TYPE_GROUP)};

    for (size_t i = 0; i < ARRAY_LENGTH(types); i++) {
        const struct schema *schema = NULL;
        const struct attribute *attribute = NULL;
        const struct attribute *sub = NULL;

        if (types[i] != NULL &&
            schema_resolve(types[i], key, strlen(key), &schema, &attribute, &sub) &&
            attribute != NULL && sub == NULL)
            return attribute->path;
    }
    return NULL;
}

static int read_precedences(struct source_reading *reading, const struct source_node *node)
{
    struct source_precedence *items = arena_array(reading->arena, node->count, sizeof(*items));
    size_t count = 0;

    for (const struct source_node *item = node->first; item != NULL; item = item->next) {
        if (strcmp(item->key, "default") == 0) {
            if (read_number(reading, item, SOURCE_PRECEDENCE_MAX, &reading->out->precedence) < 0)
                return -1;
            continue;
        }
        items[count].path = written_path(reading, item->key);
        if (items[count].path == NULL)
            return source_refuse(reading, item,
                                 "precedence: there is no attribute \"%s\" (a whole one, without "
                                 "its parts)",
                                 item->key);
        if (read_number(reading, item, SOURCE_PRECEDENCE_MAX, &items[count++].precedence) < 0)
            return -1;
    }
    reading->out->precedences = items;
    reading->out->precedence_count = count;
    return 0;
}

int source_read_precedence(struct source_reading *reading, const struct source_node *node)
{
    if (node->kind == SOURCE_NODE_MAPPING)
        return read_precedences(reading, node);
    return read_number(reading, node, SOURCE_PRECEDENCE_MAX, &reading->out->precedence);
}

static int read_texts(struct source_reading *reading, const struct source_node *node,
                      struct source_texts *out)
{
    const char **items;
    size_t count = 0;

    if (node->kind != SOURCE_NODE_LIST || node->count > SOURCE_LIST_MAX)
        return source_expected(
            reading, node,
            arena_printf(reading->arena, "a list of up to %d texts", SOURCE_LIST_MAX));
    items = arena_array(reading->arena, node->count, sizeof(*items));
    for (const struct source_node *item = node->first; item != NULL; item = item->next) {
        if (!is_text(item) || item->length > SOURCE_TEXT_MAX)
            return source_expected(reading, item,
                                   arena_printf(reading->arena, "%s: a text of up to %d bytes",
                                                node->key, SOURCE_TEXT_MAX));
        items[count++] = item->text;
    }
    *out = (struct source_texts){.items = items, .count = count};
    return 0;
}

int source_read_canaries(struct source_reading *reading, const struct source_node *node)
{
    return read_texts(reading, node, &reading->out->canaries);
}

int source_read_protect(struct source_reading *reading, const struct source_node *node)
{
    struct source_texts names = {0};

    if (read_texts(reading, node, &names) < 0)
        return -1;
    reading->out->protection = protection_new(reading->arena, names.items, names.count);
    return 0;
}
