/* identity.h - who we are for Kerberos: a keytab and a principal for one connection.
 *
 * Environment variables and the default cache belong to the process, and several sources live in
 * one: each identity has its own credential and its own cache in memory. */
#ifndef SCIMD_CONNECTORS_AD_IDENTITY_H
#define SCIMD_CONNECTORS_AD_IDENTITY_H

#include <gssapi/gssapi.h>

#include "base/err.h"
#include "connectors/connector.h"

#define IDENTITY_CACHE_BYTES 64

struct identity {
    gss_cred_id_t credential;         /* owned */
    char cache[IDENTITY_CACHE_BYTES]; /* "MEMORY:..."; "": none */
};

/* Gets a ticket from the keytab.
 * Errors: ERR_SOURCE_DENIED (keytab unreadable or refused), ERR_SOURCE_UNAVAILABLE (no KDC),
 *         ERR_CONFIGURATION (keytab missing in the settings). */
int identity_acquire(struct identity *identity, const struct connector_settings *settings,
                     struct err *err);

void identity_release(struct identity *identity); /* a zeroed one is allowed */

#endif
