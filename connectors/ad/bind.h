/* bind.h - the ways to tell a domain controller who we are. */
#ifndef SCIMD_CONNECTORS_AD_BIND_H
#define SCIMD_CONNECTORS_AD_BIND_H

#include <stdbool.h>

#include "connectors/ad/link.h"

/* `tls`: the connection is inside TLS.
 * Errors: ERR_SOURCE_DENIED with the reason AD gives, ERR_CONFIGURATION, ERR_SOURCE_UNAVAILABLE. */
int bind_simple(struct link *link, const struct connector_settings *settings, bool tls,
                struct err *err);
int bind_gssapi(struct link *link, const struct connector_settings *settings,
                const struct server *server, bool tls, struct err *err);

/* What "AcceptSecurityContext error, data 52e, ..." means; NULL: unknown.  Pure. */
const char *bind_reason(const char *diagnostic);

#endif
