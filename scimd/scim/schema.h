/* schema.h - schemas and resource types as data: JSON documents in, an immutable tree out.
 *
 * Pure.  One schema_set is what one tenant publishes, checks and stores: the documents in
 * schemas/scim plus the tenant's own.  A set never changes; a tenant that changes its schemas gets
 * a new set, and the old one lives until its last user lets go. Source: RFC 7643 sections 2, 6, 7.
 */
#ifndef SCIMD_SCIM_SCHEMA_H
#define SCIMD_SCIM_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SCHEMA_URN_USER "urn:ietf:params:scim:schemas:core:2.0:User"
#define SCHEMA_URN_GROUP "urn:ietf:params:scim:schemas:core:2.0:Group"
#define SCHEMA_URN_ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define SCHEMA_URN_SCIMD_USER "urn:ietf:params:scim:schemas:extension:scimd:2.0:User"

#define SCHEMA_URN_SCHEMA "urn:ietf:params:scim:schemas:core:2.0:Schema"
#define SCHEMA_URN_RESOURCE_TYPE "urn:ietf:params:scim:schemas:core:2.0:ResourceType"

#define SCHEMA_ATTRIBUTES_MAX 1000 /* in one schema, sub-attributes counted */
#define SCHEMA_NAME_MAX 128        /* bytes of an attribute or resource type name */
#define SCHEMA_URN_MAX 256         /* bytes of a schema's id */
#define SCHEMA_TEXT_MAX 4096       /* bytes of a description or canonical value */
#define SCHEMA_VALUES_MAX 256      /* canonical values or reference types of one attribute */
#define SCHEMA_COUNT_MAX 256       /* schemas and resource types in a set */
#define SCHEMA_EXTENSIONS_MAX 64   /* of one resource type */

/* Numbers that stand in rows; other types get digest_number(name) (31 bits, never below 1000). */
enum { RESOURCE_TYPE_USER = 1, RESOURCE_TYPE_GROUP = 2 };

enum attribute_type {
    ATTRIBUTE_STRING,
    ATTRIBUTE_BOOLEAN,
    ATTRIBUTE_DECIMAL,
    ATTRIBUTE_INTEGER,
    ATTRIBUTE_DATETIME,
    ATTRIBUTE_BINARY,
    ATTRIBUTE_REFERENCE,
    ATTRIBUTE_COMPLEX
};
enum mutability { READ_WRITE, READ_ONLY, IMMUTABLE, WRITE_ONLY };
enum returned { RETURNED_DEFAULT, RETURNED_ALWAYS, RETURNED_NEVER, RETURNED_REQUEST };
enum uniqueness { UNIQUENESS_NONE, UNIQUENESS_SERVER, UNIQUENESS_GLOBAL };

/* What an attribute is beyond its characteristics; from the private member "scimdRole" of our own
 * schema files, which is not published and which a tenant's file may not use. */
enum attribute_role {
    ROLE_STORED,  /* part of the document */
    ROLE_MEMBERS, /* Group.members: rows, never part of the document */
    ROLE_GROUPS,  /* User.groups: computed from rows */
    ROLE_SECRET   /* password: accepted, checked, dropped */
};

struct attribute {
    const char *name;     /* as published */
    const char *name_key; /* ASCII lower case */
    size_t name_length;
    enum attribute_type type;
    enum mutability mutability;
    enum returned returned;
    enum uniqueness uniqueness;
    enum attribute_role role;
    bool multi_valued;
    bool required;
    bool case_exact;
    bool filterable; /* member "filterable" of a tenant's file; default true, binary: eq and pr only
                      */
    const struct attribute *subs; /* of a complex attribute */
    size_t sub_count;
    const struct attribute *const *subs_by_key; /* subs, ordered for look-up */
    const struct attribute *parent;             /* of a sub-attribute; else NULL */
    const struct schema *schema; /* NULL for the common attributes id, externalId, meta, schemas */
    const char *path; /* "urn:...:User:name.givenName", common: "externalId"; unique in a set */
    int64_t path_id;  /* digest_number(path in lower case): stands in rows */
};

struct schema {
    const char *id; /* URN, as published */
    const char *name;
    const struct attribute *attributes;
    size_t attribute_count;
    const struct attribute *const *attributes_by_key; /* ordered for look-up */
    bool extension;         /* extends resource types: its attributes stand under its URN */
    const json_t *document; /* as published under /Schemas, without `meta` */
};

struct schema_extension {
    const struct schema *schema;
    bool required;
};

struct resource_type {
    const char *name;     /* "User" */
    const char *endpoint; /* "/Users" */
    int number;
    const struct schema *schema;
    const struct schema_extension *extensions;
    size_t extension_count;
    bool returns_all;       /* no stored attribute is returned never, or on request only */
    const json_t *document; /* as published under /ResourceTypes, without `meta` */
};

struct schema_set; /* opaque, reference-counted */

/* A document: a Schema (RFC 7643 section 7), a ResourceType (section 6), or a ListResponse or array
 * of them.  `name` is what errors call it: a file's name.
 *
 * A ResourceType with "extends": true adds its schemaExtensions to the type of that name, so that a
 * tenant can extend User and Group, which it may not redefine. */
struct schema_source {
    const char *name;
    const char *json;
    size_t length;
    bool built_in; /* ours: "scimdRole" is allowed */
};

/* Builds a set from all its sources.  The set copies what it needs.
 * Errors: ERR_CONFIGURATION, detail "NAME:LINE: what" for malformed JSON and "NAME: attribute x:
 * what" for a wrong characteristic, a name or URN used twice, an unknown schema, two endpoints
 * alike.  Stricter than RFC 7643: a sub-attribute has a single value, and a schema is either the
 * core of resource types or an extension. */
int schema_set_new(const struct schema_source *sources, size_t count, struct schema_set **out,
                   struct err *err);
struct schema_set *schema_set_hold(struct schema_set *set); /* any thread; returns set */
void schema_set_release(struct schema_set *set);            /* NULL is allowed */

size_t schema_set_type_count(const struct schema_set *set);
const struct resource_type *schema_set_type(const struct schema_set *set, size_t index);
const struct resource_type *schema_set_type_by_name(const struct schema_set *set, const char *name);
const struct resource_type *schema_set_type_by_number(const struct schema_set *set, int number);
/* `segment` is one decoded path segment, "Users"; exact case. */
const struct resource_type *schema_set_type_by_endpoint(const struct schema_set *set,
                                                        const char *segment);

size_t schema_set_schema_count(const struct schema_set *set);
const struct schema *schema_set_schema(const struct schema_set *set, size_t index);
/* URNs compare without regard to ASCII case.  NULL where there is none. */
const struct schema *schema_set_schema_by_id(const struct schema_set *set, const char *urn,
                                             size_t length);

/* The schema or extension of `type` with that URN, or NULL. */
const struct schema *schema_of_type(const struct resource_type *type, const char *urn,
                                    size_t length);
bool schema_is_extension(const struct resource_type *type, const struct schema *schema);

/* By name, without regard to ASCII case; NULL where there is none. */
const struct attribute *schema_attribute(const struct schema *schema, const char *name,
                                         size_t length);
const struct attribute *schema_common_attribute(const char *name, size_t length);
const struct attribute *schema_sub_attribute(const struct attribute *attribute, const char *name,
                                             size_t length);

/* Resolves attrPath [RFC 7644 figure 1: [URI ":"] attrName ["." subAttr]], as filters, sortBy,
 * attributes and PATCH paths write it, against the common attributes, the core schema and the
 * extensions of `type`; an extension's attribute without its URN where just one extension has it.
 * *sub is NULL where none was named.  `urn:...:User` alone yields *attribute
 * NULL and *schema set. Returns false where nothing is named so. */
bool schema_resolve(const struct resource_type *type, const char *text, size_t length,
                    const struct schema **schema, const struct attribute **attribute,
                    const struct attribute **sub);

#endif
