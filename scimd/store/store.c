#include "store/store.h"

#include <assert.h>
#include <sql.h>
#include <sqlext.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/database.h"

static int make_environment(struct store *store, struct err *err)
{
    SQLHENV environment = NULL;

    if (SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment)))
        store->environment = environment;
    if (store->environment == NULL ||
        !SQL_SUCCEEDED(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION,
                                     (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0)))
        return err_set(err, ERR_UNAVAILABLE, "unixODBC cannot be used");
    return 0;
}

static void copy_settings(struct store *store, const struct store_settings *settings)
{
    const char **texts[] = {&store->settings.state_directory, &store->settings.connection,
                            &store->settings.database_prefix, &store->settings.maintenance_database,
                            &store->settings.owner};

    static_assert(ARRAY_LENGTH(texts) == ARRAY_LENGTH(store->texts), "one copy each");
    store->settings = *settings;
    if (store->settings.sessions_max == 0)
        store->settings.sessions_max = 1;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (*texts[i] != NULL)
            store->texts[i] = memory_strdup(*texts[i]);
        *texts[i] = store->texts[i];
    }
}

static int choose_engine(struct store *store, struct err *err)
{
    const char *engine = store->settings.engine;

    store->dialect = dialect_named(engine);
    if (store->dialect == NULL)
        return err_set(err, ERR_CONFIGURATION, "there is no database engine \"%s\"", engine);
    store->settings.engine = store->dialect->name;
    if (store->dialect->prepare != NULL)
        store->dialect->prepare();
    return 0;
}

int store_open(const struct store_settings *settings, struct store **out, struct err *err)
{
    struct store *store = memory_calloc(1, sizeof(*store));
    struct database *control = NULL;

    copy_settings(store, settings);
    (void)pthread_mutex_init(&store->lock, NULL);
    if (choose_engine(store, err) < 0 || make_environment(store, err) < 0 ||
        store_database(store, STORE_CONTROL, &control, err) < 0) {
        store_close(store);
        return -1;
    }
    *out = store;
    return 0;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    while (store->databases != NULL) {
        struct database *next = store->databases->next;

        database_close(store->databases);
        store->databases = next;
    }
    if (store->environment != NULL)
        (void)SQLFreeHandle(SQL_HANDLE_ENV, store->environment);
    (void)pthread_mutex_destroy(&store->lock);
    for (size_t i = 0; i < ARRAY_LENGTH(store->texts); i++) {
        if (store->texts[i] != NULL) /* one of them may hold a password */
            explicit_bzero(store->texts[i], strlen(store->texts[i]));
        free(store->texts[i]);
    }
    free(store);
}

/* Where the database is linked in, or the list's end.  Under store->lock. */
static struct database **find(struct store *store, const char *name)
{
    struct database **link = &store->databases;

    while (*link != NULL && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    return link;
}

int store_database(struct store *store, const char *name, struct database **out, struct err *err)
{
    struct database **link;
    int result = 0;

    if (database_check_name(name, err) < 0)
        return -1;
    (void)pthread_mutex_lock(&store->lock);
    link = find(store, name);
    if (*link == NULL)
        result = database_open(store, name, link, err);
    if (result == 0)
        *out = *link;
    (void)pthread_mutex_unlock(&store->lock);
    return result;
}

int store_remove_database(struct store *store, const char *name, struct err *err)
{
    struct database **link;
    struct database *database;
    int result;

    if (database_check_name(name, err) < 0)
        return -1;
    if (strcmp(name, STORE_CONTROL) == 0)
        return err_set(err, ERR_INVALID_VALUE, "the control database can't be removed");
    (void)pthread_mutex_lock(&store->lock);
    link = find(store, name);
    database = *link;
    if (database != NULL) {
        *link = database->next;
        database_close(database);
    }
    result = store->dialect->remove(store->environment, &store->settings, name, err);
    (void)pthread_mutex_unlock(&store->lock);
    return result;
}

void store_counters(struct store *store, struct store_counters *out)
{
    const struct counters *counters = &store->counters;

    *out = (struct store_counters){
        .transactions = atomic_load_explicit(&counters->transactions, memory_order_relaxed),
        .commits = atomic_load_explicit(&counters->commits, memory_order_relaxed),
        .rollbacks = atomic_load_explicit(&counters->rollbacks, memory_order_relaxed),
        .retries = atomic_load_explicit(&counters->retries, memory_order_relaxed),
        .reads = atomic_load_explicit(&counters->reads, memory_order_relaxed),
        .sessions_open = atomic_load_explicit(&counters->sessions_open, memory_order_relaxed),
        .waits = atomic_load_explicit(&counters->waits, memory_order_relaxed),
    };
}
