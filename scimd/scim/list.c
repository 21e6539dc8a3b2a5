#include "scim/list.h"

#include <string.h>

#include "base/text.h"

void list_begin(struct buf *buf)
{
    buf_puts(buf, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],"
                  "\"Resources\":[");
}

void list_end(struct buf *buf, const struct list_frame *frame)
{
    buf_puts(buf, "]");
    if (frame->total >= 0) {
        buf_puts(buf, ",\"totalResults\":");
        buf_int(buf, frame->total);
    }
    if (frame->start_index > 0) {
        buf_puts(buf, ",\"startIndex\":");
        buf_int(buf, frame->start_index);
    }
    buf_puts(buf, ",\"itemsPerPage\":");
    buf_int(buf, frame->items);
    if (frame->next_cursor != NULL) {
        buf_puts(buf, ",\"nextCursor\":");
        buf_json_string(buf, frame->next_cursor, strlen(frame->next_cursor));
    }
    buf_putc(buf, '}');
}

/* A detail may quote what a client sent, which need not be text. */
static void append_detail(struct buf *buf, const char *detail)
{
    size_t length = strlen(detail);

    if (text_is_valid(detail, length))
        buf_json_string(buf, detail, length);
    else
        buf_puts(buf, "\"the request is not valid UTF-8\"");
}

void error_append(struct buf *buf, const struct err *err)
{
    const char *scim_type = err_scim_type(err->code);
    /* a bug or a broken machine: the client learns nothing more (err.h) */
    const char *detail = err->code == ERR_INTERNAL ? "internal error" : err->detail;

    buf_puts(buf, "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":\"");
    buf_int(buf, err_http_status(err->code));
    buf_putc(buf, '"');
    if (scim_type != NULL) {
        buf_puts(buf, ",\"scimType\":");
        buf_json_string(buf, scim_type, strlen(scim_type));
    }
    if (detail[0] != '\0') {
        buf_puts(buf, ",\"detail\":");
        append_detail(buf, detail);
    }
    buf_putc(buf, '}');
}
