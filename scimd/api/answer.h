/* answer.h - resources on their way out: framed, with groups or members where wanted, projected. */
#ifndef SCIMD_API_ANSWER_H
#define SCIMD_API_ANSWER_H

#include "api/scim_exchange.h"

/* Appends one resource to the response's body.  `session` reads groups and members, and may be NULL
 * where row->in_groups is false and the type has no members.
 *
 * The default answer copies the stored document.  Members are read in pages and flushed to the
 * response's spool, never held whole; they aren't read at all where the projection leaves them out.
 */
int answer_resource(struct scim_exchange *exchange, struct session *session,
                    const struct resource_type *type, const struct projection *projection,
                    const struct resource_row *row, struct err *err);

/* Status, body, ETag, Content-Location (and Location for 201) for a single resource whose row is at
 * hand. */
int answer_single(struct scim_exchange *exchange, int status, const struct projection *projection,
                  const struct resource_row *row, struct err *err);

/* ETag and locations alone: 204, 304. */
void answer_headers(struct scim_exchange *exchange, int status, const struct resource_row *row);

#endif
