/* tenants_sources.h - administration of what we pull from: sources, their runs, secrets.
 *
 * As in tenants.h: what changes rows raises the generation and leaves an audit row, in one
 * transaction, and `tenant` is a name.  What a definition says is the sync engine's business, and
 * sealing a secret is the caller's. */
#ifndef SCIMD_DIRECTORY_TENANTS_SOURCES_H
#define SCIMD_DIRECTORY_TENANTS_SOURCES_H

#include "directory/tenants.h"
#include "store/run_rows.h"
#include "store/secret_rows.h"
#include "store/sources.h"

/* ---- sources ---- */

/* Inserts, or redefines the one of that name (source_redefine()).  The caller fills all but id,
 * tenant and created_us; *id is the source's.
 * Errors: ERR_INVALID_VALUE, the name; ERR_CONFLICT, a connection has it; ERR_NOT_FOUND. */
int tenants_source_put(struct tenants *tenants, const struct admin_actor *actor, const char *tenant,
                       const struct source_row *row, int64_t *id, struct err *err);
/* Its control rows with runs, then what its pulls know in the tenant's database; the resources
 * stay, and belong to nobody.  Nothing may be running on it.  Errors: ERR_NOT_FOUND. */
int tenants_source_delete(struct tenants *tenants, const struct admin_actor *actor,
                          const char *tenant, const char *name, struct err *err);

struct source_step {
    const char *action; /* for the audit: "source.pause" */
    int from;           /* enum source_state of sync/states.h */
    int to;
};
/* Errors: ERR_NOT_FOUND; ERR_CONFLICT, the state is another than `from`. */
int tenants_source_set_state(struct tenants *tenants, const struct admin_actor *actor,
                             const char *tenant, const char *name, const struct source_step *step,
                             struct err *err);

/* In order of precedence, then name. */
int tenants_source_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const struct source_row **out, size_t *count, struct err *err);
int tenants_source_find(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const char *name, struct source_row *out,
                        struct err *err); /* ERR_NOT_FOUND */

/* ---- runs ---- */

struct tenant_run {
    const char *tenant; /* its name */
    struct run_row row;
};

struct run_query {
    const char *tenant; /* NULL: of all tenants */
    const char *source; /* NULL: of all sources; else `tenant` is said, too */
    int64_t before;     /* a run's id; 0: from the newest */
    size_t limit;
};
/* The newest first.  Errors: ERR_NOT_FOUND, no such tenant or source. */
int tenants_run_list(struct tenants *tenants, struct arena *arena, const struct run_query *query,
                     const struct tenant_run **out, size_t *count, struct err *err);
/* `tenant` NULL: whoever's it is.  Errors: ERR_NOT_FOUND. */
int tenants_run_find(struct tenants *tenants, struct arena *arena, const char *tenant, int64_t id,
                     struct tenant_run *out, struct err *err);

/* A piece of a run's plan, parts count from 0. */
struct plan_piece {
    const char *text; /* NULL: there is no such part */
    size_t length;
};
int tenants_plan_read(struct tenants *tenants, struct arena *arena, const struct tenant_run *run,
                      int64_t part, struct plan_piece *out, struct err *err);

/* ---- secrets ---- */

/* `sealed` is text of auth/seal.h.  Errors: ERR_INVALID_VALUE, the name; ERR_NOT_FOUND. */
int tenants_secret_put(struct tenants *tenants, const struct admin_actor *actor, const char *tenant,
                       const char *name, const char *sealed, struct err *err);
int tenants_secret_delete(struct tenants *tenants, const struct admin_actor *actor,
                          const char *tenant, const char *name, struct err *err);
int tenants_secret_list(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const struct stored_secret **out, size_t *count, struct err *err);
int tenants_secret_read(struct tenants *tenants, struct arena *arena, const char *tenant,
                        const char *name, const char **sealed, struct err *err);

#endif
