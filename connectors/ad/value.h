/* value.h - what AD writes into names and values: range options, extended DNs, binary values.
 * Pure. */
#ifndef SCIMD_CONNECTORS_AD_VALUE_H
#define SCIMD_CONNECTORS_AD_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "connectors/ad/guid.h"

/* "member;range=0-1499" ([MS-ADTS] 3.1.1.3.1.3.3). */
struct range {
    size_t name_length; /* of the part before the options */
    bool present;       /* has a range option */
    uint32_t low;
    uint32_t high;
    bool last; /* high is "*": nothing follows */
};

#define RANGE_ADDED 1   /* of DirSync: range=1-1 are values that came, */
#define RANGE_REMOVED 0 /* range=0-0 such that went ([MS-ADTS] 3.1.1.3.4.1.3) */

/* false: a range option that is none. */
bool range_parse(const char *description, size_t length, struct range *out);

/* "<GUID=..>;<SID=..>;CN=.." of the extended DN control in its text form. */
struct extended_dn {
    char guid[GUID_TEXT_BYTES]; /* "": none */
    const char *sid;            /* NULL: none; in `arena` */
    const char *dn;             /* points into the value */
};

/* A value without such a prefix is a DN as it is. */
void extended_dn_parse(struct arena *arena, const char *value, struct extended_dn *out);

/* Stands for an account of another forest: CN=S-1-...,CN=ForeignSecurityPrincipals,... */
bool dn_is_foreign(const char *dn);

/* One value as the engine gets it: text; objectGUID and objectSid in their text forms; an extended
 * DN as the objectGUID it names (distinguishedName: as the DN); everything binary, and what is no
 * UTF-8, as base64.  The caller's (json_decref). */
json_t *value_json(struct arena *arena, const char *attribute, const void *bytes, size_t length);

/* RFC 4648 section 4. */
const char *value_base64(struct arena *arena, const void *bytes, size_t length);

#endif
