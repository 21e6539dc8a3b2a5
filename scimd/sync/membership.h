/* membership.h - members of a source's groups, and references that waited.  Internal to sync/.
 *
 * In the transaction, after the links of the turn's objects are written (turn_flush()). */
#ifndef SCIMD_SYNC_MEMBERSHIP_H
#define SCIMD_SYNC_MEMBERSHIP_H

#include "sync/turn.h"

/* A CHANGE_MEMBERS: memberships come, what would end is staged.  `part` numbers this change within
 * the run, the same when it is repeated. */
int membership_write(struct turn *turn, const struct change *change, int64_t part, struct err *err);

/* Members that a group waited for come, as far as they are there. */
int membership_attach(struct turn *turn, struct object *object, const char *const *ids,
                      size_t count, struct err *err);

/* membership_settle.c: objects that have a resource since this turn: who waited for them gets them,
 * and groups among them the members that they waited for. */
int membership_settle(struct turn *turn, struct err *err);

#endif
