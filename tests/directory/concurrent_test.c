/* Many writers at once: nothing is lost, and the change log tells all of it. */
#include <pthread.h>

#include "directory_fixture.h"

#include "table.h"

#define THREADS_MAX 16

static struct concurrent_case {
    const char *name;
    int threads;
    int members_each;
    bool removes_again;
} cases[] = {
    {"one writer",                          1,  20, false},
    {"16 writers add one member each time", 16, 20, false},
    {"16 writers add and remove",           16, 10, true },
};

struct writer {
    struct fixture *fixture;
    const struct concurrent_case *expected;
    int number;
    int failures;
    pthread_t thread;
};

static void patch_member(struct writer *writer, struct arena *arena, const char *op, const char *id)
{
    struct directory_result result = {0};
    struct err err = {0};
    const struct fixture_change change = {
        .verb = DIRECTORY_PATCH,
        .type = "Group",
        .id = "g1",
        .body =
            arena_printf(arena, "[{'op':'%s','path':'members','value':[{'value':'%s'}]}]", op, id),
    };

    if (fixture_apply(writer->fixture, &change, arena, &result, &err) < 0 || !result.changed) {
        (void)fixture_failed("patch", &err);
        writer->failures++;
    }
}

static void *write_members(void *argument)
{
    struct writer *writer = argument;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);

    for (int i = 0; i < writer->expected->members_each; i++) {
        struct directory_result result = {0};
        struct err err = {0};
        const char *id;
        struct fixture_change change = {.verb = DIRECTORY_CREATE, .type = "User"};

        arena_reset(arena);
        id = arena_printf(arena, "u%d-%d", writer->number, i);
        change.id = id;
        change.body = arena_printf(arena, "{'userName':'%s'}", id);
        if (fixture_apply(writer->fixture, &change, arena, &result, &err) < 0) {
            (void)fixture_failed("create", &err);
            writer->failures++;
        }
        patch_member(writer, arena, "add", id);
        if (writer->expected->removes_again)
            patch_member(writer, arena, "remove", id);
    }
    arena_free(arena);
    return NULL;
}

static int run_writers(struct fixture *fixture, const struct concurrent_case *expected)
{
    struct writer writers[THREADS_MAX] = {0};
    int failures = 0;

    for (int i = 0; i < expected->threads; i++) {
        writers[i] = (struct writer){.fixture = fixture, .expected = expected, .number = i};
        if (pthread_create(&writers[i].thread, NULL, write_members, &writers[i]) != 0)
            abort();
    }
    for (int i = 0; i < expected->threads; i++) {
        (void)pthread_join(writers[i].thread, NULL);
        failures += writers[i].failures;
    }
    return failures;
}

static void loses_nothing(void **row)
{
    const struct concurrent_case *expected = *row;
    const struct fixture_change group = {
        .verb = DIRECTORY_CREATE, .type = "Group", .id = "g1", .body = "{'displayName':'G'}"};
    struct fixture_reading reading = {.id = "g1", .limit = 10000};
    const struct change_row *changes = NULL;
    struct directory_result result = {0};
    struct fixture fixture;
    struct err err = {0};
    size_t total = (size_t)(expected->threads * expected->members_each);
    size_t patches = expected->removes_again ? 2 * total : total;
    size_t count = 0;

    assert_int_equal(fixture_open(&fixture), 0);
    reading.arena = fixture.arena;
    assert_int_equal(fixture_apply(&fixture, &group, fixture.arena, &result, &err), 0);
    assert_int_equal(run_writers(&fixture, expected), 0);

    assert_int_equal(store_read(fixture.tenant->scope, fixture_members_work, &reading, &err), 0);
    assert_int_equal(reading.count, expected->removes_again ? 0 : total);
    assert_int_equal(reading.row.version, 1 + patches);
    assert_int_equal(fixture_changes(&fixture, fixture.arena, true, &changes, &count), 0);
    assert_int_equal(count, 1 + total + patches);
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("concurrent writers", cases, loses_nothing);
}
