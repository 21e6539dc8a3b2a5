/* ticket.h - asks a KDC for tickets, and waits no longer than allowed.
 *
 * libkrb5 gives a silent KDC half a minute and takes no other limit.  So it is asked in a thread of
 * its own, which is left behind when the time is over and cleans up after itself. */
#ifndef SCIMD_CONNECTORS_AD_TICKET_H
#define SCIMD_CONNECTORS_AD_TICKET_H

#include <gssapi/gssapi.h>
#include <stdint.h>

#include "base/err.h"
#include "connectors/ad/file.h"

#define TICKET_CACHE_BYTES 64

struct ticket_request {
    const char *principal;
    const char *service; /* "ldap@dc1.corp.example" */
    int64_t timeout_s;
};

struct ticket {
    gss_cred_id_t credential;       /* owned */
    char cache[TICKET_CACHE_BYTES]; /* "MEMORY:..."; "": none.  Has the service's ticket, too. */
    uint32_t lifetime_s;
};

/* Takes `keytab`, also where it fails.
 * Errors: ERR_SOURCE_DENIED (keytab or account refused), ERR_SOURCE_UNAVAILABLE (no KDC, clocks),
 *         ERR_CONFIGURATION (the realm doesn't know that service). */
int ticket_get(const struct ticket_request *request, struct named_file *keytab, struct ticket *out,
               struct err *err);

void ticket_release(struct ticket *ticket); /* a zeroed one is allowed; is zeroed after */

#endif
