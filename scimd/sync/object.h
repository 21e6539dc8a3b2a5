/* object.h - what becomes of one object of a source.  Internal to sync/.
 *
 * Folded and mapped while the turn is prepared, written in its transaction. */
#ifndef SCIMD_SYNC_OBJECT_H
#define SCIMD_SYNC_OBJECT_H

#include "sync/turn.h"

/* Takes a CHANGE_UPSERT or CHANGE_DELETE; the last word on an object holds.  Its link is read. */
void object_fold(struct turn *turn, struct object *object, const struct change *change);
/* What the link has stored, looked at again: its time has come. */
void object_review(struct turn *turn, struct object *object);

/* After all changes are folded: is it as it was? */
void object_compare(struct turn *turn, struct object *object);
/* Maps an object that is not, with its link read wholly. */
void object_map(struct turn *turn, struct object *object);

/* In the transaction. */
int object_write(struct turn *turn, struct object *object, struct err *err);

/* A staged object becomes what was staged, wholly: `desired` and `refs` are set. */
int object_carry_out(struct turn *turn, struct object *object, struct err *err);

/* ---- object_resource.c: the resource of an object, of what its sources say ---- */

struct object_wait {
    const char *place; /* "urn:...:User:manager.value" */
    int64_t path;
    const char *target;
};
struct object_waits {
    struct object_wait *items;
    size_t count;
};

/* What this source says of it. */
struct object_word {
    const json_t *document; /* NULL: nothing any more */
    const json_t *refs;
    const char *source_id; /* NULL: the object's */
    bool lock;             /* read for update */
};

struct object_outcome {
    struct resource_row row;
    json_t *before; /* the turn's */
    json_t *after;
    struct object_waits waiting; /* references that have no resource yet */
};

/* Errors: ERR_NOT_FOUND: the resource isn't there. */
int object_load(struct turn *turn, const struct object *object, bool lock, struct resource_row *row,
                json_t **document, struct err *err);
int object_compose(struct turn *turn, const struct object *object, const struct object_word *word,
                   struct object_outcome *out, struct err *err);
/* Makes the resource what its sources say; *changed is untouched where it was so already. */
int object_say(struct turn *turn, struct object *object, const json_t *document, const json_t *refs,
               bool *changed, struct err *err);
int object_settle(struct turn *turn, struct object *object, bool *changed,
                  struct err *err); /* as its link has it */
int object_withdraw(struct turn *turn, struct object *object, bool *changed,
                    struct err *err); /* without it */

/* The link can have no resource, or not wholly: why. */
void object_refuse(struct turn *turn, struct object *object, const char *problem);

/* match.c: a resource that is there already and may be taken over.
 * 1: *out is it; 0: none; -1: *err, or ERR_CONFLICT with the reason: somebody else has the name. */
int object_match(struct turn *turn, struct object *object, struct resource_row *out,
                 struct err *err);
/* 1: a unique value of the document is another resource's than `own`: *attribute; 0: none; -1:
 * *err. */
int object_taken(struct turn *turn, const struct resource_type *type, const json_t *document,
                 int64_t own, const struct attribute **attribute, struct err *err);

/* object_refs.c: sets the references of `refs` (of a source's objects) in the document; those that
 * have no resource yet are named in *waiting. */
int object_refer(struct turn *turn, int64_t source, const json_t *refs, int type, json_t *document,
                 struct object_waits *waiting, struct err *err);
/* Replaces what the link waits for. */
int object_wait_for(struct turn *turn, struct object *object, const struct object_waits *waiting,
                    struct err *err);

const struct resource_type *object_type(const struct turn *turn, int type);

#endif
