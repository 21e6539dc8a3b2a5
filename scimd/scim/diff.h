/* diff.h - what a change did, as SCIM PATCH operations: the change log's forward and reverse texts.
 *
 * Pure.  Works on canonical documents (resource.h) and needs no schema: in one, a member whose name
 * has a ":" is an extension, and another object is a single complex value.  "schemas" follows from
 * the content and is not compared. */
#ifndef SCIMD_SCIM_DIFF_H
#define SCIMD_SCIM_DIFF_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends a JSON array of the operations that lead from `before` to `after`; "[]" where there are
 * none.  Single complex values are compared by sub-attribute, multi-valued ones whole.  With the
 * documents swapped it is the way back. */
void diff_append(struct buf *buf, const json_t *before, const json_t *after);

/* Appends the one operation that makes a document out of nothing; `document` is canonical text. */
void diff_append_whole(struct buf *buf, const char *document, size_t length);

/* Appends the operation ("add" or "remove") that brings or ends memberships. */
void diff_append_members(struct buf *buf, const char *operation, const char *const *ids,
                         size_t count);

#endif
