/* sources.h - control rows of the sources that we pull from, and their leases.
 *
 * Called from works on the control scope (control.h); functions that work on one tenant's rows take
 * its number, so that no id alone leads into another tenant. */
#ifndef SCIMD_STORE_SOURCES_H
#define SCIMD_STORE_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

enum source_wanted { WANTED_NOTHING, WANTED_DELTA, WANTED_FULL }; /* stored: never renumber */

struct source_row {
    int64_t id; /* id_new_key() */
    int tenant;
    const char *name;
    const char *type;
    int precedence;
    const char *definition; /* JSON, normal form */
    const char *owned;      /* JSON list of attribute paths that its mapping writes, or objects
                               {"path":.., "precedence":..} */
    int state;              /* enum source_state of sync/states.h */
    enum source_wanted wanted;
    const char *wanted_by;
    int64_t next_delta_us; /* INT64_MAX: never */
    int64_t next_full_us;
    int64_t retry_us; /* 0: at once */
    int failures;     /* in a row */
    int64_t last_success_us;
    int64_t last_full_us;
    const char *last_error; /* NULL: none */
    int64_t run;            /* the one under way, 0: none */
    int64_t held_run;       /* waits for approval, 0: none */
    const char *lease_owner;
    int64_t lease_until_us;
    int64_t fence;
    int64_t created_us;
    int64_t changed_us;
};

int source_insert(struct session *session, const struct source_row *row,
                  struct err *err); /* ERR_CONFLICT: the name is taken, also by a connection */
/* What an administrator changes: type, precedence, definition, owned, wanted and by whom, next_*,
 * changed_us; failures and retry_us become 0.  Errors: ERR_NOT_FOUND. */
int source_redefine(struct session *session, const struct source_row *row, struct err *err);
int source_find(struct session *session, struct arena *arena, int tenant, const char *name,
                struct source_row *out, struct err *err); /* ERR_NOT_FOUND */
int source_find_id(struct session *session, struct arena *arena, int tenant, int64_t id,
                   struct source_row *out, struct err *err); /* ERR_NOT_FOUND */
/* `tenant` 0: of all tenants. */
int sources_list(struct session *session, struct arena *arena, int tenant,
                 const struct source_row **out, size_t *count, struct err *err);
/* With its runs.  Errors: ERR_NOT_FOUND. */
int source_delete(struct session *session, int tenant, int64_t id, struct err *err);
/* Errors: ERR_CONFLICT, the state is another than `from` now. */
int source_set_state(struct session *session, int tenant, int64_t id, int from, int to,
                     struct err *err);
/* A delta asked for while a full run is wanted changes nothing. */
int source_want(struct session *session, int tenant, int64_t id, enum source_wanted wanted,
                const char *by, struct err *err);

/* ---- leases ---- */

/* Takes the lease if nobody has it at `now_us` and fence and state are still those of `row`; *fence
 * is the new one.  False in *taken: somebody has it, or had it since the row was read. */
int source_lease(struct session *session, const struct source_row *row, const char *owner,
                 int64_t now_us, int64_t until_us, int64_t *fence, bool *taken, struct err *err);
/* Prolongs.  Errors: ERR_CONFLICT: it was lost. */
int source_lease_renew(struct session *session, int tenant, int64_t id, int64_t fence,
                       int64_t until_us, struct err *err);
/* What a run leaves behind: state, wanted, next_*, retry_us, failures, last_*, run, held_run; the
 * lease ends where lease_until_us is 0.  `wanted` is cleared only where it is still the row's, that
 * is, what the run took.  A decision on a held run may do it without a lease, as long as nobody
 * took one since.  Errors: ERR_CONFLICT: the lease was lost. */
int source_leave(struct session *session, const struct source_row *row, struct err *err);

#endif
