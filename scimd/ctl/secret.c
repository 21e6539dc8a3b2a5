#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/output.h"

#define SECRET_BYTES_MAX ((size_t)64 * 1024) /* a keytab, a key with its chain */

static const char *const times[] = {"changed", NULL};
static const struct column columns[] = {
    {"NAME",    "name"   },
    {"CHANGED", "changed"}
};

struct entered {
    char bytes[SECRET_BYTES_MAX + 1];
    size_t length;
};

static void entered_wipe(struct entered *entered)
{
    explicit_bzero(entered, sizeof(*entered));
}

static int read_input(struct entered *out, struct err *err)
{
    ssize_t length = 1;

    while (length > 0 && out->length < sizeof(out->bytes)) {
        length = read(STDIN_FILENO, out->bytes + out->length, sizeof(out->bytes) - out->length);
        if (length < 0)
            return err_set(err, ERR_INTERNAL, "standard input: %s", strerror(errno));
        out->length += (size_t)length;
        if (isatty(STDIN_FILENO) && out->length > 0 && out->bytes[out->length - 1] == '\n')
            break;
    }
    if (out->length > SECRET_BYTES_MAX)
        return err_set(err, ERR_INVALID_VALUE, "a secret has at most %zu bytes", SECRET_BYTES_MAX);
    return 0;
}

/* `echo password | scimctl ...` means no line end; in a keytab or a PEM file each byte counts. */
static void drop_line_end(struct entered *entered)
{
    size_t length = entered->length;

    if (length == 0 || entered->bytes[length - 1] != '\n')
        return;
    length -= length > 1 && entered->bytes[length - 2] == '\r' ? 2 : 1;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)entered->bytes[i] < ' ' && entered->bytes[i] != '\t')
            return;
    entered->length = length;
}

/* From a terminal it is not shown. */
static int enter(const char *name, struct entered *out, struct err *err)
{
    struct termios before;
    struct termios silent;
    bool hidden = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    int result;

    if (hidden) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        (void)fprintf(stderr, "Secret %s: ", name);
    }
    result = read_input(out, err);
    if (hidden) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        (void)fputc('\n', stderr);
    }
    if (result < 0)
        return -1;
    drop_line_end(out);
    return out->length > 0 ? 0
                           : err_set(err, ERR_INVALID_VALUE,
                                     "an empty secret: nothing came from standard input");
}

int command_secret_set(struct invocation *invocation, struct err *err)
{
    const char *tenant = invocation->arguments[0];
    const char *name = invocation->arguments[1];
    CLEANUP(entered_wipe) struct entered entered = {0};
    struct client_request request = {.method = "PUT"};
    char *path;
    int result;

    if (enter(name, &entered, err) < 0)
        return -1;
    path = client_path(SEGMENTS("tenants", tenant, "secrets", name));
    request.path = path;
    request.body = entered.bytes;
    request.length = entered.length;
    result = client_call(invocation->client, &request, NULL, err);
    free(path);
    if (result < 0)
        return -1;
    if (!invocation->options.json)
        (void)printf("stored secret %s of tenant %s\n", name, tenant);
    return STATUS_DONE;
}

int command_secret_list(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    CLEANUP(json_decrefp) json_t *list = NULL;

    if (command_call(invocation, "GET", SEGMENTS("tenants", invocation->arguments[0], "secrets"),
                     NULL, &answer, err) < 0)
        return -1;
    if (invocation->options.json) {
        output_json(answer);
        return STATUS_DONE;
    }
    list = output_moments_list(json_object_get(answer, "secrets"), times);
    output_table(list, columns, ARRAY_LENGTH(columns));
    return STATUS_DONE;
}

int command_secret_delete(struct invocation *invocation, struct err *err)
{
    const char *tenant = invocation->arguments[0];
    const char *name = invocation->arguments[1];

    if (command_call(invocation, "DELETE", SEGMENTS("tenants", tenant, "secrets", name), NULL, NULL,
                     err) < 0)
        return -1;
    if (!invocation->options.json)
        (void)printf("deleted secret %s of tenant %s\n", name, tenant);
    return STATUS_DONE;
}
