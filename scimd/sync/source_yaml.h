/* source_yaml.h - YAML text (JSON is YAML too) as a tree that knows its lines.
 *
 * Pure.  Scalars are text: what they mean, the reader of the key decides ("no" is a word where a
 * word is due).  Refused here: what is not YAML, a second document, aliases, tags, a key that is
 * no scalar or stands twice, invalid UTF-8 and control characters, and what is larger than the
 * limits below. */
#ifndef SCIMD_SYNC_SOURCE_YAML_H
#define SCIMD_SYNC_SOURCE_YAML_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define SOURCE_YAML_BYTES_MAX ((size_t)256 * 1024)
#define SOURCE_YAML_DEPTH_MAX 16    /* nested lists and mappings */
#define SOURCE_YAML_KEY_MAX 500     /* bytes; YAML reads no key beyond 1024 characters */
#define SOURCE_YAML_NODES_MAX 20000 /* keys, scalars, lists and mappings */

enum source_node_kind { SOURCE_NODE_SCALAR, SOURCE_NODE_LIST, SOURCE_NODE_MAPPING };

struct source_node {
    enum source_node_kind kind;
    const char *key;  /* of a member of a mapping; else NULL */
    size_t key_line;  /* where the key stands; without one, the same as line */
    const char *text; /* of a scalar; NUL-terminated */
    size_t length;
    bool quoted;
    size_t line;                     /* from 1 */
    size_t count;                    /* children of a list or mapping, in order */
    const struct source_node *first; /* then ->next */
    const struct source_node *next;
};

struct source_text {
    const char *file; /* its name, for messages */
    const char *bytes;
    size_t length;
};

/* Lifetime: *root lives in `arena`.
 * Errors:   ERR_CONFIGURATION; detail is "FILE:LINE: what". */
int source_yaml_parse(struct arena *arena, const struct source_text *text,
                      const struct source_node **root, struct err *err);

/* Of a mapping; exact case; NULL where there is none. */
const struct source_node *source_yaml_member(const struct source_node *mapping, const char *key);

/* An empty plain scalar, ~ or null. */
bool source_yaml_is_null(const struct source_node *node);

/* A plain decimal number without leading zeros. */
bool source_yaml_integer(const struct source_node *node, int64_t *out);

/* New references.  Plain true, false, null and integers are those; all other scalars are texts. */
json_t *source_yaml_json(const struct source_node *node);
/* Every scalar is a text, but for null: for mappings, where a directory's "007" and "true" are
 * texts, too. */
json_t *source_yaml_texts(const struct source_node *node);

/* "a list", "a mapping", "nothing" or the scalar, quoted, cut and on one line: for messages. */
#define SOURCE_SHOWN_BYTES 64
void source_yaml_show(const struct source_node *node, char text[SOURCE_SHOWN_BYTES]);

#endif
