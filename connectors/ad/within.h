/* within.h - scope.member_of: its groups with all that are nested in them, and who belongs to them.
 *
 * A person is meant who is a member of one of these groups, or has one as the primary group.  The
 * server's own rule for nested groups (1.2.840.113556.1.4.1941) knows no primary groups and walks
 * all groups of each person at every search; we read the groups once per pass and ask for members
 * of one of them.  Groups and members of other domains are not seen. */
#ifndef SCIMD_CONNECTORS_AD_WITHIN_H
#define SCIMD_CONNECTORS_AD_WITHIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "connectors/ad/cursor.h"
#include "connectors/ad/guid.h"

struct session;

struct within_group {
    const char *guid;
    const char *dn;
    int64_t relative_id; /* of its SID; -1: not known */
};

struct within {
    struct within_group *groups;
    size_t count;
    size_t capacity;
    const char *const *filters; /* of people, ends with NULL; somebody may match several */
};

/* Reads the groups as they are now; without scope.member_of: the filter of the scope alone.
 * Lifetime: *out lives in `arena`.
 * Errors:   ERR_CONFIGURATION for a name that is none of a group. */
int within_read(struct session *session, struct arena *arena, struct within *out, struct err *err);

/* Keeps the groups for the next delta, which has to know who belonged to them. */
void within_keep(struct arena *arena, const struct within *within, struct ad_cursor *cursor);

/* A delta: reads the groups anew, and adds those to pass.touched who may have come or gone because
 * groups changed, which touches nobody.  pass.touched has what the source says. */
int within_touch(struct session *session, struct err *err);

#endif
