#include "api/bulk_plan.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/id.h"
#include "scim/json.h"

#define BULK_ID_PREFIX "bulkId:"

/* What reading one operation needs to know. */
struct reading {
    struct arena *arena;
    const struct schema_set *schemas;
    struct bulk_plan *plan;
    struct bulk_operation *operation;
    size_t *waits_for; /* room for every operation; reused from one to the next */
    size_t wait_count;
    bool unresolved;
    char missing[BULK_ID_MAX + 1];
};

static bool has_urn(const json_t *body)
{
    const json_t *schemas = json_member(body, "schemas");

    for (size_t i = 0; i < json_array_size(schemas); i++) {
        const char *urn = json_string_value(json_array_get(schemas, i));
        if (urn != NULL && strcasecmp(urn, BULK_REQUEST_URN) == 0)
            return true;
    }
    return false;
}

static enum http_method method_of(const char *text)
{
    static const struct {
        const char *name;
        enum http_method method;
    } rows[] = {
        {"POST",   HTTP_POST  },
        {"PUT",    HTTP_PUT   },
        {"PATCH",  HTTP_PATCH },
        {"DELETE", HTTP_DELETE}
    };

    for (size_t i = 0; text != NULL && i < ARRAY_LENGTH(rows); i++)
        if (strcasecmp(text, rows[i].name) == 0)
            return rows[i].method;
    return HTTP_OTHER;
}

static struct bulk_operation *find_creation(const struct bulk_plan *plan, const char *bulk_id,
                                            size_t length)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct bulk_operation *operation = &plan->operations[i];
        if (operation->method == HTTP_POST && operation->bulk_id != NULL &&
            strlen(operation->bulk_id) == length &&
            strncmp(operation->bulk_id, bulk_id, length) == 0)
            return operation;
    }
    return NULL;
}

/* The id that a bulkId stands for; notes that this operation waits for its creation. */
static const char *resolve(struct reading *reading, const char *bulk_id, size_t length)
{
    struct bulk_operation *creation = find_creation(reading->plan, bulk_id, length);
    size_t index;

    if (creation == NULL) {
        size_t shown = length < BULK_ID_MAX ? length : BULK_ID_MAX;
        reading->unresolved = true;
        memcpy(reading->missing, bulk_id, shown);
        reading->missing[shown] = '\0';
        return "";
    }
    index = (size_t)(creation - reading->plan->operations);
    for (size_t i = 0; i < reading->wait_count; i++)
        if (reading->waits_for[i] == index)
            return creation->id;
    if (creation != reading->operation)
        reading->waits_for[reading->wait_count++] = index;
    return creation->id;
}

/* Replaces "bulkId:x" within a PATCH path: members[value eq "bulkId:x"]. */
static void replace_in_path(struct reading *reading, json_t *value)
{
    CLEANUP(buf_free) struct buf text = {0};
    const char *at = json_string_value(value);
    const char *found;

    while ((found = strstr(at, "\"" BULK_ID_PREFIX)) != NULL) {
        const char *name = found + 1 + strlen(BULK_ID_PREFIX);
        size_t length = strcspn(name, "\"");
        buf_append(&text, at, (size_t)(found + 1 - at));
        buf_puts(&text, resolve(reading, name, length));
        at = name + length;
    }
    if (text.length == 0)
        return;
    buf_puts(&text, at);
    (void)json_string_setn(value, text.bytes, text.length);
}

/* Depth is bounded by the parser's limit. */
static void replace_references(struct reading *reading, const char *key, json_t *value)
{
    const char *name;
    json_t *child;
    size_t index;

    if (json_is_object(value)) {
        json_object_foreach(value, name, child) replace_references(reading, name, child);
    } else if (json_is_array(value)) {
        json_array_foreach(value, index, child) replace_references(reading, NULL, child);
    } else if (json_is_string(value)) {
        const char *text = json_string_value(value);
        if (strncmp(text, BULK_ID_PREFIX, strlen(BULK_ID_PREFIX)) == 0) {
            const char *bulk_id = text + strlen(BULK_ID_PREFIX);
            (void)json_string_set(value, resolve(reading, bulk_id, strlen(bulk_id)));
        } else if (key != NULL && strcasecmp(key, "path") == 0) {
            replace_in_path(reading, value);
        }
    }
}

/* "/Users" and "/Users/ID"; a leading slash may be missing, one behind the endpoint is ignored. */
static void read_path(const struct reading *reading, const char *path)
{
    struct bulk_operation *operation = reading->operation;
    const char *slash;

    if (path == NULL) {
        (void)err_set(&operation->problem, ERR_INVALID_SYNTAX, "path: is required");
        return;
    }
    path += strspn(path, "/");
    slash = path + strcspn(path, "/");
    operation->type = schema_set_type_by_endpoint(
        reading->schemas, arena_strndup(reading->arena, path, (size_t)(slash - path)));
    if (operation->type == NULL)
        (void)err_set(&operation->problem, ERR_NOT_FOUND, "path: no such endpoint");
    else if (operation->method == HTTP_POST && *slash != '\0' && slash[1] != '\0')
        (void)err_set(&operation->problem, ERR_INVALID_SYNTAX,
                      "path: a POST names the endpoint alone");
    else if (operation->method != HTTP_POST && (*slash == '\0' || slash[1] == '\0'))
        (void)err_set(&operation->problem, ERR_INVALID_SYNTAX,
                      "path: must name a resource: /Users/ID");
    else if (operation->method != HTTP_POST)
        operation->id = slash + 1;
}

/* First pass: what each operation is, so that the second can resolve references forwards. */
static void read_operation(struct reading *reading, const json_t *value)
{
    struct bulk_operation *operation = reading->operation;
    char id[ID_TEXT_BYTES];

    if (!json_is_object(value)) {
        (void)err_set(&operation->problem, ERR_INVALID_SYNTAX, "must be an object");
        return;
    }
    operation->method = method_of(json_string_value(json_member(value, "method")));
    operation->bulk_id = json_string_value(json_member(value, "bulkId"));
    operation->version = json_string_value(json_member(value, "version"));
    operation->data = (json_t *)(uintptr_t)json_member(value, "data");
    if (operation->method == HTTP_OTHER) {
        (void)err_set(&operation->problem, ERR_INVALID_SYNTAX,
                      "method: must be POST, PUT, PATCH or DELETE");
        return;
    }
    if (operation->bulk_id != NULL && strlen(operation->bulk_id) > BULK_ID_MAX)
        (void)err_set(&operation->problem, ERR_INVALID_VALUE, "bulkId: longer than %d bytes",
                      BULK_ID_MAX);
    else if (operation->method == HTTP_POST && operation->bulk_id == NULL)
        (void)err_set(&operation->problem, ERR_INVALID_SYNTAX, "bulkId: is required for a POST");
    else if (operation->method != HTTP_DELETE && !json_is_object(operation->data))
        (void)err_set(&operation->problem, ERR_INVALID_SYNTAX, "data: must be an object");
    else
        read_path(reading, json_string_value(json_member(value, "path")));
    if (operation->method == HTTP_POST) {
        id_new(id);
        operation->id = arena_strdup(reading->arena, id);
    }
}

static void check_duplicate(const struct reading *reading)
{
    struct bulk_operation *operation = reading->operation;

    if (operation->method == HTTP_POST && operation->bulk_id != NULL &&
        operation->problem.code == 0 &&
        find_creation(reading->plan, operation->bulk_id, strlen(operation->bulk_id)) != operation)
        (void)err_set(&operation->problem, ERR_INVALID_VALUE, "bulkId: used twice");
}

static const size_t *keep_waits(const struct reading *reading)
{
    size_t *waits_for = arena_array(reading->arena, reading->wait_count, sizeof(*waits_for));

    if (reading->wait_count > 0)
        memcpy(waits_for, reading->waits_for, reading->wait_count * sizeof(*waits_for));
    return waits_for;
}

static void read_references(struct reading *reading)
{
    struct bulk_operation *operation = reading->operation;

    if (operation->problem.code != 0)
        return;
    if (operation->method != HTTP_POST &&
        strncmp(operation->id, BULK_ID_PREFIX, strlen(BULK_ID_PREFIX)) == 0) {
        const char *bulk_id = operation->id + strlen(BULK_ID_PREFIX);
        operation->id = resolve(reading, bulk_id, strlen(bulk_id));
    }
    replace_references(reading, NULL, operation->data);
    operation->wait_count = reading->wait_count;
    operation->waits_for = keep_waits(reading);
    if (reading->unresolved)
        (void)err_set(&operation->problem, ERR_INVALID_VALUE, "bulkId:%s is not in this request",
                      reading->missing);
}

static int read_envelope(const json_t *body, const struct scim_limits *limits,
                         struct bulk_plan *plan, struct err *err)
{
    const json_t *fail_on_errors = json_member(body, "failOnErrors");

    if (!json_is_object(body) || !has_urn(body))
        return err_set(err, ERR_INVALID_SYNTAX, "schemas: must contain " BULK_REQUEST_URN);
    if (!json_is_array(json_member(body, "Operations")))
        return err_set(err, ERR_INVALID_SYNTAX, "Operations: must be a list");
    if (fail_on_errors != NULL &&
        (!json_is_integer(fail_on_errors) || json_integer_value(fail_on_errors) < 1))
        return err_set(err, ERR_INVALID_VALUE, "failOnErrors: must be a positive integer");
    plan->fail_on_errors = (size_t)json_integer_value(fail_on_errors);
    plan->count = json_array_size(json_member(body, "Operations"));
    if (plan->count > limits->bulk_operations)
        return err_set(err, ERR_TOO_LARGE, "Operations: %zu, and at most %zu are allowed",
                       plan->count, limits->bulk_operations);
    return 0;
}

int bulk_plan_read(struct arena *arena, const struct schema_set *schemas,
                   const struct scim_limits *limits, json_t *body, struct bulk_plan *out,
                   struct err *err)
{
    const json_t *operations = json_member(body, "Operations");
    struct bulk_plan plan = {0};
    size_t *waits_for;

    if (read_envelope(body, limits, &plan, err) < 0)
        return -1;
    plan.operations = arena_array(arena, plan.count, sizeof(*plan.operations));
    for (size_t i = 0; i < plan.count; i++) {
        struct reading reading = {
            .arena = arena, .schemas = schemas, .plan = &plan, .operation = &plan.operations[i]};
        read_operation(&reading, json_array_get(operations, i));
    }
    waits_for = arena_array(arena, plan.count, sizeof(*waits_for));
    for (size_t i = 0; i < plan.count; i++) {
        struct reading reading = {.arena = arena,
                                  .plan = &plan,
                                  .operation = &plan.operations[i],
                                  .waits_for = waits_for};
        check_duplicate(&reading);
        read_references(&reading);
    }
    *out = plan;
    return 0;
}

static bool is_ready(const struct bulk_plan *plan, const struct bulk_operation *operation)
{
    for (size_t i = 0; i < operation->wait_count; i++)
        if (plan->operations[operation->waits_for[i]].state == BULK_PENDING)
            return false;
    return true;
}

/* Behind the `count` operations of the queue those that `operation` waits for; how many it has
 * then.
 */
static size_t add_awaited(const struct bulk_plan *plan, const struct bulk_operation *operation,
                          bool *seen, size_t *queue, size_t count)
{
    for (size_t i = 0; i < operation->wait_count; i++) {
        size_t next = operation->waits_for[i];
        if (seen[next] || plan->operations[next].state != BULK_PENDING)
            continue;
        seen[next] = true;
        queue[count++] = next;
    }
    return count;
}

/* All pending operations that `start` waits for, directly or not, itself included. */
static size_t closure(const struct bulk_plan *plan, size_t start, bool *seen, size_t *queue)
{
    size_t count = 1;

    memset(seen, 0, plan->count * sizeof(*seen));
    queue[0] = start;
    seen[start] = true;
    for (size_t at = 0; at < count; at++)
        count = add_awaited(plan, &plan->operations[queue[at]], seen, queue, count);
    return count;
}

/* Where everything pending waits for something pending, the smallest closure is a cycle and nothing
 * else. */
static size_t smallest_cycle(const struct bulk_plan *plan, struct arena *arena, const size_t **step)
{
    bool *seen = arena_array(arena, plan->count, sizeof(*seen));
    size_t *queue = arena_array(arena, plan->count, sizeof(*queue));
    size_t best = 0;
    size_t best_count = plan->count + 1;

    for (size_t i = 0; i < plan->count; i++)
        if (plan->operations[i].state == BULK_PENDING) {
            size_t count = closure(plan, i, seen, queue);
            best = count < best_count ? i : best;
            best_count = count < best_count ? count : best_count;
        }
    *step = queue;
    return closure(plan, best, seen, queue);
}

size_t bulk_plan_next(const struct bulk_plan *plan, struct arena *arena, const size_t **step)
{
    size_t *one = arena_alloc(arena, sizeof(*one));
    bool pending = false;

    for (size_t i = 0; i < plan->count; i++) {
        if (plan->operations[i].state != BULK_PENDING)
            continue;
        pending = true;
        if (is_ready(plan, &plan->operations[i])) {
            *one = i;
            *step = one;
            return 1;
        }
    }
    return pending ? smallest_cycle(plan, arena, step) : 0;
}

const struct bulk_operation *bulk_plan_failed_reference(const struct bulk_plan *plan,
                                                        const struct bulk_operation *operation)
{
    for (size_t i = 0; i < operation->wait_count; i++) {
        const struct bulk_operation *creation = &plan->operations[operation->waits_for[i]];
        if (creation->state == BULK_FAILED)
            return creation;
    }
    return NULL;
}
