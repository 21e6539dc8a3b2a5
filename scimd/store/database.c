#include "store/database.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/fold.h"
#include "store/migrate.h"

#define BATCH_US 5000 /* the most that works of others may delay a commit */

/* No dot, no slash, no upper case. */
int database_check_name(const char *name, struct err *err)
{
    size_t length = strlen(name);

    if (length > 0 && length <= DATABASE_NAME_MAX && name[0] != '-' && name[length - 1] != '-' &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
        return 0;
    return err_set(err, ERR_INVALID_VALUE,
                   "a database's name has 1 to %d characters of a-z, 0-9 and inner -",
                   DATABASE_NAME_MAX);
}

void database_name_cause(const struct database *database, int result, struct err *err)
{
    struct err inner = *err;

    if (result < 0 && (err->code == ERR_UNAVAILABLE || err->code == ERR_INTERNAL) &&
        inner.cause[0] != '\0')
        (void)err_because(err, "database %s: %s", database->name, inner.cause);
}

int database_connect(struct database *database, struct session **out, struct err *err)
{
    struct store *store = database->store;

    if (session_open(store->environment, database->dialect, &store->settings,
                     database->connection_string, out, err) < 0)
        return -1;
    atomic_fetch_add_explicit(&store->counters.sessions_open, 1, memory_order_relaxed);
    return 0;
}

void database_disconnect(struct database *database, struct session *session)
{
    if (session == NULL)
        return;
    session_close(session);
    atomic_fetch_sub_explicit(&database->store->counters.sessions_open, 1, memory_order_relaxed);
}

/* Connects, and makes the database where it isn't there. */
static int connect_or_create(struct database *database, struct session **out, struct err *err)
{
    const struct dialect *dialect = database->dialect;
    struct err refused = {0};

    if (database_connect(database, out, err) == 0)
        return 0;
    if (dialect->create == NULL)
        return -1;
    refused = *err;
    if (dialect->create(database->store->environment, &database->store->settings, database->name,
                        &refused, err) < 0)
        return -1;
    return database_connect(database, out, err);
}

static int bring_up_to_date(struct database *database, struct session *session, struct err *err)
{
    const struct dialect *dialect = database->dialect;
    const struct store_settings *settings = &database->store->settings;
    bool control = strcmp(database->name, STORE_CONTROL) == 0;

    if (dialect->check != NULL && dialect->check(session, err) < 0)
        return -1;
    if (dialect->become_owner != NULL && dialect->become_owner(session, settings, err) < 0)
        return -1;
    if (migrate(session, dialect->migrations, control, err) < 0)
        return -1;
    if (dialect->resign != NULL && dialect->resign(session, settings, err) < 0)
        return -1;
    return fold_check(session, err);
}

static int open_and_migrate(struct database *database, struct err *err)
{
    CLEANUP(buf_free) struct buf connection_string = {0};
    struct session *session = NULL;

    if (database->dialect->locate(&database->store->settings, database->name, &connection_string,
                                  err) < 0)
        return -1;
    database->connection_string = memory_strdup(connection_string.bytes);
    if (connect_or_create(database, &session, err) < 0)
        return -1;
    if (bring_up_to_date(database, session, err) < 0) {
        database_disconnect(database, session);
        return -1;
    }
    if (database->dialect->combines)
        database->writer.session = session;
    else
        pool_adopt(database, session);
    return 0;
}

int database_open(struct store *store, const char *name, struct database **out, struct err *err)
{
    struct database *database = memory_calloc(1, sizeof(*database));

    database->store = store;
    database->dialect = store->dialect;
    (void)strncpy(database->name, name, DATABASE_NAME_MAX);
    pool_init(&database->pool, store->settings.sessions_max);
    (void)pthread_mutex_init(&database->writer.lock, NULL);
    database->writer.batch_us = BATCH_US;
    if (open_and_migrate(database, err) < 0) {
        struct err inner = *err;

        database_close(database);
        (void)err_set(err, inner.code, "database %s: %s", name, inner.detail);
        return err_because(err, "%s", inner.cause);
    }
    *out = database;
    return 0;
}

void database_close(struct database *database)
{
    if (database == NULL)
        return;
    pool_close(database);
    database_disconnect(database, database->writer.session);
    (void)pthread_mutex_destroy(&database->writer.lock);
    free(database->connection_string);
    free(database);
}
