#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "directory/tenants_cache.h"

struct connection_change {
    const char *tenant;
    const char *name;
    const char *profile; /* NULL: keep */
    int64_t now_us;
    int number;
};

static bool parks_members(const char *profile)
{
    return strcmp(profile, profile_name(PROFILE_STRICT)) != 0;
}

static int insert_connection(struct session *session, const struct connection_change *change,
                             struct err *err)
{
    const char *profile = change->profile != NULL ? change->profile : profile_name(PROFILE_AUTO);

    return control_connection_insert(
        session,
        &(struct connection_row){.id = id_new_key(),
                                 .tenant = change->number,
                                 .name = change->name,
                                 .profile = profile,
                                 .park_members = parks_members(profile),
                                 .created_us = change->now_us,
                                 .tolerances = "{}"},
        err);
}

static int connection_set_body(struct session *session, struct arena *arena, void *argument,
                               struct err *err)
{
    struct connection_change *change = argument;
    struct connection_row row;
    struct tenant_row tenant;
    struct err missing = {0};

    if (admin_find_tenant(session, arena, change->tenant, &tenant, err) < 0)
        return -1;
    change->number = tenant.number;
    if (admin_find_connection(session, arena, &tenant, change->name, &row, &missing) < 0) {
        if (missing.code == ERR_NOT_FOUND)
            return insert_connection(session, change, err);
        *err = missing;
        return -1;
    }
    if (change->profile == NULL)
        return 0;
    row.profile = change->profile;
    row.park_members = parks_members(change->profile);
    return control_connection_update(session, &row, err);
}

static int check_profile(const char *profile, struct err *err)
{
    enum profile known;

    if (profile != NULL && !profile_from_name(profile, &known))
        return err_set(err, ERR_INVALID_VALUE, "there is no profile \"%.64s\"", profile);
    return 0;
}

int tenants_connection_set(struct tenants *tenants, const struct admin_actor *actor,
                           const char *tenant, const char *name, const char *profile,
                           struct err *err)
{
    struct connection_change change = {
        .tenant = tenant, .name = name, .profile = profile, .now_us = clock_now_us()};

    if (admin_check_name("a connection's name", name, err) < 0 || check_profile(profile, err) < 0)
        return -1;
    return admin_change_part(tenants,
                             &(struct admin_change){.actor = actor,
                                                    .action = "connection.set",
                                                    .body = connection_set_body,
                                                    .argument = &change,
                                                    .number = &change.number},
                             tenant, name, err);
}

static int connection_delete_body(struct session *session, struct arena *arena, void *argument,
                                  struct err *err)
{
    struct connection_change *change = argument;
    struct connection_row row;
    struct tenant_row tenant;

    if (admin_find_tenant(session, arena, change->tenant, &tenant, err) < 0 ||
        admin_find_connection(session, arena, &tenant, change->name, &row, err) < 0)
        return -1;
    change->number = tenant.number;
    return control_connection_delete(session, tenant.number, change->name, err);
}

int tenants_connection_delete(struct tenants *tenants, const struct admin_actor *actor,
                              const char *tenant, const char *name, struct err *err)
{
    struct connection_change change = {.tenant = tenant, .name = name};

    return admin_change_part(tenants,
                             &(struct admin_change){.actor = actor,
                                                    .action = "connection.delete",
                                                    .body = connection_delete_body,
                                                    .argument = &change,
                                                    .number = &change.number},
                             tenant, name, err);
}

struct listing {
    struct arena *arena;
    const char *tenant;
    const struct connection_row *rows;
    size_t count;
};

static int list_connections(struct session *session, void *argument, struct err *err)
{
    struct listing *listing = argument;
    struct tenant_row tenant;

    if (admin_find_tenant(session, listing->arena, listing->tenant, &tenant, err) < 0)
        return -1;
    return control_connections(session, listing->arena, tenant.number, &listing->rows,
                               &listing->count, err);
}

int tenants_connection_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                            const struct connection_row **out, size_t *count, struct err *err)
{
    struct listing listing = {.arena = arena, .tenant = tenant};

    if (tenants_flush(tenants, err) < 0 ||
        tenants_read(tenants, list_connections, &listing, err) < 0)
        return -1;
    *out = listing.rows;
    *count = listing.count;
    return 0;
}
