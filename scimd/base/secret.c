#include "base/secret.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORBIDDEN_MODE (S_IWGRP | S_IRWXO)

void secret_set(struct secret *secret, const void *bytes, size_t length)
{
    char *copy = memory_alloc(length + 1);

    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    secret_free(secret);
    *secret = (struct secret){copy, length};
}

void secret_free(struct secret *secret)
{
    if (secret->bytes != NULL)
        explicit_bzero(secret->bytes, secret->length + 1);
    free(secret->bytes);
    *secret = (struct secret){0};
}

static void close_file(const int *file)
{
    if (*file >= 0)
        (void)close(*file);
}

static int check(int file, const char *path, struct err *err)
{
    struct stat status;

    if (fstat(file, &status) != 0) {
        (void)err_set(err, ERR_CONFIGURATION, "%s: cannot be read", path);
        return err_because_errno(err, "fstat", errno);
    }
    if (!S_ISREG(status.st_mode))
        return err_set(err, ERR_CONFIGURATION, "%s: not a regular file", path);
    if ((status.st_mode & FORBIDDEN_MODE) != 0)
        return err_set(err, ERR_CONFIGURATION,
                       "%s: mode %04o lets others in; a secret has 0600, or 0640 for its group",
                       path, (unsigned)(status.st_mode & 07777));
    if (status.st_size > (off_t)SECRET_BYTES_MAX)
        return err_set(err, ERR_CONFIGURATION, "%s: larger than %zu bytes", path, SECRET_BYTES_MAX);
    return 0;
}

/* `secret` has room for SECRET_BYTES_MAX + 1 bytes: one more than allowed tells "too large". */
static int read_all(int file, const char *path, struct secret *secret, struct err *err)
{
    while (secret->length <= SECRET_BYTES_MAX) {
        ssize_t got =
            read(file, secret->bytes + secret->length, SECRET_BYTES_MAX + 1 - secret->length);
        if (got == 0)
            return 0;
        if (got < 0 && errno != EINTR) {
            (void)err_set(err, ERR_CONFIGURATION, "%s: cannot be read", path);
            return err_because_errno(err, "read", errno);
        }
        if (got > 0)
            secret->length += (size_t)got;
    }
    return err_set(err, ERR_CONFIGURATION, "%s: larger than %zu bytes", path, SECRET_BYTES_MAX);
}

static void wipe_room(struct secret *secret)
{
    secret->length = SECRET_BYTES_MAX + 1;
    secret_free(secret);
}

static size_t length_without_line_end(const struct secret *secret)
{
    size_t length = secret->length;

    if (length > 0 && secret->bytes[length - 1] == '\n')
        length--;
    if (length > 0 && length < secret->length && secret->bytes[length - 1] == '\r')
        length--;
    return length;
}

int secret_load(const char *path, struct secret *secret, struct err *err)
{
    /* O_NONBLOCK: a FIFO in the file's place must not stop the start */
    CLEANUP(close_file) int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    CLEANUP(wipe_room) struct secret room = {memory_alloc(SECRET_BYTES_MAX + 2), 0};
    size_t length;

    if (file < 0) {
        (void)err_set(err, ERR_CONFIGURATION, "%s: cannot be read", path);
        return err_because_errno(err, "open", errno);
    }
    if (check(file, path, err) < 0 || read_all(file, path, &room, err) < 0)
        return -1;
    length = length_without_line_end(&room);
    if (length == 0)
        return err_set(err, ERR_CONFIGURATION, "%s: is empty", path);
    secret_set(secret, room.bytes, length);
    return 0;
}
