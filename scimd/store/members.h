/* members.h - memberships: one row each, on integer keys; a parked form for members that haven't
 * come yet.
 *
 * Adding one member to a group of a million costs what adding one to a group of ten costs.  Called
 * from works only (store.h).
 *
 * Where transactions run side by side: who changes members has locked the group (resources_find()),
 * and attach and detach lock the groups they touch.  A membership refers to both ends by foreign
 * keys, and parking an id waits for a resource that is arriving under it: who comes second gets
 * ERR_RETRY and runs again, with the other's rows in sight. */
#ifndef SCIMD_STORE_MEMBERS_H
#define SCIMD_STORE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "scim/filter.h"
#include "scim/resource.h"
#include "store/store.h"

#define MEMBERS_CHUNK 1000 /* rows read or written by one statement */

struct member_row {
    int64_t pk; /* 0 while parked */
    const char *id;
    const char *type; /* "User", "Group": a resource type's name; NULL while parked and not said */
    const char *display; /* the member's displayName, or userName; NULL if none */
};

/* Ids that a call changed, for the change log; in the arena. */
struct member_ids {
    const char **ids;
    size_t count;
};

/* Adds those of `names` that are not there yet; names without a resource are parked.
 * *added: new rows, parked ones included; *parked: of these, the parked ones. */
int members_add(struct session *session, struct arena *arena, int64_t group_pk,
                const struct member_list *names, struct member_ids *added,
                struct member_ids *parked, struct err *err);
/* Which of `names` no resource has (the strict profile refuses them). */
int members_unknown(struct session *session, struct arena *arena, const struct member_list *names,
                    struct member_ids *unknown, struct err *err);
int members_remove(struct session *session, struct arena *arena, int64_t group_pk,
                   const struct member_list *names, struct member_ids *removed, struct err *err);
/* Removes up to MEMBERS_CHUNK members that are not in `keep` (NULL or empty: any), and names them;
 * call until removed->count is 0. */
int members_remove_others(struct session *session, struct arena *arena, int64_t group_pk,
                          const struct member_list *keep, struct member_ids *removed,
                          struct err *err);

/* A page of a group's members in row order after `after` (pk; 0 to begin), parked ones not
 * included: a parked reference is shown to nobody.  Fewer than `limit`: the end. */
int members_page(struct session *session, struct arena *arena, int64_t group_pk, int64_t after,
                 size_t limit, const struct member_row **out, size_t *count, struct err *err);

/* A new resource takes over the references parked under its id; *groups are the pks of those
 * groups. */
int members_attach(struct session *session, struct arena *arena, const char *id, int64_t pk,
                   const int64_t **groups, size_t *count, struct err *err);
/* A resource goes: its memberships end, its own members too.  *groups: ids of the groups it was a
 * direct member of; their versions are bumped with modified_us here. */
int members_detach(struct session *session, struct arena *arena, int64_t pk, int64_t modified_us,
                   struct member_ids *groups, struct err *err);

/* The groups of a resource; cycles end by themselves. */
struct membership {
    const char *id;
    const char *display;
    bool direct; /* else by a nested group */
};
int members_groups_of(struct session *session, struct arena *arena, int64_t pk,
                      const struct membership **out, size_t *count, struct err *err);

#endif
