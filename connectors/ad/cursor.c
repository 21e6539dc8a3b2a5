#include "connectors/ad/cursor.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "connectors/ad/guid.h"

#define CURSOR_VERSION 2

static const char *const modes[] = {
    [CURSOR_FULL] = "full", [CURSOR_DIRSYNC] = "dirsync", [CURSOR_USN] = "usn"};

static void json_freep(json_t **json)
{
    json_decref(*json);
}

struct cursor cursor_format(struct arena *arena, const struct ad_cursor *cursor)
{
    char *cookie = arena_alloc(arena, digest_base64url_bytes(cursor->cookie_length));
    char *groups = arena_alloc(arena, digest_base64url_bytes(cursor->groups_length));
    CLEANUP(json_freep) json_t *json = NULL;
    char *text;
    struct cursor out;

    digest_base64url(cursor->cookie, cursor->cookie_length, cookie);
    digest_base64url(cursor->groups, cursor->groups_length, groups);
    json = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:I}", "version",
                     CURSOR_VERSION, "mode", modes[cursor->mode], "scope", cursor->scope, "url",
                     cursor->url, "service", cursor->service, "invocation", cursor->invocation,
                     "usn", (json_int_t)cursor->usn, "cookie", cookie, "groups", groups, "pass",
                     cursor->pass, "step", (json_int_t)cursor->step);
    text = json_dumps(json, JSON_COMPACT);
    out.bytes = arena_strdup(arena, text);
    out.length = strlen(text);
    free(text);
    return out;
}

static const char *copy(struct arena *arena, const char *text)
{
    return arena_strdup(arena, text);
}

static bool decode(struct arena *arena, const char *text, const void **out, size_t *length)
{
    uint8_t *bytes = arena_alloc(arena, strlen(text) + 1);
    long decoded = digest_from_base64url(text, strlen(text), bytes);

    if (decoded < 0)
        return false;
    *out = bytes;
    *length = (size_t)decoded;
    return true;
}

static bool parse(struct arena *arena, json_t *json, struct ad_cursor *out)
{
    int version;
    json_int_t usn;
    json_int_t step;
    const char *mode;
    const char *cookie;
    const char *groups;

    if (json_unpack(json, "{s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:I !}", "version",
                    &version, "mode", &mode, "scope", &out->scope, "url", &out->url, "service",
                    &out->service, "invocation", &out->invocation, "usn", &usn, "cookie", &cookie,
                    "groups", &groups, "pass", &out->pass, "step", &step) < 0 ||
        version != CURSOR_VERSION || !decode(arena, cookie, &out->cookie, &out->cookie_length) ||
        !decode(arena, groups, &out->groups, &out->groups_length) ||
        out->groups_length % GUID_BYTES != 0)
        return false;
    out->usn = usn;
    out->step = step;
    out->scope = copy(arena, out->scope);
    out->url = copy(arena, out->url);
    out->service = copy(arena, out->service);
    out->invocation = copy(arena, out->invocation);
    out->pass = copy(arena, out->pass);
    for (size_t i = 0; i < ARRAY_LENGTH(modes); i++)
        if (strcmp(mode, modes[i]) == 0) {
            out->mode = (enum cursor_mode)i;
            return true;
        }
    return false;
}

int cursor_parse(struct arena *arena, struct cursor from, struct ad_cursor *out, struct err *err)
{
    CLEANUP(json_freep)
    json_t *json = json_loadb(from.bytes, from.length, JSON_REJECT_DUPLICATES, NULL);
    struct ad_cursor cursor = {0};

    if (json == NULL || !parse(arena, json, &cursor))
        return err_set(err, ERR_CURSOR_EXPIRED, "the stored position is not one of ours");
    *out = cursor;
    return 0;
}
