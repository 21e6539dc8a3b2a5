/* pass.h - one pass over the directory: what is left to do of it.
 *
 * A full pass searches the bases for people, then for groups, page by page; the next page is asked
 * for before the engine has applied this one.  A delta is a list of touched objects, made at its
 * beginning, which are read anew piece by piece, as the filter of the scope is the server's to
 * judge.  In both, groups whose members come in several ranges wait in a queue. */
#ifndef SCIMD_CONNECTORS_AD_PASS_H
#define SCIMD_CONNECTORS_AD_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/id.h"
#include "connectors/ad/changes.h"
#include "connectors/ad/cursor.h"
#include "connectors/ad/entry.h"
#include "connectors/ad/search.h"
#include "connectors/ad/within.h"

struct session;

/* A group whose further members are to be read. */
struct pending {
    char guid[GUID_TEXT_BYTES];
    int64_t relative_id; /* of its SID; -1: not known */
    uint32_t low;        /* of the next range */
    bool primary;        /* the ranges are read; those whose primary group it is follow */
    size_t primary_from;
};

struct pendings {
    struct pending *items; /* owned */
    size_t count;
    size_t capacity;
    size_t at;
};

/* Someone whose primary group's `member` doesn't name him ([MS-ADTS] 3.1.1.4.5.35). */
struct primary {
    uint8_t guid[GUID_BYTES];
    uint32_t relative_id;
};

struct primaries {
    struct primary *items; /* owned */
    size_t count;
    size_t capacity;
};

/* An object that a delta has to look at. */
struct touched {
    char guid[GUID_TEXT_BYTES];
    enum entry_class class;
    bool deleted;
    bool visible;         /* the account may read it: where not, nothing can be said of it */
    bool told;            /* `added` and `removed` are all that became of a group's members */
    bool moved;           /* another name or place: something below it may have left the scope */
    bool restored;        /* all that pointed to it is gone, without a word */
    bool arrived;         /* may have come into the scope */
    bool whole;           /* read all members, not only what changed */
    struct members added; /* in the pass's arena */
    struct members removed;
};

/* A group that is somebody's primary group. */
struct primary_group {
    int64_t relative_id;
    char guid[GUID_TEXT_BYTES]; /* "": not in scope */
};

#define PRIMARY_GROUPS_MAX 32 /* remembered */

struct touched_list {
    struct touched *items; /* owned */
    size_t count;
    size_t capacity;
    size_t at;
};

struct pass {
    char id[ID_TEXT_BYTES]; /* "": none in progress */
    int64_t step;
    bool full;
    struct arena *arena;     /* owned */
    struct ad_cursor before; /* a full pass: at its beginning; a delta: where it continues */
    struct ad_cursor after;  /* where the next pass continues */
    struct within within;
    struct search search;
    bool groups; /* a full pass: the bases of groups have begun */
    size_t base;
    size_t filter; /* of people: of within.filters */
    bool searched;
    struct pendings pending;
    struct primaries primaries;
    struct touched_list touched;
    struct primary_group primary_groups[PRIMARY_GROUPS_MAX];
    size_t primary_group_count;
};

/* The changes after `from` with where to go on.  *err: as connector.pull(). */
int pass_pull(struct session *session, struct cursor from, struct arena *arena, struct page *page,
              struct err *err);
void pass_end(struct session *session);

/* full.c: begins, and one page of the search. */
int full_begin(struct session *session, struct err *err);
int full_step(struct session *session, struct changes *changes, struct err *err);

/* delta.c: begins from pass.before, and one piece of the touched objects. */
int delta_begin(struct session *session, struct err *err);
int delta_step(struct session *session, struct changes *changes, struct err *err);

/* dirsync.c, usn.c: fill pass.touched and pass.after, from pass.before. */
int dirsync_read(struct session *session, struct err *err);
int usn_read(struct session *session, struct err *err);
/* The cookie of now, without any object.  Errors: ERR_SOURCE_DENIED where the account may not. */
int dirsync_baseline(struct session *session, struct search *search, struct err *err);

struct touched *touched_add(struct touched_list *list, const struct entry *entry);

/* members.c */
void pending_add(struct pendings *pendings, const struct pending *pending);
/* One step of the first group in the queue. */
int ad_members_step(struct session *session, struct changes *changes, struct err *err);
/* All members of a group at once, as one change. */
int members_all(struct session *session, const char *guid, int64_t relative_id,
                struct changes *changes, struct err *err);
void primaries_add(struct primaries *primaries, const char *guid, int64_t relative_id);
bool primaries_has(const struct primaries *primaries, int64_t relative_id);
/* Takes those out of `removed` whose primary group the group is now: they left its `member`, not
 * the group. */
int members_keep_primary(struct session *session, struct arena *arena, int64_t relative_id,
                         struct members *removed, struct err *err);

/* read.c: the objects that are in scope now, as changes. */
#define WANTED_MAX 100 /* a filter with so many is still a short one */

struct wanted {
    const char *guid;
    bool arrived;           /* in: see touched */
    bool found;             /* out */
    int64_t relative_id;    /* out: of its SID */
    int64_t primary;        /* out: primaryGroupID */
    struct members groups;  /* out: memberOf */
    struct members reports; /* out: directReports */
};

struct wanted_list {
    struct wanted items[WANTED_MAX];
    size_t count;
};

int read_in_scope(struct session *session, const struct within *within, enum object_kind object,
                  struct wanted_list *wanted, struct changes *changes, struct err *err);

/* memberships.c: the groups in scope of which the found objects are members.  Whoever comes into
 * the scope brings memberships with him that did not change, so nothing else tells them. */
int read_memberships(struct session *session, const struct wanted_list *wanted,
                     struct changes *changes, struct err *err);

/* reports.c: reads those anew who name an arrived person as their manager: the reference was given
 * up when that person left, and nothing else tells that it holds again. */
int read_reports(struct session *session, const struct wanted_list *people, struct changes *changes,
                 struct err *err);

/* A connector's fetch(). */
int read_object(struct session *session, enum object_kind object, const char *guid,
                struct changes *changes, struct err *err);

#endif
