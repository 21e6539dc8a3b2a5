/* scope.h - what of the directory is to be read: bases, filters, attributes.  Pure. */
#ifndef SCIMD_CONNECTORS_AD_SCOPE_H
#define SCIMD_CONNECTORS_AD_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "connectors/connector.h"

struct scope_part {
    const char *const *bases; /* DNs */
    size_t base_count;
    const char *filter;            /* the class and what the settings add */
    const char *const *attributes; /* ends with NULL */
    const char *const *with_links; /* the same, and who points to it */
};

struct scope {
    const char *context; /* the domain's DN */
    bool whole_domain;   /* no base is narrower: a move can't take anything out */
    struct scope_part users;
    struct scope_part groups;              /* without members */
    const char *const *scan_attributes;    /* of groups, with the first members */
    const char *const *dirsync_attributes; /* of both, with what moves an object in or out */
    bool user_filter;                      /* the settings narrow the people, */
    bool group_filter;                     /* the groups */
    int page_size;
    uint32_t range_size;
    char digest[DIGEST_HEX_BYTES]; /* another one: an earlier pass says nothing about this scope */
};

/* `context` is the base where the settings name none.
 * Lifetime: *out lives in `arena` and points into the settings.
 * Errors:   ERR_CONFIGURATION for a filter that isn't one. */
int scope_make(struct arena *arena, const struct connector_settings *settings, const char *context,
               struct scope *out, struct err *err);

/* "member;range=LOW-HIGH" for the next step from `low`. */
const char *scope_range(struct arena *arena, const struct scope *scope, uint32_t low);

/* Appends each attribute that a filter names; only its outline is understood. */
void scope_filter_names(struct arena *arena, const char *filter,
                        void (*take)(void *context, const char *name), void *context);

/* One expression in parentheses, and nothing after it. */
bool scope_filter_is_one(const char *filter);

#endif
