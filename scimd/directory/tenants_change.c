#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "directory/tenants_cache.h"

struct change_run {
    const struct admin_change *change;
    struct arena *arena;
    int64_t at_us;
};

static int change_work(struct session *session, void *argument, struct err *err)
{
    const struct change_run *run = argument;
    const struct admin_change *change = run->change;

    arena_reset(run->arena);
    /* first: where transactions run side by side, changes of configuration queue for this row */
    if (control_generation_raise(session, err) < 0 ||
        change->body(session, run->arena, change->argument, err) < 0)
        return -1;
    return control_audit(session,
                         &(struct audit_row){.at_us = run->at_us,
                                             .actor = change->actor->name,
                                             .action = change->action,
                                             .target = change->target,
                                             .request_id = change->actor->request_id},
                         err);
}

int tenants_change(struct tenants *tenants, const struct admin_change *change, struct err *err)
{
    struct change_run run = {
        .change = change, .arena = arena_new(ARENA_BLOCK_BYTES), .at_us = clock_now_us()};
    struct err ignored = {0};
    int result;

    /* Before the reload forgets which tokens were used; a failure costs minutes' precision. */
    if (tenants_flush(tenants, &ignored) < 0)
        log_event(LOG_LEVEL_WARNING, "tenants.flush_failed", LOG_TEXT("detail", ignored.detail),
                  LOG_TEXT("cause", ignored.cause));
    result = store_transact(tenants->control, change_work, &run, err);
    arena_free(run.arena);
    return result < 0 ? -1 : tenants_reload(tenants, *change->number, err);
}

int tenants_read(struct tenants *tenants, store_work work, void *argument, struct err *err)
{
    return store_read_snapshot(tenants->control, work, argument, err);
}

int admin_find_tenant(struct session *session, struct arena *arena, const char *name,
                      struct tenant_row *out, struct err *err)
{
    struct tenant_row row;

    if (control_tenant_find(session, arena, name, &row, err) < 0)
        return err->code == ERR_NOT_FOUND
                   ? err_set(err, ERR_NOT_FOUND, "there is no tenant \"%s\"", name)
                   : -1;
    if (row.state == TENANT_DELETING)
        return err_set(err, ERR_CONFLICT, "tenant \"%s\" is being deleted", name);
    *out = row;
    return 0;
}

int admin_find_connection(struct session *session, struct arena *arena,
                          const struct tenant_row *tenant, const char *name,
                          struct connection_row *out, struct err *err)
{
    const struct connection_row *rows = NULL;
    size_t count = 0;

    if (control_connections(session, arena, tenant->number, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *out = rows[i];
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "tenant \"%s\" has no connection \"%s\"", tenant->name,
                   name);
}

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

int admin_check_name(const char *what, const char *name, struct err *err)
{
    size_t length = strnlen(name, TENANT_NAME_MAX + 1);

    if (length == 0 || length > TENANT_NAME_MAX)
        return err_set(err, ERR_INVALID_VALUE, "%s must have 1 to %d bytes", what, TENANT_NAME_MAX);
    if (name[0] == '-' || name[length - 1] == '-')
        return err_set(err, ERR_INVALID_VALUE, "%s must not begin or end with \"-\"", what);
    for (size_t i = 0; i < length; i++) {
        if (!is_name_byte(name[i]))
            return err_set(err, ERR_INVALID_VALUE,
                           "%s may have a-z, 0-9 and \"-\" only; byte %zu is none of them", what,
                           i);
    }
    return 0;
}

int admin_change_part(struct tenants *tenants, struct admin_change *change, const char *tenant,
                      const char *part, struct err *err)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    int result;

    change->target = arena_printf(arena, "%s/%s", tenant, part);
    result = tenants_change(tenants, change, err);
    arena_free(arena);
    return result;
}
