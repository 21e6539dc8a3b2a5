#include "scim/diff.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"

/* Where a comparison stands: its operations so far, and the path it is at. */
struct walk {
    struct buf *out;
    struct buf path;
    size_t operations;
};

static void walk_free(struct walk *walk)
{
    buf_free(&walk->path);
}

static void append_operation(struct walk *walk, const char *operation, const json_t *value)
{
    if (walk->operations++ > 0)
        buf_putc(walk->out, ',');
    buf_printf(walk->out, "{\"op\":\"%s\",\"path\":", operation);
    buf_json_string(walk->out, walk->path.bytes, walk->path.length);
    if (value != NULL) {
        buf_puts(walk->out, ",\"value\":");
        json_append(walk->out, value);
    }
    buf_putc(walk->out, '}');
}

static void path_cut(struct buf *path, size_t length)
{
    path->length = length;
    if (path->bytes != NULL)
        path->bytes[length] = '\0';
}

static bool is_extension(const char *key)
{
    return strchr(key, ':') != NULL;
}

/* An extension is compared attribute by attribute also where one side lacks it: its URN alone is
 * no attribute. */
static bool goes_deeper(const char *key, const json_t *before, const json_t *after)
{
    if (is_extension(key))
        return true;
    return json_is_object(before) && json_is_object(after);
}

static void compare_objects(struct walk *walk, const json_t *before, const json_t *after);

static void compare_member(struct walk *walk, const char *key, const json_t *before,
                           const json_t *after)
{
    const size_t parent = walk->path.length;

    if (parent == 0 && strcmp(key, "schemas") == 0)
        return;
    if (before != NULL && after != NULL && json_same(before, after))
        return;
    buf_puts(&walk->path, key);
    if (goes_deeper(key, before, after)) {
        buf_putc(&walk->path, is_extension(key) ? ':' : '.');
        compare_objects(walk, before, after);
    } else if (after == NULL) {
        append_operation(walk, "remove", NULL);
    } else {
        append_operation(walk, before == NULL ? "add" : "replace", after);
    }
    path_cut(&walk->path, parent);
}

/* Goes three objects deep at most: document, extension, complex value; a canonical document has no
 * more.  An absent object (NULL) compares as an empty one. */
static void compare_objects(struct walk *walk, const json_t *before, const json_t *after)
{
    const char *key;
    json_t *value;

    json_object_foreach(json_iterable(before), key, value)
    {
        if (json_object_get(after, key) == NULL)
            compare_member(walk, key, value, NULL);
    }
    json_object_foreach(json_iterable(after), key, value)
        compare_member(walk, key, json_object_get(before, key), value);
}

void diff_append(struct buf *buf, const json_t *before, const json_t *after)
{
    CLEANUP(walk_free) struct walk walk = {.out = buf};

    buf_putc(buf, '[');
    compare_objects(&walk, before, after);
    buf_putc(buf, ']');
}

void diff_append_whole(struct buf *buf, const char *document, size_t length)
{
    buf_puts(buf, "[{\"op\":\"add\",\"value\":");
    buf_append(buf, document, length);
    buf_puts(buf, "}]");
}

void diff_append_members(struct buf *buf, const char *operation, const char *const *ids,
                         size_t count)
{
    buf_printf(buf, "[{\"op\":\"%s\",\"path\":\"members\",\"value\":[", operation);
    for (size_t i = 0; i < count; i++) {
        buf_puts(buf, i == 0 ? "{\"value\":" : ",{\"value\":");
        buf_json_string(buf, ids[i], strlen(ids[i]));
        buf_putc(buf, '}');
    }
    buf_puts(buf, "]}]");
}
