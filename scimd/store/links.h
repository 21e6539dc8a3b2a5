/* links.h - what a pull knows of the objects of a source: one link an object, and references that
 * wait for theirs.
 *
 * Called from works on the tenant's scope only (store.h).  `source` is source_row.id everywhere. */
#ifndef SCIMD_STORE_LINKS_H
#define SCIMD_STORE_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

#define LINK_ID_BYTES_MAX 255 /* of a source id */
#define LINKS_CHUNK 1000      /* rows read or written by one statement */

enum link_state {
    LINK_LIVE = 1, /* stored as numbers: never renumber.  The source has it, a resource stands for
                      it */
    LINK_REFUSED,  /* the source has it, but no resource can stand for it: see problem */
    LINK_EXPECTED, /* named as a group before it came */
    LINK_GONE,     /* the source has it no more; its resource is deactivated or left to itself */
};

struct link_row {
    int64_t pk; /* id_new_key() */
    const char *source_id;
    int object; /* RESOURCE_TYPE_USER or RESOURCE_TYPE_GROUP */
    enum link_state state;
    int64_t resource_pk;                /* 0: none */
    const char *resource_id;            /* of the resource, joined; NULL: none.  Not written */
    char fingerprint[DIGEST_HEX_BYTES]; /* "": to be looked at again */
    int64_t due_us;                     /* 0: never */
    int64_t gone_us;                    /* 0: it is there */
    int tries;
    const char *problem; /* NULL: none */

    /* NULL where the row was read as a head. */
    const char *attributes; /* JSON texts */
    const char *document;
    const char *refs;
};

/* Of the ids (LINKS_CHUNK at most), in their order; pk 0: there is none.  `whole` reads JSON texts,
 * too. */
int links_find(struct session *session, struct arena *arena, int64_t source,
               const char *const *source_ids, size_t count, bool whole, struct link_row *out,
               struct err *err);
int links_find_pk(struct session *session, struct arena *arena, int64_t source, int64_t pk,
                  struct link_row *out, struct err *err); /* whole; ERR_NOT_FOUND */

/* All links of a resource, of whatever source, whole. */
struct resource_link {
    int64_t source;
    struct link_row row;
};
int links_of_resource(struct session *session, struct arena *arena, int64_t resource_pk,
                      const struct resource_link **out, size_t *count, struct err *err);

int links_insert(struct session *session, int64_t source, const struct link_row *rows, size_t count,
                 struct err *err);
/* All columns but source_id and object; JSON texts that are NULL stay as they are, so that a head
 * can be written back.  Errors: ERR_NOT_FOUND. */
int links_update(struct session *session, int64_t source, const struct link_row *row,
                 struct err *err);
/* With what it waits for. */
int links_delete(struct session *session, int64_t source, int64_t pk, struct err *err);

/* Heads after `pk` in order of pk, at most LINKS_CHUNK. */
int links_walk(struct session *session, struct arena *arena, int64_t source, int64_t pk,
               const struct link_row **out, size_t *count, struct err *err);
/* Heads that are due at `now_us` (due_us <> 0), oldest first, at most `limit`. */
int links_due(struct session *session, struct arena *arena, int64_t source, int64_t now_us,
              size_t limit, const struct link_row **out, size_t *count, struct err *err);
/* Heads with a problem, after `pk`, at most `limit`. */
int links_problems(struct session *session, struct arena *arena, int64_t source, int64_t pk,
                   size_t limit, const struct link_row **out, size_t *count, struct err *err);
/* Live ones, by object; memberships of live groups. */
struct links_tally {
    int64_t users;
    int64_t groups;
};
int links_tally(struct session *session, int64_t source, struct links_tally *out, struct err *err);
int links_tally_members(struct session *session, int64_t source, int64_t *out, struct err *err);

/* ---- references that wait ---- */

struct link_wait {
    int64_t owner; /* pk of a link */
    int64_t path;  /* 0: a member; else attribute.path_id */
    const char *target;
};
/* Those that are there already count for nothing. */
int link_waits_add(struct session *session, int64_t source, int64_t owner, int64_t path,
                   const char *const *targets, size_t count, struct err *err);
/* `targets` NULL: all of that owner and path. */
int link_waits_drop(struct session *session, int64_t source, int64_t owner, int64_t path,
                    const char *const *targets, size_t count, struct err *err);
/* Those that wait for one of the targets (LINKS_CHUNK at most), by owner and path. */
int link_waits_for(struct session *session, struct arena *arena, int64_t source,
                   const char *const *targets, size_t count, const struct link_wait **out,
                   size_t *found, struct err *err);
/* What an owner waits for. */
int link_waits_of(struct session *session, struct arena *arena, int64_t source, int64_t owner,
                  const struct link_wait **out, size_t *found, struct err *err);

/* ---- members as a source's group has them ---- */

/* Keys of the resources that are members of a group, ascending; the caller's (free). */
int link_member_keys(struct session *session, int64_t group_pk, int64_t **keys, size_t *count,
                     struct err *err);
/* Ids of resources by key, in the order of the keys; NULL for one that is not there. */
int link_resource_ids(struct session *session, struct arena *arena, const int64_t *keys,
                      size_t count, const char **out, struct err *err);
/* Ids of groups with a live link to the source that have the resource as a direct member. */
int link_groups_of(struct session *session, struct arena *arena, int64_t source,
                   int64_t resource_pk, const char *const **out, size_t *count, struct err *err);

/* Every row of the source in this database: links, waits, sync, sets, staged; not resources. */
int links_forget_source(struct session *session, int64_t source, struct err *err);

#endif
