/* directory.h - the one write path.  Push and pull both hand changes to it; nothing else writes
 * resources.
 *
 * Each change is checked, written and logged in one transaction: schema, uniqueness, mutability,
 * version, members, change log.  Equal content writes nothing and bumps nothing. */
#ifndef SCIMD_DIRECTORY_DIRECTORY_H
#define SCIMD_DIRECTORY_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "directory/tenants.h"
#include "scim/patch.h"
#include "store/resources.h"

/* Who asks. */
struct actor {
    const char *name;       /* connection's name, for the change log */
    const char *request_id; /* or the run's */
    bool park_members;      /* a member that does not exist yet: parked, else ERR_INVALID_VALUE */
    bool reactivates; /* a creation whose userName belongs to an inactive resource revives it */
    bool is_source;   /* a pull: not held back by what sources own */
};

enum directory_verb {
    DIRECTORY_CREATE,
    DIRECTORY_REPLACE,
    DIRECTORY_PATCH,
    DIRECTORY_DELETE,
    DIRECTORY_SET, /* the whole document becomes `document`, readOnly attributes too; members stay.
                      For pulls */
};

#define IF_MATCH_NONE 0   /* no condition */
#define IF_MATCH_ANY (-1) /* "*": must exist */

struct directory_change {
    enum directory_verb verb;
    const struct resource_type *type;
    const char *id; /* CREATE: NULL, or an id chosen before (bulk) */
    int64_t if_match;
    const json_t *document;     /* CREATE, REPLACE: from resource_read(); borrowed, not changed */
    struct member_list members; /* CREATE, REPLACE */
    const struct patch *patch;  /* PATCH */
    const struct resource_reader *reader; /* PATCH: for patch_apply() */
};

struct directory_result {
    struct resource_row row; /* as it stands now, in the arena; DELETE: as it was.  document is NULL
                                where nobody read it: a PATCH of members alone */
    bool created;            /* false for a revived resource */
    bool changed;            /* false: nothing was written */
    size_t parked;           /* members named that were not there yet when they were */
};

/* Applies one change; returns after its commit is durable.
 * Errors: ERR_NOT_FOUND, ERR_UNIQUENESS, ERR_INVALID_VALUE, ERR_MUTABILITY, ERR_NO_TARGET,
 *         ERR_PRECONDITION, ERR_UNAVAILABLE; nothing was written. */
int directory_apply(struct tenant *tenant, const struct actor *actor,
                    const struct directory_change *change, struct arena *arena,
                    struct directory_result *out, struct err *err);

/* Applies several in order in one transaction, all or none; *failed is the index of the one that
 * failed. */
int directory_apply_all(struct tenant *tenant, const struct actor *actor,
                        const struct directory_change *changes, size_t count, struct arena *arena,
                        struct directory_result *results, size_t *failed, struct err *err);

/* ---- several changes and rows of others in one transaction: for pulls ---- */

struct directory_writer; /* lives as long as one run of the work */

/* As store_work: may run again, and in another thread while the caller waits. */
typedef int (*directory_work)(struct directory_writer *writer, void *argument, struct err *err);

/* Runs `work` in one transaction and returns when its commit is durable.
 * Errors: the work's, and those of store_transact(). */
int directory_transact(struct tenant *tenant, const struct actor *actor, directory_work work,
                       void *argument, struct err *err);

/* For rows beside the resources: links, what is staged. */
struct session *directory_session(const struct directory_writer *writer);

/* One change.  What a CREATE, SET or DELETE is refused for (directory_refused()) is found before
 * anything is written, and the work may go on; after any other error, and any of a REPLACE or
 * PATCH, it must return -1: else nothing is committed.  Nobody is revived.  Tolerances of the
 * change's reader are the work's to begin anew.
 * Lifetime: *out lives in `arena`. */
int directory_write(struct directory_writer *writer, const struct directory_change *change,
                    struct arena *arena, struct directory_result *out, struct err *err);
/* Of directory_write() and directory_members(): schema, mutability, If-Match, or no such resource?
 */
bool directory_refused(const struct err *err);

/* Memberships of a group come and go by resource id; those that are there or gone already count for
 * nothing, ids without a resource neither.  `add` and `remove` may be NULL; *added and *removed are
 * numbers of memberships.  Errors: ERR_NOT_FOUND. */
int directory_members(struct directory_writer *writer, const char *group_id,
                      const struct member_list *add, const struct member_list *remove,
                      int64_t *added, int64_t *removed, struct err *err);

#endif
