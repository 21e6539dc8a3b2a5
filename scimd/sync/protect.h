/* protect.h - resources that no run may deactivate or delete, named in the source file.
 *
 * By SCIM id, or by userName in any case; no removal policy, guard or approval overrules it. */
#ifndef SCIMD_SYNC_PROTECT_H
#define SCIMD_SYNC_PROTECT_H

#include <stddef.h>

#include "base/arena.h"

struct protection; /* opaque; lives in an arena */

const struct protection *protection_new(struct arena *arena, const char *const *names,
                                        size_t count);

/* The entry that names the resource, as written; NULL: there is none.  `user_name` may be NULL;
 * `scratch` gets what folding needs. */
const char *protection_find(const struct protection *protection, struct arena *scratch,
                            const char *id, const char *user_name);

#endif
