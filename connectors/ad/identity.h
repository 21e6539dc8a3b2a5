/* identity.h - who we are for Kerberos: a keytab and a principal for one connection.
 *
 * Environment variables and the default cache belong to the process, and several sources live in
 * one: each identity has its own credential and its own cache in memory. */
#ifndef SCIMD_CONNECTORS_AD_IDENTITY_H
#define SCIMD_CONNECTORS_AD_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "connectors/ad/ticket.h"
#include "connectors/connector.h"

struct identity {
    struct ticket ticket;
    int64_t renew_at_us; /* wall clock, as tickets have it; 0: never */
};

/* Gets tickets by the keytab: one for us, and one for LDAP on `host`.
 * Errors: as ticket_get(); ERR_CONFIGURATION (keytab missing in the settings). */
int identity_acquire(struct identity *identity, const struct connector_settings *settings,
                     const char *host, struct err *err);

/* Three quarters of its life are over: who begins something should get a new one before. */
bool identity_is_old(const struct identity *identity, int64_t now_us);

void identity_release(struct identity *identity); /* a zeroed one is allowed */

#endif
