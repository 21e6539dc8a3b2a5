/* negotiate.h - media types and conditions of a request.  Pure.  RFC 9110, RFC 7644
 * sections 3.1, 3.14. */
#ifndef SCIMD_API_NEGOTIATE_H
#define SCIMD_API_NEGOTIATE_H

#include <stdbool.h>
#include <stdint.h>

#include "scim/tolerance.h"

#define MEDIA_TYPE_SCIM "application/scim+json"

/* Does an Accept header (NULL: none) let us send application/scim+json or application/json? */
bool negotiate_accepts(const char *accept);

/* Is a body of this Content-Type ours to read?  Anything but application/scim+json and
 * application/json in UTF-8 needs a tolerance. */
bool negotiate_content_type(const char *content_type, struct tolerance_use *use);

/* Does an If-Match or If-None-Match list name this version?  "*" names every one; a strong form of
 * our tag is taken for the weak one, since clients strip the W/. */
bool condition_names(const char *header, int64_t version);

/* The version that an If-Match header of one tag names.  False for a list, or for a tag that is not
 * ours. */
bool condition_single(const char *header, int64_t *version);

#endif
