/* sync_rows.h - where a source stands, what a pass has shown so far, and what is staged.
 *
 * Called from works on the tenant's scope only (store.h); `source` is source_row.id. */
#ifndef SCIMD_STORE_SYNC_ROWS_H
#define SCIMD_STORE_SYNC_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

struct sync_row {
    int64_t fence; /* of the lease that wrote it last */
    int64_t run;   /* 0: none yet */
    int phase;     /* of the run; the engine's number */
    int64_t page;
    const char *cursor;      /* base64url; of deltas.  "": there was no complete pass yet */
    const char *pass_cursor; /* of a full pass in progress */
    const char *counters;    /* JSON */
    const char *doubt;       /* "": none */
};

/* Locks the row and takes it for a lease: makes it where there is none, raises its fence.
 * Errors: ERR_CONFLICT, a later lease has it ("another replica runs this source now"). */
int sync_row_take(struct session *session, struct arena *arena, int64_t source, int64_t fence,
                  struct sync_row *out, struct err *err);
/* Writes all but the fence.  Errors: ERR_CONFLICT, as above; a commit with it is refused. */
int sync_row_put(struct session *session, int64_t source, const struct sync_row *row,
                 struct err *err);
/* Errors: ERR_NOT_FOUND. */
int sync_row_find(struct session *session, struct arena *arena, int64_t source,
                  struct sync_row *out, struct err *err);

/* ---- sets ---- */

/* A part of a set; written anew if it is there. */
int sync_set_put(struct session *session, int64_t source, const char *owner, int64_t part,
                 const int64_t *items, size_t count, struct err *err);
/* All parts' items, ascending, each once; the caller's (free). */
int sync_set_read(struct session *session, int64_t source, const char *owner, int64_t **items,
                  size_t *count, struct err *err);
/* `owner` NULL: all sets of the source. */
int sync_set_drop(struct session *session, int64_t source, const char *owner, struct err *err);

/* ---- staged changes ---- */

enum staged_kind {
    STAGED_UPSERT = 1,    /* the object is to become `document` wholly; numbers are stored */
    STAGED_MEMBER_ADD,    /* member: its source id.  Of a dry run only */
    STAGED_MEMBER_REMOVE, /* member: the id of a resource */
    STAGED_REMOVE,        /* the object goes, as the source's removal policy says */
};

#define STAGED_LIVE 0 /* `plan` of what a source's runs have staged; else the id of a dry run */

struct staged_row {
    enum staged_kind kind;
    const char *source_id; /* of the object, or the group */
    const char *member;    /* "" */
    int object;
    char fingerprint[DIGEST_HEX_BYTES];
    const char *attributes; /* STAGED_UPSERT; as in struct link_row */
    const char *document;
    const char *refs;
    int64_t due_us;
};

/* Writes the row, over one that is there. */
int staged_put(struct session *session, int64_t source, int64_t plan, const struct staged_row *row,
               struct err *err);
/* Of one group, `kind` a membership's; those that are there already count for nothing. */
int staged_put_members(struct session *session, int64_t source, int64_t plan, enum staged_kind kind,
                       const char *group, const char *const *members, size_t count,
                       struct err *err);
/* `members` NULL: all of that kind and source id. */
int staged_drop(struct session *session, int64_t source, int64_t plan, enum staged_kind kind,
                const char *source_id, const char *const *members, size_t count, struct err *err);
int staged_clear(struct session *session, int64_t source, int64_t plan, struct err *err);

/* One row; *found false: there is none. */
int staged_find(struct session *session, struct arena *arena, int64_t source, int64_t plan,
                enum staged_kind kind, const char *source_id, struct staged_row *out, bool *found,
                struct err *err);

/* Rows in order of kind, source id, member, after *after (kind 0: from the beginning), at most
 * `limit`. */
struct staged_place {
    int kind;
    const char *source_id;
    const char *member;
};
int staged_walk(struct session *session, struct arena *arena, int64_t source, int64_t plan,
                const struct staged_place *after, size_t limit, const struct staged_row **out,
                size_t *count, struct err *err);
int staged_count(struct session *session, int64_t source, int64_t plan, int64_t *out,
                 struct err *err);

/* ---- a plan's text ---- */

int plan_text_put(struct session *session, int64_t run, int64_t part, const char *text,
                  size_t length, struct err *err);
/* *text is NULL where there is no such part. */
int plan_text_read(struct session *session, struct arena *arena, int64_t run, int64_t part,
                   const char **text, size_t *length, struct err *err);
int plan_text_drop(struct session *session, int64_t run, struct err *err);

#endif
