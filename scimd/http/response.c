#define _GNU_SOURCE /* O_TMPFILE */
#include "http/response.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_HEADERS 8
#define SPOOL_FOLDER "/var/tmp"
#define SPOOL_PATH_BYTES 4096

/* What could end a header line; the library refuses these, too. */
#define LINE_BREAKS "\r\n\t\v\f"

void http_response_header(struct http_response *response, const char *name, const char *value)
{
    struct arena *arena = response->request->arena;

    assert(strpbrk(name, LINE_BREAKS) == NULL && strpbrk(value, LINE_BREAKS) == NULL);
    if (response->header_count == response->header_room) {
        size_t room = response->header_room > 0 ? response->header_room * 2 : FIRST_HEADERS;
        struct http_parameter *more = arena_array(arena, room, sizeof(*more));
        if (response->header_count > 0)
            memcpy(more, response->headers, response->header_count * sizeof(*more));
        response->headers = more;
        response->header_room = room;
    }
    response->headers[response->header_count++] = (struct http_parameter){
        .name = arena_strdup(arena, name), .value = arena_strdup(arena, value)};
}

static int fail(struct err *err, const char *call)
{
    int number = errno;

    (void)err_set(err, ERR_UNAVAILABLE, "The answer cannot be stored until it is sent");
    return err_because_errno(err, call, number);
}

/* A file without a name: it is gone with the process, whatever ends that. */
static int open_spool(struct err *err)
{
    const char *folder = getenv("TMPDIR");
    char path[SPOOL_PATH_BYTES];
    int spool;

    if (folder == NULL || folder[0] != '/')
        folder = SPOOL_FOLDER;
    spool = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spool >= 0)
        return spool;
    if (snprintf(path, sizeof(path), "%s/scimd-XXXXXX", folder) >= (int)sizeof(path))
        return fail(err, "open");
    spool = mkostemp(path, O_CLOEXEC); /* a file system without O_TMPFILE */
    if (spool < 0)
        return fail(err, "mkostemp");
    (void)unlink(path);
    return spool;
}

int http_response_spool(struct http_response *response, struct err *err)
{
    size_t written = 0;

    if (response->spool < 0) {
        response->spool = open_spool(err);
        if (response->spool < 0)
            return -1;
    }
    while (written < response->body.length) {
        ssize_t result =
            write(response->spool, response->body.bytes + written, response->body.length - written);
        if (result < 0 && errno != EINTR)
            return fail(err, "write");
        if (result > 0)
            written += (size_t)result;
    }
    response->spooled_bytes += written;
    buf_reset(&response->body);
    return 0;
}

int http_response_flush(struct http_response *response, struct err *err)
{
    return response->body.length > HTTP_SPOOL_BYTES ? http_response_spool(response, err) : 0;
}

void http_response_clear(struct http_response *response)
{
    if (response->spool >= 0)
        (void)close(response->spool);
    response->spool = -1;
    response->spooled_bytes = 0;
    buf_reset(&response->body);
}
