/* srv.h - DNS SRV records (RFC 2782). */
#ifndef SCIMD_CONNECTORS_AD_SRV_H
#define SCIMD_CONNECTORS_AD_SRV_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct srv_target {
    const char *host;
    unsigned port;
    unsigned priority;
    unsigned weight;
};

/* The records of `name`, at most `room`, lowest priority first, then greatest weight: always the
 * same order, as a cursor belongs to one controller.  0: none, or DNS doesn't answer. */
size_t srv_lookup(struct arena *arena, const char *name, struct srv_target *targets, size_t room);

#endif
