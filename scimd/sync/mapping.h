/* mapping.h - what a source's object is in SCIM: targets, and the attributes and steps they come
 * from.
 *
 * Pure.  A mapping is compiled once against the tenant's schemas, then applied to each object.  Its
 * rules are data (schemas/mapping/TYPE.yaml, then the source file), so that a plain directory works
 * with none written:
 *
 *   title: title                                     one attribute
 *   userName: [userPrincipalName, sAMAccountName]    the first that has a value
 *   "emails[type eq \"work\"].value":                its own steps for an attribute, then for all
 *     {from: [mail, {attribute: proxyAddresses, transform: {prefix: "smtp:"}}], transform: lower}
 *   displayName: {transform: {template: "{givenName} {sn}"}}
 *   "urn:...:User:manager.value": {from: manager, reference: true}
 *   nickName: null                                   not mapped
 *
 * A target is a PATCH path that ends at a value; its filter (type eq "work" and primary eq true)
 * says what stands beside the value.  Steps are those of transform.h.  What is left in the end,
 * less empty texts, goes to the target: all of it where there is room for several, else the first.
 * Rules with one filter fill the same elements: the first street and the first town are one
 * address. */
#ifndef SCIMD_SYNC_MAPPING_H
#define SCIMD_SYNC_MAPPING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "scim/limits.h"
#include "scim/schema.h"

#define MAPPING_RULES_MAX 500 /* of one layer */
#define MAPPING_FROM_MAX 32   /* attributes of a rule */
#define MAPPING_STEPS_MAX 16  /* of one list of transforms */
#define MAPPING_NAME_MAX 256  /* bytes of an attribute's name */

struct mapping; /* opaque; lives in an arena */

struct mapping_layer {
    const char *file;    /* for explanations: "ad.yaml" */
    const json_t *rules; /* {"TARGET": RULE}; NULL: none */
};

struct mapping_fault {
    const char *target; /* where compiling failed: a key of the layer's rules */
    size_t layer;
};

/* A later layer that names a multi-valued attribute takes all rules of earlier layers for it away;
 * one that names a single value replaces the rule for that value ("name": null all below it).
 *
 * Lifetime: *out lives in `arena` and points into the rules, the file names and `type`.
 * Errors:   ERR_INVALID_VALUE, detail "TARGET: what": no such attribute, one that no source may
 *           write (readOnly but for lastLogin; id, members, groups, password), one that has
 *           sub-attributes of which none is named, a filter that describes no value, an unknown
 *           step or argument, an unknown member of a rule, limits.  *fault says where. */
int mapping_compile(struct arena *arena, const struct resource_type *type,
                    const struct mapping_layer *layers, size_t count, const struct mapping **out,
                    struct mapping_fault *fault, struct err *err);

/* schemas/mapping of a source type ("ad"): {"User": RULES, "Group": RULES}.  *file is borrowed,
 * *out the caller's (json_decref); NULL where there is none.
 * Errors: ERR_CONFIGURATION. */
int mapping_default(const char *source_type, const char **file, json_t **out, struct err *err);

/* The attributes that the mapping reads, each once. */
const char *const *mapping_attributes(const struct mapping *mapping, size_t *count);

/* How a target got its value. */
struct mapping_origin {
    const char *target;    /* as the rule writes it */
    const char *attribute; /* whose value it is; NULL: of the steps alone */
    const char *rule;      /* JSON text of the rule */
    const char *file;
};

/* Why a target did not get one, or the object is of no use.  A value that could not be read is not
 * a value that is gone: the engine keeps what stands at `place`. */
struct mapping_problem {
    const char *target;
    const struct attribute *place; /* top-level; NULL: the object as a whole */
    const char *attribute;         /* of the source; NULL: no single one */
    const char *reason;            /* "must be true or false"; never shows the value */
};

/* A value that names another object of the source: not in the document, but in links, by which the
 * engine finds the resource to put there. */
struct mapping_reference {
    const char *target;
    const struct attribute *attribute; /* ...:User:manager */
    const struct attribute *sub;       /* value; NULL where `attribute` itself is set */
    const char *source_id;
};

struct mapped {
    json_t *document;    /* canonical (resource.h), less references.  The caller's (json_decref). */
    bool usable;         /* false: a required attribute is missing; the problems say which */
    int64_t stale_at_us; /* INT64_MAX, or when the same attributes will mean something else */
    const struct mapping_origin *origins;
    size_t origin_count;
    const struct mapping_problem *problems; /* at most one for each rule, and one for the object */
    size_t problem_count;
    const struct mapping_reference *references;
    size_t reference_count;
};

struct mapping_input {
    const json_t *attributes; /* all of the object's (connector.h: not a partial change's) */
    int64_t now_us;
    const struct scim_limits *limits;
};

/* Does not fail: what does not fit is a problem of this object, and that value is left out.
 * Lifetime: all but the document lives in `arena`, the mapping and the attributes. */
void mapping_apply(struct arena *arena, const struct mapping *mapping,
                   const struct mapping_input *input, struct mapped *out);

#endif
