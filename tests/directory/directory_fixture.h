/* directory_fixture.h - a store in a directory of its own, a tenant in it, and changes as text.
 *
 * JSON in tables has ' for ".  Nothing here asserts: a failing assertion belongs to the test. */
#ifndef SCIMD_TESTS_DIRECTORY_FIXTURE_H
#define SCIMD_TESTS_DIRECTORY_FIXTURE_H

#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"

#include "base/buf.h"
#include "base/memory.h"
#include "directory/directory.h"
#include "store/changes.h"
#include "store/members.h"

#define FIXTURE_SESSIONS 20 /* more than threads of any test */

struct fixture {
    char directory[64];
    struct engine engine;
    struct store *store;
    struct tenants *tenants;
    struct tenant *tenant; /* "acme" */
    struct arena *arena;
    struct tolerance_use tolerances;
    struct actor actor;
};

static const struct admin_actor fixture_admin = {.name = "uid 0", .request_id = "r-0"};

/* 0, or -1 with what failed on standard error. */
static inline int fixture_failed(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "%s: %s (%s)\n", what, err->detail, err->cause);
    return -1;
}

static inline struct store_settings fixture_settings(struct fixture *fixture)
{
    struct store_settings settings = {.state_directory = fixture->directory,
                                      .sessions_max = FIXTURE_SESSIONS,
                                      .cache_kib = 2048,
                                      .busy_timeout_ms = 5000};

    engine_choose(&fixture->engine, &settings);
    return settings;
}

static inline int fixture_start(struct fixture *fixture)
{
    const struct store_settings settings = fixture_settings(fixture);
    struct err err = {0};

    if (store_open(&settings, &fixture->store, &err) < 0)
        return fixture_failed("store_open", &err);
    if (tenants_open(fixture->store, &fixture->tenants, &err) < 0)
        return fixture_failed("tenants_open", &err);
    return 0;
}

static inline void fixture_stop(struct fixture *fixture)
{
    tenant_release(fixture->tenant);
    tenants_close(fixture->tenants);
    store_close(fixture->store);
    fixture->tenant = NULL;
    fixture->tenants = NULL;
    fixture->store = NULL;
}

static inline int fixture_open(struct fixture *fixture)
{
    struct err err = {0};

    *fixture = (struct fixture){
        .actor = {.name = "scim", .request_id = "r-1", .park_members = true}
    };
    (void)snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/scimd-test-XXXXXX");
    if (mkdtemp(fixture->directory) == NULL || fixture_start(fixture) < 0)
        return -1;
    fixture->arena = arena_new(ARENA_BLOCK_BYTES);
    if (tenants_create(fixture->tenants, &fixture_admin, "acme", NULL, &err) < 0)
        return fixture_failed("tenants_create", &err);
    if (tenants_find(fixture->tenants, "acme", &fixture->tenant, &err) < 0)
        return fixture_failed("tenants_find", &err);
    return 0;
}

static inline void fixture_remove(char *directory)
{
    char *paths[] = {directory, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

    for (FTSENT *entry = NULL; tree != NULL && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info != FTS_D)
            (void)remove(entry->fts_accpath);
    }
    if (tree != NULL)
        (void)fts_close(tree);
}

static inline void fixture_close(struct fixture *fixture)
{
    const struct store_settings settings = fixture_settings(fixture);

    fixture_stop(fixture);
    arena_free(fixture->arena);
    (void)engine_forget(&settings);
    fixture_remove(fixture->directory);
}

static inline char *fixture_quoted(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);

    for (char *byte = copy; *byte != '\0'; byte++) {
        if (*byte == '\'')
            *byte = '"';
    }
    return copy;
}

struct fixture_change {
    enum directory_verb verb;
    const char *type; /* "User" */
    const char *id;
    const char *body; /* of a PATCH: its Operations; of a DELETE: NULL */
    int64_t if_match;
};

/* Reads the body as the API does, and applies the change. */
static inline int fixture_apply(struct fixture *fixture, const struct fixture_change *given,
                                struct arena *arena, struct directory_result *out, struct err *err)
{
    const struct resource_type *type =
        schema_set_type_by_name(fixture->tenant->schemas, given->type);
    struct tolerance_use tolerances = fixture->tolerances;
    const struct resource_reader reader = {
        .type = type, .limits = &scim_limits_default, .tolerances = &tolerances};
    struct directory_change change = {.verb = given->verb,
                                      .type = type,
                                      .id = given->id,
                                      .if_match = given->if_match,
                                      .reader = &reader};
    json_t *body = NULL;
    json_t *document = NULL;
    int result = 0;

    if (given->verb == DIRECTORY_PATCH) {
        const char *text = arena_printf(arena,
                                        "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
                                        "PatchOp\"],\"Operations\":%s}",
                                        given->body);
        body = json_loads(fixture_quoted(arena, text), 0, NULL);
        result = patch_parse(&reader, arena, body, &change.patch, err);
    } else if (given->verb != DIRECTORY_DELETE) {
        body = json_loads(fixture_quoted(arena, given->body), 0, NULL);
        result = resource_read(&reader, arena, body, &document, &change.members, err);
    }
    change.document = document;
    if (result == 0)
        result = directory_apply(fixture->tenant, &fixture->actor, &change, arena, out, err);
    json_decref(document);
    json_decref(body);
    return result;
}

struct fixture_reading {
    struct arena *arena;
    const char *id;
    int type;
    size_t limit; /* of changes */
    struct resource_row row;
    const struct member_row *members;
    size_t count;
    const struct change_row *changes;
};

static inline int fixture_read_work(struct session *session, void *argument, struct err *err)
{
    struct fixture_reading *reading = argument;

    return resources_find(session, reading->arena, reading->type, reading->id, false, &reading->row,
                          err);
}

static inline int fixture_members_work(struct session *session, void *argument, struct err *err)
{
    struct fixture_reading *reading = argument;

    reading->type = RESOURCE_TYPE_GROUP;
    if (fixture_read_work(session, argument, err) < 0)
        return -1;
    return members_page(session, reading->arena, reading->row.pk, 0, reading->limit,
                        &reading->members, &reading->count, err);
}

static inline int fixture_seal_work(struct session *session, void *argument, struct err *err)
{
    struct fixture_reading *reading = argument;
    size_t sealed = 0;

    return changes_seal(session, reading->limit, &sealed, err);
}

static inline int fixture_changes_work(struct session *session, void *argument, struct err *err)
{
    struct fixture_reading *reading = argument;

    return changes_read(session, reading->arena, 0, reading->limit, &reading->changes,
                        &reading->count, err);
}

/* Ids of a group's members in order, with blanks between; NULL where there is no such group. */
static inline const char *fixture_members(struct fixture *fixture, struct arena *arena,
                                          const char *group)
{
    struct fixture_reading reading = {.arena = arena, .id = group, .limit = MEMBERS_CHUNK};
    struct buf text = {0};
    struct err err = {0};
    const char *result;

    if (store_read(fixture->tenant->scope, fixture_members_work, &reading, &err) < 0)
        return NULL;
    for (size_t i = 0; i < reading.count; i++)
        buf_printf(&text, "%s%s", i > 0 ? " " : "", reading.members[i].id);
    result = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return result;
}

/* Seals and reads all changes. */
static inline int fixture_changes(struct fixture *fixture, struct arena *arena, bool seal,
                                  const struct change_row **out, size_t *count)
{
    struct fixture_reading reading = {.arena = arena, .limit = 100000};
    struct err err = {0};

    if (seal && store_transact(fixture->tenant->scope, fixture_seal_work, &reading, &err) < 0)
        return fixture_failed("changes_seal", &err);
    if (store_read(fixture->tenant->scope, fixture_changes_work, &reading, &err) < 0)
        return fixture_failed("changes_read", &err);
    *out = reading.changes;
    *count = reading.count;
    return 0;
}

/* A time in a document becomes NOW: tests know no clock. */
static inline const char *fixture_timeless(struct arena *arena, const char *text)
{
    static const char mark[] = "\"deactivatedAt\":\"";
    static const char path[] = ":deactivatedAt\",\"value\":\"";
    char *copy = arena_strdup(arena, text);
    const char *marks[] = {mark, path};

    for (size_t i = 0; i < 2; i++) {
        for (char *found = copy; (found = strstr(found, marks[i])) != NULL;) {
            char *end;

            found += strlen(marks[i]);
            end = strchr(found, '"');
            if (end == NULL || end - found < 3)
                break;
            memcpy(found, "NOW", 3);
            memmove(found + 3, end, strlen(end) + 1);
        }
    }
    return copy;
}

#endif
