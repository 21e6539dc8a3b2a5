/* link.h - one connection to one domain controller: TLS, bind, root entry.
 *
 * TLS and SASL layers exclude each other at AD: inside TLS, GSSAPI only authenticates and is tied
 * to the certificate (channel binding); without TLS it signs and seals.  A simple bind without TLS
 * does not exist.  libldap's own configuration files and environment are not used. */
#ifndef SCIMD_CONNECTORS_AD_LINK_H
#define SCIMD_CONNECTORS_AD_LINK_H

#include <ldap.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

#include "base/arena.h"
#include "base/err.h"
#include "connectors/ad/guid.h"
#include "connectors/ad/identity.h"
#include "connectors/ad/servers.h"
#include "connectors/connector.h"

#define ROOT_TEXT_BYTES 1024

/* What the controller says of itself. */
struct root {
    char naming_context[ROOT_TEXT_BYTES]; /* the domain's DN */
    char service[ROOT_TEXT_BYTES];        /* dsServiceName: which controller this is */
    char invocation[GUID_TEXT_BYTES];     /* of its database; "": not readable */
    char current_time[32];                /* generalized time */
    int64_t highest_usn;                  /* highestCommittedUSN */
};

struct link {
    LDAP *ldap; /* owned; NULL: not connected */
    char url[ROOT_TEXT_BYTES];
    struct timeval timeout; /* of each step */
    struct identity identity;
    struct root root; /* as of the last root_read() */
};

/* Connects to one server and binds.
 * Errors: ERR_SOURCE_UNAVAILABLE (try another), ERR_SOURCE_DENIED, ERR_CONFIGURATION. */
int link_open(struct link *link, const struct connector_settings *settings,
              const struct server *server, struct err *err);

/* The steps of link_open(), for those who want to know which one fails. */
int link_connect(struct link *link, const struct connector_settings *settings,
                 const struct server *server, struct err *err); /* with TLS; reads the root entry */
int link_bind(struct link *link, const struct connector_settings *settings,
              const struct server *server, struct err *err);

/* Reads the root entry anew. */
int root_read(struct link *link, struct err *err);

void link_close(struct link *link); /* a zeroed one is allowed; is zeroed after */

/* Fills *err for an LDAP result code, with what the server said as the cause. */
int link_failed(const struct link *link, int code, const char *doing, struct err *err);

#endif
