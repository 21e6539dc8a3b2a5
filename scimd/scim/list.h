/* list.h - ListResponse envelopes and error bodies as text.  Pure.  RFC 7644 sections 3.4.2, 3.12;
 * RFC 9865. */
#ifndef SCIMD_SCIM_LIST_H
#define SCIMD_SCIM_LIST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct list_frame {
    int64_t total;           /* -1: not sent */
    int64_t start_index;     /* 0: cursor paging, not sent */
    int64_t items;           /* resources on this page */
    const char *next_cursor; /* NULL: not sent */
};

/* {"schemas":[...],"Resources":[  - then the resources, separated by commas ... */
void list_begin(struct buf *buf);
/* ... ],"totalResults":...}: the numbers come last, since they may be known last. */
void list_end(struct buf *buf, const struct list_frame *frame);

/* {"schemas":[...Error],"status":"404","scimType":...,"detail":...} */
void error_append(struct buf *buf, const struct err *err);

#endif
