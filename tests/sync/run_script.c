#include "run_script.h"

#include <string.h>

static struct {
    const json_t *pages;
    int64_t users;
    int64_t groups;
    json_t *attributes[1000]; /* until the next pull */
    size_t count;
} script = {.users = -1, .groups = -1};

void run_script_play(const json_t *pages)
{
    script.pages = pages;
}

void run_script_expect(int64_t users, int64_t groups)
{
    script.users = users;
    script.groups = groups;
}

static void forget(void)
{
    while (script.count > 0)
        json_decref(script.attributes[--script.count]);
}

static int script_open(const struct connector_settings *settings, void **session, struct err *err)
{
    (void)settings;
    (void)err;
    *session = &script;
    return 0;
}

static void script_close(void *session)
{
    if (session != NULL)
        forget();
}

static const json_t *lists_of(const json_t *given)
{
    json_t *lists = json_object();
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)given, name, value)
    {
        (void)json_object_set_new(
            lists, name, json_is_array(value) ? json_deep_copy(value) : json_pack("[O]", value));
    }
    script.attributes[script.count++] = lists;
    return lists;
}

static const struct member *members_of(struct arena *arena, const json_t *ids, size_t *count)
{
    struct member *members = arena_array(arena, json_array_size(ids) + 1, sizeof(*members));

    *count = json_array_size(ids);
    for (size_t i = 0; i < *count; i++)
        members[i] = (struct member){.source_id = json_string_value(json_array_get(ids, i)),
                                     .kind = OBJECT_UNKNOWN};
    return members;
}

static const char *text(const json_t *given, const char *name)
{
    return json_string_value(json_object_get(given, name));
}

static struct change change_of(struct arena *arena, const json_t *given)
{
    struct change change = {.kind = CHANGE_UPSERT, .object = OBJECT_USER};
    struct member_set *set;

    if (text(given, "d") != NULL || text(given, "dg") != NULL) {
        change.kind = CHANGE_DELETE;
        change.object = text(given, "dg") != NULL ? OBJECT_GROUP : OBJECT_USER;
        change.source_id = text(given, text(given, "dg") != NULL ? "dg" : "d");
    } else if (text(given, "m") != NULL) {
        set = arena_alloc(arena, sizeof(*set));
        change.kind = CHANGE_MEMBERS;
        change.object = OBJECT_GROUP;
        change.source_id = text(given, "m");
        set->form = json_object_get(given, "whole") != NULL ? MEMBERS_WHOLE : MEMBERS_DIFFERENCE;
        set->more_follows = json_is_true(json_object_get(given, "more"));
        set->added =
            members_of(arena, json_object_get(given, set->form == MEMBERS_WHOLE ? "whole" : "add"),
                       &set->added_count);
        set->removed = members_of(arena, json_object_get(given, "remove"), &set->removed_count);
        change.members = set;
    } else {
        change.object = text(given, "g") != NULL ? OBJECT_GROUP : OBJECT_USER;
        change.source_id = text(given, text(given, "g") != NULL ? "g" : "u");
        change.attributes = lists_of(json_object_get(given, "a"));
        change.partial = json_is_true(json_object_get(given, "partial"));
    }
    return change;
}

static int refuse(const char *word, struct err *err)
{
    if (strcmp(word, "expired") == 0)
        return err_set(err, ERR_CURSOR_EXPIRED, "the cursor is too old");
    if (strcmp(word, "denied") == 0)
        return err_set(err, ERR_SOURCE_DENIED, "the password is wrong");
    return err_set(err, ERR_SOURCE_UNAVAILABLE, "the source does not answer");
}

static int fill(const json_t *given, struct arena *arena, struct page *page, struct err *err)
{
    struct change *changes = arena_array(arena, json_array_size(given) + 1, sizeof(*changes));

    forget();
    if (json_is_string(given))
        return refuse(json_string_value(given), err);
    for (size_t i = 0; i < json_array_size(given); i++)
        changes[i] = change_of(arena, json_array_get(given, i));
    *page = (struct page){.changes = changes,
                          .count = json_array_size(given),
                          .expected_users = -1,
                          .expected_groups = -1};
    return 0;
}

/* A cursor is the number of the page behind it; the end of a script is its beginning. */
static int script_pull(void *session, struct cursor from, struct arena *arena, struct page *page,
                       struct err *err)
{
    size_t at = 0;
    size_t *next = arena_alloc(arena, sizeof(*next));

    (void)session;
    if (from.length == sizeof(at))
        memcpy(&at, from.bytes, sizeof(at));
    if (fill(json_array_get(script.pages, at), arena, page, err) < 0)
        return -1;
    page->caught_up = at + 1 >= json_array_size(script.pages);
    *next = page->caught_up ? 0 : at + 1;
    page->next = (struct cursor){.bytes = next, .length = sizeof(*next)};
    if (page->caught_up) {
        page->expected_users = script.users;
        page->expected_groups = script.groups;
    }
    return 0;
}

static int script_fetch(void *session, enum object_kind object, const char *source_id,
                        struct arena *arena, struct page *page, struct err *err)
{
    (void)session;
    (void)object;
    (void)source_id;
    return fill(json_array_get(script.pages, 0), arena, page, err);
}

static const struct connector_setting script_settings[] = {{.name = NULL}};

const struct connector run_script_connector = {.name = "ad",
                                               .reports_deletes = true,
                                               .settings = script_settings,
                                               .open = script_open,
                                               .pull = script_pull,
                                               .fetch = script_fetch,
                                               .close = script_close};
