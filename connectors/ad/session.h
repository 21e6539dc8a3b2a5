/* session.h - a source's session: its connection, its scope, and the pass in progress. */
#ifndef SCIMD_CONNECTORS_AD_SESSION_H
#define SCIMD_CONNECTORS_AD_SESSION_H

#include <jansson.h>

#include "connectors/ad/cursor.h"
#include "connectors/ad/link.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/scope.h"
#include "connectors/ad/servers.h"

struct session {
    const struct connector_settings *settings;
    struct arena *arena; /* owned; lives as long as the session */
    struct link link;
    struct scope scope;
    struct pass pass;
    json_t *pulled;  /* owned: what the attributes of the last page point to, */
    json_t *fetched; /* and of the last fetch */
};

int ad_session_open(const struct connector_settings *settings, struct session **out,
                    struct err *err);
void ad_session_close(struct session *session); /* NULL is allowed */

/* Connects again where the connection was lost; to `url` first (NULL: in the usual order). */
int session_connect(struct session *session, const char *url, struct err *err);

/* Whether an account may read its own entry: what it sees else may be nothing at all.
 * Errors: ERR_SOURCE_DENIED. */
int session_check_account(struct session *session, struct err *err);

/* What can't be used any more is let go: after a lost connection the pass, too. */
void ad_session_failed(struct session *session, const struct err *err);

#endif
