/* A tenant's own schemas: the whole new set is checked, then stored; then it is made sure that
 * nobody wrote, with the old set, what the new one has no place for. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "directory/schema_use.h"
#include "directory/tenants_cache.h"
#include "scim/json.h"

#define SCHEMA_FILE_NAME_MAX 128 /* bytes */

struct schema_job {
    struct tenants *tenants;
    const struct admin_actor *actor;
    const char *tenant;
    const char *name;
    struct arena *arena;

    const struct schema_row *put;  /* NULL: delete `name` */
    const struct schema_row *rows; /* as they are */
    size_t count;
    const struct schema_row *old; /* of rows, the one called `name`, or NULL */
    int number;

    struct schema_set *before; /* owned */
    struct schema_set *after;  /* owned */
    struct lost_list lost;
};

static int read_schemas(struct session *session, void *argument, struct err *err)
{
    struct schema_job *job = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, job->arena, job->tenant, &tenant, err) < 0)
        return -1;
    job->number = tenant.number;
    return control_schemas(session, job->arena, tenant.number, &job->rows, &job->count, err);
}

static void find_old(struct schema_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        if (strcmp(job->rows[i].name, job->name) == 0)
            job->old = &job->rows[i];
    }
}

/* Builds the sets as they are and as they would be. */
static int build_sets(struct schema_job *job, struct err *err)
{
    struct schema_row *rows = arena_array(job->arena, job->count + 1, sizeof(*rows));
    size_t count = 0;

    for (size_t i = 0; i < job->count; i++) {
        if (&job->rows[i] != job->old)
            rows[count++] = job->rows[i];
        else if (job->put != NULL)
            rows[count++] = *job->put;
    }
    if (job->put != NULL && job->old == NULL)
        rows[count++] = *job->put;
    if (tenants_schema_set(job->rows, job->count, &job->before, err) < 0)
        return -1;
    if (tenants_schema_set(rows, count, &job->after, err) == 0)
        return 0;
    if (err->code == ERR_CONFIGURATION) /* deleting: another file needs this one */
        err->code = job->put != NULL ? ERR_INVALID_VALUE : ERR_CONFLICT;
    return -1;
}

static int check_use(struct schema_job *job, struct err *err)
{
    struct tenant *tenant = NULL;
    int result;

    if (job->lost.count == 0)
        return 0;
    if (tenants_find(job->tenants, job->tenant, &tenant, err) < 0)
        return -1;
    result = schema_use_check(tenant->scope, &job->lost, err);
    tenant_release(tenant);
    return result;
}

static int prepare_job(struct schema_job *job, struct err *err)
{
    if (tenants_read(job->tenants, read_schemas, job, err) < 0)
        return -1;
    find_old(job);
    if (job->put == NULL && job->old == NULL)
        return err_set(err, ERR_NOT_FOUND, "tenant \"%s\" has no schema \"%s\"", job->tenant,
                       job->name);
    if (build_sets(job, err) < 0 ||
        schema_use_compare(job->arena, job->before, job->after, &job->lost, err) < 0)
        return -1;
    return check_use(job, err);
}

static bool same_row(const struct schema_row *left, const struct schema_row *right)
{
    return strcmp(left->name, right->name) == 0 && left->length == right->length &&
           memcmp(left->document, right->document, left->length) == 0;
}

/* What was checked must be what is changed. */
static int store_body(struct session *session, struct arena *arena, void *argument, struct err *err)
{
    const struct schema_job *job = argument;
    const struct schema_row *rows = NULL;
    struct schema_row row;
    size_t count = 0;
    bool same;

    if (control_schemas(session, arena, job->number, &rows, &count, err) < 0)
        return -1;
    same = count == job->count;
    for (size_t i = 0; same && i < count; i++)
        same = same_row(&rows[i], &job->rows[i]);
    if (!same)
        return err_set(err, ERR_CONFLICT, "the schemas of tenant \"%s\" were changed meanwhile",
                       job->tenant);
    if (job->put == NULL)
        return control_schema_delete(session, job->number, job->name, err);
    row = *job->put;
    row.tenant = job->number;
    return control_schema_put(session, &row, err);
}

static int restore_body(struct session *session, struct arena *arena, void *argument,
                        struct err *err)
{
    const struct schema_job *job = argument;

    (void)arena;
    return control_schema_put(session, job->old, err);
}

static int change_schema(struct schema_job *job, const char *action,
                         int (*body)(struct session *, struct arena *, void *, struct err *),
                         struct err *err)
{
    return admin_change_part(job->tenants,
                             &(struct admin_change){.actor = job->actor,
                                                    .action = action,
                                                    .body = body,
                                                    .argument = job,
                                                    .number = &job->number},
                             job->tenant, job->name, err);
}

/* Requests that began before the change may have written with the old schemas. */
static int check_again(struct schema_job *job, struct err *err)
{
    struct err restoring = {0};

    if (job->lost.count == 0)
        return 0;
    if (tenants_wait_gone(job->tenants, job->number, err) == 0 && check_use(job, err) == 0)
        return 0;
    if (change_schema(job, "schema.restore", restore_body, &restoring) < 0)
        *err = restoring;
    return -1;
}

static int run_job(struct schema_job *job, struct err *err)
{
    int result;

    job->arena = arena_new(ARENA_BLOCK_BYTES);
    result = prepare_job(job, err);
    if (result == 0)
        result =
            change_schema(job, job->put != NULL ? "schema.put" : "schema.delete", store_body, err);
    if (result == 0)
        result = check_again(job, err);
    schema_set_release(job->before);
    schema_set_release(job->after);
    arena_free(job->arena);
    return result;
}

int tenants_schema_put(struct tenants *tenants, const struct admin_actor *actor, const char *tenant,
                       const struct schema_row *row, struct err *err)
{
    struct schema_job job = {
        .tenants = tenants, .actor = actor, .tenant = tenant, .name = row->name, .put = row};
    size_t length = strnlen(row->name, SCHEMA_FILE_NAME_MAX + 1);

    if (length == 0 || length > SCHEMA_FILE_NAME_MAX)
        return err_set(err, ERR_INVALID_VALUE, "a schema's name must have 1 to %d bytes",
                       SCHEMA_FILE_NAME_MAX);
    if (row->length > JSON_FILE_BYTES_MAX)
        return err_set(err, ERR_INVALID_VALUE, "%s: larger than %zu bytes", row->name,
                       JSON_FILE_BYTES_MAX);
    return run_job(&job, err);
}

int tenants_schema_delete(struct tenants *tenants, const struct admin_actor *actor,
                          const char *tenant, const char *name, struct err *err)
{
    struct schema_job job = {.tenants = tenants, .actor = actor, .tenant = tenant, .name = name};

    return run_job(&job, err);
}

int tenants_schema_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const struct schema_row **out, size_t *count, struct err *err)
{
    struct schema_job job = {.tenant = tenant, .arena = arena};

    if (tenants_read(tenants, read_schemas, &job, err) < 0)
        return -1;
    *out = job.rows;
    *count = job.count;
    return 0;
}
