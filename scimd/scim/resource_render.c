#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "scim/json.h"
#include "scim/resource.h"

#define DOCUMENT_START "{\"schemas\":["

void resource_etag(int64_t version, char text[RESOURCE_ETAG_BYTES])
{
    (void)snprintf(text, RESOURCE_ETAG_BYTES, "W/\"%" PRId64 "\"", version);
}

void resource_append_location(struct buf *buf, const struct resource_frame *frame)
{
    buf_puts(buf, frame->base_url);
    buf_puts(buf, frame->type->endpoint);
    buf_putc(buf, '/');
    buf_puts(buf, frame->id);
}

/* Types, times and addresses hold nothing that JSON would escape. */
static void append_meta(struct buf *buf, const struct resource_frame *frame)
{
    char time[CLOCK_TEXT_BYTES];

    buf_puts(buf, ",\"meta\":{\"resourceType\":\"");
    buf_puts(buf, frame->type->name);
    buf_puts(buf, "\",\"created\":\"");
    clock_format(frame->created_us, time);
    buf_puts(buf, time);
    buf_puts(buf, "\",\"lastModified\":\"");
    clock_format(frame->modified_us, time);
    buf_puts(buf, time);
    buf_puts(buf, "\",\"location\":\"");
    resource_append_location(buf, frame);
    buf_puts(buf, "\",\"version\":\"W/\\\"");
    buf_int(buf, frame->version);
    buf_puts(buf, "\\\"\"}}");
}

void resource_append(struct buf *buf, const struct resource_frame *frame, const char *document,
                     size_t length, const char *extra)
{
    /* no URN has a bracket (schema_parse.c), so the first one closes `schemas` */
    const char *bracket = memchr(document, ']', length);
    size_t head;

    assert(length > sizeof(DOCUMENT_START) && bracket != NULL &&
           memcmp(document, DOCUMENT_START, sizeof(DOCUMENT_START) - 1) == 0);
    head = (size_t)(bracket - document) + 1;
    buf_append(buf, document, head);
    buf_puts(buf, ",\"id\":");
    buf_json_string(buf, frame->id, strlen(frame->id));
    buf_append(buf, document + head, length - head - 1); /* without the closing brace */
    if (extra != NULL)
        buf_puts(buf, extra);
    append_meta(buf, frame);
}

static json_t *make_meta(const struct resource_frame *frame)
{
    struct buf location = {0};
    char created[CLOCK_TEXT_BYTES];
    char modified[CLOCK_TEXT_BYTES];
    char version[RESOURCE_ETAG_BYTES];
    json_t *meta;

    clock_format(frame->created_us, created);
    clock_format(frame->modified_us, modified);
    resource_etag(frame->version, version);
    resource_append_location(&location, frame);
    meta = json_pack("{s:s, s:s, s:s, s:s, s:s}", "resourceType", frame->type->name, "created",
                     created, "lastModified", modified, "location", buf_text(&location), "version",
                     version);
    buf_free(&location);
    return meta;
}

json_t *resource_framed(const struct resource_frame *frame, const json_t *document)
{
    json_t *framed = json_object();
    const char *key;
    json_t *value;

    (void)json_object_set_nocheck(framed, "schemas", json_object_get(document, "schemas"));
    (void)json_object_set_new_nocheck(framed, "id", json_string_nocheck(frame->id));
    json_object_foreach(json_iterable(document), key, value)(void)
        json_object_set_nocheck(framed, key, value);
    (void)json_object_set_new_nocheck(framed, "meta", make_meta(frame));
    return framed;
}
