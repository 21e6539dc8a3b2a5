/* plan.h - what a run would change: text for people, counts, and a hash to approve.
 *
 * Pure.  The hash stands for the content: neither the order in which objects are added matters, nor
 * when or by which run they were found.
 *
 *   ~ User "bob@corp.example" "7963f3c1-51b2-4510-9f0a-..."
 *       ~ title: "Clerk" -> "Manager"
 *       - department: "Sales"
 *
 * A directory's texts appear as JSON strings only, so that none of them can forge a line or talk to
 * a terminal. */
#ifndef SCIMD_SYNC_PLAN_H
#define SCIMD_SYNC_PLAN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"

enum plan_action {
    PLAN_CREATE,     /* + */
    PLAN_UPDATE,     /* ~ */
    PLAN_DEACTIVATE, /* -, with "(deactivate)" */
    PLAN_DELETE,     /* - */
    PLAN_ACTIONS
};

/* An attribute; or a membership: path "members", the member's id as a JSON string.  `before` NULL:
 * it comes; `after` NULL: it goes. */
struct plan_line {
    const char *path;
    const char *before; /* JSON text */
    const char *after;
};
#define PLAN_MEMBERS "members"

struct plan_object {
    enum plan_action action;
    const char *type;      /* "User" */
    const char *source_id; /* immutable at the source */
    const char *name;      /* userName or displayName; NULL: none */
    const struct plan_line *lines;
    size_t line_count;
};

/* The lines that lead from one canonical document to another; either may be NULL.  By attribute,
 * single complex values by sub-attribute, multi-valued ones whole; "schemas" follows from the
 * content and is left out.  They live in `arena`, in no particular order. */
const struct plan_line *plan_compare(struct arena *arena, const json_t *before, const json_t *after,
                                     size_t *count);

/* Appends the object in canonical form: lines by path, then by value. */
void plan_render(struct buf *buf, const struct plan_object *object);

struct plan_counts {
    int64_t objects[PLAN_ACTIONS];
    int64_t added; /* attributes of objects that are updated, less memberships */
    int64_t changed;
    int64_t blanked;
    int64_t members_added;
    int64_t members_removed;
};

struct plan; /* opaque; keeps 32 bytes of an object */

struct plan *plan_new(void);
void plan_free(struct plan *plan); /* NULL is allowed */
void plan_freep(struct plan **plan);

void plan_add(struct plan *plan, const struct plan_object *object);
const struct plan_counts *plan_counts(const struct plan *plan);
void plan_hash(struct plan *plan, char text[DIGEST_HEX_BYTES]);

/* Appends one line: "1 created, 2 updated, 0 deactivated, 0 deleted; attributes: 1 added, ...". */
void plan_summarise(struct buf *buf, const struct plan_counts *counts);

#endif
