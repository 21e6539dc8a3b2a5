/* entry.h - one LDAP entry as we need it. */
#ifndef SCIMD_CONNECTORS_AD_ENTRY_H
#define SCIMD_CONNECTORS_AD_ENTRY_H

#include <jansson.h>
#include <ldap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectors/ad/value.h"
#include "connectors/connector.h"

struct members {
    struct member *items;
    size_t count;
};

enum entry_class {
    CLASS_ABSENT, /* the entry doesn't say: DirSync shows what changed only */
    CLASS_USER,
    CLASS_GROUP,
    CLASS_UNIT, /* something that others stand below */
    CLASS_OTHER,
};

struct entry {
    struct extended_dn name;
    enum entry_class class;
    bool deleted;
    bool restored;        /* DirSync: it was deleted before */
    bool placed;          /* name, place or life changed: it may have come into the scope */
    int64_t primary;      /* primaryGroupID; -1: not there */
    int64_t created_usn;  /* uSNCreated; -1: not there */
    bool whole_members;   /* `added` is a part of all members, beginning with the first asked for */
    bool members_end;     /* nothing follows */
    struct members added; /* whole_members, or DirSync's values that came */
    struct members removed;
    struct members groups;  /* memberOf; never the primary group */
    struct members reports; /* directReports */
};

/* Reads one; `attributes` (NULL: not wanted) gets the source's names with arrays of values.
 * Lifetime: in `arena`.
 * Errors: ERR_SOURCE_UNAVAILABLE for what can't be decoded. */
int entry_read(LDAP *ldap, LDAPMessage *message, struct arena *arena, struct entry *out,
               json_t *attributes, struct err *err);

#endif
