/* scim_query.h - what a list or a search asks for, from query parameters or from a SearchRequest.
 *
 * An empty text is an absent one, but for cursor.  Source: RFC 7644 sections 3.4.2, 3.4.3; RFC
 * 9865. */
#ifndef SCIMD_API_SCIM_QUERY_H
#define SCIMD_API_SCIM_QUERY_H

#include "api/scim_exchange.h"
#include "store/search.h"

struct scim_query {
    const char *filter; /* NULL: all */
    const char *sort_by;
    const char *attributes;
    const char *excluded;
    const char *cursor;  /* NULL: index paging; "": the first page by cursor */
    int64_t start_index; /* at least 1 */
    int64_t count;       /* 0 .. limits->page_max */
    bool descending;
};

/* Errors: ERR_INVALID_VALUE naming the parameter; ERR_INVALID_COUNT for a cursor with an impossible
 * count; ERR_INVALID_CURSOR for a cursor together with startIndex. */
int scim_query_from_parameters(struct scim_exchange *exchange, struct scim_query *out,
                               struct err *err);
/* `body` must outlive *out.  Errors: also ERR_INVALID_SYNTAX. */
int scim_query_from_body(struct scim_exchange *exchange, const json_t *body, struct scim_query *out,
                         struct err *err);

#endif
