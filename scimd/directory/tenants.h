/* tenants.h - who we serve: tenants, their schemas, connections and tokens, cached from the control
 * database.
 *
 * A request holds a tenant while it lasts.  A tenant never changes: a change of configuration makes
 * a new one, the old one lives until its last user lets go.  Other replicas' changes are seen
 * within TENANTS_REFRESH_S. */
#ifndef SCIMD_DIRECTORY_TENANTS_H
#define SCIMD_DIRECTORY_TENANTS_H

#include <stdatomic.h>

#include "scim/schema.h"
#include "scim/tolerance.h"
#include "store/control.h"

#define TENANT_NAME_MAX 63  /* [a-z0-9] and inner "-": part of URLs and file names */
#define TENANTS_REFRESH_S 2 /* age at which the cache compares generations */

/* A SCIM client that pushes to us. */
struct connection {
    int64_t id;
    const char *name;
    enum profile profile;
    bool park_members;
    _Atomic int seen;                             /* profile recognised from requests */
    _Atomic uint64_t tolerances[TOLERANCE_COUNT]; /* totals; flushed now and then */
};

/* A directory that we pull from, as far as others must know it. */
struct tenant_source {
    int64_t id;
    const char *name;
    int precedence;           /* the lowest number's values hold */
    const char *const *owned; /* attribute paths that its mapping writes, "members" for groups */
    const int *owned_precedences; /* of each of them: most often `precedence` */
    size_t owned_count;
};

struct tenant {
    int number;
    const char *name;
    enum tenant_state state;
    struct store_scope scope;    /* where its resources are */
    struct schema_set *schemas;  /* held by the tenant */
    struct seal_queue *unsealed; /* where directory_apply() announces what is to be sealed */
    struct connection *const *connections;
    size_t connection_count;
    const struct tenant_source *sources; /* by precedence, then name */
    size_t source_count;
    _Atomic int references; /* tenants.c only */
};

struct tenants;

int tenants_open(struct store *store, struct tenants **out, struct err *err);
void tenants_close(struct tenants *tenants); /* flushes counters; NULL is allowed */

/* Errors: ERR_NOT_FOUND; a suspended tenant is found, the caller looks at state. */
int tenants_find(struct tenants *tenants, const char *name, struct tenant **out, struct err *err);
void tenant_release(struct tenant *tenant); /* NULL is allowed */

/* What stands behind a token's public id, for the caller to compare the hash.  Cached: no statement
 * per request.  Errors: ERR_NOT_FOUND. */
struct token_entry {
    int tenant;
    int64_t connection;
    char hash[DIGEST_HEX_BYTES];
    int64_t expires_us; /* 0: never */
};
int tenants_token(struct tenants *tenants, const char *id, struct token_entry *out,
                  struct err *err);
/* Notes the use; written at most once a minute and token. */
void tenants_token_used(struct tenants *tenants, const char *id, int64_t now_us);
/* NULL where the tenant has no such connection. */
struct connection *tenant_connection(const struct tenant *tenant, int64_t id);
void connection_count(struct connection *connection, const struct tolerance_use *use);

/* Administration: each writes the control database with its audit row in one transaction, then
 * drops what the cache holds.  `actor` is "uid 0"; errors name what is wrong (ERR_INVALID_VALUE,
 * ERR_CONFLICT, ERR_NOT_FOUND). */
struct admin_actor {
    const char *name;
    const char *request_id;
};
int tenants_create(struct tenants *tenants, const struct admin_actor *actor, const char *name,
                   const char *database,
                   struct err *err); /* with a connection "scim"; NULL database: own */
int tenants_list(struct tenants *tenants, struct arena *arena, const struct tenant_row **out,
                 size_t *count, struct err *err);
int tenants_set_state(struct tenants *tenants, const struct admin_actor *actor, const char *name,
                      enum tenant_state state, struct err *err);
/* Ends its requests first (state DELETING), then removes rows and files. */
int tenants_delete(struct tenants *tenants, const struct admin_actor *actor, const char *name,
                   struct err *err);

int tenants_token_create(struct tenants *tenants, const struct admin_actor *actor,
                         const char *tenant,
                         const struct token_row *row, /* tenant, connection filled here */
                         const char *connection, struct err *err);
int tenants_token_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                       const struct token_row **out, size_t *count, struct err *err);
int tenants_token_revoke(struct tenants *tenants, const struct admin_actor *actor,
                         const char *tenant, const char *id, struct err *err);

/* Creates or changes; a NULL profile keeps it. */
int tenants_connection_set(struct tenants *tenants, const struct admin_actor *actor,
                           const char *tenant, const char *name, const char *profile,
                           struct err *err);
int tenants_connection_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                            const struct connection_row **out, size_t *count, struct err *err);
int tenants_connection_delete(struct tenants *tenants, const struct admin_actor *actor,
                              const char *tenant, const char *name, struct err *err);

/* Checks the whole new set before anything is stored.  A schema that resources use can't be
 * removed, and a replaced one may not change an attribute's type (ERR_CONFLICT names it). */
int tenants_schema_put(struct tenants *tenants, const struct admin_actor *actor, const char *tenant,
                       const struct schema_row *row, struct err *err);
int tenants_schema_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const struct schema_row **out, size_t *count, struct err *err);
int tenants_schema_delete(struct tenants *tenants, const struct admin_actor *actor,
                          const char *tenant, const char *name, struct err *err);

#endif
