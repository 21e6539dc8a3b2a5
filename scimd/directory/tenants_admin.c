#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/id.h"
#include "directory/tenants_cache.h"

#define FIRST_CONNECTION "scim"

/* First segments of URLs that are ours, and the control database. */
static const char *const reserved_names[] = {"admin", "control", "healthz", "metrics", "readyz"};

static int check_tenant_name(const char *name, struct err *err)
{
    if (admin_check_name("a tenant's name", name, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(reserved_names); i++) {
        if (strcmp(name, reserved_names[i]) == 0)
            return err_set(err, ERR_INVALID_VALUE, "\"%s\" is reserved", name);
    }
    return 0;
}

struct creation {
    const char *name;
    const char *database;
    int64_t now_us;
    int number;
};

/* A database that is about to be removed takes nobody in. */
static int check_database(struct session *session, struct arena *arena, const char *database,
                          struct err *err)
{
    const struct tenant_row *rows = NULL;
    size_t count = 0;

    if (control_tenants(session, arena, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state == TENANT_DELETING && strcmp(rows[i].database, database) == 0)
            return err_set(err, ERR_CONFLICT, "tenant \"%s\" of database \"%s\" is being deleted",
                           rows[i].name, database);
    }
    return 0;
}

static int create_body(struct session *session, struct arena *arena, void *argument,
                       struct err *err)
{
    struct creation *creation = argument;
    const struct tenant_row row = {.name = creation->name,
                                   .state = TENANT_ACTIVE,
                                   .database = creation->database,
                                   .created_us = creation->now_us};

    if (check_database(session, arena, creation->database, err) < 0 ||
        control_tenant_insert(session, &row, &creation->number, err) < 0)
        return -1;
    return control_connection_insert(session,
                                     &(struct connection_row){
                                         .id = id_new_key(),
                                         .tenant = creation->number,
                                         .name = FIRST_CONNECTION,
                                         .profile = profile_name(PROFILE_AUTO),
                                         .park_members = true,
                                         .created_us = creation->now_us,
                                         .tolerances = "{}",
                                     },
                                     err);
}

struct name_check {
    struct arena *arena;
    const char *name;
    bool taken;
};

static int name_is_taken(struct session *session, void *argument, struct err *err)
{
    struct name_check *check = argument;
    struct tenant_row row;

    check->taken = control_tenant_find(session, check->arena, check->name, &row, err) == 0;
    return check->taken || err->code == ERR_NOT_FOUND ? 0 : -1;
}

static int check_free(struct tenants *tenants, const char *name, struct err *err)
{
    struct name_check check = {.arena = arena_new(ARENA_BLOCK_BYTES), .name = name};
    struct err reading = {0};
    int result = tenants_read(tenants, name_is_taken, &check, &reading);

    arena_free(check.arena);
    if (result < 0) {
        *err = reading;
        return -1;
    }
    return check.taken ? err_set(err, ERR_CONFLICT, "tenant \"%s\" exists already", name) : 0;
}

int tenants_create(struct tenants *tenants, const struct admin_actor *actor, const char *name,
                   const char *database, struct err *err)
{
    struct creation creation = {
        .name = name, .database = database != NULL ? database : name, .now_us = clock_now_us()};
    struct database *opened = NULL;

    if (check_tenant_name(name, err) < 0 ||
        admin_check_name("a database's name", creation.database, err) < 0 ||
        check_free(tenants, name, err) < 0)
        return -1;
    /* Made before its tenant is known: a disk that is full is seen now, not by the first request.
     */
    if (store_database(tenants->store, creation.database, &opened, err) < 0)
        return -1;
    return tenants_change(tenants,
                          &(struct admin_change){.actor = actor,
                                                 .action = "tenant.create",
                                                 .target = name,
                                                 .body = create_body,
                                                 .argument = &creation,
                                                 .number = &creation.number},
                          err);
}

struct listing {
    struct arena *arena;
    const struct tenant_row *rows;
    size_t count;
};

static int list_work(struct session *session, void *argument, struct err *err)
{
    struct listing *listing = argument;

    return control_tenants(session, listing->arena, &listing->rows, &listing->count, err);
}

int tenants_list(struct tenants *tenants, struct arena *arena, const struct tenant_row **out,
                 size_t *count, struct err *err)
{
    struct listing listing = {.arena = arena};

    if (tenants_read(tenants, list_work, &listing, err) < 0)
        return -1;
    *out = listing.rows;
    *count = listing.count;
    return 0;
}

struct state_change {
    const char *name;
    enum tenant_state state;
    int number;
};

static int state_body(struct session *session, struct arena *arena, void *argument, struct err *err)
{
    struct state_change *change = argument;
    struct tenant_row row;

    if (admin_find_tenant(session, arena, change->name, &row, err) < 0)
        return -1;
    change->number = row.number;
    return control_tenant_set_state(session, row.number, change->state, err);
}

int tenants_set_state(struct tenants *tenants, const struct admin_actor *actor, const char *name,
                      enum tenant_state state, struct err *err)
{
    struct state_change change = {.name = name, .state = state};

    if (state == TENANT_DELETING)
        return err_set(err, ERR_INVALID_VALUE, "a tenant is deleted by its deletion only");
    return tenants_change(tenants,
                          &(struct admin_change){
                              .actor = actor,
                              .action = state == TENANT_ACTIVE ? "tenant.resume" : "tenant.suspend",
                              .target = name,
                              .body = state_body,
                              .argument = &change,
                              .number = &change.number},
                          err);
}
