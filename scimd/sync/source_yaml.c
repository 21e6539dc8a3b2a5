/* Built from libyaml's events, not by its document API: what is too deep or too large is refused
 * before more of it is read. */
#include "sync/source_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/text.h"
#include "config/yaml_problem.h"

struct level {
    struct source_node *node;
    struct source_node *last; /* child */
    const char *key;          /* of a mapping: read, its value not yet */
    size_t key_line;
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one; the next call releases it */
    size_t line;        /* where it starts */
    const struct source_text *text;
    struct arena *arena;
    struct level levels[SOURCE_YAML_DEPTH_MAX];
    size_t depth;
    size_t nodes;
    const struct source_node *root;
    struct err *err;
};

static int fail(const struct reader *reader, const char *what)
{
    return err_at(reader->err, reader->text->file, reader->line, "%s", what);
}

static int next(struct reader *reader)
{
    const char *problem;

    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event)) {
        reader->line =
            yaml_problem_line(&reader->parser, reader->text->bytes, reader->text->length);
        problem = reader->parser.problem;
        return fail(reader, problem != NULL ? problem : "cannot be parsed");
    }
    reader->line = reader->event.start_mark.line + 1;
    return 0;
}

/* ---- nodes ---- */

static struct source_node *new_node(struct reader *reader, enum source_node_kind kind)
{
    struct source_node *node = arena_alloc(reader->arena, sizeof(*node));

    node->kind = kind;
    node->line = reader->line;
    node->key_line = reader->line;
    return node;
}

static void add_node(struct reader *reader, struct source_node *node)
{
    struct level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;

    if (level == NULL) {
        reader->root = node;
        return;
    }
    if (level->key != NULL) {
        node->key = level->key;
        node->key_line = level->key_line;
        level->key = NULL;
    }
    if (level->last == NULL)
        level->node->first = node;
    else
        level->last->next = node;
    level->last = node;
    level->node->count++;
}

static bool wants_key(const struct reader *reader)
{
    const struct level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;

    return level != NULL && level->node->kind == SOURCE_NODE_MAPPING && level->key == NULL;
}

/* What a normal form must escape, YAML would fold or refuse when it reads it again; and nobody can
 * see it. */
static bool has_hidden(const char *text)
{
    static const char *const hidden[] = {"\x7f",         "\xe2\x80\xa8", "\xe2\x80\xa9",
                                         "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf"};

    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (strstr(text, hidden[i]) != NULL)
            return true;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if ((*at < ' ' && *at != '\t' && *at != '\n' && *at != '\r') ||
            (at[0] == 0xc2 && at[1] < 0xa0)) /* U+0080 to U+009F */
            return true;
    return false;
}

static int read_key(struct reader *reader, const char *text)
{
    struct level *level = &reader->levels[reader->depth - 1];
    const struct source_node *twin = source_yaml_member(level->node, text);

    if (strlen(text) > SOURCE_YAML_KEY_MAX || strpbrk(text, "\t\r\n") != NULL)
        return err_at(reader->err, reader->text->file, reader->line,
                      "a key must be one line of at most %d bytes", SOURCE_YAML_KEY_MAX);
    if (twin != NULL)
        return err_at(reader->err, reader->text->file, reader->line,
                      "%.64s: stands in line %zu already", text, twin->key_line);
    level->key = text;
    level->key_line = reader->line;
    return 0;
}

static int read_scalar(struct reader *reader)
{
    const char *value = (const char *)reader->event.data.scalar.value;
    size_t length = reader->event.data.scalar.length;
    struct source_node *node;

    if (!text_is_valid(value, length) || has_hidden(value))
        return fail(reader, "a malformed or control character");
    if (reader->event.data.scalar.tag != NULL)
        return fail(reader, "tags are not supported");
    value = arena_strndup(reader->arena, value, length);
    if (wants_key(reader))
        return read_key(reader, value);
    node = new_node(reader, SOURCE_NODE_SCALAR);
    node->text = value;
    node->length = length;
    node->quoted = reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    add_node(reader, node);
    return 0;
}

static int open_level(struct reader *reader, enum source_node_kind kind, bool tagged)
{
    struct source_node *node;

    if (tagged)
        return fail(reader, "tags are not supported");
    if (wants_key(reader))
        return fail(reader, "a key must be a word");
    if (reader->depth == SOURCE_YAML_DEPTH_MAX)
        return err_at(reader->err, reader->text->file, reader->line, "nested deeper than %d levels",
                      SOURCE_YAML_DEPTH_MAX);
    node = new_node(reader, kind);
    add_node(reader, node);
    reader->levels[reader->depth++] = (struct level){.node = node};
    return 0;
}

static int read_event(struct reader *reader)
{
    const yaml_event_t *event = &reader->event;

    if (++reader->nodes > SOURCE_YAML_NODES_MAX)
        return err_at(reader->err, reader->text->file, reader->line, "more than %d values",
                      SOURCE_YAML_NODES_MAX);
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(reader);
    if (event->type == YAML_MAPPING_START_EVENT)
        return open_level(reader, SOURCE_NODE_MAPPING, event->data.mapping_start.tag != NULL);
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return open_level(reader, SOURCE_NODE_LIST, event->data.sequence_start.tag != NULL);
    if (event->type == YAML_ALIAS_EVENT)
        return fail(reader, "aliases are not supported: write the value again");
    reader->depth--; /* the end of a list or mapping */
    return 0;
}

static int read_document(struct reader *reader)
{
    do {
        if (next(reader) < 0 || read_event(reader) < 0)
            return -1;
    } while (reader->depth > 0);
    return 0;
}

static int read_stream(struct reader *reader)
{
    if (next(reader) < 0 || next(reader) < 0) /* the stream's start, and the document's */
        return -1;
    if (reader->event.type == YAML_STREAM_END_EVENT)
        return fail(reader, "the file is empty");
    if (read_document(reader) < 0 || next(reader) < 0 || next(reader) < 0)
        return -1;
    return reader->event.type == YAML_STREAM_END_EVENT ? 0 : fail(reader, "a second document");
}

int source_yaml_parse(struct arena *arena, const struct source_text *text,
                      const struct source_node **root, struct err *err)
{
    struct reader reader = {.text = text, .arena = arena, .line = 1, .err = err};
    int result;

    if (text->length > SOURCE_YAML_BYTES_MAX)
        return err_at(err, text->file, 1, "more than %zu bytes", SOURCE_YAML_BYTES_MAX);
    if (!yaml_parser_initialize(&reader.parser))
        return err_set(err, ERR_INTERNAL, "out of memory");
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text->bytes, text->length);
    result = read_stream(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    if (result == 0)
        *root = reader.root;
    return result;
}

/* ---- looking at the tree ---- */

const struct source_node *source_yaml_member(const struct source_node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != SOURCE_NODE_MAPPING)
        return NULL;
    for (const struct source_node *node = mapping->first; node != NULL; node = node->next)
        if (strcmp(node->key, key) == 0)
            return node;
    return NULL;
}

bool source_yaml_is_null(const struct source_node *node)
{
    return node->kind == SOURCE_NODE_SCALAR && !node->quoted &&
           (node->length == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

bool source_yaml_integer(const struct source_node *node, int64_t *out)
{
    const char *digits;
    char *end = NULL;
    long long number;

    if (node->kind != SOURCE_NODE_SCALAR || node->quoted)
        return false;
    digits = node->text + (node->text[0] == '-');
    if (*digits < '0' || *digits > '9' || (digits[0] == '0' && digits[1] != '\0'))
        return false;
    errno = 0;
    number = strtoll(node->text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *out = number;
    return true;
}

static json_t *scalar_json(const struct source_node *node, bool texts)
{
    int64_t number = 0;

    if (source_yaml_is_null(node))
        return json_null();
    if (!texts && !node->quoted && strcmp(node->text, "true") == 0)
        return json_true();
    if (!texts && !node->quoted && strcmp(node->text, "false") == 0)
        return json_false();
    if (!texts && source_yaml_integer(node, &number))
        return json_integer(number);
    return json_stringn_nocheck(node->text, node->length);
}

/* The tree is SOURCE_YAML_DEPTH_MAX deep at most. */
static json_t *node_json(const struct source_node *node, bool texts)
{
    json_t *json;

    if (node->kind == SOURCE_NODE_SCALAR)
        return scalar_json(node, texts);
    json = node->kind == SOURCE_NODE_LIST ? json_array() : json_object();
    for (const struct source_node *child = node->first; child != NULL; child = child->next) {
        if (node->kind == SOURCE_NODE_LIST)
            (void)json_array_append_new(json, node_json(child, texts));
        else
            (void)json_object_set_new_nocheck(json, child->key, node_json(child, texts));
    }
    return json;
}

json_t *source_yaml_json(const struct source_node *node)
{
    return node_json(node, false);
}

json_t *source_yaml_texts(const struct source_node *node)
{
    return node_json(node, true);
}

void source_yaml_show(const struct source_node *node, char text[SOURCE_SHOWN_BYTES])
{
    size_t shown = 0;

    if (node->kind != SOURCE_NODE_SCALAR || source_yaml_is_null(node)) {
        (void)snprintf(text, SOURCE_SHOWN_BYTES, "%s",
                       node->kind == SOURCE_NODE_LIST      ? "a list"
                       : node->kind == SOURCE_NODE_MAPPING ? "a mapping"
                                                           : "nothing");
        return;
    }
    while (shown < node->length) { /* whole characters only */
        size_t bytes = text_sequence_length(node->text + shown, node->length - shown);

        if (shown + bytes > SOURCE_SHOWN_BYTES - sizeof("\"...\""))
            break;
        shown += bytes;
    }
    (void)snprintf(text, SOURCE_SHOWN_BYTES, "\"%.*s%s\"", (int)shown, node->text,
                   shown < node->length ? "..." : "");
    for (char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
}
