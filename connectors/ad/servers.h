/* servers.h - which domain controllers there are: the list of the settings, or DNS SRV. */
#ifndef SCIMD_CONNECTORS_AD_SERVERS_H
#define SCIMD_CONNECTORS_AD_SERVERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "connectors/connector.h"

#define SERVERS_MAX 32

struct server {
    const char *url; /* ldap://host:port or ldaps://host:port */
    const char *host;
    const char *port;
    bool tls; /* from the first byte */
};

struct servers {
    struct server items[SERVERS_MAX];
    size_t count;
};

/* ldap[s]://host[:port][/]; nothing else of RFC 4516.  The host may be an IPv6 address in brackets.
 * Errors: ERR_CONFIGURATION, detail names the setting and the fault. */
int server_parse(struct arena *arena, const char *url, struct server *out, struct err *err);

/* In the order in which to try them: as listed; of DNS those of the site first, then by priority
 * and weight.
 * Errors: ERR_CONFIGURATION; ERR_SOURCE_UNAVAILABLE where DNS has none. */
int servers_find(struct arena *arena, const struct connector_settings *settings,
                 struct servers *out, struct err *err);

#endif
