#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int lines_secret(void *context, const char *name, struct secret *out, struct err *err)
{
    const char *text = getenv(name);

    (void)context;
    if (text == NULL)
        return err_set(err, ERR_CONFIGURATION, "there is no secret %s", name);
    secret_set(out, text, strlen(text));
    return 0;
}

void lines_print(json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);

    (void)puts(text);
    (void)fflush(stdout);
    free(text);
    json_decref(line);
}

void lines_error(const struct err *err)
{
    lines_print(json_pack("{s:s, s:s, s:s}", "error", err_name(err->code), "detail", err->detail,
                          "cause", err->cause));
}

static const char *name_of(enum object_kind kind)
{
    static const char *const names[] = {[OBJECT_USER] = "user",
                                        [OBJECT_GROUP] = "group",
                                        [OBJECT_OTHER] = "other",
                                        [OBJECT_UNKNOWN] = "unknown"};

    return names[kind];
}

static json_t *members_json(const struct member *members, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(
            list, json_pack("[s, s]", members[i].source_id, name_of(members[i].kind)));
    return list;
}

static void print_change(const struct change *change)
{
    static const char *const kinds[] = {
        [CHANGE_UPSERT] = "upsert", [CHANGE_DELETE] = "delete", [CHANGE_MEMBERS] = "members"};
    json_t *line = json_pack("{s:s, s:s, s:s}", "kind", kinds[change->kind], "object",
                             name_of(change->object), "id", change->source_id);
    const struct member_set *set = change->members;

    if (change->partial)
        (void)json_object_set_new(line, "partial", json_true());
    if (change->attributes != NULL)
        (void)json_object_set_new(line, "attributes", json_deep_copy(change->attributes));
    if (set != NULL) {
        (void)json_object_set_new(line, "form",
                                  json_string(set->form == MEMBERS_WHOLE ? "whole" : "difference"));
        (void)json_object_set_new(line, "more_follows", json_boolean(set->more_follows));
        (void)json_object_set_new(line, "added", members_json(set->added, set->added_count));
        (void)json_object_set_new(line, "removed", members_json(set->removed, set->removed_count));
    }
    lines_print(line);
}

void lines_changes(const struct page *page)
{
    for (size_t i = 0; i < page->count; i++)
        print_change(&page->changes[i]);
}

void lines_findings(const struct findings *findings)
{
    static const char *const verdicts[] = {
        [FINDING_FINE] = "fine", [FINDING_WARNING] = "warning", [FINDING_FAILURE] = "failure"};

    for (size_t i = 0; i < findings->count; i++)
        lines_print(json_pack("{s:s, s:s, s:s, s:s*}", "verdict",
                              verdicts[findings->items[i].verdict], "subject",
                              findings->items[i].subject, "text", findings->items[i].text, "advice",
                              findings->items[i].advice));
}
