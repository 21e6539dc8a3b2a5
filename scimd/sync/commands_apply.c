/* source.apply: a source file becomes a source, or changes one. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "sync/access.h"
#include "sync/commands.h"
#include "sync/due.h"
#include "sync/mapping_places.h"

/* What a delta doesn't make up for: each of these changes what objects there are, or what they
 * become. */
static const char *const full_keys[] = {"settings",      "scope", "mapping",
                                        "group_mapping", "match", "precedence"};

static const struct source_definition *definition_of(const struct access *access)
{
    return access->definition;
}

/* A secret in the file would be stored in clear with it. */
static int refuse_secrets_in_clear(const struct access *access, struct err *err)
{
    const struct source_texts *warnings = &definition_of(access)->warnings;

    if (warnings->count == 0)
        return 0;
    return err_set(err, ERR_CONFIGURATION, "%.150s. Store it with scimctl secret set %s NAME",
                   warnings->items[0], access->tenant->name);
}

/* Attributes that the mapping writes, once each, and members: a list of paths. */
static void add_places(json_t *owned, const struct source_definition *definition,
                       const struct mapping *mapping, struct arena *arena)
{
    size_t count = 0;
    const struct attribute *const *places = mapping_places(mapping, arena, &count);

    for (size_t i = 0; i < count; i++) {
        const struct source_precedence *own = definition->precedences;
        size_t left = definition->precedence_count;

        for (; left > 0 && strcmp(own->path, places[i]->path) != 0; left--)
            own++;
        (void)json_array_append_new(owned,
                                    left > 0 ? json_pack("{s:s, s:I}", "path", places[i]->path,
                                                         "precedence", (json_int_t)own->precedence)
                                             : json_string(places[i]->path));
    }
}

static const char *owned_by(const struct source_definition *definition, struct arena *arena)
{
    CLEANUP(json_decrefp) json_t *owned = json_array();
    char *text;
    const char *copy;

    add_places(owned, definition, definition->users, arena);
    add_places(owned, definition, definition->groups, arena);
    (void)json_array_append_new(owned, json_string("members"));
    text = json_dumps(owned, JSON_COMPACT);
    copy = arena_strdup(arena, text);
    free(text);
    return copy;
}

static bool wants_full(const char *before, const char *after)
{
    CLEANUP(json_decrefp) json_t *old = json_loads(before, 0, NULL);
    CLEANUP(json_decrefp) json_t *new = json_loads(after, 0, NULL);

    for (size_t i = 0; i < ARRAY_LENGTH(full_keys); i++) {
        json_t *left = json_object_get(old, full_keys[i]);
        json_t *right = json_object_get(new, full_keys[i]);

        if (left != right && !json_equal(left, right)) /* both NULL: equal */
            return true;
    }
    return false;
}

struct applying {
    const struct command *command;
    const struct access *access;
    struct source_row before; /* id 0: there is none */
    struct source_row row;
    const char *action; /* "create", "change", "nothing" */
};

static int find_before(struct applying *applying, struct err *err)
{
    const struct command *command = applying->command;
    const struct source_definition *definition = definition_of(applying->access);

    if (tenants_source_find(command->engine->settings.tenants, command->arena, command->tenant,
                            definition->name, &applying->before, err) < 0) {
        if (err->code != ERR_NOT_FOUND)
            return -1;
        *err = (struct err){0};
        return 0;
    }
    if (strcmp(applying->before.type, definition->connector->name) != 0)
        return err_set(
            err, ERR_CONFLICT,
            "source \"%.63s\" is of type %s: a source of another type needs another name",
            definition->name, applying->before.type);
    return 0;
}

static void decide(struct applying *applying)
{
    const struct command *command = applying->command;
    const struct source_definition *definition = definition_of(applying->access);
    const struct source_row *before = &applying->before;
    struct source_row *row = &applying->row;
    bool is_new = before->id == 0;
    int64_t now_us = clock_now_us();

    *row = *before;
    row->name = definition->name;
    row->type = definition->connector->name;
    row->precedence = (int)definition->precedence;
    row->definition = definition->json;
    row->owned = owned_by(definition, command->arena);
    row->next_delta_us = due_next(definition->schedule, before->id, now_us);
    row->next_full_us = due_next(definition->full_schedule, before->id, now_us);
    row->changed_us = now_us;
    applying->action = is_new ? "create" : "change";
    if (!is_new && strcmp(row->definition, before->definition) == 0 &&
        strcmp(row->owned, before->owned) == 0)
        applying->action = "nothing";
    if (is_new || wants_full(before->definition, row->definition) ||
        strcmp(row->owned, before->owned) != 0) {
        row->wanted = WANTED_FULL;
        row->wanted_by = command->actor.name;
    }
    if (is_new)
        row->state =
            json_is_true(json_object_get(command->request, "paused")) ? SOURCE_PAUSED : SOURCE_IDLE;
}

static json_t *moment(int64_t time_us)
{
    char text[CLOCK_TEXT_BYTES];

    if (time_us == DUE_NEVER)
        return json_null();
    clock_format(time_us, text);
    return json_string(text);
}

static int store(const struct applying *applying, struct err *err)
{
    const struct command *command = applying->command;
    int64_t id;

    if (json_is_true(json_object_get(command->request, "dry_run")) ||
        strcmp(applying->action, "nothing") == 0)
        return 0;
    if (tenants_source_put(command->engine->settings.tenants, &command->actor, command->tenant,
                           &applying->row, &id, err) < 0)
        return -1;
    sync_engine_poke(command->engine);
    return 0;
}

int command_apply(const struct command *command, json_t **answer, struct err *err)
{
    CLEANUP(access_close) struct access access = {0};
    struct applying applying = {.command = command, .access = &access};
    const char *file = command_text(command, "name");
    struct source_text text = {.file = file != NULL ? file : "source.yaml",
                               .bytes = command_text(command, "text")};
    bool at_once;

    if (text.bytes == NULL)
        return err_set(err, ERR_INVALID_VALUE, "text: the source file is missing");
    text.length = strlen(text.bytes);
    if (access_open(&command->engine->settings, command->tenant, &text, &access, err) < 0 ||
        refuse_secrets_in_clear(&access, err) < 0 || access_check_secrets(&access, err) < 0 ||
        find_before(&applying, err) < 0)
        return -1;
    decide(&applying);
    if (store(&applying, err) < 0)
        return -1;
    at_once = applying.row.wanted == WANTED_FULL;
    *answer = json_pack("{s:s, s:s, s:[], s:o}", "source", applying.row.name, "action",
                        applying.action, "warnings", "next_full",
                        moment(at_once ? clock_now_us() : applying.row.next_full_us));
    return 0;
}
