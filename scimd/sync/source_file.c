#include "sync/source_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "scim/json.h"
#include "sync/source_reading.h"

/* The definition as its holder must release it. */
struct held_definition {
    struct source_definition definition;
    struct arena *arena; /* holds all of it */
    json_t *normal;
    json_t *defaults;
    struct schedule *schedule;
    struct schedule *full_schedule;
    struct schema_set *schemas;
};

/* In the order of the normal form; `type` comes first of those that depend on it. */
static const struct source_key {
    const char *name;
    bool required;
    source_key_read read; /* NULL: read with others */
} keys[] = {
    {"name",          true,  source_read_name         },
    {"type",          true,  source_read_type         },
    {"timezone",      false, source_read_time_zone    },
    {"schedule",      false, source_read_schedule     },
    {"full_schedule", false, source_read_full_schedule},
    {"settings",      false, NULL                     },
    {"scope",         false, NULL                     },
    {"mapping",       false, NULL                     },
    {"group_mapping", false, NULL                     },
    {"match",         false, source_read_match        },
    {"removal",       false, source_read_removal      },
    {"guard",         false, source_read_guard        },
    {"canaries",      false, source_read_canaries     },
    {"protect",       false, source_read_protect      },
    {"precedence",    false, source_read_precedence   },
};

/* ---- refusing ---- */

int source_refuse(const struct source_reading *reading, const struct source_node *node,
                  const char *what, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list arguments;

    va_start(arguments, what);
    (void)vsnprintf(text, sizeof(text), what, arguments);
    va_end(arguments);
    return err_at(reading->err, reading->text->file, node->line, "%s", text);
}

const char *source_key_of(const struct source_reading *reading, const struct source_node *node)
{
    return node->key != NULL ? arena_printf(reading->arena, "%s: ", node->key) : "";
}

int source_expected(const struct source_reading *reading, const struct source_node *node,
                    const char *what)
{
    char shown[SOURCE_SHOWN_BYTES];

    source_yaml_show(node, shown);
    return source_refuse(reading, node, "%sexpected %s, not %s", source_key_of(reading, node), what,
                         shown);
}

int source_check_keys(const struct source_reading *reading, const struct source_node *mapping,
                      const char *const *names)
{
    for (const struct source_node *node = mapping->first; node != NULL; node = node->next) {
        const char *const *name = names;

        while (*name != NULL && strcmp(*name, node->key) != 0)
            name++;
        if (*name == NULL)
            return err_at(reading->err, reading->text->file, node->key_line,
                          "%sunknown key \"%.64s\"", source_key_of(reading, mapping), node->key);
    }
    return 0;
}

/* ---- reading ---- */

static int check_top(const struct source_reading *reading)
{
    const char *names[ARRAY_LENGTH(keys) + 1] = {NULL};

    if (reading->root->kind != SOURCE_NODE_MAPPING)
        return source_expected(reading, reading->root, "keys, such as \"type: ad\"");
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        names[i] = keys[i].name;
    return source_check_keys(reading, reading->root, names);
}

static int read_keys(struct source_reading *reading)
{
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        const struct source_node *node = source_yaml_member(reading->root, keys[i].name);

        if (node == NULL && keys[i].required)
            return source_refuse(reading, reading->root, "%s is missing", keys[i].name);
        if (node == NULL || keys[i].read == NULL)
            continue;
        if (keys[i].read(reading, node) < 0)
            return -1;
        (void)json_object_set_new_nocheck(reading->normal, node->key, source_yaml_json(node));
    }
    return 0;
}

static int default_schedule(struct schedule **schedule, const struct source_reading *reading,
                            const char *key, const char *text)
{
    const struct source_node *zone = source_yaml_member(reading->root, "timezone");

    if (source_yaml_member(reading->root, key) != NULL)
        return 0;
    return schedule_parse(text, zone != NULL ? zone->text : NULL, schedule, reading->err);
}

/* Our own default fits our own schemas, but a tenant's may want more. */
static int mapping_failed(const struct source_reading *reading, const struct source_node *node,
                          const struct mapping_fault *fault)
{
    const struct err inner = *reading->err;
    const struct source_node *rule =
        fault->layer == 1 && fault->target != NULL ? source_yaml_member(node, fault->target) : NULL;
    size_t line = rule != NULL ? rule->key_line : node != NULL ? node->key_line : 1;

    return err_at(reading->err, reading->text->file, line, "%s: %s%s",
                  node != NULL ? node->key : "mapping",
                  fault->layer == 0 ? "the type's default: " : "", inner.detail);
}

static int read_mapping(struct source_reading *reading, const char *key, const char *type_name,
                        const struct mapping **out)
{
    const struct resource_type *type = schema_set_type_by_name(reading->reader->schemas, type_name);
    const struct source_node *node = source_yaml_member(reading->root, key);
    struct mapping_layer layers[2] = {
        {.file = reading->out->connector->name,
         .rules = json_object_get(reading->defaults, type_name)},
        {.file = reading->text->file                          }
    };
    struct mapping_fault fault = {0};
    json_t *rules;

    if (type == NULL)
        return source_refuse(reading, reading->root, "the tenant has no resource type %s",
                             type_name);
    if (node != NULL) {
        if (node->kind != SOURCE_NODE_MAPPING)
            return source_expected(reading, node, "targets, such as \"title: title\"");
        rules = source_yaml_texts(node);
        (void)json_object_set_new_nocheck(reading->normal, key, rules);
        layers[1].rules = rules;
        layers[1].file = arena_strdup(reading->arena, reading->text->file);
    }
    if (mapping_compile(reading->arena, type, layers, ARRAY_LENGTH(layers), out, &fault,
                        reading->err) < 0)
        return mapping_failed(reading, node, &fault);
    return 0;
}

static int read_mappings(struct source_reading *reading)
{
    const char *file = NULL;

    if (mapping_default(reading->out->connector->name, &file, &reading->defaults, reading->err) < 0)
        return -1;
    if (read_mapping(reading, "mapping", "User", &reading->out->users) < 0 ||
        read_mapping(reading, "group_mapping", "Group", &reading->out->groups) < 0)
        return -1;
    source_add_attributes(reading);
    return 0;
}

/* Keys in the order of the table, whatever the order in which they were read. */
static int write_normal(struct source_reading *reading)
{
    CLEANUP(buf_free) struct buf text = {0};
    CLEANUP(json_decrefp) json_t *ordered = json_object();

    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        json_t *value = json_object_get(reading->normal, keys[i].name);

        if (value != NULL)
            (void)json_object_set_nocheck(ordered, keys[i].name, value);
    }
    json_append(&text, ordered);
    if (text.length > SOURCE_YAML_BYTES_MAX)
        return source_refuse(reading, reading->root, "more than %zu bytes in normal form",
                             SOURCE_YAML_BYTES_MAX);
    reading->out->json = arena_strndup(reading->arena, buf_text(&text), text.length);
    reading->out->json_length = text.length;
    return 0;
}

static int read_file(struct source_reading *reading)
{
    struct source_definition *out = reading->out;

    out->match_count = 1; /* by source id, always */
    out->removal = REMOVAL_DEACTIVATE;
    out->delete_after_us = SOURCE_NEVER;
    for (int kind = 0; kind < GUARD_KINDS; kind++)
        out->guards[kind] =
            (struct guard_settings){.percent = GUARD_PERCENT_DEFAULT, .count = GUARD_COUNT_DEFAULT};
    out->precedence = SOURCE_PRECEDENCE_DEFAULT;
    out->protection = protection_new(reading->arena, NULL, 0);
    if (source_yaml_parse(reading->arena, reading->text, &reading->root, reading->err) < 0 ||
        check_top(reading) < 0 || read_keys(reading) < 0 || source_read_settings(reading) < 0 ||
        read_mappings(reading) < 0 ||
        default_schedule(&reading->schedule, reading, "schedule", SOURCE_SCHEDULE_DEFAULT) < 0 ||
        default_schedule(&reading->full_schedule, reading, "full_schedule",
                         SOURCE_FULL_SCHEDULE_DEFAULT) < 0)
        return -1;
    return write_normal(reading);
}

int source_file_read(const struct source_reader *reader, const struct source_text *text,
                     struct source_definition **out, struct err *err)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct held_definition *held = arena_alloc(arena, sizeof(*held));
    struct source_reading reading = {.reader = reader,
                                     .text = text,
                                     .arena = arena,
                                     .out = &held->definition,
                                     .normal = json_object(),
                                     .err = err};
    int result = read_file(&reading);

    held->arena = arena;
    held->normal = reading.normal;
    held->defaults = reading.defaults;
    held->schedule = reading.schedule;
    held->full_schedule = reading.full_schedule;
    if (result < 0) {
        source_definition_free(&held->definition);
        return -1;
    }
    /* a set counts its holders, which is no change of it */
    held->schemas = schema_set_hold((struct schema_set *)(uintptr_t)reader->schemas);
    held->definition.schedule = held->schedule;
    held->definition.full_schedule = held->full_schedule;
    held->definition.secrets = (struct source_texts){reading.secrets.items, reading.secrets.count};
    held->definition.warnings =
        (struct source_texts){reading.warnings.items, reading.warnings.count};
    *out = &held->definition;
    return 0;
}

void source_definition_free(struct source_definition *definition)
{
    struct held_definition *held = (struct held_definition *)definition; /* its first member */

    if (held == NULL)
        return;
    json_decref(held->normal);
    json_decref(held->defaults);
    schedule_free(held->schedule);
    schedule_free(held->full_schedule);
    schema_set_release(held->schemas);
    arena_free(held->arena);
}

void source_definition_freep(struct source_definition **definition)
{
    source_definition_free(*definition);
}
