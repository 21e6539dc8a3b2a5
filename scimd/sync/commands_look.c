/* source.test and source.preview: what a source shows, with nothing stored. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "sync/access.h"
#include "sync/commands.h"

#define PREVIEW_USERS 5
#define PREVIEW_PAGES 50 /* a source that shows groups first, or hardly anybody */

/* The stored source, or the file in the request. */
static int open_asked(const struct command *command, struct access *access, struct err *err)
{
    const char *file = command_text(command, "file");
    struct source_text text = {.file = file != NULL ? file : "source.yaml",
                               .bytes = command_text(command, "text")};
    struct source_row row;

    if (text.bytes == NULL) {
        if (command_source(command, &row, err) < 0)
            return -1;
        text.file = row.name;
        text.bytes = row.definition;
    }
    text.length = strlen(text.bytes);
    return access_open(&command->engine->settings, command->tenant, &text, access, err);
}

/* ---- test ---- */

int command_test(const struct command *command, json_t **answer, struct err *err)
{
    static const char *const verdicts[] = {
        [FINDING_FINE] = "fine", [FINDING_WARNING] = "warning", [FINDING_FAILURE] = "failure"};
    CLEANUP(access_close) struct access access = {0};
    struct findings findings = {.arena = command->arena};
    json_t *list;

    if (open_asked(command, &access, err) < 0)
        return -1;
    access.definition->connector->test(&access.settings, &findings);
    list = json_array();
    for (size_t i = 0; i < findings.count; i++) {
        const struct finding *finding = &findings.items[i];

        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?}", "verdict",
                                                    verdicts[finding->verdict], "subject",
                                                    finding->subject, "text", finding->text,
                                                    "advice", finding->advice));
    }
    *answer = json_pack("{s:o}", "findings", list);
    return 0;
}

/* ---- preview ---- */

struct preview {
    const struct command *command;
    const struct access *access;
    json_t *objects; /* borrowed */
    int64_t now_us;
};

static json_t *origins_json(const struct mapped *mapped)
{
    json_t *list = json_array();

    for (size_t i = 0; i < mapped->origin_count; i++) {
        const struct mapping_origin *origin = &mapped->origins[i];

        (void)json_array_append_new(list, json_pack("{s:s, s:s?, s:s, s:s}", "target",
                                                    origin->target, "attribute", origin->attribute,
                                                    "rule", origin->rule, "file", origin->file));
    }
    return list;
}

static json_t *problems_json(const struct mapped *mapped)
{
    json_t *list = json_array();

    for (size_t i = 0; i < mapped->problem_count; i++) {
        const struct mapping_problem *problem = &mapped->problems[i];

        (void)json_array_append_new(list, json_pack("{s:s?, s:s?, s:s}", "target", problem->target,
                                                    "attribute", problem->attribute, "reason",
                                                    problem->reason));
    }
    return list;
}

static json_t *references_json(const struct mapped *mapped)
{
    json_t *list = json_array();

    for (size_t i = 0; i < mapped->reference_count; i++)
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s}", "target", mapped->references[i].target,
                                              "source_id", mapped->references[i].source_id));
    return list;
}

/* In one sentence. */
static const char *problem_of(const struct mapped *mapped, struct arena *arena)
{
    const struct mapping_problem *problem = mapped->problems;

    if (mapped->problem_count == 0)
        return NULL;
    return problem->target != NULL ? arena_printf(arena, "%s: %s", problem->target, problem->reason)
                                   : problem->reason;
}

static void add_user(const struct preview *preview, const struct change *change)
{
    struct arena *arena = preview->command->arena;
    const struct mapping_input input = {.attributes = change->attributes,
                                        .now_us = preview->now_us,
                                        .limits = &preview->command->engine->settings.limits};
    struct mapped mapped = {0};

    mapping_apply(arena, preview->access->definition->users, &input, &mapped);
    (void)json_array_append_new(
        preview->objects,
        json_pack("{s:s, s:s, s:o, s:o, s:b, s:s?, s:o, s:o, s:o}", "type", "User", "source_id",
                  change->source_id, "attributes", json_deep_copy(change->attributes), "document",
                  mapped.document, "usable", (int)mapped.usable, "problem",
                  problem_of(&mapped, arena), "problems", problems_json(&mapped), "origins",
                  origins_json(&mapped), "references", references_json(&mapped)));
}

static bool has_enough(const struct preview *preview)
{
    return json_array_size(preview->objects) >= PREVIEW_USERS;
}

static int pull_users(const struct preview *preview, void *session, struct err *err)
{
    const struct connector *connector = preview->access->definition->connector;
    CLEANUP(arena_freep) struct arena *odd = arena_new(ARENA_BLOCK_BYTES);
    CLEANUP(arena_freep) struct arena *even = arena_new(ARENA_BLOCK_BYTES);
    struct cursor from = {0};

    for (int i = 0; i < PREVIEW_PAGES && !has_enough(preview); i++) {
        struct arena *arena = i % 2 == 0 ? even : odd; /* the other one holds the cursor */
        struct page page = {0};

        arena_reset(arena);
        if (connector->pull(session, from, arena, &page, err) < 0)
            return -1;
        for (size_t k = 0; k < page.count && !has_enough(preview); k++)
            if (page.changes[k].kind == CHANGE_UPSERT && page.changes[k].object == OBJECT_USER)
                add_user(preview, &page.changes[k]);
        if (page.caught_up || atomic_load(&preview->command->engine->stopping))
            break;
        from = page.next;
    }
    return 0;
}

int command_preview(const struct command *command, json_t **answer, struct err *err)
{
    CLEANUP(access_close) struct access access = {0};
    CLEANUP(json_decrefp) json_t *objects = json_array();
    const struct preview preview = {
        .command = command, .access = &access, .objects = objects, .now_us = clock_now_us()};
    const struct connector *connector;
    void *session = NULL;
    int result;

    if (open_asked(command, &access, err) < 0)
        return -1;
    connector = access.definition->connector;
    result = connector->open(&access.settings, &session, err);
    if (result == 0)
        result = pull_users(&preview, session, err);
    connector->close(session);
    if (result < 0)
        return -1;
    *answer = json_pack("{s:O}", "objects", objects);
    return 0;
}
