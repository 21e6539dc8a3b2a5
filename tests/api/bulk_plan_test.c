#include <stdio.h>
#include <string.h>

#include "api/bulk_plan.h"
#include "base/buf.h"
#include "base/embedded.h"
#include "table.h"

#define SCHEMAS "\"schemas\":[\"" BULK_REQUEST_URN "\"]"
#define USER(id, more)                                                                             \
    "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"" id "\",\"data\":{" more "}}"
#define GROUP(id, more)                                                                            \
    "{\"method\":\"POST\",\"path\":\"/Groups\",\"bulkId\":\"" id "\",\"data\":{" more "}}"
#define MEMBER(id) "\"members\":[{\"value\":\"bulkId:" id "\"}]"

static struct schema_set *schemas;

/* version 14 of clang-format crashes on this table */
/* clang-format off */
/* Steps are written "0 2,1": operation 0 alone, then 2 and 1 together; "!" behind one that has a problem. */
static struct plan_case {
    const char *name;
    const char *body;
    const char *steps; /* NULL: the request as a whole is refused */
} cases[] = {
    {"one operation", "{" SCHEMAS ",\"Operations\":[" USER("a", "") "]}", "0"},
    {"no operations", "{" SCHEMAS ",\"Operations\":[]}", ""},
    {"order is kept", "{" SCHEMAS ",\"Operations\":[" USER("a", "") "," USER("b", "") "]}", "0 1"},
    {"a reference backwards",
     "{" SCHEMAS ",\"Operations\":[" USER("a", "") "," GROUP("g", MEMBER("a")) "]}", "0 1"},
    {"a reference forwards waits",
     "{" SCHEMAS ",\"Operations\":[" GROUP("g", MEMBER("a")) "," USER("a", "") "]}", "1 0"},
    {"a cycle is one step",
     "{" SCHEMAS ",\"Operations\":[" GROUP("g", MEMBER("h")) "," GROUP("h", MEMBER("g")) "]}",
     "0,1"},
    {"what hangs on a cycle comes after it",
     "{" SCHEMAS ",\"Operations\":[" GROUP("f", MEMBER("g")) "," GROUP("g", MEMBER("h")) ","
     GROUP("h", MEMBER("g")) "]}",
     "1,2 0"},
    {"a reference to itself is no wait",
     "{" SCHEMAS ",\"Operations\":[" GROUP("g", MEMBER("g")) "]}", "0"},
    {"a reference in the path",
     "{" SCHEMAS ",\"Operations\":[{\"method\":\"PATCH\",\"path\":\"/Groups/bulkId:g\",\"data\":{}},"
     GROUP("g", "") "]}",
     "1 0"},
    {"a reference within a PATCH path",
     "{" SCHEMAS ",\"Operations\":[{\"method\":\"PATCH\",\"path\":\"/Groups/1\",\"data\":{"
     "\"Operations\":[{\"op\":\"remove\",\"path\":\"members[value eq \\\"bulkId:a\\\"]\"}]}},"
     USER("a", "") "]}",
     "1 0"},
    {"a reference to nothing", "{" SCHEMAS ",\"Operations\":[" GROUP("g", MEMBER("x")) "]}", "0!"},
    {"a bulkId twice", "{" SCHEMAS ",\"Operations\":[" USER("a", "") "," USER("a", "") "]}",
     "0 1!"},
    {"method in lower case",
     "{" SCHEMAS ",\"Operations\":[{\"method\":\"delete\",\"path\":\"/Users/1\"}]}", "0"},
    {"an unknown method",
     "{" SCHEMAS ",\"Operations\":[{\"method\":\"GET\",\"path\":\"/Users/1\"}]}", "0!"},
    {"an unknown endpoint",
     "{" SCHEMAS ",\"Operations\":[{\"method\":\"DELETE\",\"path\":\"/Planets/1\"}]}", "0!"},
    {"a POST without bulkId",
     "{" SCHEMAS ",\"Operations\":[{\"method\":\"POST\",\"path\":\"/Users\",\"data\":{}}]}", "0!"},
    {"a POST to a resource",
     "{" SCHEMAS
     ",\"Operations\":[{\"method\":\"POST\",\"path\":\"/Users/1\",\"bulkId\":\"a\",\"data\":{}}]}",
     "0!"},
    {"a PUT without resource",
     "{" SCHEMAS ",\"Operations\":[{\"method\":\"PUT\",\"path\":\"/Users\",\"data\":{}}]}", "0!"},
    {"no path", "{" SCHEMAS ",\"Operations\":[{\"method\":\"DELETE\"}]}", "0!"},
    {"no data", "{" SCHEMAS ",\"Operations\":[{\"method\":\"PUT\",\"path\":\"/Users/1\"}]}", "0!"},
    {"an operation that is a number", "{" SCHEMAS ",\"Operations\":[7]}", "0!"},
    {"no schemas", "{\"Operations\":[]}", NULL},
    {"another schema", "{\"schemas\":[\"urn:x\"],\"Operations\":[]}", NULL},
    {"no Operations", "{" SCHEMAS "}", NULL},
    {"Operations that is an object", "{" SCHEMAS ",\"Operations\":{}}", NULL},
    {"failOnErrors 0", "{" SCHEMAS ",\"failOnErrors\":0,\"Operations\":[]}", NULL},
    {"failOnErrors as text", "{" SCHEMAS ",\"failOnErrors\":\"1\",\"Operations\":[]}", NULL},
    {"too many operations",
     "{" SCHEMAS ",\"Operations\":[" USER("a", "") "," USER("b", "") "," USER("c", "") ","
     USER("d", "") "]}",
     NULL},
};

/* clang-format on */

static void append_step(struct buf *text, struct bulk_plan *plan, const size_t *step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bulk_operation *operation = &plan->operations[step[i]];
        buf_printf(text, "%s%zu%s",
                   i > 0              ? ","
                   : text->length > 0 ? " "
                                      : "",
                   step[i], operation->problem.code != 0 ? "!" : "");
        operation->state = operation->problem.code != 0 ? BULK_FAILED : BULK_DONE;
    }
}

static void plans_steps(void **row)
{
    const struct plan_case *expected = *row;
    struct scim_limits limits = scim_limits_default;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = json_loads(expected->body, 0, NULL);
    struct bulk_plan plan = {0};
    struct buf text = {0};
    struct err err = {0};
    const size_t *step = NULL;
    size_t count;
    int result;

    assert_non_null(body);
    limits.bulk_operations = 3;
    result = bulk_plan_read(arena, schemas, &limits, body, &plan, &err);
    assert_int_equal(result, expected->steps != NULL ? 0 : -1);
    while (result == 0 && (count = bulk_plan_next(&plan, arena, &step)) > 0)
        append_step(&text, &plan, step, count);
    if (result == 0)
        assert_string_equal(buf_text(&text), expected->steps);
    buf_free(&text);
    json_decref(body);
    arena_free(arena);
}

/* The id of the creation stands where its bulkId stood. */
static void replaces_references(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = json_loads(
        "{" SCHEMAS ",\"Operations\":[" USER("a", "") "," GROUP("g", MEMBER("a")) "]}", 0, NULL);
    struct bulk_plan plan = {0};
    struct err err = {0};
    const json_t *member;

    (void)state;
    assert_int_equal(bulk_plan_read(arena, schemas, &scim_limits_default, body, &plan, &err), 0);
    member = json_array_get(json_object_get(plan.operations[1].data, "members"), 0);
    assert_string_equal(json_string_value(json_object_get(member, "value")), plan.operations[0].id);
    json_decref(body);
    arena_free(arena);
}

int main(void)
{
    static struct schema_source sources[32];
    const struct CMUnitTest tests[] = {cmocka_unit_test(replaces_references)};
    struct err err = {0};
    size_t count = 0;
    int failed;

    for (; embedded_schemas[count].name != NULL; count++)
        sources[count] = (struct schema_source){.name = embedded_schemas[count].name,
                                                .json = embedded_schemas[count].text,
                                                .length = embedded_schemas[count].length,
                                                .built_in = true};
    if (schema_set_new(sources, count, &schemas, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    failed = RUN_TABLE("bulk plan", cases, plans_steps) +
             cmocka_run_group_tests_name("bulk references", tests, NULL, NULL);
    schema_set_release(schemas);
    return failed;
}
