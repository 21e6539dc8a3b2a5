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
