/* Several changes in one transaction, and groups larger than a chunk. */
#include "directory_fixture.h"

#include "table.h"

#define CHANGES_MAX 4

static struct batch_case {
    const char *name;
    bool strict; /* unknown members are refused */
    struct {
        const char *type; /* NULL: the end */
        const char *id;
        const char *body;
    } creations[CHANGES_MAX];
    enum err_code error;
    size_t failed;
    int64_t versions[CHANGES_MAX]; /* 0: 1 */
} cases[] = {
    {"all are applied",
     false, {{"User", "u1", "{'userName':'a'}"}, {"User", "u2", "{'userName':'b'}"}},
     0,                 0,
     {0}      },
    {"one fails, none is applied",
     false, {{"User", "u1", "{'userName':'a'}"},
      {"User", "u2", "{'userName':'A'}"},
      {"User", "u3", "{'userName':'c'}"}},
     ERR_UNIQUENESS,    1,
     {0}      },
    {"groups that name each other need no parking",
     true,  {{"Group", "g1", "{'displayName':'G','members':[{'value':'g2'}]}"},
      {"Group", "g2", "{'displayName':'H','members':[{'value':'g1'}]}"}},
     0,                 0,
     {2, 1}   },
    {"a version tells of members that came later",
     false, {{"Group", "g1", "{'displayName':'G','members':[{'value':'u1'},{'value':'u2'}]}"},
      {"User", "u1", "{'userName':'a'}"},
      {"User", "u2", "{'userName':'b'}"}},
     0,                 0,
     {3, 1, 1}},
    {"a member that does not come either is refused",
     true,  {{"User", "u1", "{'userName':'a'}"},
      {"Group", "g1", "{'displayName':'G','members':[{'value':'u1'},{'value':'u2'}]}"},
      {"User", "u3", "{'userName':'c'}"}},
     ERR_INVALID_VALUE, 1,
     {0}      },
};

static size_t read_creations(struct fixture *fixture, const struct batch_case *given,
                             struct directory_change *changes)
{
    size_t count = 0;

    while (count < CHANGES_MAX && given->creations[count].type != NULL) {
        struct directory_change *change = &changes[count];
        json_t *body =
            json_loads(fixture_quoted(fixture->arena, given->creations[count].body), 0, NULL);
        struct err err = {0};
        json_t *document = NULL;

        change->verb = DIRECTORY_CREATE;
        change->id = given->creations[count].id;
        change->type =
            schema_set_type_by_name(fixture->tenant->schemas, given->creations[count].type);
        if (resource_read(&(struct resource_reader){.type = change->type,
                                                    .limits = &scim_limits_default,
                                                    .tolerances = &fixture->tolerances},
                          fixture->arena, body, &document, &change->members, &err) < 0)
            abort();
        for (size_t i = 0; i < change->members.count; i++) { /* outlive the body */
            struct member_name *name = (struct member_name *)(uintptr_t)&change->members.items[i];

            name->value = arena_strdup(fixture->arena, name->value);
        }
        json_decref(body);
        change->document = document;
        count++;
    }
    return count;
}

static void applies_all_or_none(void **row)
{
    const struct batch_case *expected = *row;
    struct directory_change changes[CHANGES_MAX] = {0};
    struct directory_result results[CHANGES_MAX] = {0};
    const struct change_row *log = NULL;
    struct fixture fixture;
    struct err err = {0};
    size_t failed = SIZE_MAX;
    size_t logged = 0;
    size_t count;
    int result;

    assert_int_equal(fixture_open(&fixture), 0);
    fixture.actor.park_members = !expected->strict;
    fixture.actor.reactivates = true; /* what does not apply changes nothing */
    count = read_creations(&fixture, expected, changes);
    result = directory_apply_all(fixture.tenant, &fixture.actor, changes, count, fixture.arena,
                                 results, &failed, &err);
    assert_int_equal(result, expected->error == 0 ? 0 : -1);
    assert_int_equal(fixture_changes(&fixture, fixture.arena, true, &log, &logged), 0);
    if (result < 0) {
        assert_int_equal(err.code, expected->error);
        assert_int_equal(failed, expected->failed);
        assert_int_equal(logged, 0);
        assert_null(results[0].row.id);
    }
    for (size_t i = 0; result == 0 && i < count; i++) {
        assert_true(results[i].created);
        assert_string_equal(results[i].row.id, changes[i].id);
        assert_int_equal(results[i].row.version,
                         expected->versions[i] != 0 ? expected->versions[i] : 1);
        assert_non_null(results[i].row.document);
    }
    for (size_t i = 0; i < count; i++)
        json_decref((json_t *)(uintptr_t)changes[i].document);
    fixture_close(&fixture);
}

static struct chunk_case {
    const char *name;
    size_t members;
    struct fixture_change change; /* of the group that has them */
    size_t rows;                  /* in the change log, of at most MEMBERS_CHUNK members */
} chunks[] = {
    {"no member to remove",       0,    {DIRECTORY_REPLACE, "Group", "g1", "{'displayName':'G'}", 0},              0},
    {"a PUT empties a chunk",
     1000,                              {DIRECTORY_REPLACE, "Group", "g1", "{'displayName':'G'}", 0},
     1                                                                                                              },
    {"a PUT empties more",        2100, {DIRECTORY_REPLACE, "Group", "g1", "{'displayName':'G'}", 0},              3},
    {"a filter removes all",
     2100,                              {DIRECTORY_PATCH, "Group", "g1", "[{'op':'remove','path':'members[type eq \\\"User\\\"]'}]",
      0},
     3                                                                                                              },
    {"a PATCH removes all",
     2100,                              {DIRECTORY_PATCH, "Group", "g1", "[{'op':'remove','path':'members'}]", 0},
     3                                                                                                              },
    {"a deletion names them all", 2100, {DIRECTORY_DELETE, "Group", "g1", NULL, 0},                                3},
};

static int create_users(struct fixture *fixture, size_t count)
{
    struct directory_change *changes = arena_array(fixture->arena, count, sizeof(*changes));
    struct directory_result *results = arena_array(fixture->arena, count, sizeof(*results));
    struct err err = {0};
    size_t failed = 0;
    int result;

    for (size_t i = 0; i < count; i++)
        changes[i] = (struct directory_change){
            .verb = DIRECTORY_CREATE,
            .id = arena_printf(fixture->arena, "u%zu", i),
            .type = schema_set_type_by_name(fixture->tenant->schemas, "User"),
            .document = json_pack("{s:[s], s:o}", "schemas", SCHEMA_URN_USER, "userName",
                                  json_sprintf("user%zu", i))};
    result = directory_apply_all(fixture->tenant, &fixture->actor, changes, count, fixture->arena,
                                 results, &failed, &err);
    for (size_t i = 0; i < count; i++)
        json_decref((json_t *)(uintptr_t)changes[i].document);
    return result < 0 ? fixture_failed("create users", &err) : 0;
}

static int create_group(struct fixture *fixture, size_t count)
{
    struct buf body = {0};
    struct directory_result result = {0};
    struct err err = {0};
    int status;

    buf_puts(&body, "{'displayName':'G','members':[");
    for (size_t i = 0; i < count; i++)
        buf_printf(&body, "%s{'value':'u%zu'}", i > 0 ? "," : "", i);
    buf_puts(&body, "]}");
    status = fixture_apply(
        fixture, &(struct fixture_change){DIRECTORY_CREATE, "Group", "g1", buf_text(&body), 0},
        fixture->arena, &result, &err);
    buf_free(&body);
    return status < 0 ? fixture_failed("create group", &err) : 0;
}

/* How many members the log's rows from `from` on name together; SIZE_MAX if one names too many. */
static size_t members_named(const struct change_row *log, size_t from, size_t count)
{
    size_t total = 0;

    for (size_t i = from; i < count && log[i].action == CHANGED_MEMBERS; i++) {
        size_t named = 0;

        for (const char *at = log[i].reverse; (at = strstr(at, "{\"value\":")) != NULL; at++)
            named++;
        if (named > MEMBERS_CHUNK)
            return SIZE_MAX;
        total += named;
    }
    return total;
}

static void goes_chunk_by_chunk(void **row)
{
    const struct chunk_case *expected = *row;
    struct directory_result result = {0};
    const struct change_row *log = NULL;
    struct fixture fixture;
    struct err err = {0};
    size_t before = 0;
    size_t count = 0;
    size_t ends = expected->change.verb == DIRECTORY_DELETE ? 1 : 0; /* its own row */

    assert_int_equal(fixture_open(&fixture), 0);
    assert_int_equal(create_users(&fixture, expected->members), 0);
    assert_int_equal(create_group(&fixture, expected->members), 0);
    assert_int_equal(fixture_changes(&fixture, fixture.arena, true, &log, &before), 0);
    assert_int_equal(before, 1 + expected->members + expected->rows);
    assert_int_equal(fixture_apply(&fixture, &expected->change, fixture.arena, &result, &err), 0);
    assert_int_equal(result.changed, expected->members > 0);
    assert_int_equal(fixture_changes(&fixture, fixture.arena, true, &log, &count), 0);
    assert_int_equal(count, before + expected->rows + ends);
    assert_int_equal(members_named(log, before, count), expected->members);
    if (ends == 0)
        assert_string_equal(fixture_members(&fixture, fixture.arena, "g1"), "");
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("directory_apply_all", cases, applies_all_or_none) |
           RUN_TABLE("large groups", chunks, goes_chunk_by_chunk);
}
