/* apply_authority.h - what the sources of a resource own of it.  Internal to directory/. */
#ifndef SCIMD_DIRECTORY_APPLY_AUTHORITY_H
#define SCIMD_DIRECTORY_APPLY_AUTHORITY_H

#include "directory/apply.h"

#define AUTHORITY_SOURCES_MAX 64 /* of one resource */

struct authority {
    const struct tenant_source *sources[AUTHORITY_SOURCES_MAX]; /* by precedence */
    size_t count;
};

/* The sources that this change must mind: those with a live link to the resource.  None, and no
 * statement, where the actor is a source or the tenant has none. */
int authority_find(const struct apply *apply, int64_t resource_pk, struct authority *out,
                   struct err *err);
/* Gives `after` what they own of `before`. */
void authority_keep(const struct apply *apply, const struct authority *authority,
                    const json_t *before, json_t *after);
/* Errors: ERR_MUTABILITY, something of theirs is another now. */
int authority_check(const struct apply *apply, const struct authority *authority,
                    const json_t *before, const json_t *after, struct err *err);
/* Whose the members are; NULL: nobody's. */
const struct tenant_source *authority_of_members(const struct apply *apply,
                                                 const struct authority *authority);
/* Errors: ERR_MUTABILITY, it belongs to one of them. */
int authority_check_deletion(const struct authority *authority, struct err *err);

#endif
