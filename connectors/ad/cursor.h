/* cursor.h - what the engine stores between pulls, for this connector.  Pure.
 *
 * USNs are each domain controller's own, so a cursor names the one it is of, and the database
 * instance (invocationId), which changes when a backup is restored.  Between the pages of one pass
 * it also names the pass: only the session that began it can go on, as paging lives in a
 * connection. */
#ifndef SCIMD_CONNECTORS_AD_CURSOR_H
#define SCIMD_CONNECTORS_AD_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "connectors/connector.h"

enum cursor_mode {
    CURSOR_FULL, /* a full pass in progress: of no use to another session */
    CURSOR_DIRSYNC,
    CURSOR_USN,
};

struct ad_cursor {
    enum cursor_mode mode;
    const char *scope;      /* digest of the settings that decide what a pass yields */
    const char *url;        /* of the domain controller */
    const char *service;    /* its dsServiceName */
    const char *invocation; /* its invocationId, as text */
    int64_t usn;            /* highestCommittedUSN when the pass before began */
    const void *cookie;     /* of DirSync */
    size_t cookie_length;
    const void *groups; /* objectGUIDs of within.h, one after the other */
    size_t groups_length;
    const char *pass; /* "": between passes */
    int64_t step;     /* pages of that pass so far */
};

/* Lifetime: in `arena`. */
struct cursor cursor_format(struct arena *arena, const struct ad_cursor *cursor);

/* Errors: ERR_CURSOR_EXPIRED for anything that cursor_format() didn't write. */
int cursor_parse(struct arena *arena, struct cursor from, struct ad_cursor *out, struct err *err);

#endif
