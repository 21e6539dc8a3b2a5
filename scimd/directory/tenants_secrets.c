#include "base/clock.h"
#include "directory/tenants_cache.h"
#include "directory/tenants_sources.h"

struct secret_change {
    const char *tenant;
    const char *name;
    const char *sealed;
    int64_t now_us;
    int number;
};

static int put_body(struct session *session, struct arena *arena, void *argument, struct err *err)
{
    struct secret_change *change = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, arena, change->tenant, &tenant, err) < 0)
        return -1;
    change->number = tenant.number;
    return stored_secret_put(session, tenant.number, change->name, change->sealed, change->now_us,
                             err);
}

int tenants_secret_put(struct tenants *tenants, const struct admin_actor *actor, const char *tenant,
                       const char *name, const char *sealed, struct err *err)
{
    struct secret_change change = {
        .tenant = tenant, .name = name, .sealed = sealed, .now_us = clock_now_us()};

    if (admin_check_name("a secret's name", name, err) < 0)
        return -1;
    return admin_change_part(tenants,
                             &(struct admin_change){.actor = actor,
                                                    .action = "secret.set",
                                                    .body = put_body,
                                                    .argument = &change,
                                                    .number = &change.number},
                             tenant, name, err);
}

static int delete_body(struct session *session, struct arena *arena, void *argument,
                       struct err *err)
{
    struct secret_change *change = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, arena, change->tenant, &tenant, err) < 0)
        return -1;
    change->number = tenant.number;
    return stored_secret_delete(session, tenant.number, change->name, err);
}

int tenants_secret_delete(struct tenants *tenants, const struct admin_actor *actor,
                          const char *tenant, const char *name, struct err *err)
{
    struct secret_change change = {.tenant = tenant, .name = name};

    return admin_change_part(tenants,
                             &(struct admin_change){.actor = actor,
                                                    .action = "secret.delete",
                                                    .body = delete_body,
                                                    .argument = &change,
                                                    .number = &change.number},
                             tenant, name, err);
}

struct reading {
    struct arena *arena;
    const char *tenant;
    const char *name;
    const struct stored_secret *secrets;
    size_t count;
    const char *sealed;
};

static int list_work(struct session *session, void *argument, struct err *err)
{
    struct reading *reading = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, reading->arena, reading->tenant, &tenant, err) < 0)
        return -1;
    return stored_secret_names(session, reading->arena, tenant.number, &reading->secrets,
                               &reading->count, err);
}

int tenants_secret_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const struct stored_secret **out, size_t *count, struct err *err)
{
    struct reading reading = {.arena = arena, .tenant = tenant};

    if (tenants_read(tenants, list_work, &reading, err) < 0)
        return -1;
    *out = reading.secrets;
    *count = reading.count;
    return 0;
}

static int read_work(struct session *session, void *argument, struct err *err)
{
    struct reading *reading = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, reading->arena, reading->tenant, &tenant, err) < 0)
        return -1;
    return stored_secret_read(session, reading->arena, tenant.number, reading->name,
                              &reading->sealed, err);
}

int tenants_secret_read(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const char *name, const char **sealed, struct err *err)
{
    struct reading reading = {.arena = arena, .tenant = tenant, .name = name};

    if (tenants_read(tenants, read_work, &reading, err) < 0)
        return -1;
    *sealed = reading.sealed;
    return 0;
}
