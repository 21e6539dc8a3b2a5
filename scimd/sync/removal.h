/* removal.h - objects that a source doesn't have any more: staged, and in the end carried out by
 * its policy.  Internal to sync/.
 *
 * deactivate   a person turns inactive and leaves the source's groups; after the grace it is
 *              deleted.  A group can't be inactive: it is deleted
 * delete       it is deleted
 * keep         it stays as it is, and belongs to no source
 * Where another source has the person too, that one's values hold from now on. */
#ifndef SCIMD_SYNC_REMOVAL_H
#define SCIMD_SYNC_REMOVAL_H

#include "sync/turn.h"

/* The object's link is read wholly.  Not staged: what `protect` names, and what has no resource:
 * its link goes at once. */
int removal_stage(struct turn *turn, struct object *object, struct err *err);

/* Does `protect` name its resource? */
bool removal_is_protected(struct turn *turn, const struct object *object);

/* Carries a STAGED_REMOVE out. */
int removal_apply(struct turn *turn, struct object *object, struct err *err);

/* Nobody's reference names it any more. */
int removal_end_references(struct turn *turn, const struct object *object, struct err *err);

#endif
