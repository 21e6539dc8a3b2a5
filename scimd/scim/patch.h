/* patch.h - PATCH bodies: JSON in, checked operations out; and their effect on a document.
 *
 * Pure.  Operations on `members` come out as member steps in order, because members are rows: the
 * directory carries them out, and a one-member PATCH of a huge group reads nothing of the set.
 * Source: RFC 7644 section 3.5.2 with the decisions in tolerance.h, and these:
 * - null is unassigned: replace by it removes, add of it to a list changes nothing;
 * - a complex value, and an element found by a filter, keep the sub-attributes that aren't named;
 * - add to a list puts what has the same (type, value) into what is there;
 * - an element left with nothing but type, primary and display is dropped;
 * - a sub-attribute of a list without a filter is clear for one element, or to remove from all;
 * - a membership can be added or removed, not changed. */
#ifndef SCIMD_SCIM_PATCH_H
#define SCIMD_SCIM_PATCH_H

#include <jansson.h>

#include "scim/path.h"
#include "scim/resource.h"

enum patch_verb { PATCH_ADD, PATCH_REMOVE, PATCH_REPLACE };

enum member_step_kind {
    MEMBERS_ADD,          /* names */
    MEMBERS_REMOVE,       /* names */
    MEMBERS_REPLACE,      /* the whole set is `names`; none: remove all */
    MEMBERS_REMOVE_FILTER /* those that `filter` (over value, type, display, $ref) matches; value eq
                             is turned into MEMBERS_REMOVE already */
};

struct member_step {
    enum member_step_kind kind;
    struct member_list names;
    const struct filter *filter;
};

struct patch; /* opaque; lives in the arena given to patch_parse() */

/* Checks the whole body before anything is applied.
 * Lifetime: *out lives in `arena` and borrows values of `body`, which must outlive it.
 * Errors: ERR_INVALID_SYNTAX, ERR_INVALID_PATH, ERR_INVALID_VALUE, ERR_MUTABILITY, ERR_NO_TARGET,
 *         ERR_TOO_LARGE for more than limits->patch_operations; ERR_INVALID_FILTER never (a filter
 *         in a path is ERR_INVALID_PATH); detail starts with "Operations[N]: ". */
int patch_parse(const struct resource_reader *reader, struct arena *arena, const json_t *body,
                const struct patch **out, struct err *err);

size_t patch_member_step_count(const struct patch *patch);
const struct member_step *patch_member_step(const struct patch *patch, size_t index);
/* True if an operation touches anything but members: the document must be read. */
bool patch_touches_document(const struct patch *patch);
/* The id that a value repeats, as clients send back what they have read; NULL: none does.  The
 * caller refuses one that is not the target's (ERR_MUTABILITY). */
const char *patch_repeated_id(const struct patch *patch);

/* Applies all operations, in order, to `document` (canonical; changed in place, so give it a deep
 * copy) and settles it.  The caller checks it afterwards (resource_check) and compares it with the
 * old one: an equal document is a no-op.  May be called again on another copy.
 * Errors: ERR_NO_TARGET, ERR_INVALID_VALUE, ERR_TOO_LARGE where lists are compared without end;
 *         `document` is then of no use. */
int patch_apply(const struct patch *patch, const struct resource_reader *reader, json_t *document,
                struct err *err);

#endif
