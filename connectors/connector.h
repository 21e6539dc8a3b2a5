/* connector.h - the contract between the sync engine and a directory we read from.
 *
 * A connector turns the source's records into changes.  It never writes to the store, never sleeps,
 * never retries and never logs: the engine does all four, once, for every source.
 *
 * A pull starts from a cursor.  From the beginning (length 0) it is a *full* pass: every object in
 * scope is yielded once or more, and what the pass did not yield is not in the source.  From a
 * later cursor it is a *delta*: what changed since, in any order, repeats allowed.  Both are the
 * same calls; what the engine may conclude from them is its own business (health, guard). */
#ifndef SCIMD_CONNECTORS_CONNECTOR_H
#define SCIMD_CONNECTORS_CONNECTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "connectors/connector_settings.h"

/* Where to continue: a DirSync cookie, an @odata.deltaLink, a lastUpdated watermark.  Only the
 * connector reads it; the engine stores it in the transaction that applies the page. */
struct cursor {
    const void *bytes;
    size_t length; /* 0: from the beginning */
};

#define PULL_CURSOR_BYTES_MAX ((size_t)256 * 1024) /* a longer one is refused by the engine */

enum object_kind {
    OBJECT_USER,
    OBJECT_GROUP,
    OBJECT_OTHER,  /* of a member: a contact, a computer, a foreign security principal */
    OBJECT_UNKNOWN /* of a member: the source doesn't say */
};

struct member {
    const char *source_id; /* of the same form as change.source_id; OBJECT_OTHER: what there is */
    enum object_kind kind;
};

/* What a change says about a group's direct members. */
struct member_set {
    enum {
        MEMBERS_WHOLE,      /* `added` is all there are (with what preceded: see more_follows) */
        MEMBERS_DIFFERENCE, /* `added` came and `removed` went; all others stay */
    } form;
    /* MEMBERS_WHOLE: later changes of this pull for the same group carry the rest of the set; only
     * the last has false.  A cut pull leaves the set open, and nobody is removed. */
    bool more_follows;
    const struct member *added;
    size_t added_count;
    const struct member *removed;
    size_t removed_count;
};

enum change_kind {
    CHANGE_UPSERT, /* the object as it is now, or of it what the source reports */
    /* The source itself says that the object is gone, or left the scope.  What points to it
     * (memberships, references such as manager) ends with it; should it come back, the connector
     * says again what holds.  Also said of objects that never were in scope. */
    CHANGE_DELETE,
    CHANGE_MEMBERS, /* of a group; may come before the group, and before its members */
};

struct change {
    enum change_kind kind;
    enum object_kind object; /* OBJECT_USER or OBJECT_GROUP */
    const char *source_id;   /* immutable there: objectGUID, Entra id, Okta id */
    /* CHANGE_UPSERT: the source's own names, each with an array of strings; binary values are
     * base64.  Else NULL.  They are the session's, until the next call of the same function (pull,
     * fetch) or close(). */
    const json_t *attributes;
    /* CHANGE_UPSERT: `attributes` has only what changed (an empty array: the attribute is gone),
     * all else is as before.  False: what isn't there, the object has not. */
    bool partial;
    const struct member_set *members; /* CHANGE_MEMBERS; else NULL */
};

struct page {
    const struct change *changes; /* in the order of the source */
    size_t count;
    struct cursor next;
    bool caught_up; /* false: pull again at once with `next`; true only at the source's own end mark
                     */
    /* Of a full pass, where caught_up: how many objects the source itself counts; -1: it doesn't.
     */
    int64_t expected_users;
    int64_t expected_groups;
    const char *request_id; /* of the source, for the log; NULL: it has none */
};

/* One thing that connector.test() looked at. */
struct finding {
    enum { FINDING_FINE, FINDING_WARNING, FINDING_FAILURE } verdict;
    const char *subject; /* "name resolution", "TLS", "bind", "rights", "clock" */
    const char *text;    /* what was found, in words */
    const char *advice;  /* what to do; NULL where nothing is to be done */
};

struct findings {
    struct arena *arena;
    struct finding *items;
    size_t count;
    size_t capacity;
};

/* Appends one; text and advice are copied. */
void findings_add(struct findings *findings, const struct finding *finding);

/* A connector's functions.  A session is used by one thread at a time; several sessions of one
 * connector may live in one process, each with an identity of its own.  Every call ends within the
 * source's own time limits (setting `timeout`).
 *
 * Errors of open, pull and fetch:
 *   ERR_SOURCE_UNAVAILABLE  refused, timed out, cut: the engine keeps the cursor and backs off
 *   ERR_SOURCE_DENIED       wrong password, expired certificate or secret, permission missing:
 * words for the administrator; the engine backs off and says so ERR_CURSOR_EXPIRED      the engine
 * drops the cursor and starts a full pass ERR_CONFIGURATION       settings that contradict each
 * other or what the source is */
struct connector {
    const char *name;                         /* the value of `type` in the source file */
    bool reports_deletes;                     /* false: deletions show only in a full pass */
    const struct connector_setting *settings; /* ends with a row whose name is NULL */

    /* Checks the settings and connects, and makes sure that the account can read its own entry: a
     * pass of a session that opened is authentic.  `settings` outlives the session.  *session is
     * released by close(), a half-built one too. */
    int (*open)(const struct connector_settings *settings, void **session, struct err *err);

    /* Fetches the page after `from`, allocating all of it in `arena`. */
    int (*pull)(void *session, struct cursor from, struct arena *arena, struct page *page,
                struct err *err);

    /* One object as it is now, with its members where it is a group: CHANGE_UPSERT and
     * CHANGE_MEMBERS, or CHANGE_DELETE where it is not there or out of scope. */
    int (*fetch)(void *session, enum object_kind object, const char *source_id, struct arena *arena,
                 struct page *page, struct err *err);

    /* Tries all that open() and pull() need, as far as it gets.  Never fails: it finds. */
    void (*test)(const struct connector_settings *settings, struct findings *findings);

    void (*close)(void *session); /* NULL is allowed */
};

/* registry.c: the connector of that type; NULL: there is none. */
const struct connector *connector_find(const char *name);
/* All of them, ended by NULL. */
const struct connector *const *connector_all(void);

#endif
