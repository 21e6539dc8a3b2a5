/* resource.h - a resource's canonical document: what is stored and, but for id and meta, what is
 * sent.
 *
 * Pure.  The canonical document is a JSON object: "schemas" first, attribute names as published and
 * in schema order, extensions last under their URN, typed values, no nulls, no empty lists or
 * objects, no readOnly attributes of the client's, no id, no meta, no password, no members, no
 * groups. */
#ifndef SCIMD_SCIM_RESOURCE_H
#define SCIMD_SCIM_RESOURCE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "scim/limits.h"
#include "scim/schema.h"
#include "scim/tolerance.h"

/* How to read a body. */
struct resource_reader {
    const struct resource_type *type;
    const struct scim_limits *limits;
    struct tolerance_use *tolerances;
};

/* Members named in a body: value is the id; type ("User", "Group") may be NULL. */
struct member_name {
    const char *value;
    const char *type;
};
struct member_list {
    const struct member_name *items; /* in the order sent, each value once */
    size_t count;
    bool present; /* the body had `members` at all, also as [] or null */
};

/* Reads a POST or PUT body into a canonical document of the client's attributes.  Not yet checked:
 * required attributes and immutability (resource_check), uniqueness and existence (directory).
 *
 * Lifetime: *document is the caller's (json_decref); `members` lives in `arena`.
 * Errors: ERR_INVALID_SYNTAX for structure, ERR_INVALID_VALUE naming the attribute
 * ("emails[2].value: must be a string"), also for a limit that was passed. */
int resource_read(const struct resource_reader *reader, struct arena *arena, const json_t *body,
                  json_t **document, struct member_list *members, struct err *err);

/* Reads a value of `members`, as a body or a PATCH has it; out->present is set.
 * Lifetime: `out` lives in `arena` and points into `value`. */
int resource_read_members(const struct resource_reader *reader, struct arena *arena,
                          const struct attribute *attribute, const json_t *value,
                          struct member_list *out, struct err *err);

/* Reads one value for an attribute, as PATCH needs it: elements of a multi-valued attribute come
 * back in a list, a complex value with canonical sub-attributes.  Null or empty: *out is NULL
 * (absent).  *out is the caller's (json_decref); errors name attribute, index and sub-attribute. */
int resource_read_value(const struct resource_reader *reader, const struct attribute *attribute,
                        const json_t *value, json_t **out, struct err *err);

/* Brings a changed document back to canonical form: order, "schemas" (an extension with content is
 * named there, one without is not), empties gone, one primary (the last one), no (type, value)
 * twice (the later one's sub-attributes go into the first). */
void resource_settle(const struct resource_type *type, json_t *document);

/* How many values a document has, as limits->value_count counts them: each element of a list and
 * each single value is one. */
size_t resource_count_values(const json_t *document);

/* Required attributes of the type and of extensions that are present or required; immutable
 * attributes against `before` (NULL for a creation). Errors: ERR_INVALID_VALUE naming the missing
 * attribute; ERR_MUTABILITY. */
int resource_check(const struct resource_type *type, const json_t *before, const json_t *document,
                   struct err *err);

/* Carries what a PUT may not touch from `before` to `document`, and settles it: readOnly
 * attributes, also below complex values (elements are matched by `value`); immutable and writeOnly
 * ones that the client left out. */
void resource_keep_read_only(const struct resource_type *type, const json_t *before,
                             json_t *document);

/* The value at an attribute (or sub-attribute of a single-valued one) of a document, or NULL;
 * borrowed. */
const json_t *resource_value(const json_t *document, const struct attribute *attribute);
/* Same, where to put it: the document itself or the object of its extension; NULL if absent and
 * !make. */
json_t *resource_container(json_t *document, const struct attribute *attribute, bool make);

/* What is known of a resource beside its document. */
struct resource_frame {
    const struct resource_type *type;
    const char *id;
    int64_t version;
    int64_t created_us;
    int64_t modified_us;
    const char *base_url; /* "https://host/acme/scim/v2" */
};

/* Appends the answer: `document` (canonical JSON text) framed by id and meta, copied, not parsed.
 * `extra` is more members as JSON text with a leading comma (groups, members), or NULL. */
void resource_append(struct buf *buf, const struct resource_frame *frame, const char *document,
                     size_t length, const char *extra);
/* The same as a value, for projection: schemas, id, document, meta.  The caller's; it shares the
 * document's values, so only the outermost object may be changed. */
json_t *resource_framed(const struct resource_frame *frame, const json_t *document);
/* "https://host/acme/scim/v2/Users/ID" */
void resource_append_location(struct buf *buf, const struct resource_frame *frame);
/* W/"N" */
#define RESOURCE_ETAG_BYTES 32
void resource_etag(int64_t version, char text[RESOURCE_ETAG_BYTES]);

#endif
