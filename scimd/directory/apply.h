/* apply.h - one change inside its transaction.  Internal to directory/.
 *
 * A run begins from nothing: it may be the second one, in another thread, while the caller waits
 * (store.h).  What needs no rows is prepared once, before the transaction, because SQLite has one
 * writer. */
#ifndef SCIMD_DIRECTORY_APPLY_H
#define SCIMD_DIRECTORY_APPLY_H

#include "directory/directory.h"
#include "store/changes.h"
#include "store/members.h"

struct apply {
    const struct tenant *tenant;
    const struct actor *actor;
    const struct directory_change *change;
    struct directory_result *result;
    struct arena *arena; /* the caller's */
    int64_t now_us;

    /* Prepared before the transaction. */
    struct resource_row row;         /* CREATE: as it will be inserted */
    const char *forward;             /* CREATE: for the change log */
    struct tolerance_use tolerances; /* PATCH: as counted before the first run */
    bool revive;                     /* CREATE: look for an inactive resource first */

    /* Of this run. */
    struct session *session;
    struct member_name *unknown; /* named, but not to be parked: must exist when all is applied */
    size_t unknown_count;
    size_t unknown_capacity;
    size_t parked;
};

/* What a REPLACE or PATCH works on. */
struct target {
    struct resource_row row; /* as it was */
    json_t *before;          /* owned; NULL where the document wasn't read */
    json_t *after;           /* owned */
    bool members_changed;
};
void apply_target_free(struct target *target);

/* apply_create.c */
int apply_prepare_create(struct apply *apply, struct err *err);
int apply_create(struct apply *apply, struct err *err);
/* apply_replace.c */
int apply_replace(struct apply *apply, struct err *err);
/* Gives the resource of `row` the document and members of the change: also a revived one. */
int apply_replace_row(struct apply *apply, const struct resource_row *row, const json_t *document,
                      struct err *err);
/* apply_patch.c */
int apply_patch(struct apply *apply, struct err *err);
/* apply_delete.c */
int apply_delete(struct apply *apply, struct err *err);
/* apply_set.c */
int apply_set(struct apply *apply, struct err *err);
/* directory.c */
/* What needs no rows, once for all runs. */
int apply_prepare(struct apply *apply, struct err *err);
int apply_run(struct apply *apply, struct err *err);

/* apply_target.c */
/* A time after the last one, whatever the clock says. */
int64_t apply_modified_us(const struct apply *apply, int64_t last_us);
/* Reads and locks the resource that the change names, and checks If-Match.
 * Errors: ERR_NOT_FOUND, ERR_PRECONDITION. */
int apply_target_find(const struct apply *apply, bool document, struct resource_row *out,
                      struct err *err);
int apply_target_parse(const struct resource_row *row, json_t **out, struct err *err);
/* Takes deactivatedAt from `before`. */
void apply_target_keep_activity(const struct apply *apply, const json_t *before, json_t *after);
/* Keeps deactivatedAt in step with `active`. */
void apply_target_note_activity(const struct apply *apply, const json_t *before, json_t *after);
/* Puts `value` (taken; NULL: none) into a document and settles it. */
void document_put(const struct resource_type *type, const struct attribute *attribute,
                  json_t *document, json_t *value);
/* Writes what differs, if anything does, logs it and fills the result. */
int apply_target_write(const struct apply *apply, const struct target *target, struct err *err);
const char *document_render(struct arena *arena, const json_t *document, size_t *length);

/* apply_members.c: all write the change log and set *changed (untouched where nothing was
 * written). */
bool type_has_members(const struct resource_type *type);
int members_refuse_itself(const struct resource_row *group, const struct member_list *names,
                          struct err *err);
int members_bring(struct apply *apply, const struct resource_row *group,
                  const struct member_list *names, bool *changed, struct err *err);
int members_replace(struct apply *apply, const struct resource_row *group,
                    const struct member_list *names, bool *changed, struct err *err);
int members_step(struct apply *apply, const struct resource_row *group,
                 const struct member_step *step, bool *changed, struct err *err);
/* Errors: ERR_INVALID_VALUE, where a member that was not to be parked did not come either. */
int members_must_exist(const struct apply *apply, const struct member_list *names, struct err *err);
int members_check_unknown(const struct apply *apply, struct err *err);
/* apply_attach.c: a resource comes, and references that were parked for it attach; or it goes. */
int members_welcome(const struct apply *apply, struct resource_row *row, struct err *err);
int members_dismiss(const struct apply *apply, const struct resource_row *row, struct err *err);

/* apply_log.c */
/* Writes `row`; time, actor and request are filled here. */
int log_change(const struct apply *apply, const struct change_row *row, struct err *err);
/* Memberships of a group that came or went. */
int log_members(const struct apply *apply, const char *group_id, bool came,
                const struct member_ids *ids, struct err *err);

#endif
