/* control.h - rows of the control database: tenants, connections, tokens, tenants' schemas, audit.
 *
 * Called from works on the control scope {store_database(STORE_CONTROL), STORE_CONTROL_TENANT};
 * functions that work on one tenant's rows take its number. */
#ifndef SCIMD_STORE_CONTROL_H
#define SCIMD_STORE_CONTROL_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

enum tenant_state { TENANT_ACTIVE = 1, TENANT_SUSPENDED, TENANT_DELETING };

struct tenant_row {
    int number; /* from 1, never used again */
    const char *name;
    enum tenant_state state;
    const char *database; /* a name for store_database() */
    int64_t created_us;
};

/* Errors: ERR_CONFLICT if the name is taken. *number is the new one. */
int control_tenant_insert(struct session *session, const struct tenant_row *row, int *number,
                          struct err *err);
int control_tenant_find(struct session *session, struct arena *arena, const char *name,
                        struct tenant_row *out, struct err *err); /* ERR_NOT_FOUND */
int control_tenants(struct session *session, struct arena *arena, const struct tenant_row **out,
                    size_t *count, struct err *err);
int control_tenant_set_state(struct session *session, int number, enum tenant_state state,
                             struct err *err);
/* The tenant and all its control rows; its number is not used again. */
int control_tenant_delete(struct session *session, int number, struct err *err);
/* All rows of the session's tenant in a tenant database: for tenants that share one. */
int control_tenant_purge(struct session *session, struct err *err);

struct connection_row {
    int64_t id;
    int tenant;
    const char *name;
    const char *profile; /* profile_name() */
    const char *seen;    /* profile recognised from requests; NULL: none yet */
    bool park_members;
    int64_t created_us;
    const char *tolerances; /* JSON object name -> count, as last flushed */
};
int control_connection_insert(struct session *session, const struct connection_row *row,
                              struct err *err); /* ERR_CONFLICT */
int control_connection_update(struct session *session, const struct connection_row *row,
                              struct err *err);
int control_connections(struct session *session, struct arena *arena, int tenant,
                        const struct connection_row **out, size_t *count, struct err *err);
int control_connection_delete(struct session *session, int tenant, const char *name,
                              struct err *err); /* with its tokens; ERR_NOT_FOUND */

struct token_row {
    const char *id; /* public part of scimd_<id>_<random> */
    int tenant;
    int64_t connection;
    const char *name;
    char hash[DIGEST_HEX_BYTES]; /* keyed */
    int64_t created_us;
    int64_t expires_us;   /* 0: never */
    int64_t last_used_us; /* 0: never; minutes' precision */
};
int control_token_insert(struct session *session, const struct token_row *row, struct err *err);
int control_tokens(struct session *session, struct arena *arena, int tenant,
                   const struct token_row **out, size_t *count, struct err *err);
int control_token_find(struct session *session, struct arena *arena, const char *id,
                       struct token_row *out, struct err *err); /* ERR_NOT_FOUND */
int control_token_touch(struct session *session, const char *id, int64_t last_used_us,
                        struct err *err);
int control_token_delete(struct session *session, int tenant, const char *id, struct err *err);

struct schema_row {
    int tenant;
    const char *name; /* the file's name, for errors */
    const char *document;
    size_t length;
    int64_t created_us;
};
int control_schema_put(struct session *session, const struct schema_row *row, struct err *err);
int control_schemas(struct session *session, struct arena *arena, int tenant,
                    const struct schema_row **out, size_t *count, struct err *err);
int control_schema_delete(struct session *session, int tenant, const char *name, struct err *err);

/* What an administrator did; never a secret. */
struct audit_row {
    int64_t at_us;
    const char *actor;  /* "uid 0" */
    const char *action; /* "tenant.create" */
    const char *target;
    const char *request_id;
};
int control_audit(struct session *session, const struct audit_row *row, struct err *err);
/* A number that every change of configuration raises: caches of replicas compare it. */
int control_generation(struct session *session, int64_t *generation, struct err *err);
int control_generation_raise(struct session *session, struct err *err);

#endif
