#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/commands.h"

int command_call(struct invocation *invocation, const char *method, const char *const *segments,
                 json_t *body, json_t **out, struct err *err)
{
    char *path = client_path(segments);
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    const struct client_request request = {
        .method = method, .path = path, .body = text, .length = text != NULL ? strlen(text) : 0};
    int result = client_call(invocation->client, &request, out, err);

    free(path);
    free(text);
    json_decref(body);
    return result;
}

int command_ask(struct invocation *invocation, char *path, json_t **out, struct err *err)
{
    const struct client_request request = {.method = "GET", .path = path};
    int result = client_call(invocation->client, &request, out, err);

    free(path);
    return result;
}

int command_source_name(const char *text, char tenant[NAME_BYTES], char source[NAME_BYTES],
                        struct err *err)
{
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : 0;

    if (length == 0 || length >= NAME_BYTES || slash[1] == '\0' || strlen(slash + 1) >= NAME_BYTES)
        return err_set(err, ERR_BAD_REQUEST, "%.100s: name a source as TENANT/SOURCE", text);
    memcpy(tenant, text, length);
    tenant[length] = '\0';
    memcpy(source, slash + 1, strlen(slash + 1) + 1);
    return 0;
}
