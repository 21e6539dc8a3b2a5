/* tolerance.h - what identity providers send against the letter of the RFC, as named rules.
 *
 * Strict inside, tolerant at the edge: a tolerance changes how input is read, never what is stored.
 * Each use is counted, so that `scimctl connection show` can tell what a client leans on. */
#ifndef SCIMD_SCIM_TOLERANCE_H
#define SCIMD_SCIM_TOLERANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row each in tolerance.c: name, help, which profiles allow it. */
enum tolerance {
    TOLERANCE_OPERATION_CASE,  /* "Add", "Replace", "Remove" in any case */
    TOLERANCE_BOOLEAN_STRING,  /* "True", "false" where a boolean is due */
    TOLERANCE_NUMBER_STRING,   /* "7" where a number is due */
    TOLERANCE_DOTTED_KEY,      /* "name.givenName" as a key of a path-less value */
    TOLERANCE_URN_KEY,         /* "urn:...:User:department" as a key of a path-less value or body */
    TOLERANCE_PATH_KEY,        /* "emails[type eq \"work\"].value" as a key of a path-less value */
    TOLERANCE_CREATE_FILTERED, /* add by path filter that matches nothing makes the element; strict
                                  does so too, uncounted */
    TOLERANCE_MANAGER_STRING,  /* manager: "id" for manager: {"value": "id"} */
    TOLERANCE_SINGLE_FOR_MULTI,   /* one value where a list is due */
    TOLERANCE_MULTI_FOR_SINGLE,   /* a list of one where a single value is due */
    TOLERANCE_STRING_FOR_COMPLEX, /* emails: ["a@b"] for [{"value": "a@b"}] */
    TOLERANCE_REMOVE_VALUE,    /* remove with a value list: path members, value [{"value": ...}] */
    TOLERANCE_SCHEMAS_MISSING, /* a body or PatchOp without schemas, or of another version */
    TOLERANCE_FOREIGN_SCHEMA,  /* a URN in schemas that we don't know */
    TOLERANCE_UNKNOWN_ATTRIBUTE,  /* dropped */
    TOLERANCE_REPEATED_ID,        /* id, schemas, meta, groups repeated inside a PATCH value */
    TOLERANCE_NULL_SUB_ATTRIBUTE, /* null members of a value */
    TOLERANCE_REMOVE_NO_MATCH,    /* remove by filter that matches nothing succeeds */
    TOLERANCE_ATTRIBUTE_CASE,     /* UserName */
    TOLERANCE_FILTER_SPACING,     /* blanks a filter must not have */
    TOLERANCE_TRAILING_SLASH,     /* /Users/ */
    TOLERANCE_DUPLICATE_VALUE,    /* the same (type, value) twice */
    TOLERANCE_SEVERAL_PRIMARIES,  /* the last one wins */
    TOLERANCE_PARKED_MEMBER,      /* a member that does not exist yet */
    TOLERANCE_BARE_AUTHORIZATION, /* Authorization with the token only */
    TOLERANCE_CONTENT_TYPE,       /* text/json, missing, other charset spelling */
    TOLERANCE_COUNT
};

enum profile {
    PROFILE_AUTO, /* every tolerance; the provider is recognised from its requests, for display */
    PROFILE_STRICT,
    PROFILE_ENTRA,
    PROFILE_OKTA,
    PROFILE_ONELOGIN,
    PROFILE_PING,
    PROFILE_JUMPCLOUD,
    PROFILE_GOOGLE,
    PROFILE_COUNT
};

/* What one request leaned on: the edge fills it, the caller adds it to the connection's totals. */
struct tolerance_use {
    enum profile profile;
    uint32_t count[TOLERANCE_COUNT];
};

/* True and counted where the profile allows it; a NULL use means strict. */
bool tolerance_allows(struct tolerance_use *use, enum tolerance tolerance);

const char *tolerance_name(enum tolerance tolerance); /* "boolean-string" */
const char *tolerance_help(enum tolerance tolerance);
const char *profile_name(enum profile profile); /* "entra" */
bool profile_from_name(const char *name, enum profile *out);
/* Re-POST of a userName whose resource is inactive: reactivate under the same id (else 409). */
bool profile_reactivates(enum profile profile);
/* Recognises a provider from a User-Agent; PROFILE_AUTO where unknown.  NULL is allowed. */
enum profile profile_recognise(const char *user_agent);

#endif
