#define _GNU_SOURCE /* memfd_create */
#include "connectors/ad/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

#define SECRET_PREFIX "secret:"

static int in_memory(const struct secret *content, struct named_file *out, struct err *err)
{
    size_t written = 0;

    out->descriptor = memfd_create("scimd-ad", MFD_CLOEXEC);
    while (out->descriptor >= 0 && written < content->length) {
        ssize_t now = write(out->descriptor, content->bytes + written, content->length - written);

        if (now < 0)
            break;
        written += (size_t)now;
    }
    if (out->descriptor < 0 || written < content->length) {
        int number = errno;

        (void)err_set(err, ERR_INTERNAL, "no memory for a file");
        return err_because_errno(err, "memfd_create", number);
    }
    (void)snprintf(out->name, sizeof(out->name), "/proc/self/fd/%d", out->descriptor);
    return 0;
}

int file_named(const struct connector_settings *settings, const char *setting,
               struct named_file *out, struct err *err)
{
    const char *text = connector_text(settings, setting);
    CLEANUP(secret_free) struct secret content = {0};

    *out = (struct named_file){.descriptor = -1};
    if (text == NULL)
        return 0;
    if (strncmp(text, SECRET_PREFIX, strlen(SECRET_PREFIX)) == 0)
        return connector_secret(settings, setting, &content, err) < 0 ||
                       in_memory(&content, out, err) < 0
                   ? -1
                   : 0;
    if (strlen(text) >= sizeof(out->name))
        return err_set(err, ERR_CONFIGURATION, "%s: the path is too long", setting);
    if (access(text, R_OK) < 0) {
        int number = errno;

        (void)err_set(err, ERR_CONFIGURATION, "%s: %s: %s", setting, text, strerror(number));
        return err_because_errno(err, "access", number);
    }
    memcpy(out->name, text, strlen(text) + 1);
    return 0;
}

void file_release(struct named_file *file)
{
    if (file->descriptor >= 0 && file->name[0] != '\0')
        (void)close(file->descriptor);
    *file = (struct named_file){.descriptor = -1};
}
