/* tenants_cache.h - what is behind tenants.h.  Internal to directory/.
 *
 * All tenants' rows are in memory (small), so that an unknown name costs no statement; a tenant
 * with its connections and schemas is made when somebody asks for it first. */
#ifndef SCIMD_DIRECTORY_TENANTS_CACHE_H
#define SCIMD_DIRECTORY_TENANTS_CACHE_H

#include <pthread.h>

#include "base/arena.h"
#include "directory/seal_queue.h"
#include "directory/tenants.h"
#include "directory/token_cache.h"
#include "store/sources.h"

#define TENANTS_FLUSH_S 60 /* between two flushes of counters */

struct tenant_entry {
    const struct tenant_row *row;
    struct tenant *tenant; /* holds a reference; NULL until somebody asks */
};

/* All tenants as of one moment. */
struct tenant_directory {
    struct arena *arena;
    struct tenant_entry *entries; /* by name */
    size_t count;
    int64_t generation;
};

/* Tolerances of one connection that the database has not been told. */
struct unflushed {
    int tenant;
    int64_t connection;
    int seen;
    uint64_t count[TOLERANCE_COUNT];
};
struct unflushed_list {
    struct unflushed *items; /* owned */
    size_t count;
    size_t capacity;
};

struct live_connection {
    struct connection connection;      /* first */
    uint64_t flushed[TOLERANCE_COUNT]; /* under tenants->live_lock, like seen_flushed */
    int seen_flushed;
};

struct live_tenant {
    struct tenant tenant; /* first */
    struct tenants *owner;
    struct arena *arena;
    struct live_connection *connections;
    uint64_t made;                /* tenants->made at that time */
    struct live_tenant *previous; /* under owner->live_lock */
    struct live_tenant *next;
};

struct tenants {
    struct store *store;
    struct store_scope control;
    struct schema_set *built_in; /* of tenants without schemas of their own */
    struct seal_queue *unsealed;
    struct token_cache *tokens;
    _Atomic int64_t checked_us; /* monotonic; of the last comparison of generations */
    _Atomic int64_t flushed_us;

    pthread_rwlock_t lock;
    struct tenant_directory directory; /* under lock */
    uint64_t epoch;                    /* under lock; raised when the directory is replaced */

    pthread_mutex_t reloading; /* one reload or load at a time; taken before lock */

    pthread_mutex_t live_lock;
    pthread_cond_t gone;        /* a tenant was let go by its last user */
    struct live_tenant *live;   /* under live_lock, like all that follows */
    uint64_t made;              /* tenants so far */
    struct unflushed_list left; /* what dead tenants' connections have counted */
};

/* tenants.c */
struct seal_queue *tenants_seal_queue(struct tenants *tenants);

/* tenants_reload.c */
#define TENANTS_ALL 0 /* no tenant has this number */
/* Reads all rows anew, after tenant `number` was changed here; keeps others that are made, unless
 * somebody else changed something as well. */
int tenants_reload(struct tenants *tenants, int number, struct err *err);
/* Compares generations, and flushes counters, when it is time. */
void tenants_refresh(struct tenants *tenants);

/* tenants_load.c */
int tenants_load(struct tenants *tenants, const struct tenant_row *row, struct tenant **out,
                 struct err *err);
/* The built-in schemas and `rows`. */
int tenants_schema_set(const struct schema_row *rows, size_t count, struct schema_set **out,
                       struct err *err);
struct tenant *tenant_hold(struct tenant *tenant);
/* Waits until nobody holds a tenant of that number that was made before the call.
 * Errors: ERR_CONFLICT after a while. */
int tenants_wait_gone(struct tenants *tenants, int number, struct err *err);

/* tenants_owned.c */
/* Rows as the tenant shows them, by precedence; `tenant` is its name, for the log. */
const struct tenant_source *tenants_copy_sources(struct arena *arena, const struct source_row *rows,
                                                 size_t count, const char *tenant);
/* For qsort() of source rows. */
int source_by_precedence(const void *left, const void *right);

/* tenants_counters.c */
void connection_read_totals(struct live_connection *connection, const struct connection_row *row);
/* Moves what a connection counted since the last time to `list`; under live_lock. */
void connection_take(struct live_connection *connection, int tenant, struct unflushed_list *list);
/* Writes counters and tokens' uses; what cannot be written is kept. */
int tenants_flush(struct tenants *tenants, struct err *err);

/* tenants_change.c: one administrative change with its audit row, then the cache. */
struct admin_change {
    const struct admin_actor *actor;
    const char *action; /* "tenant.create" */
    const char *target;
    /* The rows; a work's body (store.h). */
    int (*body)(struct session *session, struct arena *arena, void *argument, struct err *err);
    void *argument;
    const int *number; /* of the tenant that was changed; read after the commit */
};
int tenants_change(struct tenants *tenants, const struct admin_change *change, struct err *err);
/* The same; the audit calls it TENANT/PART. */
int admin_change_part(struct tenants *tenants, struct admin_change *change, const char *tenant,
                      const char *part, struct err *err);
/* Names of tenants, databases and connections: [a-z0-9] and inner "-", TENANT_NAME_MAX bytes. */
int admin_check_name(const char *what, const char *name, struct err *err);
/* A tenant that may be changed.  Errors: ERR_NOT_FOUND; ERR_CONFLICT while it is being deleted. */
int admin_find_tenant(struct session *session, struct arena *arena, const char *name,
                      struct tenant_row *out, struct err *err);
int admin_find_connection(struct session *session, struct arena *arena,
                          const struct tenant_row *tenant, const char *name,
                          struct connection_row *out, struct err *err);
/* Runs a reading body on the control database. */
int tenants_read(struct tenants *tenants, store_work work, void *argument, struct err *err);

#endif
