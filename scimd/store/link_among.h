/* link_among.h - which of some resources are members of a group, and of which groups one is. Called
 * from works only. */
#ifndef SCIMD_STORE_LINK_AMONG_H
#define SCIMD_STORE_LINK_AMONG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

/* Of LINKS_CHUNK keys at most; one that is 0 is none. */
int link_members_among(struct session *session, int64_t group_pk, const int64_t *keys, size_t count,
                       bool *is_member, struct err *err);

/* Source ids of the source's groups that have the resource as a direct member. */
int link_groups_naming(struct session *session, struct arena *arena, int64_t source,
                       int64_t resource_pk, const char *const **out, size_t *count,
                       struct err *err);

#endif
