#include "http/reply.h"

#include <errno.h>
#include <unistd.h>

#define SPOOL_BLOCK_BYTES 65536 /* the library's own reader takes 4 KiB a time */

static ssize_t read_spool(void *context, uint64_t offset, char *block, size_t room)
{
    int spool = (int)(intptr_t)context;
    ssize_t got;

    do
        got = pread(spool, block, room, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR; /* never asked behind the end */
}

static void close_spool(void *context)
{
    (void)close((int)(intptr_t)context);
}

static struct MHD_Response *new_of_spool(struct http_response *response)
{
    struct MHD_Response *handle =
        MHD_create_response_from_callback(response->spooled_bytes, SPOOL_BLOCK_BYTES, read_spool,
                                          (void *)(intptr_t)response->spool, close_spool);

    if (handle != NULL)
        response->spool = -1;
    return handle;
}

static void add(struct MHD_Response *handle, const char *name, const char *value)
{
    (void)MHD_add_response_header(handle, name, value);
}

struct MHD_Response *reply_new(struct http_response *response, bool closes)
{
    struct MHD_Response *handle =
        response->spool >= 0
            ? new_of_spool(response)
            : MHD_create_response_from_buffer(response->body.length, response->body.bytes,
                                              MHD_RESPMEM_PERSISTENT);

    if (handle == NULL)
        return NULL;
    if (response->content_type != NULL)
        add(handle, "Content-Type", response->content_type);
    add(handle, "X-Request-Id", response->request->request_id);
    for (size_t i = 0; i < response->header_count; i++)
        add(handle, response->headers[i].name, response->headers[i].value);
    if (closes)
        add(handle, "Connection", "close");
    return handle;
}
