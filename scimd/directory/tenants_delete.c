/* A tenant's end, in steps that can be repeated after a crash: nobody gets in, everybody has left,
 * its resources go, its name goes. */
#include <string.h>

#include "base/arena.h"
#include "directory/tenants_cache.h"

struct deletion {
    const char *name;
    int number;
    bool shared; /* another tenant lives in the same database */
    char database[TENANT_NAME_MAX + 1];
};

static int note_database(struct session *session, struct arena *arena, struct deletion *deletion,
                         const struct tenant_row *row, struct err *err)
{
    const struct tenant_row *rows = NULL;
    size_t count = 0;

    if (control_tenants(session, arena, &rows, &count, err) < 0)
        return -1;
    deletion->shared = strcmp(row->database, STORE_CONTROL) == 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].number != row->number && strcmp(rows[i].database, row->database) == 0)
            deletion->shared = true;
    }
    if (strlen(row->database) > TENANT_NAME_MAX)
        return err_set(err, ERR_INTERNAL, "the database of tenant \"%s\" has no valid name",
                       row->name);
    (void)strncpy(deletion->database, row->database, TENANT_NAME_MAX);
    return 0;
}

static int close_body(struct session *session, struct arena *arena, void *argument, struct err *err)
{
    struct deletion *deletion = argument;
    struct tenant_row row;

    *deletion = (struct deletion){.name = deletion->name};
    if (control_tenant_find(session, arena, deletion->name, &row, err) < 0)
        return err->code == ERR_NOT_FOUND
                   ? err_set(err, ERR_NOT_FOUND, "there is no tenant \"%s\"", deletion->name)
                   : -1;
    deletion->number = row.number;
    if (note_database(session, arena, deletion, &row, err) < 0)
        return -1;
    return control_tenant_set_state(session, row.number, TENANT_DELETING, err);
}

static int forget_body(struct session *session, struct arena *arena, void *argument,
                       struct err *err)
{
    const struct deletion *deletion = argument;

    (void)arena;
    return control_tenant_delete(session, deletion->number, err);
}

static int purge_work(struct session *session, void *argument, struct err *err)
{
    (void)argument;
    return control_tenant_purge(session, err);
}

static int remove_resources(struct tenants *tenants, const struct deletion *deletion,
                            struct err *err)
{
    struct store_scope scope = {.tenant = deletion->number};

    if (store_database(tenants->store, deletion->database, &scope.database, err) < 0)
        return -1;
    seal_queue_forget(tenants->unsealed, scope);
    if (deletion->shared)
        return store_transact(scope, purge_work, NULL, err);
    return store_remove_database(tenants->store, deletion->database, err);
}

int tenants_delete(struct tenants *tenants, const struct admin_actor *actor, const char *name,
                   struct err *err)
{
    struct deletion deletion = {.name = name};
    struct admin_change change = {.actor = actor,
                                  .action = "tenant.close",
                                  .target = name,
                                  .body = close_body,
                                  .argument = &deletion,
                                  .number = &deletion.number};

    if (tenants_change(tenants, &change, err) < 0 ||
        tenants_wait_gone(tenants, deletion.number, err) < 0 ||
        remove_resources(tenants, &deletion, err) < 0)
        return -1;
    change.action = "tenant.delete";
    change.body = forget_body;
    return tenants_change(tenants, &change, err);
}
